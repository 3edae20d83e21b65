//! Reading a file: which format it has, and what its readers make of it.

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::OpenMp;
use crate::problem::{Problem, Result, fail, size_text};
use crate::python_build::PythonBuild;
use crate::source::Source;
use crate::symbols::{SymbolReport, SymbolSet};
use crate::{elf, macho, pe};
use std::fs::File;
use std::path::Path;

impl Image {
    /// Reads a file. Never blocks on what is no regular file, never maps the file, and reads of a
    /// large one only the tables. The path is resolved as the system does; links are followed.
    pub fn read(path: &Path) -> Result<Image> {
        read_source(&Source::open(path)?, Some(&mut SymbolReport::default()))
    }

    /// Reads no more than the headers, which takes microseconds however large the file is: format, machines, width
    /// and byte order. Nothing else is known of it then.
    pub fn read_headers(path: &Path) -> Result<Image> {
        read_source(&Source::open(path)?, None)
    }

    /// Reads a file that is open already. Refuses what is no regular file.
    pub fn of_file(file: File) -> Result<Image> {
        read_source(&Source::of_file(file)?, Some(&mut SymbolReport::default()))
    }

    /// Checks only that all which the dynamic linker maps is there: less than this proves, `dlopen` ends
    /// the process with SIGBUS. Takes microseconds however large the file is. Formats other than ELF are
    /// not looked at.
    pub fn check_mapping(path: &Path) -> Result<()> {
        let source = Source::open(path)?;
        match source.head(4) {
            [0x7f, b'E', b'L', b'F'] => elf::check_mapping(&source),
            _ => Ok(()),
        }
    }

    /// Reads a file that is already in memory.
    pub fn parse(bytes: &[u8]) -> Result<Image> {
        if bytes.is_empty() {
            return fail(Detail::EMPTY, "the file is empty");
        }
        read_source(
            &Source::from_bytes(bytes),
            Some(&mut SymbolReport::default()),
        )
    }
}

impl SymbolSet {
    /// Reads the names that begin with `Py` or `_Py` and that the library or program defines, without
    /// loading it. The argument is a libpython, or an interpreter into which it is linked.
    pub fn of_libpython(path: &Path) -> Result<SymbolSet> {
        let mut symbols = SymbolReport {
            exported_python: Some(Vec::new()),
            ..SymbolReport::default()
        };
        read_source(&Source::open(path)?, Some(&mut symbols))?;
        Ok(symbols
            .exported_python
            .unwrap_or_default()
            .into_iter()
            .collect())
    }
}

/// Without a place for the symbols, the headers alone are read.
fn read_source(source: &Source, mut symbols: Option<&mut SymbolReport>) -> Result<Image> {
    let report = symbols.as_deref_mut();
    let mut image = match source.head(4) {
        [0x7f, b'E', b'L', b'F'] => elf::read(source, report)?,
        [b'M', b'Z', ..] => pe::read(source, report)?,
        magic if macho::is_magic(magic) => macho::read(source, report)?,
        _ => return Err(not_an_image(source)),
    };
    let Some(symbols) = symbols else {
        return Ok(image);
    };
    symbols.finish();
    image.size = source.size();
    image.init_symbols = std::mem::take(&mut symbols.init_symbols);
    image.undefined_python = std::mem::take(&mut symbols.undefined_python);
    image.defines_python = symbols.defines_python;
    image.engine = std::mem::take(&mut symbols.engine);
    image.python = PythonBuild::of(&image.needed, &image.undefined_python);
    image.uses_python = symbols.uses_python || image.python.library.is_some();
    image.openmp = image
        .needed
        .iter()
        .filter_map(|name| OpenMp::from_library(name))
        .collect();
    image.openmp.dedup();
    Ok(image)
}

