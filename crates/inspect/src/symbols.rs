//! Symbols that say what a file has to do with Python.

use crate::punycode;
use std::collections::HashSet;
use std::fmt;

/// How the interpreter enters a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InitKind {
    /// `PyInit_name` (PEP 3121).
    PyInit,
    /// `PyInitU_punycode`, for names that are not ASCII (PEP 489).
    PyInitU,
    /// `PyModExport_name`, from CPython 3.15 (PEP 793).
    PyModExport,
    /// `PyModExportU_punycode`, from CPython 3.15.
    PyModExportU,
    /// `initname` of Python 2.
    Python2,
}

/// A defined function through which the interpreter can enter the file as a module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InitSymbol {
    /// Which of the entry points.
    pub kind: InitKind,
    /// The whole symbol, such as `PyInitU_lanmt_2sa6t`.
    pub symbol: String,
    /// The module name that it belongs to, decoded: `lančmít`. An underscore in the symbol may stand for
    /// a dash in the name.
    pub module: String,
}

const PREFIXES: [(&str, InitKind); 4] = [
    ("PyInit_", InitKind::PyInit),
    ("PyInitU_", InitKind::PyInitU),
    ("PyModExport_", InitKind::PyModExport),
    ("PyModExportU_", InitKind::PyModExportU),
];

impl InitSymbol {
    /// The init symbol of this name, if it is one.
    pub(crate) fn parse(symbol: &[u8]) -> Option<InitSymbol> {
        if !symbol.starts_with(b"Py") {
            return None;
        }
        let symbol = std::str::from_utf8(symbol).ok()?;
        let (kind, rest) = PREFIXES
            .iter()
            .find_map(|(prefix, kind)| Some((*kind, symbol.strip_prefix(prefix)?)))?;
        if rest.is_empty() {
            return None;
        }
        let module = match kind {
            InitKind::PyInitU | InitKind::PyModExportU => decode_name(rest)?,
            _ => rest.to_owned(),
        };
        Some(InitSymbol {
            kind,
            symbol: symbol.to_owned(),
            module,
        })
    }
}

/// The part of the symbol after `PyInitU_`: CPython encodes the name and then writes each dash as an
/// underscore, the one that separates the ASCII part among them.
fn decode_name(encoded: &str) -> Option<String> {
    match encoded.rsplit_once('_') {
        Some((basic, extended)) => punycode::decode(&format!("{basic}-{extended}")),
        None => punycode::decode(encoded),
    }
}

/// The symbols under which CPython looks for a module of this name, without the prefix: the name itself
/// or its punycode, with underscores for dashes, and whether it is the `U` form.
pub(crate) fn encoded_name(module: &str) -> Option<(String, bool)> {
    if module.is_ascii() {
        Some((module.replace('-', "_"), false))
    } else {
        Some((punycode::encode(module)?.replace('-', "_"), true))
    }
}

/// A set of symbol names, such as those that a libpython exports.
#[derive(Clone, Default)]
pub struct SymbolSet {
    names: HashSet<Box<[u8]>>,
}

impl SymbolSet {
    /// Whether the name is in the set.
    pub fn contains(&self, name: &[u8]) -> bool {
        self.names.contains(name)
    }

    /// The number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

impl<N: Into<Box<[u8]>>> FromIterator<N> for SymbolSet {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        SymbolSet {
            names: names.into_iter().map(Into::into).collect(),
        }
    }
}

impl fmt::Debug for SymbolSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SymbolSet({} names)", self.len())
    }
}

/// Collects, symbol by symbol, what a reader of any format learns about Python.
#[derive(Default)]
pub(crate) struct SymbolReport {
    pub(crate) init_symbols: Vec<InitSymbol>,
    pub(crate) undefined_python: Vec<String>,
    pub(crate) uses_python: bool,
    pub(crate) defines_python: bool,
    pub(crate) exported_python: Option<Vec<Box<[u8]>>>,
    pub(crate) engine: Vec<String>,
}

