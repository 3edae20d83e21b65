//! The facts as texts: for people, and as JSON.

use super::facts::{Facts, NexusVerdict};
use std::fmt::{Display, Write};

/// A heading with the path, then a line for each fact that there is, then the problems with cause and
/// cure. This is what `nexus inspect FILE` prints.
pub fn for_people(facts: &Facts) -> String {
    let mut out = format!("{}\n", one_line(&facts.path));
    let mut line = |title: &str, text: String| {
        if !text.is_empty() {
            // Continuation lines stand under the first.
            let text = text.replace('\n', "\n                ");
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {title:<13} {text}");
        }
    };
    line("verdict", verdict(facts));
    line("judged for", facts.judged_for.to_string());
    line("module", one_line(&facts.module_name));
    line("init symbols", facts.init_symbols.join(" "));
    line("built for", built_for(facts));
    line("needs", facts.needed.join(" "));
    line("missing", lines(&facts.missing));
    line("too new", lines(&facts.missing_versions));
    line("lacking", lines(&facts.missing_functions));
    line("not in Python", facts.missing_python_symbols.join(" "));
    line("TLS", thread_local_storage(facts));
    line("OpenMP", facts.openmp.join("\n"));
    for problem in &facts.problems {
        line(
            "problem",
            format!(
                "{problem}\ncause: {}\ncure: {}",
                problem.cause, problem.cure
            ),
        );
    }
    out
}

/// A file may be called anything, but must not forge lines of the report.
fn one_line(name: &impl Display) -> String {
    let mut out = String::new();
    for c in name.to_string().chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// One object with all facts. A path that is not UTF-8 has U+FFFD for what is not.
pub fn json(facts: &Facts) -> String {
    // Only a map whose keys are not strings could fail, and there is none.
    serde_json::to_string_pretty(facts).unwrap_or_default()
}

fn verdict(facts: &Facts) -> String {
    match facts.verdict {
        NexusVerdict::NEXUS_VERDICT_NONE => String::new(),
        NexusVerdict::NEXUS_VERDICT_MODULE if facts.problems.is_empty() => {
            format!("a Python module: {}", facts.init_symbol)
        }
        NexusVerdict::NEXUS_VERDICT_MODULE => {
            format!(
                "a Python module that will hardly load: {}",
                facts.init_symbol
            )
        }
        NexusVerdict::NEXUS_VERDICT_HELPER => "a helper library, no Python module".to_owned(),
        NexusVerdict::NEXUS_VERDICT_HOPELESS => {
            "cannot be loaded here as a Python module".to_owned()
        }
    }
}

/// "CPython 3.12 (cpython-312-x86_64-linux-gnu), linux x86_64, 64 bits, glibc, ELF"
fn built_for(facts: &Facts) -> String {
    let mut parts = Vec::new();
    let version = facts.python_version.to_string();
    if !version.is_empty() {
        let kind = if facts.free_threaded {
            "free-threaded Python"
        } else {
            "Python"
        };
        parts.push(format!("{kind} {version}"));
    } else if facts.stable_abi {
        parts.push("the stable ABI".to_owned());
    }
    if !facts.abi_tag.is_empty() {
        parts.push(format!("tag {}", facts.abi_tag));
    }
    if facts.bits != 0 {
        parts.push(format!(
            "{} {}, {} bits",
            facts.platform, facts.machine, facts.bits
        ));
    }
    parts.extend(
        [&facts.c_library, &facts.format]
            .iter()
            .filter(|text| !text.is_empty())
            .map(ToString::to_string),
    );
    parts.join(", ")
}

fn thread_local_storage(facts: &Facts) -> String {
    match (facts.tls_size, facts.static_tls) {
        (0, _) => String::new(),
        (size, false) => format!("{size} bytes"),
        (size, true) => {
            format!(
                "{size} bytes, static; {} with all libraries",
                facts.static_tls_of_tree
            )
        }
    }
}

fn lines(items: &[impl Display]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::facts;
    use super::super::judged_for::Python;
    use super::*;
    use std::path::Path;

    #[test]
    fn both_texts_have_the_facts() {
        let facts = facts::of(
            Path::new("/no/such/\"module\".so"),
            &Python::Version((3, 12)),
        );
        let text = for_people(&facts);
        assert!(
            text.starts_with("/no/such/\"module\".so\n  verdict       cannot be loaded"),
            "{text}"
        );
        assert!(
            text.contains("103 VANISHED: ") && text.contains("cure: "),
            "{text}"
        );
        let value: serde_json::Value = serde_json::from_str(&json(&facts)).unwrap();
        assert_eq!(value["path"], "/no/such/\"module\".so");
        assert_eq!(value["verdict"], "hopeless");
        assert_eq!(value["detail"], 103);
        assert_eq!(value["problems"][0]["name"], "VANISHED");
        assert_eq!(value["module_name"], "\"module\"");
    }

    #[test]
    fn a_name_stays_on_its_line() {
        let path = Path::new("/no/such/a\nb\x1b.so");
        let text = for_people(&facts::of(path, &Python::Version((3, 12))));
        assert!(text.starts_with("/no/such/a\\nb\\u{1b}.so\n"), "{text}");
        assert!(text.contains("module        a\\nb\\u{1b}\n"), "{text}");
    }
}
