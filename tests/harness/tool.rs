//! The command-line tool `nexus`, as a user or a script runs it: on every CPython, without one, in pipes and on
//! a terminal.

use libtest_mimic::{Arguments, Failed, Trial};
use nexus_tests::pythons::{self, Python};
use nexus_tests::terminal::{self, Seen, Streams};
use nexus_tests::tool::{self, Folder, Ran, command, ran, run};
use nexus_tests::{fixtures, paths, process, root_without_python};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Arc;

const NO_PYTHON: &str = "/no/such/python";

type Test = fn(&Python) -> Result<(), String>;

/// Functions, each with its name.
macro_rules! named {
    ($($test:ident),* $(,)?) => { &[$((stringify!($test), $test)),*] };
}

/// On every Python.
const EACH: &[(&str, Test)] = named![
    list,
    list_failure,
    list_traceback,
    list_json,
    list_lazy,
    list_only_and_except,
    list_recursive,
    list_trial,
    crash,
    list_verify,
    list_effects,
    prints_go_to_stderr,
    call,
    call_raises,
    call_json,
    call_raw,
    python,
    doctor,
    inspect,
];

/// On one of them: the same code for all.
const ONCE: &[(&str, Test)] = named![
    without_python,
    in_a_root_without_python,
    inspect_missing_libraries,
    inspect_damaged,
    inspect_for_another_version,
    inspect_directories,
    usage,
    names_that_are_not_utf8,
    names_that_act_on_terminals,
    broken_pipe,
    full_disk,
    closed_stdout,
    colours,
    progress_bar,
    completions,
    manual,
    library_is_missing,
    documentation,
];

fn main() -> ExitCode {
    process::default_signals();
    let arguments = Arguments::from_args();
    let mut cases = Vec::new();
    let prepared = tool::is_built()
        .and_then(|()| pythons::all())
        .and_then(|pythons| tool::compile(&pythons).map(|()| pythons));
    match prepared {
        Ok(pythons) => {
            let pythons: Vec<Arc<Python>> = pythons.into_iter().map(Arc::new).collect();
            let mut add = |name: &str, python: &Arc<Python>, test: Test| {
                let (name, python) = (format!("{}/tool/{name}", python.tag), Arc::clone(python));
                cases.push(Trial::test(name, move || {
                    test(&python).map_err(Failed::from)
                }));
            };
            for python in &pythons {
                for &(name, test) in EACH {
                    add(name, python, test);
                }
            }
            if let Some(newest) = pythons.last() {
                for &(name, test) in ONCE {
                    add(name, newest, test);
                }
            }
        }
        Err(error) => cases.push(Trial::test("tool/prepared", move || Err(error.into()))),
    }
    libtest_mimic::run(&arguments, cases).exit_code()
}

/// Wants something to hold.
fn wants(holds: bool, what: &str, seen: &dyn std::fmt::Debug) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{what}: {seen:#?}"))
    }
}

fn equal(seen: &Value, expected: Value) -> Result<(), String> {
    wants(*seen == expected, &format!("not {expected}"), seen)
}

fn nexus(python: &Python, arguments: &[&dyn AsRef<OsStr>]) -> Result<Ran, String> {
    run(&python.executable, arguments.iter().map(|one| one.as_ref()))
}

/// The same with `NEXUS_PYTHON` at one that is not there.
fn nexus_without_python(arguments: &[&dyn AsRef<OsStr>]) -> Result<Ran, String> {
    run(NO_PYTHON, arguments.iter().map(|one| one.as_ref()))
}

/// What it answers with `--json`, and that exit code.
fn in_json(python: &Python, arguments: &[&dyn AsRef<OsStr>], code: i32) -> Result<Value, String> {
    let all = [&[&"--json" as &dyn AsRef<OsStr>], arguments].concat();
    nexus(python, &all)?.exits(code)?.json()
}

fn documented(python: &Python) -> std::path::PathBuf {
    fixtures::folder(python).join("documented")
}

/// The entry of a module in the JSON of `list`.
fn module<'a>(listing: &'a Value, name: &str) -> Result<&'a Value, String> {
    let modules = listing["modules"].as_array();
    modules
        .and_then(|modules| modules.iter().find(|module| module["name"] == name))
        .ok_or_else(|| format!("no module {name}: {listing:#}"))
}

/// A field of that entry is that text.
fn has(listing: &Value, name: &str, field: &str, text: &str) -> Result<(), String> {
    equal(&module(listing, name)?[field], json!(text))
}

/// The words of a line of a table that begins with that name.
fn words<'a>(text: &'a str, name: &str) -> Result<Vec<&'a str>, String> {
    let line = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut found = line.filter(|words| words.first() == Some(&name));
    found
        .next()
        .ok_or_else(|| format!("no line for {name}:\n{text}"))
}

fn list(python: &Python) -> Result<(), String> {
    let ran = nexus(python, &[&"list", &documented(python)])?.exits(0)?;
    wants(ran.stderr.is_empty(), "stderr", &ran.stderr)?;
    wants(!ran.stdout.contains('\x1b'), "colours in a pipe", &ran)?;
    let heading = ran.stdout.lines().next().unwrap_or_default();
    let titles: Vec<&str> = heading.split_whitespace().collect();
    wants(
        titles == ["NAME", "STATE", "TIME", "DETAIL", "PATH"],
        "heading",
        &ran,
    )?;
    for name in ["crypto", "database", "network"] {
        let words = words(&ran.stdout, name)?;
        let path = documented(python).join(format!("{name}.so"));
        wants(words[1] == "loaded", "state", &words)?;
        wants(words.last().copied() == path.to_str(), "path", &words)?;
    }
    ran.says(&["\n3 loaded\n"]).map(drop)
}

