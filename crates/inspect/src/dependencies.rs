//! The tree of libraries that a module needs, walked as the dynamic linker walks it, without loading
//! anything. Here are the tree and the rules of ELF; those of Windows are in `dll`, those of macOS in `dylib`.
//!
//! The linker stops at the first library that it does not find, and names only the library. This walk
//! goes on and tells all of them, each with the chain of libraries that leads to it.
//!
//! What it finds missing is an explanation, not a proof: a package's `__init__.py` may load libraries
//! beforehand, and every module that is loaded brings its libraries into the process.

mod dll;
mod dylib;

use crate::classify::missing_python_symbols;
use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{CLibrary, Format, Machine, OpenMp};
use crate::name::Tag;
use crate::pe::Exports;
use crate::problem::{Problem, list_text};
use crate::python_build::PythonBuild;
use crate::search::{SearchOptions, System, Variables};
use crate::symbols::SymbolSet;
use crate::target::Target;
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More libraries than any tree has; a damaged one must end too.
const MOST_LIBRARIES: usize = 4096;

/// glibc keeps this many bytes of static thread-local storage for libraries that are opened later
/// (TLS_STATIC_SURPLUS, elf/dl-tls.c); other libraries may have used some of it.
const STATIC_TLS_SURPLUS: u64 = 1664;

/// Finds libraries. One for a session: what it has read it keeps. Can be used by several threads.
pub struct Dependencies {
    options: SearchOptions,
    loaded: Mutex<HashMap<String, PathBuf>>,
    systems: Mutex<HashMap<(Machine, CLibrary), Arc<System>>>,
    libraries: Mutex<HashMap<PathBuf, Arc<Candidate>>>,
    /// Names that were found, or not, after all module-specific places.
    defaults: Mutex<HashMap<(String, Machine, CLibrary), Arc<Search>>>,
    symbols: Mutex<HashMap<PathBuf, Arc<SymbolSet>>>,
    /// What DLLs export.
    exports: Mutex<HashMap<PathBuf, Arc<Exports>>>,
}

/// A path at which a library was looked for.
enum Candidate {
    Absent,
    Damaged(Problem),
    Library(Box<Library>),
}

struct Library {
    image: Image,
    definitions: HashSet<String>,
}

/// The outcome of a search for one name.
#[derive(Clone)]
struct Search {
    state: LibraryState,
    path: Option<PathBuf>,
    library: Option<Arc<Candidate>>,
    /// Folders or paths in which it was looked for, if they are worth telling.
    looked: Vec<PathBuf>,
}

impl Search {
    fn without_file(state: LibraryState) -> Search {
        Search {
            state,
            path: None,
            library: None,
            looked: Vec::new(),
        }
    }

    fn at(path: PathBuf, state: LibraryState) -> Search {
        Search {
            path: Some(path),
            ..Search::without_file(state)
        }
    }
}

/// What became of the search for a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LibraryState {
    /// The process has it already, or the C library is it.
    Loaded,
    /// A file for this machine was found.
    Found,
    /// Nowhere.
    Missing,
    /// It belongs to Windows or macOS and need not be a file: an API set, a part of dyld's shared cache, or,
    /// seen from another system, a DLL that every Windows has.
    OfSystem,
    /// It can only be looked for on the module's own system.
    NotLookedFor,
    /// Only files for other machines were found; this is the machine of the first.
    OtherMachine(Machine),
    /// The file that the linker would take is damaged.
    Damaged(Problem),
}

/// A library of the tree.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The name by which it is needed (DT_NEEDED).
    pub name: String,
    /// Where it is; `None` if it was not found.
    pub path: Option<PathBuf>,
    /// The names of the libraries that lead to it, from the one that needs it directly up to one that
    /// the module needs; empty if the module itself needs it.
    pub needed_by: Vec<String>,
    /// What the search found.
    pub state: LibraryState,
    /// Whether the module loads without it: a weak library, or one that is loaded at its first use.
    pub optional: bool,
}

/// Functions that a found library does not export. PE files only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingFunctions {
    /// The library's name.
    pub library: String,
    /// Where it was found.
    pub path: PathBuf,
    /// The functions; those that are needed by number as `#12`.
    pub functions: Vec<String>,
    /// The library that needs them; `None`: the module itself.
    pub needed_by: Option<String>,
}

