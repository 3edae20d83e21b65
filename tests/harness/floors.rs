//! The floors of the house: a file uses its own floor and those below. The table is the picture in CONTRIBUTING.md.

use nexus_tests::paths;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The names of the crates in sources, and the parts of the table where their own files stand.
const CRATES: [(&str, &str, &str); 5] = [
    ("nexus_loader", "front", "src"),
    ("nexus_engine", "engine", "crates/engine/src"),
    ("nexus_inspect", "inspect", "crates/inspect/src"),
    ("nexus_abi", "abi", "crates/abi/src"),
    ("nexus", "tool", "crates/tool/src"),
];

/// Where something stands: the crate and its modules, `["nexus_engine", "gil", "thread"]`.
type Place = Vec<String>;

/// A use of one file by another.
struct Arrow {
    from: String,
    line: usize,
    to: String,
    what: String,
}

/// The sources of all crates.
#[derive(Default)]
struct House {
    /// The file of each module; inline modules are in the file of the module around them.
    files: BTreeMap<Place, String>,
    /// The names that a module has by `use`, and what they mean.
    names: BTreeMap<Place, BTreeMap<String, Place>>,
    /// Each path in the code: where it stands, its line, and its parts.
    paths: Vec<(Place, usize, Place)>,
}

impl House {
    fn read(root: &Path) -> Self {
        let mut house = Self::default();
        for (name, _, folder) in CRATES {
            let pattern = format!("{}/{folder}/**/*.rs", root.display());
            for file in glob::glob(&pattern).expect("a pattern") {
                let file = file.expect("a readable folder");
                let text = std::fs::read_to_string(&file).expect("UTF-8");
                let path = file.strip_prefix(root).expect("below the root");
                house.add(name, folder, &path.to_string_lossy(), &text);
            }
        }
        house
    }

    fn add(&mut self, name: &str, folder: &str, file: &str, text: &str) {
        let inner = file.trim_start_matches(folder).trim_start_matches('/');
        let parts = inner.trim_end_matches(".rs").split('/');
        let place: Place = core::iter::once(name)
            .chain(parts.filter(|part| !matches!(*part, "mod" | "lib" | "main")))
            .map(str::to_owned)
            .collect();
        if place.last().is_some_and(|last| last.ends_with("tests")) {
            return;
        }
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        self.files.insert(place.clone(), file.to_owned());
        self.scan(&place, tokens);
    }