fn list_failure(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("one_bad");
    let ran = nexus(python, &[&"list", &folder])?.exits(1)?;
    let words = words(&ran.stdout, "broken")?;
    wants(
        words[1] == "failed" && words.contains(&"INIT_RAISED"),
        "row",
        &words,
    )?;
    ran.says(&["no licence", "cure: ", "1 loaded, 1 failed"])
        .map(drop)
}

fn list_traceback(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["odd/raises_chained.so"])?;
    let cause = "ZeroDivisionError: division by zero";
    let hidden = nexus(python, &[&"list", &folder.path()])?.exits(1)?;
    wants(!hidden.stdout.contains(cause), "traceback", &hidden)?;
    for arguments in [
        ["list", "--traceback"],
        ["list", "--json"],
        ["doctor", "--json"],
        ["doctor", "-r"],
    ] {
        let ran = nexus(python, &[&arguments[0], &arguments[1], &folder.path()])?.exits(1)?;
        ran.says(&[cause, "ImportError: chained"])?;
    }
    Ok(())
}

fn list_json(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("one_bad");
    let listing = in_json(python, &[&"list", &folder], 1)?;
    let (major, minor, micro) = python.version;
    let version = listing["python"]["version"].as_str().unwrap_or_default();
    let expected = format!("{major}.{minor}.{micro} ");
    wants(version.starts_with(&expected), "version", &listing)?;
    equal(&listing["python"]["library"], json!(python.library))?;
    let crypto = module(&listing, "crypto")?;
    equal(&crypto["state"], json!("loaded"))?;
    equal(&crypto["path"], json!(folder.join("crypto.so")))?;
    equal(&crypto["status"], json!(0))?;
    equal(&crypto["effects"], json!([]))?;
    wants(crypto["nanoseconds"].as_u64() > Some(0), "time", crypto)?;
    let broken = module(&listing, "broken")?;
    equal(&broken["state"], json!("failed"))?;
    equal(&broken["detail"], json!(602))?;
    equal(&broken["detail_name"], json!("INIT_RAISED"))?;
    let message = broken["message"].as_str().unwrap_or_default();
    wants(message.contains("no licence"), "message", broken)?;
    wants(broken["cure"] != "", "cure", broken)
}

fn list_lazy(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("one_bad");
    let arguments: &[&dyn AsRef<OsStr>] = &[
        &"list",
        &"--lazy",
        &folder,
        &"--except",
        &"crypto",
        &"--json",
    ];
    // The broken one is not tried, so nothing is wrong yet.
    let listing = nexus(python, arguments)?.exits(0)?.json()?;
    has(&listing, "broken", "state", "lazy")?;
    has(&listing, "crypto", "state", "skipped")
}

fn list_only_and_except(python: &Python) -> Result<(), String> {
    let folder = documented(python);
    let listing = in_json(python, &[&"list", &folder, &"--only", &"net*,crypto"], 0)?;
    has(&listing, "crypto", "state", "loaded")?;
    has(&listing, "network", "state", "loaded")?;
    let others = listing["modules"].as_array().into_iter().flatten();
    let loaded = others.filter(|module| module["state"] == "loaded").count();
    wants(loaded == 2, "loaded", &listing)?;

    let listing = in_json(python, &[&"list", &folder, &"--except", &"[cd]*"], 0)?;
    has(&listing, "network", "state", "loaded")?;
    has(&listing, "crypto", "detail_name", "FILTERED")?;
    has(&listing, "database", "state", "skipped")?;

    let ran = nexus(
        python,
        &[&"list", &folder, &"--only", &"crypto", &"--only", &"nobody"],
    )?;
    ran.exits(1)?
        .says(&["nobody", "1 loaded, 2 skipped, 1 missing"])
        .map(drop)
}

fn list_recursive(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    folder.put(python, "packages/shapes/_speed.so", "shapes/_speed.so")?;
    folder.write("shapes/__init__.py", b"ready = True\n")?;
    folder.put(python, "documented/crypto.so", "crypto.so")?;
    let listing = in_json(python, &[&"list", &"-r", &folder.path()], 0)?;
    has(&listing, "shapes._speed", "state", "loaded")?;
    has(&listing, "crypto", "state", "loaded")?;
    // The function of a module in a package, by its full and by its short name.
    for name in ["shapes._speed.answer", "_speed.answer"] {
        let ran = nexus(python, &[&"call", &folder.path(), &name])?.exits(0)?;
        wants(ran.stdout == "42\n", name, &ran)?;
    }
    let listing = in_json(python, &[&"list", &folder.path()], 0)?;
    wants(
        module(&listing, "shapes._speed").is_err(),
        "recursive",
        &listing,
    )
}

fn list_trial(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python);
    let listing = in_json(python, &[&"list", &"--trial", &folder.join("trial")], 1)?;
    has(&listing, "crashes", "detail_name", "TRIAL_SIGNAL")?;
    for name in ["a_good", "b_good", "d_good"] {
        has(&listing, name, "state", "loaded")?;
    }
    let hangs = folder.join("trial_hang");
    let listing = in_json(python, &[&"list", &"--timeout=0.5", &hangs], 1)?;
    has(&listing, "waits", "detail_name", "TRIAL_HANG")
}