/// Versions that a found library does not define.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingVersions {
    /// The library's name.
    pub library: String,
    /// Where it was found.
    pub path: PathBuf,
    /// The missing versions, as `GLIBC_2.38`.
    pub versions: Vec<String>,
    /// The newest version of that kind that it does define, if any.
    pub newest: Option<String>,
    /// The library that needs them; `None`: the module itself.
    pub needed_by: Option<String>,
}

/// All that was found about one module's libraries.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Each library once, in the order in which the linker would load them.
    pub libraries: Vec<Resolved>,
    /// Versions that are too new for the libraries found.
    pub missing_versions: Vec<MissingVersions>,
    /// OpenMP run-time libraries of the tree and of the process.
    pub openmp: Vec<(OpenMp, PathBuf)>,
    /// Bytes of static thread-local storage that the module and its libraries will take; those that are
    /// loaded already do not count.
    pub static_tls: u64,
    /// Names beginning with `Py` or `_Py` that neither libpython nor a library of the tree defines. Only
    /// with [`Target::exports`], and if no library is missing.
    pub missing_python_symbols: Vec<String>,
    /// Functions that the libraries found do not have.
    pub missing_functions: Vec<MissingFunctions>,
    problems: Vec<Problem>,
}

impl Report {
    /// All problems, the likeliest cause of a failed load first. Empty: nothing was found.
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.clone()
    }

    /// Libraries that were not found; those that the module can do without do not count.
    pub fn missing(&self) -> impl Iterator<Item = &Resolved> {
        self.libraries
            .iter()
            .filter(|library| library.state == LibraryState::Missing && !library.optional)
    }
}

/// What a walk has found.
struct Tree {
    nodes: Vec<Node>,
    libraries: Vec<Resolved>,
    /// Of each name its library, by index.
    seen: HashMap<String, usize>,
    /// Where libraries were looked for, by their index.
    looked: HashMap<usize, Vec<PathBuf>>,
}

impl Tree {
    fn missing(&self) -> impl Iterator<Item = &Resolved> {
        self.libraries
            .iter()
            .filter(|library| library.state == LibraryState::Missing)
    }
}

/// A file of the tree whose needs are to be looked at.
struct Node {
    name: String,
    path: PathBuf,
    parent: Option<usize>,
    /// Expanded DT_RPATH; empty if there is a DT_RUNPATH, which makes the linker ignore it. Expanded LC_RPATH.
    rpath: Vec<PathBuf>,
    runpath: Vec<PathBuf>,
    has_runpath: bool,
    candidate: Option<Arc<Candidate>>,
    optional: bool,
}

impl Dependencies {
    /// A resolver that has read nothing yet.
    pub fn new(options: SearchOptions) -> Dependencies {
        Dependencies {
            loaded: Mutex::new(options.loaded.clone()),
            options,
            systems: Mutex::default(),
            libraries: Mutex::default(),
            defaults: Mutex::default(),
            symbols: Mutex::default(),
            exports: Mutex::default(),
        }
    }

    /// Notes that the process has loaded a library, which satisfies everyone who needs that soname.
    pub fn add_loaded(&self, soname: String, path: PathBuf) {
        lock(&self.loaded).insert(soname, path);
    }

    /// Walks the tree of a module. What is needed of its Python is only compared if the module is for the
    /// target's system.
    pub fn check(&self, path: &Path, image: &Image, target: &Target) -> Report {
        let tree = match image.format {
            Format::Elf => self.walk(path, image, target),
            Format::Pe => self.walk_dlls(path, image),
            Format::MachO => self.walk_dylibs(path, image),
        };
        let mut report = Report {
            libraries: tree.libraries.clone(),
            ..Report::default()
        };
        self.check_versions(&tree.nodes, image, &tree.seen, &mut report);
        self.check_functions(&tree, image, &mut report);
        self.collect(&tree.nodes, image, &mut report);
        if image.platform == target.platform && report.missing().next().is_none() {
            self.check_python_symbols(&tree.nodes, image, target, &mut report);
        }
        report.problems = problems(&report, &tree, image, target);
        if image.format == Format::Elf {
            report
                .problems
                .extend(self.versions_of_nobody(&tree, image, target));
        }
        report.problems.extend(self.system_problem(image));
        report.problems.extend(self.signature_problem(image));
        report
    }

