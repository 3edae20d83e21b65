//! Whose turn it is to take the GIL.
//!
//! The GIL puts a thread that finds it taken to sleep, and waking it costs a hundred times a short call:
//! two threads that call at once have a quarter of the calls of one. So a thread that comes while another
//! one is inside a call waits here first, awake, for as long as a short call takes.
//!
//! It is not a lock, only good manners: after a moment the newcomer takes the turn from whoever has it, who
//! may have given the GIL up and sleep, and queues for the GIL like anybody else. So nothing can deadlock
//! here, and nobody waits for a call that takes long for more than that moment.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Several short calls, and far less than the 5 ms after which the GIL is taken from a thread.
const MOMENT: Duration = Duration::from_micros(20);
/// Looks at the turn between two looks at the clock, which cost about as much as a look each.
const LOOKS: u32 = 16;

/// On a line of its own in the processor's cache: those who wait read it all the time.
#[repr(align(128))]
struct Turn(AtomicUsize);

/// Who has the turn: any number that belongs to one thread, or 0.
static TURN: Turn = Turn(AtomicUsize::new(0));

/// Takes the turn. False: this thread has it already, and gives it back where it took it.
#[inline]
pub fn take(me: usize) -> bool {
    match TURN
        .0
        .compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed)
    {
        Ok(_) => true,
        Err(holder) if holder == me => false,
        Err(_) => {
            wait(me);
            true
        }
    }
}

#[cold]
fn wait(me: usize) {
    let start = Instant::now();
    loop {
        for _ in 0..LOOKS {
            spin_loop();
            if TURN.0.load(Ordering::Relaxed) == 0
                && TURN
                    .0
                    .compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {
                return;
            }
        }
        if start.elapsed() >= MOMENT {
            TURN.0.store(me, Ordering::Relaxed);
            return;
        }
    }
}

/// Gives the turn back, unless another thread has taken it meanwhile. (One that takes it between the two
/// steps loses it: it then meets company at the GIL, no more.)
#[inline]
pub fn give_back(me: usize) {
    if TURN.0.load(Ordering::Relaxed) == me {
        TURN.0.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_taken_given_back_and_taken_away() {
        assert!(take(1));
        assert!(!take(1));
        // Nobody gives it back in time.
        assert!(take(2));
        give_back(1);
        assert_eq!(TURN.0.load(Ordering::Relaxed), 2);
        give_back(2);
        assert!(take(1));
        give_back(1);
    }
}
