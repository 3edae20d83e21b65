//! Where and when it was measured.

use std::fs;
use std::process::Command;

/// Lines for the report.
pub fn facts(quick: bool) -> Vec<String> {
    let cpu = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("model name"))
                .map(|rest| rest.trim_start_matches(['\t', ' ', ':']).to_string())
        })
        .unwrap_or_else(|| "unknown processor".into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    vec![
        format!("{}, {cores} processors, {}", cpu, said("uname", &["-srm"])),
        format!(
            "nexus_loader {}, {}, {}",
            env!("CARGO_PKG_VERSION"),
            said("rustc", &["--version"]),
            said("gcc", &["--version"])
        ),
        format!(
            "{}{}",
            said("date", &["-u", "+%Y-%m-%d"]),
            if quick { ", a quick run" } else { "" }
        ),
    ]
}

/// The first line that a program prints.
fn said(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .ok()
        .and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().next().map(str::to_string)
        })
        .unwrap_or_else(|| format!("{program}: unknown"))
}