    /// What would end the process if the module were opened: a library of the tree that is damaged and that
    /// the linker would take, or versions of a library that nobody has. Of all that [`Self::check`] finds
    /// these alone are a proof.
    pub fn deadly(&self, path: &Path, image: &Image, target: &Target) -> Option<Problem> {
        if image.format != Format::Elf {
            return None;
        }
        let tree = self.walk(path, image, target);
        let damaged = tree
            .libraries
            .iter()
            .filter(|library| matches!(library.state, LibraryState::Damaged(_)))
            .find_map(|library| library_problem(library, String::new));
        damaged.or_else(|| self.versions_of_nobody(&tree, image, target))
    }

    /// glibc asserts that who gives the versions is there (elf/dl-version.c).
    fn versions_of_nobody(&self, tree: &Tree, image: &Image, target: &Target) -> Option<Problem> {
        let system = self.system(image.machine, target.c_library);
        if tree.missing().next().is_some() || target.c_library != CLibrary::Glibc {
            // Then it is not even looked at.
            return None;
        }
        let library = (0..tree.nodes.len())
            .flat_map(|index| &self.image_of(&tree.nodes, index, image).version_needs)
            .map(|need| &need.library)
            .find(|name| {
                !tree.seen.contains_key(*name)
                    && !system.is_built_in(name)
                    && !lock(&self.loaded).contains_key(*name)
            })?;
        Some(Problem::new(
            Detail::BAD_VERSIONS,
            format!("damaged: it has versions of {library}, which it does not need"),
        ))
    }

    fn walk(&self, path: &Path, image: &Image, target: &Target) -> Tree {
        let system = self.system(image.machine, target.c_library);
        let root = self.node(String::new(), path.to_owned(), None, image, None);
        self.walk_from(root, image, str::to_owned, |nodes, index, name| {
            let (machine, c_library) = (image.machine, target.c_library);
            self.find(&system, nodes, index, name, machine, c_library)
        })
    }

    /// Walks a tree by the rules of a system. `key`: what makes two names the same library.
    fn walk_from(
        &self,
        root: Node,
        image: &Image,
        key: impl Fn(&str) -> String,
        find: impl Fn(&[Node], usize, &str) -> Search,
    ) -> Tree {
        let mut tree = Tree {
            nodes: vec![root],
            libraries: Vec::new(),
            seen: HashMap::new(),
            looked: HashMap::new(),
        };
        // First what must be there, so that what only an optional library needs is known as optional.
        for optional in [false, true] {
            let mut next = 0;
            while next < tree.nodes.len() && tree.nodes.len() < MOST_LIBRARIES {
                let current = self.image_of(&tree.nodes, next, image);
                let names = match (optional, tree.nodes[next].optional) {
                    (false, _) => &current.needed,
                    (true, false) => &current.optional,
                    (true, true) => &[current.needed.as_slice(), &current.optional].concat(),
                };
                for name in names.clone() {
                    if tree.seen.contains_key(&key(&name)) {
                        continue;
                    }
                    let search = find(&tree.nodes, next, &name);
                    self.add(&mut tree, next, name, search, &key, optional);
                }
                next += 1;
            }
        }
        tree
    }

    fn add(
        &self,
        tree: &mut Tree,
        parent: usize,
        name: String,
        search: Search,
        key: impl Fn(&str) -> String,
        optional: bool,
    ) {
        let index = tree.libraries.len();
        tree.seen.insert(key(&name), index);
        tree.libraries.push(Resolved {
            name: name.clone(),
            path: search.path.clone(),
            needed_by: chain(&tree.nodes, parent),
            state: search.state.clone(),
            optional,
        });
        if !search.looked.is_empty() {
            tree.looked.insert(index, search.looked);
        }
        if let (LibraryState::Found, Some(path), Some(candidate)) =
            (&search.state, search.path, search.library)
            && let Candidate::Library(library) = candidate.as_ref()
        {
            // The linker knows a loaded library by its soname too; Windows only by the name of the file.
            if let Some(soname) = &library.image.soname
                && library.image.format != Format::Pe
            {
                tree.seen.entry(key(soname)).or_insert(index);
            }
            let node = self.node(
                name,
                path,
                Some(parent),
                &library.image,
                Some(candidate.clone()),
            );
            tree.nodes.push(Node { optional, ..node });
        }
    }

