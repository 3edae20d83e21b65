//! Calling the host back from wherever Python gives something up.

use crate::gil;
use crate::python::Pending;

/// Runs `call` without the GIL, whether this thread holds it or not: the host may wait in there for a
/// thread that needs it. This may be a destructor that Python runs while an exception is on its way, which
/// nexus functions called in there must not see.
pub fn outside<R>(call: impl FnOnce() -> R) -> R {
    if !gil::holds_gil() {
        return call();
    }
    let _aside = Pending::take();
    gil::without(call)
}
