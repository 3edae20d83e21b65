//! What belongs to the host and not to the code that is loaded into it: compared around a start and
//! around each load, put back, and told.

#[cfg(windows)]
mod c_runtime;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod fatal_signals;
mod floating_point;
#[cfg(unix)]
mod locale;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod signals;
mod told;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use fatal_signals::FatalSignals;
#[cfg(unix)]
pub use unix::HostState;
#[cfg(windows)]
pub use windows::HostState;