    fn image_of<'n>(&self, nodes: &'n [Node], index: usize, root: &'n Image) -> &'n Image {
        match nodes[index].candidate.as_deref() {
            Some(Candidate::Library(library)) => &library.image,
            _ => root,
        }
    }

    fn node(
        &self,
        name: String,
        path: PathBuf,
        parent: Option<usize>,
        image: &Image,
        candidate: Option<Arc<Candidate>>,
    ) -> Node {
        let variables = Variables::of(&path, image.machine);
        let expand = |list: &Option<std::ffi::OsString>| {
            list.as_deref()
                .map(|list| variables.expand_list(list))
                .unwrap_or_default()
        };
        Node {
            rpath: if image.runpath.is_some() {
                Vec::new()
            } else {
                expand(&image.rpath)
            },
            runpath: expand(&image.runpath),
            has_runpath: image.runpath.is_some(),
            name,
            path,
            parent,
            candidate,
            optional: false,
        }
    }

    fn system(&self, machine: Machine, c_library: CLibrary) -> Arc<System> {
        kept(&self.systems, &(machine, c_library), || {
            System::new(&self.options, machine, c_library)
        })
    }

    /// Searches one name for the library at `index`.
    fn find(
        &self,
        system: &System,
        nodes: &[Node],
        index: usize,
        name: &str,
        machine: Machine,
        c_library: CLibrary,
    ) -> Search {
        if system.is_built_in(name) {
            return Search::without_file(LibraryState::Loaded);
        }
        let loaded = lock(&self.loaded).get(name).cloned();
        if let Some(path) = loaded {
            return self.has(path);
        }
        if name.contains('/') {
            return self.first(std::iter::once(PathBuf::from(name)), Format::Elf, machine);
        }
        let node = &nodes[index];
        let mut rpath = Vec::new();
        if !node.has_runpath || c_library == CLibrary::Musl {
            let mut ancestor = Some(index);
            while let Some(current) = ancestor {
                rpath.extend(nodes[current].rpath.iter().cloned());
                // musl lets libraries inherit both kinds.
                if c_library == CLibrary::Musl && current != index {
                    rpath.extend(nodes[current].runpath.iter().cloned());
                }
                ancestor = nodes[current].parent;
            }
            rpath.extend(self.options.ancestor_rpath.iter().cloned());
        }
        let order = system.order(&rpath, &self.options.library_path, &node.runpath);
        let special = self.first(
            order.into_iter().map(|directory| directory.join(name)),
            Format::Elf,
            machine,
        );
        if matches!(
            special.state,
            LibraryState::Found | LibraryState::Damaged(_)
        ) {
            return special;
        }
        let default = self.find_default(system, name, machine, c_library);
        match (&special.state, &default.state) {
            (LibraryState::OtherMachine(_), LibraryState::Missing) => special,
            _ => default.as_ref().clone(),
        }
    }

    /// What the process has already.
    fn has(&self, path: PathBuf) -> Search {
        Search {
            library: Some(self.candidate(&path)),
            ..Search::at(path, LibraryState::Loaded)
        }
    }

    /// The search in the places that are the same for everybody, once for each name.
    fn find_default(
        &self,
        system: &System,
        name: &str,
        machine: Machine,
        c_library: CLibrary,
    ) -> Arc<Search> {
        let key = (name.to_owned(), machine, c_library);
        kept(&self.defaults, &key, || {
            self.first(system.candidates(name).into_iter(), Format::Elf, machine)
        })
    }

    /// The first of the paths that the linker would take: it passes over files of other machines, and
    /// stops at a damaged one.
    fn first(
        &self,
        paths: impl Iterator<Item = PathBuf>,
        format: Format,
        machine: Machine,
    ) -> Search {
        let mut other = None;
        for path in paths {
            let candidate = self.candidate(&path);
            match candidate.as_ref() {
                Candidate::Absent => {}
                Candidate::Damaged(problem) => {
                    return Search::at(path, LibraryState::Damaged(problem.clone()));
                }
                Candidate::Library(library) if library.image.format != format => {}
                Candidate::Library(library) if runs_on(&library.image, machine) => {
                    return Search {
                        library: Some(candidate),
                        ..Search::at(path, LibraryState::Found)
                    };
                }
                Candidate::Library(library) => {
                    other.get_or_insert((path, library.image.machine));
                }
            }
        }
        match other {
            Some((path, machine)) => Search::at(path, LibraryState::OtherMachine(machine)),
            None => Search::without_file(LibraryState::Missing),
        }
    }

