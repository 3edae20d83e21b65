//! How a process ended, from what `waitpid` says.

use crate::trial::event::End;
use crate::trial::protocol::NO_CHANNEL;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// What sends SIGKILL. Apple's kernel does, when a page of a file is used that is not the one that was signed.
const KILLED: &str = if cfg!(target_vendor = "apple") {
    "by somebody, or by the system for want of memory, or because of a code signature that is not of the file's bytes: \
     codesign --force --sign - FILE"
} else {
    "by somebody, or by the system for want of memory"
};

/// In the words of a message.
pub fn end_of(status: ExitStatus) -> End {
    match (status.signal(), status.code()) {
        (Some(number), _) => End::Signal {
            text: signal_text(number),
            from_outside: number == libc::SIGKILL,
        },
        (None, Some(NO_CHANNEL)) => End::NoChannel,
        (None, Some(code)) => End::Code(code),
        (None, None) => End::Unknown,
    }
}

fn signal_text(number: i32) -> String {
    let (name, meaning) = match number {
        libc::SIGSEGV => ("SIGSEGV", "segmentation fault"),
        libc::SIGBUS => ("SIGBUS", "bus error"),
        libc::SIGABRT => ("SIGABRT", "abort"),
        libc::SIGILL => ("SIGILL", "illegal instruction"),
        libc::SIGFPE => ("SIGFPE", "arithmetic error"),
        libc::SIGTRAP => ("SIGTRAP", "trap"),
        libc::SIGSYS => ("SIGSYS", "forbidden system call"),
        libc::SIGKILL => ("SIGKILL", KILLED),
        libc::SIGTERM => ("SIGTERM", "termination"),
        libc::SIGINT => ("SIGINT", "interrupt"),
        libc::SIGHUP => ("SIGHUP", "hangup"),
        libc::SIGQUIT => ("SIGQUIT", "quit"),
        libc::SIGPIPE => ("SIGPIPE", "broken pipe"),
        libc::SIGALRM => ("SIGALRM", "alarm clock"),
        libc::SIGXCPU => ("SIGXCPU", "limit of processor time"),
        libc::SIGXFSZ => ("SIGXFSZ", "limit of file size"),
        libc::SIGUSR1 => ("SIGUSR1", "user's signal 1"),
        libc::SIGUSR2 => ("SIGUSR2", "user's signal 2"),
        _ => return format!("signal {number}"),
    };
    format!("{name} ({meaning})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_by_its_wait_status() {
        let end = |raw| end_of(ExitStatus::from_raw(raw));
        assert_eq!(end(0), End::Code(0));
        assert_eq!(end(3 << 8), End::Code(3));
        assert_eq!(end(NO_CHANNEL << 8), End::NoChannel);
        let signal = |number: i32, text: &str, from_outside| {
            assert_eq!(
                end(number),
                End::Signal {
                    text: text.to_string(),
                    from_outside
                }
            );
        };
        signal(libc::SIGSEGV, "SIGSEGV (segmentation fault)", false);
        signal(libc::SIGKILL, &format!("SIGKILL ({KILLED})"), true);
        signal(63, "signal 63", false);
    }
}
