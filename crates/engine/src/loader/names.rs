//! Which module a name means.

use rustc_hash::FxHashMap;

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// One entry.
    One(usize),
    /// Several entries share the stem; only their whole names tell them apart.
    Several(Vec<usize>),
}

/// Looks names up: whole names always, stems where they are unambiguous.
#[derive(Default)]
pub struct Names {
    table: FxHashMap<String, Meaning>,
}

impl Names {
    /// Makes the table. `whole` and `stems` name entries by index; of two with one whole name the first
    /// is meant, and a whole name goes before a stem.
    pub fn new<'a>(
        whole: impl IntoIterator<Item = (&'a str, usize)>,
        stems: impl IntoIterator<Item = (&'a str, usize)>,
    ) -> Self {
        let mut table: FxHashMap<String, Meaning> = FxHashMap::default();
        for (name, index) in whole {
            table.entry(name.to_string()).or_insert(Meaning::One(index));
        }
        let mut by_stem: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        for (stem, index) in stems {
            by_stem.entry(stem).or_default().push(index);
        }
        for (stem, indices) in by_stem {
            let meaning = match indices.as_slice() {
                [index] => Meaning::One(*index),
                _ => Meaning::Several(indices),
            };
            table.entry(stem.to_string()).or_insert(meaning);
        }
        Self { table }
    }

    /// All names that mean one entry.
    pub fn unambiguous(&self) -> impl Iterator<Item = (&str, usize)> + Clone {
        self.table
            .iter()
            .filter_map(|(name, meaning)| match meaning {
                Meaning::One(index) => Some((name.as_str(), *index)),
                Meaning::Several(_) => None,
            })
    }

    /// What the name means, if anything.
    pub fn get(&self, name: &str) -> Option<&Meaning> {
        self.table.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_short_for_whole_names() {
        let whole = [("a._speed", 0), ("b._speed", 1), ("b.core", 2), ("core", 3)];
        let names = Names::new(
            whole,
            [("_speed", 0), ("_speed", 1), ("core", 2), ("core", 3)],
        );
        assert_eq!(names.get("b._speed"), Some(&Meaning::One(1)));
        assert_eq!(names.get("_speed"), Some(&Meaning::Several(vec![0, 1])));
        assert_eq!(names.get("core"), Some(&Meaning::One(3)));
        assert_eq!(names.get("absent"), None);
    }
}