/// Says what a file is that has no known magic number.
fn not_an_image(source: &Source) -> Problem {
    let head = source.head(4096);
    let size = size_text(source.size());
    let (detail, message) = if head.starts_with(b"\x7fEL") || b"\x7fELF".starts_with(head) {
        let text = format!("cut off after {size}, in the middle of the ELF header");
        (Detail::TRUNCATED, text)
    } else if head.starts_with(b"!<arch>\n") || head.starts_with(b"!<thin>\n") {
        let text = "a static library (ar archive), not a shared library";
        (Detail::STATIC_ARCHIVE, text.to_owned())
    } else if is_coff_object(head) {
        let text = "an object file of Windows that was not linked";
        (Detail::OBJECT_FILE, text.to_owned())
    } else if head.starts_with(b"BC\xc0\xde") || head.starts_with(b"\xde\xc0\x17\x0b") {
        let text = "LLVM bitcode that was not compiled to machine code";
        (Detail::OBJECT_FILE, text.to_owned())
    } else if head.iter().all(|byte| *byte == 0) {
        let text = format!("the file begins with zero bytes only ({size})");
        (Detail::ZERO_FILLED, text)
    } else if let Some(text) = text_kind(head) {
        let detail = match text {
            "a linker script" => Detail::LINKER_SCRIPT,
            _ => Detail::TEXT_FILE,
        };
        (detail, format!("{text}, not a compiled module"))
    } else {
        let text = format!(
            "no executable format: the file begins with {}",
            start_text(head)
        );
        (Detail::UNKNOWN_FORMAT, text)
    };
    Problem::new(detail, message)
}

/// A COFF object has no magic; its machine number and a sane section count must do.
fn is_coff_object(head: &[u8]) -> bool {
    matches!(
        head,
        [0x64, 0x86, sections, 0, ..] | [0x4c, 0x01, sections, 0, ..] | [0x64, 0xaa, sections, 0, ..]
            if *sections > 0 && head.len() >= 20
    )
}

/// Names a text file's kind, if the bytes look like text.
fn text_kind(head: &[u8]) -> Option<&'static str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut by the end of the piece.
        Err(error) if error.valid_up_to() + 4 > head.len() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return None;
    }
    let start = text.trim_start().to_ascii_lowercase();
    Some(if start.starts_with("version https://git-lfs") {
        "a pointer of Git LFS (run: git lfs pull)"
    } else if start.starts_with("#!") {
        "a script"
    } else if start.starts_with("<!doctype")
        || start.starts_with("<html")
        || start.starts_with("<?xml")
    {
        "a web page"
    } else if ["/* gnu ld script", "input", "group", "output_format"]
        .iter()
        .any(|word| start.starts_with(word))
    {
        "a linker script"
    } else {
        "a text file"
    })
}

fn start_text(head: &[u8]) -> String {
    let known = [
        (&b"\x1f\x8b"[..], "gzip data"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\xfd7zXZ", "xz data"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"BZh", "bzip2 data"),
        (b"\0asm", "WebAssembly"),
    ];
    match known.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, name)) => (*name).to_owned(),
        None => {
            let bytes: Vec<_> = head
                .iter()
                .take(4)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("the bytes {}", bytes.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(bytes: &[u8]) -> Detail {
        Image::parse(bytes).unwrap_err().detail
    }

    #[test]
    fn what_is_no_image() {
        assert_eq!(detail(b""), Detail::EMPTY);
        assert_eq!(detail(b"\x7fE"), Detail::TRUNCATED);
        assert_eq!(detail(b"\x7fELF"), Detail::TRUNCATED);
        assert_eq!(detail(b"#!/bin/sh\n"), Detail::TEXT_FILE);
        assert_eq!(detail(b"int main;"), Detail::TEXT_FILE);
        assert_eq!(detail("naïve".as_bytes()), Detail::TEXT_FILE);
        assert_eq!(detail(b"GROUP ( libc.so.6 )\n"), Detail::LINKER_SCRIPT);
        assert_eq!(detail(b"!<arch>\nfoo"), Detail::STATIC_ARCHIVE);
        assert_eq!(detail(&[0; 300]), Detail::ZERO_FILLED);
        assert_eq!(detail(b"\x1f\x8b\x08\x00"), Detail::UNKNOWN_FORMAT);
        assert_eq!(detail(&[0xff, 0xfe, 1, 2, 3]), Detail::UNKNOWN_FORMAT);
        let message = Image::parse(b"PK\x03\x04xx\0\x01").unwrap_err().message;
        assert!(message.contains("a zip archive"), "{message}");
    }
}
