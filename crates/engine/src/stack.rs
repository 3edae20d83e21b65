//! How much of its stack a thread has left.
//!
//! Calls between Python and the host nest on the thread's own stack. CPython counts levels, not bytes (up to
//! 3.13; a program may raise the count, and a host's threads may have small stacks), so the count may never
//! be reached.

use core::cell::Cell;

/// From where to where a stack lies: it grows down from `high`.
#[derive(Clone, Copy)]
struct Bounds {
    low: usize,
    high: usize,
}

thread_local! {
    static BOUNDS: Cell<Option<Bounds>> = const { Cell::new(None) };
}

/// What Python needs to raise an exception and to say where, at most.
const RESERVE: usize = 256 * 1024;

/// Whether this thread should not call deeper. False where nothing is known, as on a fiber's own stack.
#[inline]
pub fn is_nearly_full() -> bool {
    let marker = 0_u8;
    let here = core::ptr::from_ref(&marker).addr();
    let Bounds { low, high } = BOUNDS.get().unwrap_or_else(look);
    (low..high).contains(&here) && here - low < RESERVE.min((high - low) / 4)
}

#[cold]
fn look() -> Bounds {
    let bounds = of_this_thread().unwrap_or(Bounds { low: 0, high: 0 });
    BOUNDS.set(Some(bounds));
    bounds
}

// musl's tells for the main thread only what is in use.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn of_this_thread() -> Option<Bounds> {
    let mut attributes = core::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut low, mut size) = (core::ptr::null_mut(), 0);
    // SAFETY: the attributes of this very thread are written, read and destroyed.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let failed = libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut low, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (failed == 0).then(|| Bounds {
            low: low.addr(),
            high: low.addr().saturating_add(size),
        })
    }
}

#[cfg(target_vendor = "apple")]
fn of_this_thread() -> Option<Bounds> {
    // SAFETY: this very thread's.
    let (high, size) = unsafe {
        let me = libc::pthread_self();
        (
            libc::pthread_get_stackaddr_np(me).addr(),
            libc::pthread_get_stacksize_np(me),
        )
    };
    Some(Bounds {
        low: high.saturating_sub(size),
        high,
    })
}

#[cfg(windows)]
fn of_this_thread() -> Option<Bounds> {
    use windows_sys::Win32::System::Threading::GetCurrentThreadStackLimits;
    let mut bounds = Bounds { low: 0, high: 0 };
    // SAFETY: two numbers to write to.
    unsafe { GetCurrentThreadStackLimits(&raw mut bounds.low, &raw mut bounds.high) };
    Some(bounds)
}

#[cfg(not(any(
    all(target_os = "linux", target_env = "gnu"),
    target_vendor = "apple",
    windows
)))]
fn of_this_thread() -> Option<Bounds> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn deeper(level: usize) -> usize {
        let room = core::hint::black_box([0_u8; 1024]);
        if is_nearly_full() {
            return level;
        }
        deeper(level + 1) + usize::from(room[level % 1024])
    }

    #[test]
    #[cfg(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"))]
    fn the_end_is_seen_before_it_is_reached() {
        for kilobytes in [128, 2048] {
            let thread = std::thread::Builder::new().stack_size(kilobytes * 1024);
            let levels = thread.spawn(|| deeper(0)).unwrap().join().unwrap();
            assert!(levels > kilobytes / 8, "{levels} levels of 1 kB and more");
        }
    }
}
