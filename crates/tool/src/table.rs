//! Columns of text, as wide as their widest cell on a terminal.

use crate::output::TITLE;
use anstyle::Style;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// A row, and the lines below it that belong to it.
pub struct Row<const N: usize> {
    pub cells: [(String, Style); N],
    pub notes: Vec<(String, Style)>,
}

/// Prints rows under a heading; notes are indented. Nothing for no rows.
pub fn print<const N: usize>(
    out: &mut impl Write,
    heading: [&str; N],
    rows: &[Row<N>],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut widths = heading.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, (text, _)) in widths.iter_mut().zip(&row.cells) {
            *width = text.width().max(*width);
        }
    }
    let heading = heading.map(|title| (title.to_owned(), TITLE));
    line(out, &heading, &widths)?;
    for row in rows {
        line(out, &row.cells, &widths)?;
        for (note, style) in &row.notes {
            for text in note.lines() {
                writeln!(out, "    {style}{text}{style:#}")?;
            }
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, cells: &[(String, Style)], widths: &[usize]) -> io::Result<()> {
    for (index, ((text, style), width)) in cells.iter().zip(widths).enumerate() {
        write!(out, "{style}{text}{style:#}")?;
        // No blanks at the end of a line.
        if cells[index + 1..].iter().any(|(text, _)| !text.is_empty()) {
            write!(out, "{:1$}", "", width - text.width() + 2)?;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_two_columns() {
        let row = |name: &str, path: &str| Row {
            cells: [name, "x", path].map(|text| (text.to_owned(), Style::new())),
            notes: vec![("one\ntwo".to_owned(), Style::new())],
        };
        let mut out = Vec::new();
        print(
            &mut out,
            ["N", "S", "P"],
            &[row("漢字", "/p"), row("abc", "")],
        )
        .unwrap();
        let text = anstream::adapter::strip_bytes(&out).into_vec();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "N     S  P\n漢字  x  /p\n    one\n    two\nabc   x\n    one\n    two\n"
        );
    }
}