    /// Reads what is at a path, once.
    fn candidate(&self, path: &Path) -> Arc<Candidate> {
        kept(&self.libraries, path, || match Image::read(path) {
            Ok(image) => Candidate::Library(Box::new(Library {
                definitions: image.version_definitions.iter().cloned().collect(),
                image,
            })),
            // What is not there or cannot be opened is passed over.
            Err(problem) if problem.detail.group() == 1 && problem.detail != Detail::EMPTY => {
                Candidate::Absent
            }
            Err(problem) => Candidate::Damaged(problem),
        })
    }

    /// Compares the versions that each file of the tree needs with those that the found library defines.
    /// A library without any version satisfies all, as in the linker, which only warns.
    fn check_versions(
        &self,
        nodes: &[Node],
        root: &Image,
        seen: &HashMap<String, usize>,
        report: &mut Report,
    ) {
        let mut found = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            for need in &self.image_of(nodes, index, root).version_needs {
                let Some(resolved) = seen
                    .get(&need.library)
                    .and_then(|index| report.libraries.get(*index))
                else {
                    continue;
                };
                let Some(path) = &resolved.path else { continue };
                let candidate = self.candidate(path);
                let Candidate::Library(library) = candidate.as_ref() else {
                    continue;
                };
                if library.definitions.is_empty() {
                    continue;
                }
                let missing: Vec<String> = need
                    .versions
                    .iter()
                    .filter(|version| !library.definitions.contains(*version))
                    .cloned()
                    .collect();
                let Some(first) = missing.first() else {
                    continue;
                };
                let kind = first.split('_').next().unwrap_or_default();
                found.push(MissingVersions {
                    library: need.library.clone(),
                    path: path.clone(),
                    newest: newest(&library.definitions, kind),
                    versions: missing,
                    needed_by: (index > 0).then(|| node.name.clone()),
                });
            }
        }
        report.missing_versions = found;
    }

    /// OpenMP libraries and thread-local storage of the tree.
    fn collect(&self, nodes: &[Node], root: &Image, report: &mut Report) {
        // What this process has does not meet a file for another system.
        let here = root.platform == self.options.platform;
        let loaded: Vec<(String, PathBuf)> = lock(&self.loaded)
            .iter()
            .filter(|_| here)
            .map(|(name, path)| (name.clone(), path.clone()))
            .collect();
        let in_tree = nodes
            .iter()
            .skip(1)
            .map(|node| (node.name.clone(), node.path.clone()));
        for (name, path) in loaded.into_iter().chain(in_tree) {
            if let Some(runtime) = OpenMp::from_library(&name) {
                let path = path.canonicalize().unwrap_or(path);
                if !report.openmp.iter().any(|(_, other)| *other == path) {
                    report.openmp.push((runtime, path));
                }
            }
        }
        report.openmp.sort_by(|one, other| one.1.cmp(&other.1));
        report.static_tls = (0..nodes.len())
            .map(|index| self.image_of(nodes, index, root))
            // libc itself has its place since the start.
            .filter(|image| image.static_tls && image.soname.as_deref() != Some("libc.so.6"))
            .map(|image| image.tls_size)
            .fold(0, u64::saturating_add);
    }

    /// Python functions that nobody defines. Libraries of the tree may define some of their own.
    fn check_python_symbols(
        &self,
        nodes: &[Node],
        root: &Image,
        target: &Target,
        report: &mut Report,
    ) {
        let Some(exports) = &target.exports else {
            return;
        };
        let mut missing: Vec<&String> = root
            .undefined_python
            .iter()
            .filter(|name| !exports.contains(name.as_bytes()))
            .collect();
        for (index, node) in nodes.iter().enumerate().skip(1) {
            if missing.is_empty() {
                return;
            }
            // A library that defines such names also uses Python, or is a libpython.
            let image = self.image_of(nodes, index, root);
            if image.uses_python || image.defines_python {
                let symbols = self.python_symbols(&node.path);
                missing.retain(|name| !symbols.contains(name.as_bytes()));
            }
        }
        report.missing_python_symbols = missing.into_iter().cloned().collect();
    }

    fn python_symbols(&self, path: &Path) -> Arc<SymbolSet> {
        let read = || SymbolSet::of_libpython(path).unwrap_or_default();
        kept(&self.symbols, path, read)
    }
}

