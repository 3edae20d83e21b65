//! What was measured, and what it comes to.

use std::collections::BTreeMap;

/// What was measured: for example (`two ints`, `per call`, `PyO3`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The thing that is done.
    pub what: String,
    /// Under which circumstances.
    pub how: String,
    /// By whom.
    pub who: String,
}

impl Key {
    /// A key of those three.
    pub fn new(what: &str, how: &str, who: &str) -> Self {
        Self {
            what: what.into(),
            how: how.into(),
            who: who.into(),
        }
    }
}

/// Nanoseconds of each round.
#[derive(Default)]
pub struct Samples {
    rounds: BTreeMap<Key, Vec<f64>>,
}

impl Samples {
    /// Adds the sample of one round.
    pub fn add(&mut self, key: Key, nanoseconds: f64) {
        self.rounds.entry(key).or_default().push(nanoseconds);
    }

    /// The median over the rounds.
    pub fn median(&self, key: &Key) -> Option<f64> {
        median(self.rounds.get(key)?.clone())
    }

    /// The median of the ratios of each round: what slows one round down slows both.
    pub fn ratio(&self, of: &Key, to: &Key) -> Option<f64> {
        let (of, to) = (self.rounds.get(of)?, self.rounds.get(to)?);
        median(of.iter().zip(to).map(|(of, to)| of / to).collect())
    }

    /// Everything that was measured of a thing under some circumstances.
    pub fn contestants(&self, what: &str, how: &str) -> Vec<&str> {
        self.rounds
            .keys()
            .filter(|key| key.what == what && key.how == how)
            .map(|key| key.who.as_str())
            .collect()
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => None,
        1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios() {
        let mut samples = Samples::default();
        let (ours, theirs) = (
            Key::new("call", "held", "ours"),
            Key::new("call", "held", "theirs"),
        );
        for (one, other) in [(1.0, 2.0), (10.0, 20.0), (3.0, 4.0)] {
            samples.add(ours.clone(), one);
            samples.add(theirs.clone(), other);
        }
        assert_eq!(samples.median(&ours), Some(3.0));
        assert_eq!(samples.ratio(&ours, &theirs), Some(0.5));
        assert_eq!(samples.median(&Key::new("call", "held", "nobody")), None);
        assert_eq!(samples.contestants("call", "held"), ["ours", "theirs"]);
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
    }
}