    fn scan(&mut self, place: &Place, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is = |index: usize, text: &str| {
            let token = tokens.get(index);
            token.is_some_and(|token| token.to_string() == text)
        };
        let mut at = 0;
        let (mut is_test, mut path) = (false, None::<String>);
        while at < tokens.len() {
            let joined = at > 0 && (is(at - 1, ":") || is(at - 1, "."));
            match &tokens[at] {
                TokenTree::Group(group) if is(at.wrapping_sub(1), "#") => {
                    let text = group.stream().to_string();
                    is_test |= text == "cfg (test)";
                    path = text.strip_prefix("path = \"").map(str::to_owned).or(path);
                }
                TokenTree::Ident(word) if word == "mod" && at + 2 < tokens.len() => {
                    if let TokenTree::Group(body) = &tokens[at + 2] {
                        if !core::mem::take(&mut is_test) {
                            let mut inner = place.clone();
                            inner.push(tokens[at + 1].to_string());
                            self.files.insert(inner.clone(), self.files[place].clone());
                            self.scan(&inner, body.stream());
                        }
                        at += 2;
                    } else if let Some(file) = path.take() {
                        let module = file.split(['/', '.']).next().unwrap_or_default();
                        let names = self.names.entry(place.clone()).or_default();
                        let whole = [place.as_slice(), &[module.to_owned()]].concat();
                        names.insert(tokens[at + 1].to_string(), whole);
                    }
                }
                TokenTree::Ident(word) if word == "use" && !joined => {
                    let end = (at..tokens.len()).find(|end| is(*end, ";"));
                    let end = end.unwrap_or(tokens.len());
                    self.import(place, &tokens[at + 1..end], &Place::new());
                    is_test = false;
                    at = end;
                }
                TokenTree::Ident(word) if !joined && is(at + 1, ":") && is(at + 2, ":") => {
                    let line = word.span().start().line;
                    let mut parts = vec![word.to_string()];
                    while is(at + 1, ":") && is(at + 2, ":") {
                        let Some(TokenTree::Ident(part)) = tokens.get(at + 3) else {
                            break;
                        };
                        parts.push(part.to_string());
                        at += 3;
                    }
                    self.paths.push((place.clone(), line, parts));
                }
                TokenTree::Group(group) => {
                    is_test &= group.delimiter() == Delimiter::Bracket;
                    self.scan(place, group.stream());
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A tree of `use`: what it names, each with the name that it has here.
    fn import(&mut self, place: &Place, tree: &[TokenTree], before: &Place) {
        for branch in tree.split(|token| token.to_string() == ",") {
            let (mut parts, mut alias) = (before.clone(), None);
            let mut words = branch.iter();
            while let Some(token) = words.next() {
                match token {
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.import(place, &inner, &parts);
                        parts.clear();
                    }
                    TokenTree::Ident(word) if word == "as" => alias = words.next(),
                    TokenTree::Ident(word) => parts.push(word.to_string()),
                    TokenTree::Punct(_) => {}
                    TokenTree::Literal(_) => {}
                }
            }
            let is_itself = parts.len() > 1 && parts.last().is_some_and(|last| last == "self");
            if is_itself {
                parts.pop();
            }
            let (Some(last), Some(first)) = (parts.last().cloned(), branch.first()) else {
                continue;
            };
            let name = alias.map_or(last, ToString::to_string);
            let line = first.span().start().line;
            self.paths.push((place.clone(), line, parts.clone()));
            let names = self.names.entry(place.clone()).or_default();
            names.insert(name, parts);
        }
    }

    /// The module that has what a path means, with the names followed to where they come from.
    fn module_of(&self, place: &Place, path: &[String], depth: usize) -> Option<Place> {
        let (first, mut rest) = path.split_first()?;
        let child = |name: &String| [place.as_slice(), core::slice::from_ref(name)].concat();
        let mut module = match first.as_str() {
            "crate" => vec![place[0].clone()],
            "self" => place.clone(),
            "super" => place[..place.len().max(2) - 1].to_vec(),
            name if CRATES.iter().any(|known| known.0 == name) => vec![name.to_owned()],
            _ if self.files.contains_key(&child(first)) => child(first),
            name => {
                let known = self.names.get(place)?.get(name)?;
                if depth == 0 || known[0] == name {
                    return None;
                }
                let whole = [known.as_slice(), rest].concat();
                return self.module_of(place, &whole, depth - 1);
            }
        };
        while let Some((next, others)) = rest.split_first() {
            if next == "super" {
                module.pop();
            } else if self
                .files
                .contains_key(&[module.as_slice(), core::slice::from_ref(next)].concat())
            {
                module.push(next.clone());
            } else {
                let known = self.names.get(&module).and_then(|names| names.get(next));
                return match known {
                    Some(known) if depth > 0 && module != *place => {
                        let whole = [known.as_slice(), others].concat();
                        self.module_of(&module, &whole, depth - 1).or(Some(module))
                    }
                    _ => Some(module),
                };
            }
            rest = others;
        }
        Some(module)
    }

    fn arrows(&self) -> Vec<Arrow> {
        let arrow = |(place, line, path): &(Place, usize, Place)| {
            let to = self.module_of(place, path, 8)?;
            let (from, to) = (self.files.get(place)?, self.files.get(&to)?);
            (from != to).then(|| Arrow {
                from: from.clone(),
                line: *line,
                to: to.clone(),
                what: path.join("::"),
            })
        };
        self.paths.iter().filter_map(arrow).collect()
    }
}

/// The floors, as the picture says.
struct Floors(Vec<Entry>);

/// What stands on a floor: files of a crate, or a crate beside the others.
struct Entry {
    path: String,
    floor: i32,
    is_crate: bool,
}

impl Floors {
    fn read(picture: &str) -> Self {
        let (mut floors, mut folder, mut floor) = (Vec::new(), None, 0);
        for line in picture.lines() {
            let indented = line.starts_with(' ');
            for word in line.split_whitespace() {
                let known = CRATES.iter().find(|known| known.1 == word);
                if !indented {
                    folder = known.map(|known| known.2);
                } else if let Ok(number) = word.parse() {
                    floor = number;
                } else {
                    let path = match (folder, known) {
                        (Some(folder), _) if word == "." => folder.to_owned(),
                        (Some(folder), _) => format!("{folder}/{word}"),
                        (None, known) => known.expect("a crate").2.to_owned(),
                    };
                    let is_crate = folder.is_none();
                    floors.push(Entry {
                        path,
                        floor,
                        is_crate,
                    });
                }
            }
        }
        Self(floors)
    }

    /// The floor of a file within its crate, or of its crate. `None` for the file that only lists the modules.
    fn of(&self, file: &str, within: bool) -> Option<i32> {
        if within && file.ends_with("/lib.rs") {
            return None;
        }
        let fits = |entry: &&Entry| {
            let rest = file.strip_prefix(&entry.path);
            entry.is_crate != within
                && rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        };
        // Of two entries that fit, the longer one counts.
        let found = self
            .0
            .iter()
            .filter(fits)
            .max_by_key(|entry| entry.path.len());
        found.map(|entry| entry.floor)
    }

    fn upward(&self, arrow: &Arrow) -> Option<String> {
        let within = crate_of(&arrow.from) == crate_of(&arrow.to);
        let (from, to) = (self.of(&arrow.from, within)?, self.of(&arrow.to, within)?);
        (from < to).then(|| {
            let Arrow {
                from: file,
                line,
                to: used,
                what,
            } = arrow;
            format!("{file}:{line} (floor {from}) uses {used} (floor {to}): {what}")
        })
    }
}

fn crate_of(file: &str) -> &str {
    let known = CRATES.iter().find(|known| file.starts_with(known.2));
    known.map_or("", |known| known.2)
}

/// The module that a file is, as a folder: its child modules lie in there.
fn folder_of(file: &str) -> &str {
    let file = file.trim_end_matches(".rs");
    ["/mod", "/lib", "/main"]
        .iter()
        .fold(file, |file, end| file.trim_end_matches(end))
}

/// Files that use each other, each with the next in the list. A module may use its own children.
fn circles(arrows: &[Arrow]) -> Vec<String> {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for arrow in arrows {
        if !arrow
            .to
            .starts_with(&format!("{}/", folder_of(&arrow.from)))
        {
            uses.entry(&arrow.from).or_default().insert(&arrow.to);
        }
    }
    let mut found = BTreeSet::new();
    for start in uses.keys().copied() {
        // The shortest way back.
        let mut ways = vec![vec![start]];
        let mut seen = BTreeSet::new();
        while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
            for next in uses.get(way[way.len() - 1]).into_iter().flatten().copied() {
                if next == start && way.iter().all(|file| start <= *file) {
                    found.insert([&way[..], &[start]].concat().join("\n      uses "));
                } else if seen.insert(next) {
                    ways.push([&way[..], &[next]].concat());
                }
            }
        }
    }
    found.into_iter().collect()
}

fn picture(root: &Path) -> String {
    let text = std::fs::read_to_string(root.join("CONTRIBUTING.md")).expect("it is there");
    let (_, rest) = text
        .split_once("```floors\n")
        .expect("CONTRIBUTING.md has the picture");
    rest.split_once("```")
        .expect("the picture ends")
        .0
        .to_owned()
}

#[test]
fn every_use_goes_down() {
    let root = paths::root();
    let (house, floors) = (House::read(&root), Floors::read(&picture(&root)));
    let arrows = house.arrows();
    assert!(
        arrows.len() > 500,
        "only {} arrows were found",
        arrows.len()
    );
    let mut wrong: Vec<String> = arrows
        .iter()
        .filter_map(|arrow| floors.upward(arrow))
        .collect();
    let files: BTreeSet<&String> = house.files.values().collect();
    let nowhere = |file: &&&String| !file.ends_with("/lib.rs") && floors.of(file, true).is_none();
    wrong.extend(
        files
            .iter()
            .filter(nowhere)
            .map(|file| format!("{file} is on no floor")),
    );
    wrong.extend(
        circles(&arrows)
            .into_iter()
            .map(|circle| format!("circle: {circle}")),
    );
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A house of three files of the engine, which stand on the floors 2, 1 and 1.
fn planted(high: &str, low: &str, other: &str) -> Vec<String> {
    let mut house = House::default();
    for (name, text) in [("high", high), ("low/mod", low), ("low/other", other)] {
        let folder = "crates/engine/src";
        house.add("nexus_engine", folder, &format!("{folder}/{name}.rs"), text);
    }
    let floors = Floors::read("engine\n  2  high\n  1  low\n");
    let arrows = house.arrows();
    let upward = arrows.iter().filter_map(|arrow| floors.upward(arrow));
    upward.chain(circles(&arrows)).collect()
}

#[test]
fn an_upward_use_is_printed() {
    let low = "pub struct Low;";
    assert!(planted("use crate::low::{self, Low};", low, "use super::Low;").is_empty());
    let uses = [
        "pub mod deep { fn f() { crate::high::g(); } }",
        "use crate::{high::{g as other}, low};",
        "fn f() { format!(\"{}\", super::super::high::g()); }",
        "use super::renamed as again; fn f() { again::g(); }",
    ];
    for text in uses {
        let found = planted("pub fn g() {}", "pub use crate::high as renamed;", text);
        let arrow = "low/other.rs:1 (floor 1) uses crates/engine/src/high.rs (floor 2): ";
        assert!(
            found.iter().any(|line| line.contains(arrow)),
            "{text}: {found:?}"
        );
    }
    let tested = "#[cfg(test)] mod tests { use crate::high::g; }";
    assert!(planted("pub fn g() {}", low, tested).is_empty());
}

#[test]
fn a_circle_is_printed() {
    // A module may use its children, and these may use it.
    let own = "mod other; pub struct Low; fn f() { other::g(); }";
    assert!(planted("", own, "use super::Low;").is_empty());
    let found = planted(
        "use crate::low::other;",
        "use crate::high;",
        "use crate::high;",
    );
    let circle = "crates/engine/src/high.rs\n      uses crates/engine/src/low/other.rs\n      uses crates/engine/src/high.rs";
    assert!(found.iter().any(|line| line == circle), "{found:?}");
}

#[test]
fn the_map_leads_to_files() {
    let root = paths::root();
    let text = std::fs::read_to_string(root.join("CONTRIBUTING.md")).expect("it is there");
    let is_path =
        |word: &&str| word.contains('/') && !word.contains(['*', ' ', '<', '=', ':', '(']);
    let quoted: BTreeSet<&str> = text.split('`').skip(1).step_by(2).filter(is_path).collect();
    assert!(quoted.len() > 15, "{quoted:?}");
    let lost = |path: &&&str| !path.starts_with('/') && !root.join(path).exists();
    let lost: Vec<_> = quoted.iter().filter(lost).collect();
    assert!(
        lost.is_empty(),
        "CONTRIBUTING.md names what is not there: {lost:?}"
    );
}
