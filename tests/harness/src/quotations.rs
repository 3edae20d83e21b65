//! The code in `docs/hosts.md` is of files that the tests run: each block names its file in a comment before it,
//! and is found there, line for line.

use crate::paths;
use std::fs;

const DOCUMENT: &str = "docs/hosts.md";
/// Languages whose blocks are commands and output.
const FREE: &[&str] = &["sh", "text"];

/// Compares every block.
///
/// # Errors
/// What is not found, with its line.
pub fn check() -> Result<(), String> {
    let text = read(DOCUMENT)?;
    let mut wrong = Vec::new();
    let mut compared = 0;
    let mut file = None;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```")
                .collect();
            if FREE.contains(&language) {
                continue;
            }
            let at = format!("{DOCUMENT}:{}", number + 1);
            match file.take() {
                None => wrong.push(format!("{at}: no `<!-- from FILE -->` before it")),
                Some(name) if !has(&read(name)?, &block) => {
                    wrong.push(format!("{at}: not so in {name}"));
                }
                Some(_) => compared += 1,
            }
        } else if let Some(comment) = line.strip_prefix("<!-- from ") {
            file = comment.strip_suffix(" -->");
        } else if !line.is_empty() {
            file = None;
        }
    }
    if compared == 0 {
        wrong.push(format!("{DOCUMENT}: no block"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

fn read(file: &str) -> Result<String, String> {
    fs::read_to_string(paths::root().join(file)).map_err(|error| format!("{file}: {error}"))
}

/// Whether the lines are in the text, one after the other, whatever the indentation of the first.
fn has(text: &str, block: &[&str]) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    !block.is_empty()
        && lines.windows(block.len()).any(|window| {
            let indent = window[0].len() - window[0].trim_start().len();
            window.iter().zip(block).all(|(line, quoted)| {
                line.trim_end() == *quoted
                    || line
                        .split_at_checked(indent)
                        .is_some_and(|(blank, rest)| blank.trim().is_empty() && rest == *quoted)
            })
        })
}