/// Without a trial the tool goes down with the module, by the same signal; the last word is its name.
fn crash(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("trial");
    for arguments in [&["list"][..], &["call", "crashes.answer"]] {
        let mut command = command(&python.executable);
        command.arg(arguments[0]).arg(&folder).args(&arguments[1..]);
        let output = process::output(&mut command, process::LIMIT)?;
        wants(
            output.status.signal() == Some(libc::SIGSEGV),
            "signal",
            &output,
        )?;
        let said = String::from_utf8_lossy(&output.stderr);
        wants(
            said.contains("nexus: crashed in crashes"),
            "last word",
            &said,
        )?;
        wants(said.contains("--trial"), "cure", &said)?;
    }
    Ok(())
}

fn list_verify(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["documented/crypto.so", "documented/network.so"])?;
    let mut sums = Command::new("sha256sum");
    let sums = process::clean(&mut sums)
        .arg("crypto.so")
        .current_dir(folder.path());
    let sums = process::success(sums, process::LIMIT)?;
    folder.write("SHA256SUMS", sums.as_bytes())?;
    folder.write("others", sums.replace("crypto", "nobody").as_bytes())?;
    let listing = in_json(python, &[&"list", &"--verify", &folder.path()], 1)?;
    has(&listing, "crypto", "state", "loaded")?;
    has(&listing, "network", "detail_name", "NOT_ON_ALLOW_LIST")?;
    let list = format!("--verify={}", folder.path().join("others").display());
    let listing = in_json(python, &[&"list", &list, &folder.path()], 1)?;
    has(&listing, "crypto", "detail_name", "NOT_ON_ALLOW_LIST")
}

fn list_effects(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["effects/environment.so"])?;
    let listing = in_json(python, &[&"list", &folder.path()], 0)?;
    let effects = &module(&listing, "environment")?["effects"];
    wants(effects[0].is_string(), "effects", effects)?;
    let effect = effects[0].as_str().unwrap_or_default();
    let shown = nexus(python, &[&"list", &"--effects", &folder.path()])?.exits(0)?;
    shown.says(&[&format!("effect: {effect}")])?;
    let hidden = nexus(python, &[&"list", &folder.path()])?.exits(0)?;
    wants(!hidden.stdout.contains("effect"), "effects", &hidden)
}

fn prints_go_to_stderr(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["odd/prints.so"])?;
    let ran = nexus(python, &[&"list", &"--json", &folder.path()])?.exits(0)?;
    equal(&module(&ran.json()?, "prints")?["state"], json!("loaded"))?;
    wants(
        !ran.stderr.is_empty(),
        "what the module prints is lost",
        &ran,
    )
}

fn call(python: &Python) -> Result<(), String> {
    let folder = documented(python);
    let prints = |arguments: &[&str], expected: &str| {
        let mut all: Vec<&dyn AsRef<OsStr>> = vec![&"call", &folder];
        all.extend(arguments.iter().map(|one| one as &dyn AsRef<OsStr>));
        let ran = nexus(python, &all)?.exits(0)?;
        wants(ran.stdout == format!("{expected}\n"), expected, &ran)?;
        wants(ran.stderr.is_empty(), expected, &ran)
    };
    prints(&["crypto.encrypt", "Hello"], "\"2a24600860\"")?;
    prints(&["crypto.encrypt", "\"Hello\""], "\"2a24600860\"")?;
    prints(&["database.connect", "localhost", "5432", "mydb"], "null")?;
    // Down into attributes: of a module, of a text.
    prints(&["crypto.__name__.upper"], "\"CRYPTO\"")?;
    prints(&["crypto.__name__.split", "y"], "[\"cr\",\"pto\"]")?;
    prints(
        &[
            "crypto.__name__.split",
            "--kw",
            "sep=p",
            "--kw",
            "maxsplit=0",
        ],
        "[\"crypto\"]",
    )?;
    // What is no JSON is text, a number is a number, also a negative one, and an object a dict.
    prints(&["crypto.__name__.__eq__", "crypto"], "true")?;
    prints(&["crypto.__name__.zfill", "8"], "\"00crypto\"")?;
    prints(&["crypto.__name__.zfill", "-1"], "\"crypto\"")?;
    prints(&["crypto.__name__.translate", "{\"99\": 1}"], "\"crypto\"")?;
    prints(&["crypto.__name__.join", "[\"a\", \"b\"]"], "\"acryptob\"")?;
    prints(&["--text", "crypto.__name__.join", "12"], "\"1crypto2\"")?;
    // What cannot be told as JSON is told as Python shows it.
    prints(&["crypto.__name__.encode"], "b'crypto'")?;
    prints(&["network.__class__", "new"], "<module 'new'>")?;
    // Not UTF-8: as Python's own `sys.argv` has it.
    let odd = OsStr::from_bytes(b"\xff");
    let ran = nexus(
        python,
        &[&"call", &folder, &"crypto.__name__.__add__", &odd],
    )?
    .exits(0)?;
    wants(ran.stdout == "\"crypto\\udcff\"\n", "surrogate", &ran)
}