/// A panic while the lock was held cannot leave a map half changed in a way that matters.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was made for a key, once. Made without the lock: two threads may make the same, and none waits for the disk.
fn kept<K, Q, V>(map: &Mutex<HashMap<K, Arc<V>>>, key: &Q, make: impl FnOnce() -> V) -> Arc<V>
where
    K: Borrow<Q> + Hash + Eq,
    Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
{
    if let Some(known) = lock(map).get(key) {
        return known.clone();
    }
    let made = Arc::new(make());
    lock(map).entry(key.to_owned()).or_insert(made).clone()
}

/// The names from a node up to a direct need of the module.
fn chain(nodes: &[Node], index: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut current = index;
    while let Some(parent) = nodes[current].parent {
        names.push(nodes[current].name.clone());
        current = parent;
    }
    names
}

/// The highest version of a kind: of GLIBC_2.9 and GLIBC_2.36 the second.
fn newest(definitions: &HashSet<String>, kind: &str) -> Option<String> {
    let numbers = |version: &str| -> Option<Vec<u32>> {
        let rest = version.strip_prefix(kind)?.strip_prefix('_')?;
        rest.split('.').map(|part| part.parse().ok()).collect()
    };
    definitions
        .iter()
        .filter_map(|version| Some((numbers(version)?, version)))
        .max()
        .map(|(_, version)| version.clone())
}

fn runs_on(image: &Image, machine: Machine) -> bool {
    image.machines.contains(&machine)
        // Windows on ARM mixes them.
        || [image.machine, machine].iter().all(|it| [Machine::X86_64, Machine::Arm64ec].contains(it))
}

fn problems(report: &Report, tree: &Tree, root: &Image, target: &Target) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, library) in report.libraries.iter().enumerate() {
        if !library.optional {
            problems.extend(library_problem(library, || match tree.looked.get(&index) {
                Some(looked) => looked_in(looked),
                None => places(&tree.nodes, library),
            }));
        }
    }
    for missing in &report.missing_versions {
        problems.push(version_problem(missing));
    }
    for missing in &report.missing_functions {
        problems.push(dll::function_problem(missing, root, target));
    }
    if !report.missing_python_symbols.is_empty() {
        let names: Vec<&str> = report
            .missing_python_symbols
            .iter()
            .map(String::as_str)
            .collect();
        problems.push(missing_python_symbols(&names, root, &Tag::Plain, target));
    }
    if let Some(problem) = second_libpython(&tree.nodes, root, target) {
        problems.push(problem);
    }
    if let Some(problem) = openmp_problem(&report.openmp) {
        problems.push(problem);
    }
    if report.static_tls > STATIC_TLS_SURPLUS {
        problems.push(Problem::new(
            Detail::STATIC_TLS,
            format!(
                "needs {} bytes of static thread-local storage; glibc keeps {STATIC_TLS_SURPLUS} for all libraries",
                report.static_tls
            ),
        ));
    }
    problems
}

/// What is wrong with a library, and who needs it. `places` says where it was looked for.
fn library_problem(library: &Resolved, places: impl FnOnce() -> String) -> Option<Problem> {
    let name = &library.name;
    let because = match library.needed_by.as_slice() {
        [] => String::new(),
        chain => format!(", needed by {}", chain.join(", needed by ")),
    };
    let path = library.path.as_deref().unwrap_or(Path::new("")).display();
    Some(match &library.state {
        LibraryState::Loaded
        | LibraryState::Found
        | LibraryState::OfSystem
        | LibraryState::NotLookedFor => return None,
        LibraryState::Missing => Problem::new(
            Detail::MISSING_LIBRARY,
            format!("{name} is missing{because}{}", places()),
        ),
        LibraryState::OtherMachine(machine) => Problem::new(
            Detail::LIBRARY_OF_OTHER_MACHINE,
            format!("{path} is for {machine}, and no other {name} is found{because}"),
        ),
        LibraryState::Damaged(problem) => Problem::new(
            Detail::DAMAGED_LIBRARY,
            format!("{path}: {problem}{because}"),
        ),
    })
}

