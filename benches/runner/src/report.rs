//! What is written: docs/benchmarks.md, benches/results.md and the terminal.

use crate::build::SIZES;
use crate::measure::{COLD, CPU, FRONT, INSPECT, START_NO_SITE, START_SITE, WALL, WARM, load_of};
use crate::samples::{Key, Samples};
use crate::targets;
use std::fmt::Write;

const CALLS: [&str; 8] = [
    "no arguments",
    "two ints",
    "two ints above 256",
    "two floats",
    "a 32-byte string",
    "a 32-byte string, and one back",
    "a buffer of 1,000 doubles",
    "a buffer of 1,000,000 doubles",
];
const LOOKUPS: [&str; 2] = ["is a name there", "get a module by its name"];
const THREADS: [&str; 3] = ["threads: 1", "threads: 2", "threads: 4"];

/// What of docs/benchmarks.md is written anew lies between these two; the rest is people's.
const BEGIN: &str = "<!-- make bench writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// docs/benchmarks.md with new promises and facts.
pub fn page(old: &str, all: &[(String, Samples)], facts: &[String]) -> Result<String, String> {
    let parts = old.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or_else(|| {
        format!("docs/benchmarks.md lacks the lines `{BEGIN}` and `{END}`").replace('\n', "")
    })?;
    let (promises, facts) = (promises(all), list(facts));
    Ok(format!(
        "{before}{BEGIN}\n{promises}\n{facts}\n{END}{after}"
    ))
}

/// benches/results.md: every median.
pub fn results(all: &[(String, Samples)], facts: &[String]) -> String {
    let mut text = format!(
        "# Results\n\nWritten by `make bench`: the medians behind [the promises](../docs/benchmarks.md).\n\n{}",
        list(facts)
    );
    for (version, samples) in all {
        let _ = write!(text, "\n## CPython {version}\n");
        text += &tables(samples);
    }
    text
}

fn list(facts: &[String]) -> String {
    facts.iter().map(|fact| format!("- {fact}\n")).collect()
}

/// The promises for a terminal, those that are not kept.
pub fn verdicts(all: &[(String, Samples)]) -> String {
    let mut text = String::new();
    for (version, samples) in all {
        for target in targets::all() {
            let Some(measured) = target.measured(samples) else {
                continue;
            };
            let verdict = if target.kept(measured) {
                "kept    "
            } else {
                "NOT kept"
            };
            let _ = writeln!(
                text,
                "bench: {version} {verdict} {measured:7.3} {:>9}  {}",
                target.limit(),
                target.text
            );
        }
    }
    text
}

fn promises(all: &[(String, Samples)]) -> String {
    let mut text = String::from("| | promise |");
    for (version, _) in all {
        let _ = write!(text, " {version} |");
    }
    text += "\n| --- | --- |";
    text += &" ---: |".repeat(all.len());
    text += "\n";
    for target in targets::all() {
        let _ = write!(text, "| {} | {} |", target.text, target.limit());
        for (_, samples) in all {
            let cell = match target.measured(samples) {
                None => "not measured".into(),
                Some(value) if target.kept(value) => format!("{value:.2}"),
                Some(value) => format!("**{value:.2}**"),
            };
            let _ = write!(text, " {cell} |");
        }
        text += "\n";
    }
    text
}