fn call_raises(python: &Python) -> Result<(), String> {
    let folder = documented(python);
    let ran = nexus(python, &[&"call", &folder, &"crypto.decrypt", &"zz"])?.exits(1)?;
    wants(ran.stdout.is_empty(), "stdout", &ran)?;
    ran.complains(&["nexus: ", "ValueError: no hexadecimal digit at 0"])?;
    let ran = nexus(python, &[&"call", &folder, &"crypto.encypt"])?.exits(1)?;
    ran.complains(&["AttributeError", "encypt"])?;
    let ran = nexus(python, &[&"call", &folder, &"cripto.encrypt"])?.exits(1)?;
    ran.complains(&[
        "Module 'cripto' not loaded",
        "'crypto', 'database', 'network'",
    ])?;
    let ran = nexus(python, &[&"call", &folder, &"crypto.__name__"])?.exits(1)?;
    ran.complains(&["'str' object is not callable"])?;
    // The module itself fails.
    let folder = fixtures::folder(python).join("one_bad");
    let ran = nexus(python, &[&"call", &folder, &"broken.answer"])?.exits(1)?;
    ran.complains(&["no licence"]).map(drop)
}

fn call_json(python: &Python) -> Result<(), String> {
    let folder = documented(python);
    let answer = |arguments: &[&str], code: i32| {
        let mut all: Vec<&dyn AsRef<OsStr>> = vec![&"--json", &"call", &folder];
        all.extend(arguments.iter().map(|one| one as &dyn AsRef<OsStr>));
        nexus(python, &all)?.exits(code)?.json()
    };
    equal(
        &answer(&["crypto.encrypt", "Hello"], 0)?,
        json!({"kind": "text", "type": "builtins.str", "result": "2a24600860", "repr": "'2a24600860'"}),
    )?;
    equal(
        &answer(&["crypto.__name__.encode"], 0)?,
        json!({"kind": "bytes", "type": "builtins.bytes", "result": null, "repr": "b'crypto'"}),
    )?;
    let error = &answer(&["crypto.decrypt", "zz"], 1)?["error"];
    equal(&error["status"], json!(13))?;
    equal(&error["exception"], json!("builtins.ValueError"))?;
    equal(&error["message"], json!("no hexadecimal digit at 0"))
}

fn call_raw(python: &Python) -> Result<(), String> {
    let folder = documented(python);
    for (function, expected) in [
        ("crypto.__name__.upper", "CRYPTO"),
        ("crypto.__name__.encode", "crypto"),
        ("crypto.__name__.isupper", "false\n"),
    ] {
        let ran = nexus(python, &[&"call", &"--raw", &folder, &function])?.exits(0)?;
        wants(ran.stdout == expected, function, &ran)?;
    }
    // Not even an escape sequence is taken away.
    let arguments: &[&dyn AsRef<OsStr>] = &[
        &"call",
        &"-r",
        &folder,
        &"crypto.__name__.__add__",
        &"\x1b[31m",
    ];
    let ran = nexus(python, arguments)?.exits(0)?;
    wants(ran.stdout == "crypto\x1b[31m", "raw", &ran)
}

fn python(python: &Python) -> Result<(), String> {
    let answer = in_json(python, &[&"python"], 0)?;
    let taken = answer["candidates"].as_array().into_iter().flatten();
    let taken: Vec<&Value> = taken.filter(|one| one["verdict"] == "taken").collect();
    wants(taken.len() == 1, "taken", &answer)?;
    equal(&taken[0]["source"], json!("NEXUS_PYTHON"))?;
    equal(&taken[0]["path"], json!(python.executable))?;
    let (major, minor, micro) = python.version;
    let reason = taken[0]["reason"].as_str().unwrap_or_default();
    wants(
        reason.contains(&format!("CPython {major}.{minor}")),
        "reason",
        &answer,
    )?;
    wants(answer.get("started").is_none(), "started", &answer)?;

    let answer = in_json(python, &[&"python", &"--start"], 0)?;
    let version = answer["started"]["version"].as_str().unwrap_or_default();
    wants(
        version.starts_with(&format!("{major}.{minor}.{micro} ")),
        "started",
        &answer,
    )?;
    equal(&answer["started"]["prefix"], json!(python.prefix))?;

    // The option is as good as the variable, and before it.
    let ran = nexus_without_python(&[&"--python", &python.executable, &"python"])?;
    ran.exits(0)?
        .says(&["taken", &python.executable.display().to_string()])?;
    let folder = documented(python);
    nexus_without_python(&[&"list", &folder, &"--python", &python.executable])?
        .exits(0)?
        .says(&["3 loaded"])
        .map(drop)
}

fn doctor(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["documented/crypto.so", "trial/crashes.so"])?;
    folder.put(python, "one_bad/broken.so", "broken.so")?;
    let answer = in_json(python, &[&"doctor", &folder.path()], 1)?;
    has(&answer["listing"], "crashes", "detail_name", "TRIAL_SIGNAL")?;
    has(&answer["listing"], "crypto", "state", "loaded")?;
    let looked_at: Vec<&Value> = answer["inspections"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let mut names: Vec<&str> = looked_at
        .iter()
        .filter_map(|one| one["module_name"].as_str())
        .collect();
    names.sort_unstable();
    wants(names == ["broken", "crashes"], "inspections", &answer)?;
    equal(
        &answer["environment"]["NEXUS_PYTHON"],
        json!(python.executable),
    )?;
    equal(
        &answer["library"],
        json!(paths::libraries().join("libnexus_loader.so.1")),
    )?;
    equal(&answer["library_version"], answer["tool_version"].clone())?;
    equal(
        &answer["platform"]["machine"],
        json!(std::env::consts::ARCH),
    )?;
    wants(
        answer["candidates"][0]["source"] == "this process",
        "candidates",
        &answer,
    )?;

    let text = nexus(python, &[&"doctor", &folder.path()])?.exits(1)?;
    text.says(&[
        "glibc",
        "NEXUS_PYTHON=",
        "taken",
        "no licence",
        "TRIAL_SIGNAL",
        "judged for",
        "1 loaded, 2 failed",
    ])?;
    nexus(python, &[&"doctor"])?
        .exits(0)?
        .says(&["every Python"])?;
    let healthy = Folder::with(python, &["documented/crypto.so"])?;
    nexus(python, &[&"doctor", &healthy.path()])?
        .exits(0)?
        .says(&["1 loaded"])
        .map(drop)
}