/// What the names of the engine's entry and of its version begin with.
const ENGINE: &[u8] = b"nexus_engine_";

/// Whether a symbol can concern us at all; the first test for each symbol, so it must be cheap.
#[inline]
pub(crate) fn concerns_us(name: &[u8]) -> bool {
    matches!(
        name,
        [b'P', b'y', ..] | [b'_', b'P', b'y', ..] | [b'i', b'n', b'i', b't', ..]
    ) || name.starts_with(ENGINE)
}

impl SymbolReport {
    /// A function or object that the file needs from another.
    pub(crate) fn undefined(&mut self, name: &[u8], weak: bool) {
        if !(name.starts_with(b"Py") || name.starts_with(b"_Py")) {
            return;
        }
        self.uses_python = true;
        if !weak {
            self.undefined_python.push(match std::str::from_utf8(name) {
                Ok(name) => name.to_owned(),
                Err(_) => String::from_utf8_lossy(name).into_owned(),
            });
        }
    }

    /// A symbol that the file exports; `function` if it can be called.
    pub(crate) fn defined(&mut self, name: &[u8], function: bool) {
        if name == b"Py_IsInitialized" {
            self.defines_python = true;
        }
        if let Some(exported) = &mut self.exported_python
            && (name.starts_with(b"Py") || name.starts_with(b"_Py"))
        {
            exported.push(name.into());
        }
        if name.starts_with(ENGINE) {
            self.engine.push(String::from_utf8_lossy(name).into_owned());
        }
        if !function {
            return;
        }
        if let Some(symbol) = InitSymbol::parse(name) {
            self.init_symbols.push(symbol);
        } else if let Some(module) = name.strip_prefix(b"init") {
            // Python 2's entry; counts only where nothing else says that this is a module.
            if let (false, Ok(module)) = (module.is_empty(), std::str::from_utf8(module)) {
                self.init_symbols.push(InitSymbol {
                    kind: InitKind::Python2,
                    symbol: format!("init{module}"),
                    module: module.to_owned(),
                });
            }
        }
    }

    /// Sorts, removes doubles, and forgets Python 2 entries that mean nothing: `init…` is a common
    /// name for a C function.
    pub(crate) fn finish(&mut self) {
        self.init_symbols.sort_unstable();
        self.init_symbols.dedup();
        let python2 = self
            .undefined_python
            .iter()
            .any(|name| name.starts_with("Py_InitModule"));
        if !python2 {
            self.init_symbols
                .retain(|symbol| symbol.kind != InitKind::Python2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn init_symbols() {
        let plain = InitSymbol::parse(b"PyInit_crypto").unwrap();
        assert_eq!(
            (plain.kind, plain.module.as_str()),
            (InitKind::PyInit, "crypto")
        );
        let unicode = InitSymbol::parse("PyInitU_lanmt_2sa6t".as_bytes()).unwrap();
        assert_eq!(
            (unicode.kind, unicode.module.as_str()),
            (InitKind::PyInitU, "lančmít")
        );
        let japanese = InitSymbol::parse(b"PyModExportU_zck5b2b").unwrap();
        assert_eq!(japanese.module, "スパム");
        assert_eq!(InitSymbol::parse(b"PyInit_"), None);
        assert_eq!(InitSymbol::parse(b"PyInitialize"), None);
        assert_eq!(InitSymbol::parse(b"PyInitU_!"), None);
    }

    #[test]
    fn encoded_names() {
        assert_eq!(encoded_name("a-b"), Some(("a_b".into(), false)));
        assert_eq!(encoded_name("lančmít"), Some(("lanmt_2sa6t".into(), true)));
        // A dash of the name itself becomes an underscore too.
        let (encoded, _) = encoded_name("lan-čmít").unwrap();
        assert!(!encoded.contains('-'));
    }
}
