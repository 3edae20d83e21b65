//! What trials have shown, remembered for unchanged files as long as the process lives.

use super::death::{Cause, Death};
use super::platform;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is known of a file.
#[derive(Clone)]
pub enum Verdict {
    /// It was imported, and the process lived on.
    Harmless,
    /// It ended the process.
    Deadly(Death),
}

/// A file as it was when this was made.
#[derive(PartialEq)]
pub struct File {
    real_path: PathBuf,
    identity: Identity,
}

#[cfg(unix)]
type Identity = [u64; 7];
#[cfg(windows)]
type Identity = [u64; 3];

static VERDICTS: LazyLock<Mutex<HashMap<PathBuf, (Identity, Verdict)>>> =
    LazyLock::new(Mutex::default);

fn verdicts() -> MutexGuard<'static, HashMap<PathBuf, (Identity, Verdict)>> {
    // Nothing panics while the map is half changed.
    VERDICTS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl File {
    /// Looks at a file; `None` if that cannot be done, and nothing can be remembered then.
    pub fn look(path: &Path) -> Option<Self> {
        let real_path = nexus_abi::path::real(path).ok()?;
        let identity = platform::identity(&real_path.metadata().ok()?);
        Some(Self {
            real_path,
            identity,
        })
    }

    /// What is known of this file, for a trial that would wait at most that long.
    pub fn verdict(&self, limit: Duration) -> Option<Verdict> {
        let verdicts = verdicts();
        let (identity, verdict) = verdicts.get(&self.real_path)?;
        let known = match verdict {
            // It may end in the longer time.
            Verdict::Deadly(Death {
                cause: Cause::Hung { limit: shorter, .. },
                ..
            }) => *shorter >= limit,
            _ => true,
        };
        (known && *identity == self.identity).then(|| verdict.clone())
    }

    /// Remembers what a trial has shown, unless the file was changed meanwhile.
    pub fn remember(self, verdict: Verdict) {
        if Self::look(&self.real_path).is_some_and(|now| now == self) {
            verdicts().insert(self.real_path, (self.identity, verdict));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hung(seconds: u64) -> Verdict {
        Verdict::Deadly(Death {
            cause: Cause::Hung {
                limit: Duration::from_secs(seconds),
                stopped: false,
            },
            output: String::new(),
            before: 0,
        })
    }

    #[test]
    fn a_verdict_holds_for_the_unchanged_file() {
        let path = std::env::temp_dir().join(format!("nexus-verdict-{}", std::process::id()));
        std::fs::write(&path, "one").unwrap();
        let second = Duration::from_secs(1);
        let look = || File::look(&path).unwrap();
        assert!(look().verdict(second).is_none());
        look().remember(Verdict::Harmless);
        assert!(matches!(look().verdict(second), Some(Verdict::Harmless)));

        let before = look();
        std::fs::write(&path, "other").unwrap();
        assert!(look().verdict(second).is_none());
        before.remember(Verdict::Harmless);
        assert!(
            look().verdict(second).is_none(),
            "it was about the file before"
        );

        look().remember(hung(5));
        assert!(look().verdict(Duration::from_secs(5)).is_some());
        assert!(look().verdict(Duration::from_secs(6)).is_none());
        std::fs::remove_file(&path).unwrap();
        assert!(File::look(&path).is_none());
    }
}