fn tables(samples: &Samples) -> String {
    let nanoseconds = |value: f64| format!("{value:.0}");
    let milliseconds = |value: f64| format!("{:.2}", value / 1e6);
    let thousands_per_second = |value: f64| format!("{:.0}", 1e6 / value);
    let starts = [START_SITE, START_NO_SITE, FRONT];
    let warm = SIZES.map(|size| load_of(size, WARM));
    let warm: Vec<&str> = warm.iter().map(String::as_str).chain([INSPECT]).collect();
    let cold = load_of(SIZES[SIZES.len() - 1], COLD);
    let cold = [cold.as_str()];
    type Show<'a> = &'a dyn Fn(f64) -> String;
    #[rustfmt::skip]
    let all: [(&str, &[&str], &str, Show); 12] = [
        ("A call with the GIL held, ns", &CALLS, "attached", &nanoseconds),
        ("A call, the GIL taken for each, ns", &CALLS, "per call", &nanoseconds),
        ("A call from a thread that Python has never seen, attach per call, ns", &CALLS, "new thread", &nanoseconds),
        ("A lookup among 100 modules with the GIL held, ns", &LOOKUPS, "attached", &nanoseconds),
        ("A lookup, the GIL taken for each (ours needs none), ns", &LOOKUPS, "per call", &nanoseconds),
        ("Two ints, the GIL taken for each call, thousand calls/s of all threads", &THREADS, "per call", &thousands_per_second),
        ("Two ints, the GIL taken for 100 calls, thousand calls/s of all threads", &THREADS, "batches of 100", &thousands_per_second),
        ("Start of Python, ms", &starts, WALL, &milliseconds),
        ("Loading, warm page cache, ms", &warm, WALL, &milliseconds),
        ("Loading, warm page cache, CPU ms", &warm, CPU, &milliseconds),
        ("Loading, cold page cache, ms", &cold, WALL, &milliseconds),
        ("Loading, cold page cache, CPU ms", &cold, CPU, &milliseconds),
    ];
    all.iter()
        .map(|(title, things, how, show)| {
            format!("\n### {title}\n\n{}", table(samples, things, how, show))
        })
        .collect()
}

/// One row for each contestant, one column for each thing that somebody did.
fn table(samples: &Samples, things: &[&str], how: &str, show: &dyn Fn(f64) -> String) -> String {
    let things: Vec<&str> = things
        .iter()
        .copied()
        .filter(|what| !samples.contestants(what, how).is_empty())
        .collect();
    let mut text = format!("| | {} |\n| --- |", things.join(" | "));
    text += &" ---: |".repeat(things.len());
    text += "\n";
    for who in contestants(samples, &things, how) {
        let _ = write!(text, "| {who} |");
        for what in &things {
            match samples.median(&Key::new(what, how, who)) {
                Some(value) => {
                    let _ = write!(text, " {} |", show(value));
                }
                None => text += " |",
            }
        }
        text += "\n";
    }
    text
}

fn contestants<'a>(samples: &'a Samples, things: &[&str], how: &str) -> Vec<&'a str> {
    let mut all: Vec<&str> = things
        .iter()
        .flat_map(|what| samples.contestants(what, how))
        .collect();
    // Ours first, then by name.
    all.sort_by_key(|who| (!who.starts_with("nexus"), *who));
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_keeps_what_people_wrote() {
        let committed = include_str!("../../../docs/benchmarks.md");
        let mut samples = Samples::default();
        samples.add(Key::new("two ints", "per call", "nexus_object_call"), 40.0);
        samples.add(Key::new("two ints", "per call", "C API, vectorcall"), 50.0);
        samples.add(Key::new("threads: 2", "per call", "PyO3"), 500.0);
        let all = [("3.12.1".to_owned(), samples)];
        let facts = ["a machine".to_owned()];
        let written = page(committed, &all, &facts).expect("the page has its marks");
        assert!(written.contains("Release | ≤ 0.95 | 0.80 |\n"), "{written}");
        assert!(written.contains("\n- a machine\n"), "{written}");
        let people = |text: &str| {
            let (before, rest) = text.split_once(BEGIN).expect("the first mark");
            let (_, after) = rest.split_once(END).expect("the second mark");
            before.to_owned() + after
        };
        assert_eq!(people(&written), people(committed));
        assert!(page("no marks", &all, &facts).is_err());
        let results = results(&all, &facts);
        assert!(
            results.contains("| nexus_object_call | 40 |\n"),
            "{results}"
        );
        assert!(
            results.contains("| | threads: 2 |\n| --- | ---: |\n| PyO3 | 2000 |\n"),
            "{results}"
        );
    }
}