fn inspect(python: &Python) -> Result<(), String> {
    let crypto = documented(python).join("crypto.so");
    let ran = nexus(python, &[&"inspect", &crypto])?.exits(0)?;
    let (major, minor, _) = python.version;
    ran.says(&[
        "a Python module: PyInit_crypto",
        &format!("CPython {major}.{minor} "),
    ])?;
    let answer = in_json(python, &[&"inspect", &crypto], 0)?;
    equal(&answer[0]["verdict"], json!("module"))?;
    equal(&answer[0]["problems"], json!([]))?;
    // Made for another version of Python.
    let other = if minor == 12 {
        "cpython-313"
    } else {
        "cpython-312"
    };
    let folder = Folder::new()?;
    let name = format!("crypto.{other}-x86_64-linux-gnu.so");
    folder.put(python, "documented/crypto.so", &name)?;
    let ran = nexus(python, &[&"inspect", &folder.path().join(&name), &crypto])?.exits(1)?;
    ran.says(&["PYTHON_VERSION", "cure: ", "a Python module: PyInit_crypto"])
        .map(drop)
}

/// One that is named and is not there: nothing else is looked for.
fn without_python(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("tree");
    let run = nexus_without_python;
    let ran = run(&[&"list", &folder])?.exits(1)?;
    let ran = ran.complains(&[NO_PYTHON])?;
    let ran = ran.says(&[
        "nothing was loaded",
        "MISSING_LIBRARY",
        "libgone_for_test.so.2",
        "cure: ",
    ])?;
    wants(words(&ran.stdout, "module")?[1] == "doubtful", "row", &ran)?;
    let listing = run(&[&"list", &folder, &"--json", &"--only", &"mod*"])?;
    let listing = listing.exits(1)?.json()?;
    equal(&listing["python"], Value::Null)?;
    equal(&listing["inspections"][0]["module_name"], json!("module"))?;
    equal(&listing["inspections"][1], Value::Null)?;
    let folder = documented(python);
    run(&[&"call", &folder, &"crypto.encrypt", &"x"])?
        .exits(1)?
        .complains(&[NO_PYTHON])?;
    run(&[&"python"])?
        .exits(1)?
        .says(&["refused", "no usable Python was found"])?;
    run(&[&"inspect", &folder.join("crypto.so")])?
        .exits(0)?
        .says(&["PyInit_crypto"])?;
    let answer = run(&[&"doctor", &folder, &"--json"])?.exits(1)?.json()?;
    equal(&answer["python"], Value::Null)?;
    let tree = fixtures::folder(python).join("tree");
    let ran = run(&[&"doctor", &tree])?.exits(1)?;
    ran.says(&["a Python module that will hardly load", "cause: "])?;
    equal(
        &answer["listing"]["inspections"][0]["verdict"],
        json!("module"),
    )
}

/// A root directory in which no Python can be, since it has nothing but the tool.
fn in_a_root_without_python(python: &Python) -> Result<(), String> {
    let root = root_without_python::make(&paths::libraries().join("nexus"))?;
    let modules = root.path().join("modules");
    fs::create_dir(&modules).map_err(|error| error.to_string())?;
    for name in ["crypto.so", "network.so"] {
        fs::copy(documented(python).join(name), modules.join(name))
            .map_err(|error| error.to_string())?;
    }
    let inside = |arguments: &[&str]| ran(root.command("/bin/nexus").args(arguments));
    inside(&["python"])?
        .exits(1)?
        .says(&["system library", "no usable Python was found"])?;
    let ran = inside(&["list", "/modules"])?.exits(1)?;
    let ran = ran.complains(&[
        "no usable Python (3.11 or later, with a shared libpython) was found",
        "NEXUS_PYTHON",
    ])?;
    wants(words(&ran.stdout, "crypto")?[1] == "module", "row", &ran)?;
    ran.says(&["nothing was loaded: there is no usable Python"])?;
    inside(&["inspect", "/modules/crypto.so"])?
        .exits(0)?
        .says(&["PyInit_crypto"])?;
    inside(&["call", "/modules", "crypto.encrypt", "x"])?
        .exits(1)?
        .complains(&["no usable Python"])?;
    inside(&["doctor", "/modules"])?
        .exits(1)?
        .says(&["/modules/crypto.so", "no usable Python"])?;
    inside(&["--help"])?.exits(0)?.says(&["inspect"]).map(drop)
}

fn inspect_missing_libraries(python: &Python) -> Result<(), String> {
    let module = fixtures::folder(python).join("tree/module.so");
    let ran = nexus(python, &[&"inspect", &module])?.exits(1)?;
    ran.says(&[
        "will hardly load",
        "501 MISSING_LIBRARY",
        "libgone_for_test.so.2",
        "libdeep_for_test.so.1",
        "cure: ",
    ])?;
    let answer = in_json(python, &[&"inspect", &module], 1)?;
    equal(&answer[0]["detail"], json!(501))?;
    wants(answer[0]["cure"] != "", "cure", &answer)
}

