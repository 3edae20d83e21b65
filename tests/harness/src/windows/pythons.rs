//! The Windows CPythons.

use super::place;
use crate::process;
use crate::pythons::Python;
use std::time::Duration;

/// Those of scripts/windows/python.sh, or of them those that `NEXUS_TEST_WINDOWS_PYTHONS` names (`3.12:3.13`).
///
/// # Errors
/// One does not run.
pub fn all() -> Result<Vec<Python>, String> {
    let named = std::env::var("NEXUS_TEST_WINDOWS_PYTHONS");
    let named = named.as_deref().unwrap_or("3.11:3.12:3.13");
    named.split(':').map(ask).collect()
}

fn ask(version: &str) -> Result<Python, String> {
    let prefix = place::target().join("python").join(version);
    let executable = prefix.join("python.exe");
    if !executable.is_file() {
        return Err(format!(
            "{} is not there: run scripts/windows/python.sh",
            executable.display()
        ));
    }
    let mut command = place::wine(&executable);
    let question = "import sys; print(*sys.version_info[:3])";
    command.args(["-I", "-S", "-c", question]);
    let answer = process::success(&mut command, Duration::from_secs(120))?;
    let numbers: Vec<u32> = answer
        .split_whitespace()
        .filter_map(|part| part.parse().ok())
        .collect();
    let [major, minor, micro] = numbers[..] else {
        return Err(format!("{} answered {answer:?}", executable.display()));
    };
    Ok(Python {
        tag: format!("{major}.{minor}.{micro}"),
        version: (major, minor, micro),
        include: prefix.join("include"),
        library: prefix.join(format!("python{major}{minor}.dll")),
        suffix: format!(".cp{major}{minor}-win_amd64.pyd"),
        dynload: prefix.join("DLLs"),
        executable,
        prefix,
    })
}
