//! What loading a module does to the host: put back where that is possible, and told in the report.

use crate::{gil, python};
use nexus_abi::host_state::HostState;

/// The host's state while modules load on this thread.
#[derive(Default)]
pub struct Watch {
    saved: Option<Saved>,
}

struct Saved {
    state: HostState,
    recursion_limit: Option<i32>,
}

impl Watch {
    /// Before a module. `host_ran`: since the last one functions of the host ran on this thread, whose
    /// changes are wanted.
    pub fn begin(&mut self, host_ran: bool) {
        if host_ran {
            // First, as it has a descriptor of its own.
            self.saved = None;
        }
        match &mut self.saved {
            Some(saved) => saved.state.hold_again(),
            None => {
                self.saved = Some(Saved {
                    recursion_limit: recursion_limit(),
                    state: HostState::save(),
                });
            }
        }
    }

    /// After it: a line for each thing that it did.
    pub fn end(&mut self) -> Vec<String> {
        let Some(saved) = &mut self.saved else {
            return Vec::new();
        };
        let mut lines = saved.state.put_back();
        lines.extend(saved.put_back_recursion_limit());
        lines
    }
}

impl Saved {
    fn put_back_recursion_limit(&self) -> Option<String> {
        let before = self.recursion_limit?;
        let now = recursion_limit().filter(|now| *now != before)?;
        let _attached = gil::attach().ok()?;
        python::set_recursion_limit(before);
        Some(format!(
            "it set the recursion limit to {now}; put back to {before}"
        ))
    }
}

fn recursion_limit() -> Option<i32> {
    let _attached = gil::attach().ok()?;
    Some(python::recursion_limit())
}
