//! What a child does between fork and exec.

use std::io;
use std::os::fd::RawFd;

/// What the child does between fork and exec. All that needs memory is done before.
#[derive(Clone, Copy)]
pub struct Preparation {
    parent: libc::pid_t,
    from: RawFd,
    /// The number that the child finds its channel under.
    pub channel: RawFd,
    files: libc::rlimit,
}

impl Preparation {
    /// `from`: the child's end of the channel, which must be open still when it is started.
    pub fn new(from: RawFd) -> io::Result<Self> {
        let mut files = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: a struct to write to.
        if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut files) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            // SAFETY: no arguments.
            parent: unsafe { libc::getpid() },
            from,
            channel: channel_number(files),
            files,
        })
    }

    /// Makes system calls only, all of them async-signal-safe.
    pub fn run(self) -> io::Result<()> {
        // SAFETY: system calls that are async-signal-safe, with numbers and structs of this frame.
        unsafe {
            check(libc::setsid())?;
            die_with_parent(self.parent)?;
            for number in 1..=LAST_SIGNAL {
                // Refused for SIGKILL, SIGSTOP and those that libc keeps for itself.
                libc::signal(number, libc::SIG_DFL);
            }
            let mut none: libc::sigset_t = core::mem::zeroed();
            libc::sigemptyset(&raw mut none);
            check(libc::sigprocmask(
                libc::SIG_SETMASK,
                &raw const none,
                core::ptr::null_mut(),
            ))?;
            let core = libc::rlimit {
                rlim_cur: CORE_SIZE,
                rlim_max: CORE_SIZE,
            };
            libc::setrlimit(libc::RLIMIT_CORE, &raw const core);
            close_on_exec();
            let number = self.channel as libc::rlim_t;
            let is_beyond = number >= self.files.rlim_cur;
            if is_beyond {
                let more = libc::rlimit {
                    rlim_cur: number + 1,
                    ..self.files
                };
                check(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const more))?;
            }
            check(libc::dup2(self.from, self.channel))?;
            // Not otherwise: macOS may say that there is no limit, and takes no such limit from anybody (setrlimit(2)).
            if is_beyond {
                check(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const self.files))?;
            }
        }
        Ok(())
    }
}

/// The error of a system call that returns -1 for one.
pub fn check(result: libc::c_int) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A number that a module will hardly come across: above the limit, if that can be raised for a moment,
/// so that closing all descriptors up to the limit, as daemons do, spares it.
fn channel_number(files: libc::rlimit) -> RawFd {
    // The kernel's table of descriptors grows to the highest number. macOS takes no limit above OPEN_MAX
    // (setrlimit(2), sys/syslimits.h).
    const HIGHEST: libc::rlim_t = if cfg!(target_vendor = "apple") {
        10_240
    } else {
        65_535
    };
    let beyond = files.rlim_cur.max(1024);
    let number = if beyond < HIGHEST && beyond < files.rlim_max {
        beyond
    } else {
        files.rlim_cur.min(4096).saturating_sub(1)
    };
    number as RawFd
}

// 1 and not 0: neither is enough for a core file, and Linux runs no crash handler (`|program` in
// core_pattern) for a limit of exactly 1 (fs/coredump.c).
#[cfg(any(target_os = "linux", target_os = "android"))]
const CORE_SIZE: libc::rlim_t = 1;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CORE_SIZE: libc::rlim_t = 0;

#[cfg(any(target_os = "linux", target_os = "android"))]
const LAST_SIGNAL: libc::c_int = 64;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LAST_SIGNAL: libc::c_int = 31;

/// # Safety
/// In a child that was forked and has not called exec.
#[cfg(any(target_os = "linux", target_os = "android"))]
unsafe fn die_with_parent(parent: libc::pid_t) -> io::Result<()> {
    // SAFETY: numbers only; async-signal-safe. "Parent" is the thread that forked (prctl(2)).
    unsafe {
        check(libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL))?;
        if libc::getppid() != parent {
            libc::_exit(1);
        }
    }
    Ok(())
}

/// Elsewhere child.py sets an alarm.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
unsafe fn die_with_parent(_parent: libc::pid_t) -> io::Result<()> {
    Ok(())
}

/// Keeps the host's descriptors from the child, where it is one system call (Linux 5.11), and on macOS: they may be
/// devices, or sockets that others believe closed.
///
/// # Safety
/// In a child that was forked and has not called exec.
unsafe fn close_on_exec() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: numbers only; async-signal-safe. An older kernel refuses.
    unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3u32,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        );
    }
    #[cfg(target_vendor = "apple")]
    // SAFETY: numbers only; async-signal-safe. Refused where nothing is open.
    unsafe {
        // OPEN_MAX: few programs have more, and each number is a system call.
        for number in 3..libc::getdtablesize().min(10_240) {
            libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_lies_beyond_the_limit_where_that_can_be() {
        let number = |rlim_cur, rlim_max| channel_number(libc::rlimit { rlim_cur, rlim_max });
        assert_eq!(number(1024, 524_288), 1024);
        assert_eq!(number(256, libc::RLIM_INFINITY), 1024);
        assert_eq!(number(1024, 1024), 1023);
        assert_eq!(number(20_000, 20_000), 4095);
        assert_eq!(number(1_048_576, libc::RLIM_INFINITY), 4095);
        assert_eq!(number(64, 64), 63);
    }
}
