//! docs/benchmarks.md.

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

/// The whole page.
pub fn markdown(all: &[(String, Samples)], facts: &[String]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\n\
         Written by `make bench` (`NEXUS_BENCH_QUICK=1 make bench` for a quick run); how it measures is said \
         in [benches/README.md](../benches/README.md). Read ratios, not absolute times.\n\n",
    );
    for fact in facts {
        let _ = writeln!(text, "- {fact}");
    }
    text += "\n![Calls and loading, beside the C API, pybind11, PyO3 and the Python class](benchmarks.svg)\n\n";
    text += "## Promises\n\nThe ratio of each round, and its median; **bold** where it is not kept.\n\n";
    text += &promises(all);
    for (version, samples) in all {
        let _ = write!(text, "\n## CPython {version}\n");
        text += &tables(samples);
    }
    text
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
    let mut text = String::from("\n### A call, ns\n\n");
    for how in ["attached", "per call"] {
        let _ = writeln!(text, "{}:\n", heading(how));
        text += &table(samples, &CALLS, how, 1.0, 0);
        text += "\n";
    }
    text += "From a thread that Python has never seen, attach per call:\n\n";
    text += &table(samples, &["two ints"], "new thread", 1.0, 0);
    text += "\n### A lookup among 100 modules, ns\n\nWith the GIL held:\n\n";
    text += &table(samples, &LOOKUPS, "attached", 1.0, 0);
    text += "\nWith the GIL taken for each lookup; ours needs none:\n\n";
    text += &table(samples, &LOOKUPS, "per call", 1.0, 0);
    text += "\n### Two ints on several threads, thousand calls/s of all threads together\n\n";
    for how in ["per call", "batches of 100"] {
        let _ = writeln!(text, "{}:\n", heading(how));
        text += &rates(samples, how);
        text += "\n";
    }
    text += "### Start of Python, ms\n\n";
    text += &table(samples, &[START_SITE, START_NO_SITE, FRONT], WALL, 1e6, 2);
    for (cache, sizes) in [(WARM, &SIZES[..]), (COLD, &SIZES[2..])] {
        for how in [WALL, CPU] {
            let _ = write!(text, "\n### Loading, {cache} page cache, {how}\n\n");
            let names: Vec<String> = sizes.iter().map(|size| load_of(*size, cache)).collect();
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            if cache == WARM {
                names.push(INSPECT);
            }
            text += &table(samples, &names, how, 1e6, 2);
        }
    }
    text
}

fn heading(how: &str) -> &str {
    match how {
        "attached" => "The GIL held",
        "per call" => "The GIL taken for each call",
        "batches of 100" => "The GIL taken for 100 calls",
        other => other,
    }
}

/// One row for each contestant, one column for each thing.
fn table(samples: &Samples, things: &[&str], how: &str, unit: f64, digits: usize) -> String {
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
                    let _ = write!(text, " {:.digits$} |", value / unit);
                }
                None => text += " |",
            }
        }
        text += "\n";
    }
    text
}

fn rates(samples: &Samples, how: &str) -> String {
    let things = ["1 threads", "2 threads", "4 threads"];
    let mut text =
        String::from("| | 1 thread | 2 threads | 4 threads |\n| --- | ---: | ---: | ---: |\n");
    for who in contestants(samples, &things, how) {
        let _ = write!(text, "| {who} |");
        for what in things {
            match samples.median(&Key::new(what, how, who)) {
                Some(value) => {
                    let _ = write!(text, " {:.0} |", 1e6 / value);
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
