//! Asking an interpreter about itself, where its layout does not tell: wrapper scripts such as pyenv's
//! shims, and installations of an unusual shape.

use super::release::Release;
use crate::platform;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const CODE: &str = include_str!("ask.py");
const TIME_LIMIT: Duration = Duration::from_secs(10);
// More is no answer: an interpreter says less than a kilobyte.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// What an interpreter says of itself.
#[derive(Debug)]
pub struct Answer(HashMap<String, Vec<u8>>);

impl Answer {
    fn text(&self, name: &str) -> String {
        self.0
            .get(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .unwrap_or_default()
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.0.get(name).filter(|value| !value.is_empty())?;
        Some(PathBuf::from(platform::from_bytes(value.clone())))
    }

    /// Its version; with the flags of its ABI where it can be used.
    pub fn release(&self) -> Option<Release> {
        let mut release = Release::parse(&self.text("version"))?;
        release.flags = self.text("flags");
        if self.text("free_threaded") == "1" && !release.flags.contains('t') {
            release.flags.push('t');
        }
        Some(release)
    }

    /// `cpython`, `pypy`, …; empty when it is older than 3.11.
    pub fn implementation(&self) -> String {
        self.text("implementation")
    }

    /// The interpreter itself, whatever script has started it.
    pub fn executable(&self) -> Option<PathBuf> {
        self.path("executable")
    }

    /// `sys._base_executable`: outside of a virtual environment.
    pub fn base_executable(&self) -> Option<PathBuf> {
        self.path("base_executable")
    }

    /// `sys.base_prefix`.
    pub fn base_prefix(&self) -> Option<PathBuf> {
        self.path("base_prefix")
    }

    /// The directory of the standard library.
    pub fn standard_library(&self) -> Option<PathBuf> {
        self.path("stdlib")
    }

    /// The files that may be its libpython, the likely one first; static ones among them are left out.
    pub fn libraries(&self) -> Vec<PathBuf> {
        let folders: Vec<PathBuf> = [
            self.path("framework"),
            self.path("LIBDIR"),
            self.path("LIBDIR")
                .zip(self.path("MULTIARCH"))
                .map(|(folder, multiarch)| folder.join(multiarch)),
            self.path("LIBPL"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let names: Vec<PathBuf> = [self.path("INSTSONAME"), self.path("LDLIBRARY")]
            .into_iter()
            .flatten()
            .filter(|name| name.extension().is_none_or(|extension| extension != "a"))
            .collect();
        folders
            .iter()
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .collect()
    }

    fn parse(output: &[u8]) -> Option<Self> {
        // A wrapper may have printed something before.
        let start = output
            .windows(8)
            .position(|window| window == b"nexus=1\0")?;
        let facts: HashMap<String, Vec<u8>> = output[start..]
            .split(|byte| *byte == 0)
            .filter_map(|fact| {
                let end = fact.iter().position(|byte| *byte == b'=')?;
                Some((
                    String::from_utf8_lossy(&fact[..end]).into_owned(),
                    fact[end + 1..].to_vec(),
                ))
            })
            .collect();
        facts.contains_key("end").then_some(Self(facts))
    }
}

/// Asks, for at most ten seconds. The error says what came instead of an answer.
pub fn ask(program: &Path) -> Result<Answer, String> {
    run(program, TIME_LIMIT)
}

fn run(program: &Path, limit: Duration) -> Result<Answer, String> {
    let mut command = Command::new(program);
    command.args(["-I", "-S", "-c", CODE]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    platform::own_group(&mut command);
    let mut child = command
        .spawn()
        .map_err(|error| format!("it cannot be run: {error}"))?;
    let outcome = listen(&mut child, limit);
    // Ends what an interpreter or wrapper has left behind, too; then the child is waited for, whatever
    // came. (A host that ignores SIGCHLD has it reaped already: no error of ours.)
    if outcome.is_err() {
        platform::kill_group(&mut child);
    }
    let status = child.wait();
    let (output, errors) =
        outcome.map_err(|()| format!("it did not answer within {} seconds", limit.as_secs()))?;
    if let Some(answer) = Answer::parse(&output) {
        return Ok(answer);
    }
    let errors = String::from_utf8_lossy(&errors);
    if errors.to_ascii_lowercase().contains("unknown option") {
        return Err(
            "it is Python 2 (it does not know the option -I); the oldest that can be used is 3.11"
                .to_owned(),
        );
    }
    let ended = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    let said = gist(&errors);
    if errors.contains("No module named 'encodings'") {
        return Err(format!(
            "its standard library is missing ({ended}; it says: {said})"
        ));
    }
    if said.is_empty() {
        Err(format!("it gave no answer ({ended})"))
    } else {
        Err(format!("it gave no answer ({ended}): {said}"))
    }
}

type Outputs = (Vec<u8>, Vec<u8>);

fn listen(child: &mut Child, limit: Duration) -> Result<Outputs, ()> {
    let deadline = Instant::now() + limit;
    let output = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let wait = |pipe: &mpsc::Receiver<Vec<u8>>| {
        pipe.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .map_err(drop)
    };
    let output = wait(&output)?;
    // Whoever has answered has no more to say; a child of a wrapper may hold stderr open.
    if Answer::parse(&output).is_some() {
        return Ok((output, Vec::new()));
    }
    Ok((output, wait(&errors)?))
}

// A thread for each pipe, so that neither can fill up while the other is read. Reading ends when the
// last process that holds the pipe ends: at the latest when the group is killed.
fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What was read before an error is all there is.
            let _ = pipe.take(OUTPUT_LIMIT).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

// The beginning and the end of what was said: a wrapper says what is wrong first, a traceback last.
fn gist(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let kept = match &lines[..] {
        [first, .., before, last] if lines.len() > 3 => [*first, "…", *before, *last].join(" / "),
        few => few.join(" / "),
    };
    kept.chars().take(400).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn script(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("nexus-ask-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    #[test]
    fn an_answer_is_found_behind_chatter() {
        let program = script(
            "chatty",
            "#!/bin/sh\necho hello\nprintf 'nexus=1\\0version=3.12.1\\0LIBDIR=/l\\0MULTIARCH=m\\0INSTSONAME=libpython3.12.so.1.0\\0LDLIBRARY=libpython3.12.a\\0end=1\\0'\n",
        );
        let answer = ask(&program).unwrap();
        assert_eq!(answer.release().unwrap().to_string(), "3.12");
        assert_eq!(
            answer.libraries(),
            ["/l/libpython3.12.so.1.0", "/l/m/libpython3.12.so.1.0"].map(PathBuf::from)
        );
    }

    #[test]
    fn what_comes_instead_of_an_answer_is_told() {
        let text = ask(&script(
            "old",
            "#!/bin/sh\necho 'Unknown option: -I' >&2\nexit 2\n",
        ))
        .unwrap_err();
        assert!(text.contains("Python 2"), "{text}");
        let text = ask(&script("broken", "#!/bin/sh\necho 'oh dear' >&2\nexit 7\n")).unwrap_err();
        assert!(text.contains("oh dear") && text.contains('7'), "{text}");
        let text = ask(Path::new("/no/such/python")).unwrap_err();
        assert!(text.contains("cannot be run"), "{text}");
    }

    #[test]
    fn the_gist_is_the_beginning_and_the_end() {
        assert_eq!(gist("a\n\n b\n"), "a / b");
        assert_eq!(gist("1\n2\n3\n4\n5"), "1 / … / 4 / 5");
    }

    #[test]
    fn one_that_hangs_is_ended() {
        let program = script("hangs", "#!/bin/sh\nsleep 1000 & sleep 1000\n");
        let text = run(&program, Duration::from_millis(200)).unwrap_err();
        assert!(text.contains("did not answer"), "{text}");
    }
}