/// The directories beside the system's in which a library was looked for.
fn places(nodes: &[Node], library: &Resolved) -> String {
    let by = library.needed_by.first().map_or("", String::as_str);
    let Some(node) = nodes.iter().find(|node| node.name == by) else {
        return String::new();
    };
    let mut names: Vec<String> = Vec::new();
    for directory in node.rpath.iter().chain(&node.runpath) {
        let name = directory.display().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => String::new(),
        names => format!(
            " (looked in {} and the system's directories)",
            list_text(names, 3)
        ),
    }
}

fn version_problem(missing: &MissingVersions) -> Problem {
    let first = missing.versions.first().map_or("", String::as_str);
    let detail = if first.starts_with("GLIBC_") {
        Detail::GLIBC_TOO_OLD
    } else if ["GLIBCXX_", "CXXABI_", "GCC_"]
        .iter()
        .any(|kind| first.starts_with(kind))
    {
        Detail::GLIBCXX_TOO_OLD
    } else {
        Detail::LIBRARY_TOO_OLD
    };
    let newest = match &missing.newest {
        Some(newest) => format!("goes up to {newest}"),
        None => "lacks it".to_owned(),
    };
    let who = match &missing.needed_by {
        Some(library) => format!("{library} needs"),
        None => "needs".to_owned(),
    };
    Problem::new(
        detail,
        format!(
            "{who} {} of {}, and {} {newest}",
            list_text(&missing.versions, 3),
            missing.library,
            missing.path.display()
        ),
    )
}

fn second_libpython(nodes: &[Node], root: &Image, target: &Target) -> Option<Problem> {
    if root.platform != target.platform {
        return None;
    }
    let node = nodes
        .iter()
        .skip(1)
        .find(|node| match node.candidate.as_deref() {
            Some(Candidate::Library(library)) => {
                library.image.defines_python
                    && PythonBuild::version_of_library(&node.name)
                        .is_some_and(|version| version != target.version)
            }
            _ => false,
        })?;
    Some(Problem::new(
        Detail::SECOND_LIBPYTHON,
        format!(
            "would bring {} into a process of {}",
            node.path.display(),
            target.describe(false)
        ),
    ))
}

/// Where a library was looked for, for a message.
fn looked_in(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    format!(" (looked in {})", list_text(&names, 4))
}

fn openmp_problem(runtimes: &[(OpenMp, PathBuf)]) -> Option<Problem> {
    // Several copies of libgomp get on with each other.
    let (llvm, gnu): (Vec<_>, Vec<_>) = runtimes
        .iter()
        .partition(|(runtime, _)| *runtime != OpenMp::Gnu);
    let (one, other) = match (llvm.as_slice(), gnu.as_slice()) {
        ([one, other, ..], _) | ([one], [other, ..]) => (one, other),
        _ => return None,
    };
    let effect = if other.0 == OpenMp::Gnu {
        "may hang"
    } else {
        "will abort"
    };
    Some(Problem::new(
        Detail::TWO_OPENMP_RUNTIMES,
        format!(
            "{} and {} in one process: it {effect}",
            one.1.display(),
            other.1.display()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_version() {
        let set = [
            "GLIBC_2.9",
            "GLIBC_2.36",
            "GLIBC_PRIVATE",
            "GLIBCXX_3.4.30",
            "GLIBC_2.2.5",
        ];
        let set = set.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(newest(&set, "GLIBC").as_deref(), Some("GLIBC_2.36"));
        assert_eq!(newest(&set, "GLIBCXX").as_deref(), Some("GLIBCXX_3.4.30"));
        assert_eq!(newest(&set, "CXXABI"), None);
    }

    #[test]
    fn openmp_pairs() {
        let of = |names: &[(OpenMp, &str)]| {
            let list: Vec<_> = names
                .iter()
                .map(|(kind, path)| (*kind, PathBuf::from(path)))
                .collect();
            openmp_problem(&list).map(|problem| problem.message)
        };
        assert_eq!(
            of(&[
                (OpenMp::Gnu, "/a/libgomp.so"),
                (OpenMp::Gnu, "/b/libgomp.so")
            ]),
            None
        );
        let text = of(&[
            (OpenMp::Intel, "/a/libiomp5.so"),
            (OpenMp::Llvm, "/b/libomp.so"),
        ])
        .unwrap();
        assert!(text.contains("will abort"), "{text}");
        let text = of(&[
            (OpenMp::Gnu, "/a/libgomp.so"),
            (OpenMp::Llvm, "/b/libomp.so"),
        ])
        .unwrap();
        assert!(text.contains("may hang"), "{text}");
    }
}
