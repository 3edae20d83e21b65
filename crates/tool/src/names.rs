//! Which modules a command line means.

use glob::Pattern;

/// Whether one of the patterns means the module: by its dotted name, or by the last part of it.
pub fn meant(patterns: &[Pattern], name: &str) -> bool {
    let stem = name.rsplit('.').next().unwrap_or(name);
    patterns
        .iter()
        .any(|pattern| pattern.matches(name) || pattern.matches(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_and_by_stem() {
        let patterns = [Pattern::new("net*").unwrap(), Pattern::new("a.b").unwrap()];
        for (name, expected) in [
            ("network", true),
            ("package.network", true),
            ("a.b", true),
            ("b", false),
            ("crypto", false),
        ] {
            assert_eq!(meant(&patterns, name), expected, "{name}");
        }
    }
}