fn inspect_damaged(python: &Python) -> Result<(), String> {
    let whole =
        fs::read(documented(python).join("crypto.so")).map_err(|error| error.to_string())?;
    let folder = Folder::new()?;
    folder.write("cut.so", &whole[..whole.len() / 2])?;
    folder.write("empty.so", b"")?;
    folder.write("text.so", b"print('no module')\n")?;
    for (name, detail) in [
        ("cut.so", "TRUNCATED"),
        ("empty.so", "EMPTY"),
        ("text.so", "TEXT_FILE"),
        ("none.so", "VANISHED"),
    ] {
        let ran = nexus(python, &[&"inspect", &folder.path().join(name)])?.exits(1)?;
        ran.says(&["cannot be loaded here", detail, "cause: ", "cure: "])?;
    }
    Ok(())
}

fn inspect_for_another_version(python: &Python) -> Result<(), String> {
    let module = fixtures::folder(python)
        .join("which")
        .join(format!("which{}", python.suffix));
    let (major, minor, _) = python.version;
    let own = format!("{major}.{minor}");
    nexus(python, &[&"inspect", &"--for", &own, &module])?.exits(0)?;
    let ran = nexus(python, &[&"inspect", &"--for", &"3.14", &module])?.exits(1)?;
    ran.says(&["CPython 3.14", "PYTHON_VERSION"])?;
    // Runs nothing, so it needs no Python at all.
    nexus_without_python(&[&"inspect", &"--for=3.14", &module])?.exits(1)?;
    nexus(python, &[&"inspect", &"--for", &"2.7", &module])?
        .exits(2)?
        .complains(&["3.12"])
        .map(drop)
}

fn inspect_directories(python: &Python) -> Result<(), String> {
    let folder = Folder::with(python, &["documented/crypto.so", "documented/network.so"])?;
    folder.put(python, "documented/database.so", "deep/database.so")?;
    folder.write("README.txt", b"no module")?;
    folder.link(folder.path(), "circle")?;
    let path = folder.path();
    let flat = in_json(python, &[&"inspect", &path], 0)?;
    wants(flat.as_array().map(Vec::len) == Some(2), "flat", &flat)?;
    let deep = in_json(python, &[&"inspect", &"-r", &path], 0)?;
    wants(deep.as_array().map(Vec::len) == Some(3), "deep", &deep)
}

fn usage(python: &Python) -> Result<(), String> {
    let empty = Folder::new()?;
    let file = documented(python).join("crypto.so");
    let cases: [(&[&dyn AsRef<OsStr>], i32, &str); 14] = [
        (&[], 2, "Usage: nexus"),
        (&[&"lst"], 2, "list"),
        (&[&"list"], 2, "<DIR>"),
        (
            &[&"list", &"/no/such/folder"],
            2,
            "Binary path does not exist: /no/such/folder",
        ),
        (&[&"list", &file], 2, "Binary path is not a directory"),
        (&[&"list", &empty.path()], 1, "No binary modules found in"),
        (&[&"list", &"--except", &"[", &empty.path()], 2, "--except"),
        (
            &[&"list", &"--timeout", &"0", &empty.path()],
            2,
            "more than 0",
        ),
        (
            &[&"list", &"--lazy", &"--trial", &empty.path()],
            2,
            "cannot be used with",
        ),
        (&[&"inspect"], 2, "<FILE>"),
        (
            &[&"inspect", &empty.path()],
            2,
            "No binary modules found in",
        ),
        (
            &[&"call", &"/no/such/folder", &"a.b"],
            2,
            "Binary path does not exist: /no/such/folder",
        ),
        (
            &[&"call", &documented(python), &"crypto"],
            2,
            "MODULE.FUNCTION",
        ),
        (
            &[
                &"call",
                &documented(python),
                &"crypto.encrypt",
                &"--kw",
                &"x",
            ],
            2,
            "NAME=VALUE",
        ),
    ];
    for (arguments, code, text) in cases {
        let ran = nexus(python, arguments)?.exits(code)?.complains(&[text])?;
        wants(ran.stdout.is_empty(), "stdout", &ran)?;
    }
    let ran = nexus(python, &[&"--version"])?.exits(0)?;
    ran.says(&[&format!("nexus {}\n", env!("CARGO_PKG_VERSION"))])?;
    let help = nexus(python, &[&"list", &"--help"])?.exits(0)?;
    help.says(&["--recursive", "--trial", "--only"]).map(drop)
}

fn names_that_are_not_utf8(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    let name = OsStr::from_bytes(b"caf\xe9.so");
    folder.put(python, "documented/crypto.so", name)?;
    let inner = OsStr::from_bytes(b"in\xff");
    fs::create_dir(folder.path().join(inner)).map_err(|error| error.to_string())?;
    folder.put(
        python,
        "documented/crypto.so",
        Path::new(inner).join("crypto.so"),
    )?;
    let ran = nexus(python, &[&"list", &folder.path()])?.exits(1)?;
    ran.says(&["caf\\xe9.so", "NAME_NOT_UTF8"])?;
    let listing = in_json(python, &[&"list", &folder.path()], 1)?;
    let path = folder.path().join(name);
    equal(
        &listing["modules"][0]["path_bytes"],
        json!(path.as_os_str().as_bytes()),
    )?;
    // A directory of such a name is as good as any.
    let inner = folder.path().join(inner);
    nexus(python, &[&"list", &inner])?
        .exits(0)?
        .says(&["in\\xff/crypto.so", "1 loaded"])?;
    nexus(python, &[&"inspect", &inner.join("crypto.so")])?.exits(0)?;
    let ran = nexus(python, &[&"call", &inner, &"crypto.encrypt", &"Hello"])?.exits(0)?;
    ran.says(&["2a24600860"]).map(drop)
}

