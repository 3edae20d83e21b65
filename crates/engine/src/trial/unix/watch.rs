//! Linux's descriptors for processes (pidfd_open(2)).

#[cfg(any(target_os = "linux", target_os = "android"))]
use super::end::end_of;
use crate::trial::event::End;
use std::os::fd::OwnedFd;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::{
    os::fd::{AsRawFd, FromRawFd, RawFd},
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
};

/// A descriptor that becomes readable when the process ends (Linux 5.3).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn open(id: libc::pid_t) -> Option<OwnedFd> {
    // SAFETY: two numbers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, id, 0u32) };
    // SAFETY: a descriptor that was opened here a moment ago, for us alone.
    (descriptor >= 0).then(|| unsafe { OwnedFd::from_raw_fd(descriptor as RawFd) })
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn open(_id: libc::pid_t) -> Option<OwnedFd> {
    None
}

/// How a process ended that somebody else has waited for, or nobody had to: Linux remembers that since 6.15,
/// as long as a descriptor is open.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn forgotten_end(watch: &OwnedFd) -> End {
    // SAFETY: all zero is a value of this struct.
    let mut info: libc::pidfd_info = unsafe { core::mem::zeroed() };
    info.mask = u64::from(libc::PIDFD_INFO_EXIT);
    // SAFETY: the struct that this request fills.
    let got = unsafe { libc::ioctl(watch.as_raw_fd(), libc::PIDFD_GET_INFO, &raw mut info) };
    if got == 0 && info.mask & u64::from(libc::PIDFD_INFO_EXIT) != 0 {
        return end_of(ExitStatus::from_raw(info.exit_code));
    }
    End::Unknown
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn forgotten_end(_watch: &OwnedFd) -> End {
    End::Unknown
}
