//! Which modules a host asks for: by name, by stem, or by a pattern.

use glob::Pattern;
use nexus_abi::{Failure, Result};
use rustc_hash::FxHashMap;

/// The names that a host gave, in its order.
pub struct Request {
    names: Vec<String>,
    exact: FxHashMap<String, usize>,
    patterns: Vec<(usize, Pattern)>,
}

impl Request {
    /// Names are taken as they are; one with `*`, `?` or `[` is a pattern (glob). A name that occurs twice
    /// counts once.
    pub fn new(given: &[&str]) -> Result<Self> {
        let mut request = Self {
            names: Vec::new(),
            exact: FxHashMap::default(),
            patterns: Vec::new(),
        };
        for &name in given {
            let index = request.names.len();
            if request.exact.contains_key(name) {
                continue;
            }
            if name.contains(['*', '?', '[']) {
                let pattern = Pattern::new(name).map_err(|error| {
                    Failure::invalid(format!("module pattern '{name}': {error}"))
                })?;
                request.patterns.push((index, pattern));
            }
            request.exact.insert(name.to_string(), index);
            request.names.push(name.to_string());
        }
        Ok(request)
    }

    /// What was given.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The first of the given names that a module answers to, by its index.
    pub fn position(&self, name: &str, stem: &str) -> Option<usize> {
        let mut first: Option<usize> = None;
        self.each_match(name, stem, |index| {
            first = Some(first.map_or(index, |first| first.min(index)))
        });
        first
    }

    /// Calls `tell` with the index of each of the given names that a module answers to.
    pub fn each_match(&self, name: &str, stem: &str, mut tell: impl FnMut(usize)) {
        for name in [name, stem] {
            if let Some(&index) = self.exact.get(name) {
                tell(index);
            }
        }
        for (index, pattern) in &self.patterns {
            if pattern.matches(name) || pattern.matches(stem) {
                tell(*index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_patterns() {
        let request = Request::new(&["crypto", "net*", "pkg.[ab]", "crypto"]).unwrap();
        assert_eq!(request.names().len(), 3);
        assert_eq!(request.position("crypto", "crypto"), Some(0));
        assert_eq!(request.position("x.network", "network"), Some(1));
        assert_eq!(request.position("pkg.b", "b"), Some(2));
        assert_eq!(request.position("pkg.c", "c"), None);
        assert!(Request::new(&["a[["]).is_err());
    }
}