fn names_that_act_on_terminals(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    folder.write("red\x1b[31m\n.so", b"no module at all")?;
    for arguments in [&["list", "--color=always"][..], &["inspect"], &["doctor"]] {
        let mut all: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        all.push(folder.path().as_os_str());
        let ran = run(&python.executable, all)?.exits(1)?;
        wants(!ran.stdout.contains("\x1b[31m\n"), "it acts", &ran)?;
        ran.says(&["red\\u{1b}[31m\\n.so"])?;
    }
    Ok(())
}

/// Runs the tool on the documented modules, with that as its stdout.
fn listing_into(
    python: &Python,
    arguments: &[&str],
    stdout: impl Into<Stdio>,
) -> Result<Output, String> {
    let mut command = command(&python.executable);
    command.args(arguments).arg(documented(python));
    let child = command
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn();
    let output = child.and_then(std::process::Child::wait_with_output);
    output.map_err(|error| error.to_string())
}

/// Runs a line of shell, in which `$0` is the tool and `$1` the documented modules.
fn in_shell(python: &Python, line: &str) -> Result<Ran, String> {
    let mut shell = Command::new("sh");
    let shell = process::clean(&mut shell).env("NEXUS_PYTHON", &python.executable);
    let tool = paths::libraries().join("nexus");
    ran(shell.args(["-c", line]).arg(tool).arg(documented(python)))
}

/// As `nexus list DIR | head -1` may have it: the reader has gone before the first line.
fn broken_pipe(python: &Python) -> Result<(), String> {
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["inspect"],
        &["doctor"],
    ] {
        let (reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
        drop(reader);
        let output = listing_into(python, arguments, writer)?;
        wants(
            output.status.success() && output.stderr.is_empty(),
            "noise",
            &output,
        )?;
    }
    // The very words, by a shell.
    let ran = in_shell(python, "\"$0\" list \"$1\" | head -1")?.exits(0)?;
    wants(
        ran.stdout.starts_with("NAME ") && ran.stdout.lines().count() == 1,
        "head",
        &ran,
    )?;
    wants(ran.stderr.is_empty(), "noise", &ran)
}

fn full_disk(python: &Python) -> Result<(), String> {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .map_err(|error| error.to_string())?;
    let output = listing_into(python, &["list"], full)?;
    wants(output.status.code() == Some(2), "exit code", &output)?;
    let said = String::from_utf8_lossy(&output.stderr);
    wants(said.contains("cannot write the answer"), "stderr", &said)
}

/// Nobody wants the answer: the exit code is enough.
fn closed_stdout(python: &Python) -> Result<(), String> {
    let ran = in_shell(python, "exec \"$0\" list \"$1\" >&-")?.exits(0)?;
    wants(ran.stderr.is_empty(), "stderr", &ran)
}

fn on_terminal(command: &mut Command, streams: Streams, code: i32) -> Result<Seen, String> {
    let seen = terminal::run(command, streams)?;
    if seen.status.code() == Some(code) {
        Ok(seen)
    } else {
        Err(format!("{}: {}{}", seen.status, seen.terminal, seen.piped))
    }
}

fn colours(python: &Python) -> Result<(), String> {
    let folder = fixtures::folder(python).join("one_bad");
    let list = |more: &[(&str, &str)], options: &[&str]| {
        let mut command = command(&python.executable);
        command
            .envs(more.iter().copied())
            .arg("list")
            .args(options)
            .arg(&folder);
        on_terminal(&mut command, Streams::Both, 1).map(|seen| seen.terminal)
    };
    const GREEN: &str = "\x1b[32mloaded\x1b[0m";
    let seen = list(&[], &[])?;
    wants(seen.contains(GREEN), "no colours on a terminal", &seen)?;
    for (variables, options) in [
        (&[("NO_COLOR", "1")][..], &[][..]),
        (&[("TERM", "dumb")], &[]),
        (&[], &["--color=never"]),
        (&[], &["--json"]),
    ] {
        let seen = list(variables, options)?;
        wants(
            !seen.contains('\x1b'),
            &format!("colours with {variables:?} {options:?}"),
            &seen,
        )?;
        wants(seen.contains("loaded"), "no table", &seen)?;
    }
    let ran = nexus(python, &[&"list", &"--color=always", &folder])?.exits(1)?;
    ran.says(&[GREEN])?;
    // A complaint is coloured on its own account.
    let mut command = command(&python.executable);
    let seen = on_terminal(
        command.args(["list", "/no/such/folder"]),
        Streams::Stderr,
        2,
    )?;
    wants(
        seen.terminal.contains("\x1b[31mnexus:"),
        "complaint",
        &seen.terminal,
    )
}

