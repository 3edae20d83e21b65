//! A progress bar on stderr, for loads that take long on a terminal.

use crate::crash;
use crate::ffi::Watch;
use crate::names::meant;
use crate::text::visible;
use glob::Pattern;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shorter loads show no bar.
const LONG: Duration = Duration::from_millis(400);

/// Keeps modules from loading that the user does not want, and shows how far it is.
pub struct Progress<'a> {
    except: &'a [Pattern],
    bar: ProgressBar,
    // Dropped to end the thread that shows the bar.
    loading: Option<Sender<()>>,
    showing: Option<JoinHandle<()>>,
}

impl<'a> Progress<'a> {
    pub fn new(except: &'a [Pattern]) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {bar:30} {pos}/{len} {elapsed} {wide_msg}")
        {
            bar.set_style(style);
        }
        let (loading, ended) = channel();
        let shown = bar.clone();
        // Loading one module can take long, too: so a clock shows the bar, not the module's end.
        let showing = std::thread::spawn(move || {
            if ended.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                // It draws nothing where stderr is no terminal.
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(100));
            }
        });
        Self {
            except,
            bar,
            loading: Some(loading),
            showing: Some(showing),
        }
    }
}

impl Watch for Progress<'_> {
    fn may_load(&self, name: &str) -> bool {
        let may = !meant(self.except, name);
        if may {
            self.bar.set_message(visible(name.as_ref()));
            crash::running(name);
        }
        may
    }

    fn done(&self, count: usize, total: usize) {
        crash::over();
        self.bar.set_length(total as u64);
        self.bar.set_position(count as u64);
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        drop(self.loading.take());
        if let Some(showing) = self.showing.take() {
            let _ = showing.join();
        }
        self.bar.finish_and_clear();
    }
}