fn progress_bar(python: &Python) -> Result<(), String> {
    let slow = fixtures::folder(python).join("tool");
    let mut listing = command(&python.executable);
    listing.arg("list").arg(&slow);
    let seen = on_terminal(&mut listing, Streams::Stderr, 0)?;
    wants(seen.terminal.contains("slow_one"), "no bar", &seen.terminal)?;
    wants(
        seen.piped.contains("2 loaded") && !seen.piped.contains('\x1b'),
        "table",
        &seen.piped,
    )?;
    // Cleared away at its end: after the last bar nothing is left on the line.
    wants(
        seen.terminal.ends_with("\x1b[2K") || seen.terminal.ends_with('\r'),
        "bar is left",
        &seen.terminal,
    )?;
    // Not in a pipe, and not for a short load.
    nexus(python, &[&"list", &slow])?
        .exits(0)
        .and_then(|ran| wants(ran.stderr.is_empty(), "bar in a pipe", &ran.stderr))?;
    let mut short = command(&python.executable);
    let seen = on_terminal(
        short.arg("list").arg("--lazy").arg(&slow),
        Streams::Stderr,
        0,
    )?;
    wants(
        seen.terminal.is_empty(),
        "bar of a short load",
        &seen.terminal,
    )
}

fn completions(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    for (shell, text) in [
        ("bash", "_nexus"),
        ("zsh", "#compdef nexus"),
        ("fish", "complete -c nexus"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let ran = nexus(python, &[&"completions", &shell])?.exits(0)?;
        let ran = ran.says(&[text, "doctor", "inspect"])?;
        folder.write(shell, ran.stdout.as_bytes())?;
    }
    nexus(python, &[&"completions", &"tcsh"])?.exits(2)?;
    // Bash does complete with it.
    let mut bash = Command::new("bash");
    let script = "source ./bash; COMP_WORDS=(nexus do); COMP_CWORD=1; _nexus nexus do nexus; echo \"${COMPREPLY[@]}\"";
    let bash = process::clean(&mut bash)
        .args(["--norc", "-c", script])
        .current_dir(folder.path());
    let ran = ran(bash)?.exits(0)?;
    wants(ran.stdout == "doctor\n", "completed", &ran)
}

fn manual(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    nexus(python, &[&"manual", &folder.path().join("made")])?.exits(0)?;
    for (name, text) in [
        ("nexus.1", ".SH \"EXIT STATUS\""),
        ("nexus-list.1", "trial"),
        ("nexus-inspect.1", "FILE"),
        ("nexus-call.1", "NAME=VALUE"),
        ("nexus-python.1", "start"),
        ("nexus-doctor.1", "bug report"),
        ("nexus-completions.1", "SHELL"),
    ] {
        let path = folder.path().join("made").join(name);
        let page = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        wants(
            page.contains(".TH nexus") && page.contains(text),
            name,
            &page,
        )?;
    }
    Ok(())
}

/// Copied away from its libraries.
fn library_is_missing(python: &Python) -> Result<(), String> {
    let folder = Folder::new()?;
    let alone = folder.path().join("nexus");
    fs::copy(paths::libraries().join("nexus"), &alone).map_err(|error| error.to_string())?;
    let mut command = Command::new(&alone);
    let command = process::clean(&mut command).env("NEXUS_PYTHON", &python.executable);
    let ran = ran(command.arg("python"))?.exits(2)?;
    ran.complains(&["cannot open libnexus_loader.so.1"])
        .map(drop)
}

/// The blocks of `docs/tool.md`: after `$ ` a command, and below it what it prints, with `…` for what is
/// different each time.
fn documentation(python: &Python) -> Result<(), String> {
    let text = fs::read_to_string(paths::root().join("docs/tool.md"))
        .map_err(|error| error.to_string())?;
    let folder = Folder::new()?;
    folder.link(&documented(python), "modules")?;
    folder.link(&fixtures::folder(python).join("one_bad"), "plugins")?;
    folder.link(&fixtures::folder(python).join("tree"), "vendor")?;
    let mut blocks = 0;
    for block in text.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").ok_or("a block without an end")?;
        let commands: Vec<&str> = block
            .lines()
            .filter_map(|line| line.strip_prefix("$ "))
            .collect();
        let script: String = commands.iter().map(|one| format!("{one}\n")).collect();
        let expected: String = block
            .lines()
            .filter(|line| !line.starts_with("$ "))
            .map(|line| format!("{line}\n"))
            .collect();
        let path = std::env::join_paths([paths::libraries(), "/usr/bin".into(), "/bin".into()]);
        let mut shell = Command::new("sh");
        let shell = process::clean(&mut shell)
            .env("PATH", path.map_err(|error| error.to_string())?)
            .env("NEXUS_PYTHON", &python.executable)
            .current_dir(folder.path())
            .args(["-c", &format!("exec 2>&1\n{script}")]);
        let ran = ran(shell)?;
        if !fits(&ran.stdout, &expected) {
            return Err(format!(
                "{script}printed\n{}and not\n{expected}",
                ran.stdout
            ));
        }
        blocks += 1;
    }
    wants(blocks >= 5, "blocks", &blocks)
}

/// Line by line; blanks may be more or fewer, and `…` stands for anything in a line.
fn fits(text: &str, pattern: &str) -> bool {
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let (texts, patterns): (Vec<_>, Vec<_>) = (text.lines().collect(), pattern.lines().collect());
    texts.len() == patterns.len()
        && texts.iter().zip(&patterns).all(|(text, pattern)| {
            let quoted = glob::Pattern::escape(&plain(pattern)).replace('…', "*");
            glob::Pattern::new(&quoted).is_ok_and(|pattern| pattern.matches(&plain(text)))
        })
}
