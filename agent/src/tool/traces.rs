//! Takes the error traces that a run's plug-in writes: each is read as a stranger's file, rid of what is still secret in it,
//! and kept or counted. A thread of its own does it, for the directory belongs to the plan, and nothing that obeys stops waits
//! for a file.

use crate::base::clock;
use crate::base::entropy::random_hex;
use crate::base::lossy::LossyReceiver;
use crate::cage::foreign_file;
use crate::tool::context::TraceOptions;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::measure::ingest::TraceText;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::trace::redact::Redactor;
use gridnode_core::trace::{CapSettings, Caps, FILE_BYTES_MAX, Pointer, Trace, TraceObject, of_line};
use gridnode_core::wire::label::normalise;
use serde::Deserialize;
use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Files that are looked at each time: what a script makes beyond that waits.
const FILES_A_LOOK: usize = 65_536;
/// Looks at the end, should there be more.
const LAST_LOOKS: u32 = 20;
/// What the last looks may take.
const END: Duration = Duration::from_secs(5);
/// Names that are remembered because they cannot be removed.
const STUCK_MAX: usize = 1_000;
/// Names of reasons that are kept.
const EXAMPLES_MAX: usize = 1_000;
/// Pictures of a run: they are by far the largest part of a trace.
const PICTURES_MAX: u32 = 200;

/// Where traces are kept.
#[derive(Clone)]
pub enum TraceTo {
    /// In a directory, made when there is one.
    Dir(PathBuf),
    /// As objects, by somebody else.
    Objects(ObjectSink),
}

/// Somebody who takes objects.
#[derive(Clone)]
pub struct ObjectSink {
    /// Whose they are.
    pub identity: RunIdentity,
    /// Length of the run's windows, s.
    pub window_s: u32,
    /// What an object's key is appended to.
    pub prefix: String,
    /// Takes a pointer and its object; may wait. False when nobody is there any more.
    pub take: Arc<dyn Fn(Pointer, Vec<u8>) -> bool + Send + Sync>,
}

/// Whose traces, and what becomes of them.
pub struct TraceSettings {
    /// Where the plug-in writes.
    pub from: PathBuf,
    /// Where they are kept.
    pub to: TraceTo,
    /// The flood, the run and the node.
    pub flood: String,
    /// See `flood`.
    pub run: u64,
    /// See `flood`.
    pub node: String,
    /// Which are kept.
    pub caps: CapSettings,
    /// Names of secrets beside the usual ones.
    pub secrets: Vec<String>,
    /// The lines of published clients, where they are taken.
    pub lines: Option<LossyReceiver<TraceText>>,
}

impl TraceSettings {
    /// Those of a run whose plug-in writes into `from`.
    #[must_use]
    pub fn of(
        options: &TraceOptions,
        (identity, node): (&RunIdentity, &Ident),
        from: &Path,
        to: TraceTo,
    ) -> Self {
        let TraceOptions { per_label, per_window, window_s, secrets, .. } = options;
        // The plug-in's windows end a moment before ours: what is of two of its windows may come in one.
        let caps = CapSettings {
            per_label: per_label.saturating_mul(2),
            per_window: per_window.saturating_mul(2),
            window_s: *window_s,
        };
        Self {
            from: from.to_owned(),
            to,
            flood: identity.flood.to_string(),
            run: identity.run,
            node: node.to_string(),
            caps,
            secrets: secrets.clone(),
            lines: None,
        }
    }
}

/// The thread.
#[derive(Debug)]
pub struct TraceTaker {
    /// Dropped to end it.
    stop: SyncSender<()>,
    taken: oneshot::Receiver<TraceIndex>,
}

impl TraceTaker {
    /// Starts it; `None` where there can be no thread or no key.
    #[must_use]
    pub fn start(settings: TraceSettings) -> Option<Self> {
        let key = random_hex().ok()?;
        let (stop, stopped) = sync_channel(1);
        let (done, taken) = oneshot::channel();
        let redactor = Redactor::new(key.as_bytes(), &settings.secrets);
        let caps = Caps::new(settings.caps);
        let take = Take {
            settings,
            redactor,
            caps,
            index: TraceIndex::default(),
            pictures: 0,
            stuck: HashSet::new(),
        };
        let thread = std::thread::Builder::new().name("traces".to_owned());
        thread.spawn(move || drop(done.send(take.run(&stopped)))).ok()?;
        Some(Self { stop, taken })
    }

    /// What it has taken, when the tool has ended. `None` where the directory hangs.
    pub async fn finish(self) -> Option<TraceIndex> {
        drop(self.stop);
        tokio::time::timeout(END, self.taken).await.ok()?.ok()
    }
}

struct Take {
    settings: TraceSettings,
    redactor: Redactor,
    caps: Caps,
    index: TraceIndex,
    pictures: u32,
    /// What cannot be removed, and was refused.
    stuck: HashSet<PathBuf>,
}

/// What a plug-in tells at its end.
#[derive(Deserialize)]
struct Untold {
    #[serde(default)]
    suppressed: Vec<UntoldKind>,
    #[serde(default)]
    others: u64,
}

#[derive(Deserialize)]
struct UntoldKind {
    count: u64,
}

impl Take {
    fn run(mut self, stopped: &Receiver<()>) -> TraceIndex {
        // Kept open, and not looked up again: see `stop_file`. Also, nobody can put a link in its place.
        let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let dir = OpenOptions::new().read(true).custom_flags(flags).open(&self.settings.from);
        if let Ok(dir) = &dir {
            self.settings.from = PathBuf::from(format!("/proc/self/fd/{}", dir.as_raw_fd()));
        }
        while matches!(stopped.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout)) {
            self.look();
            self.lines();
        }
        self.lines();
        for _ in 0..LAST_LOOKS {
            if self.look() < FILES_A_LOOK {
                break;
            }
        }
        self.index.account.suppressed = self.caps.suppressed();
        self.index.account.lost += self.settings.lines.as_ref().map_or(0, LossyReceiver::lost);
        self.index
    }

    /// What published clients have sent.
    fn lines(&mut self) {
        let Some(lines) = self.settings.lines.take() else { return };
        for TraceText { arrived_ns, line, .. } in lines.take() {
            match of_line(&line, arrived_ns) {
                Ok(Some(trace)) => self.keep(trace).unwrap_or_else(|why| self.refuse(&why)),
                Ok(None) => {}
                Err(why) => self.refuse(&why),
            }
        }
        self.settings.lines = Some(lines);
    }

    fn refuse(&mut self, why: &str) {
        self.index.account.refused += 1;
        tracing::debug!("a trace is not taken: {why}");
    }

    /// Gives how many files there were.
    fn look(&mut self) -> usize {
        let entries = fs::read_dir(&self.settings.from).into_iter().flatten().flatten();
        // Last words are not ours, and what is being written has another name.
        let is_one = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "json");
        let found: Vec<PathBuf> =
            entries.map(|entry| entry.path()).filter(is_one).take(FILES_A_LOOK).collect();
        for path in &found {
            if self.stuck.contains(path) {
                continue;
            }
            let took = self.take(path);
            if let Err(why) = took {
                self.refuse(&format!("{}: {why}", path.display()));
            }
            // A directory of that name stays; it is never a trace, and counted once.
            if fs::remove_file(path).is_err() && self.stuck.len() < STUCK_MAX {
                self.stuck.insert(path.clone());
            }
        }
        found.len()
    }

    fn take(&mut self, path: &Path) -> Result<(), String> {
        let bytes = foreign_file::head(path, FILE_BYTES_MAX as u64 + 1).map_err(|error| error.to_string())?;
        if path.file_stem().is_some_and(|stem| stem.as_encoded_bytes().ends_with(b"-suppressed")) {
            let untold: Untold = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            let counts = untold.suppressed.iter().map(|kind| kind.count);
            self.caps.told(counts.fold(untold.others, u64::saturating_add));
            return Ok(());
        }
        self.keep(Trace::read(&bytes)?)
    }

    fn keep(&mut self, trace: Trace) -> Result<(), String> {
        // As its samples are told from others.
        let trace = Trace { label: normalise(trace.label), ..trace };
        let mut trace = Trace { flood: self.settings.flood.clone(), ..trace }.redacted(&self.redactor);
        if !self.caps.keep(clock::now().wall.0, &mut trace) {
            return Ok(());
        }
        let picture = trace.picture().filter(|_| self.pictures < PICTURES_MAX);
        if picture.is_none() {
            trace.screenshot_png_base64 = None;
        }
        let object = TraceObject::new(&self.settings.node, self.settings.run, &trace);
        let object = object.map_err(|error| error.to_string())?;
        self.pictures += u32::from(picture.is_some());
        let kept = match &self.settings.to {
            TraceTo::Dir(dir) => into_dir(dir, &trace, &object, picture.as_deref()),
            TraceTo::Objects(sink) => into_sink(sink, &trace, object),
        };
        match kept {
            Ok(name) => self.index.add(&trace, name, EXAMPLES_MAX),
            Err(why) => {
                self.index.account.lost += 1;
                tracing::warn!("a trace is lost: {why}");
            }
        }
        Ok(())
    }
}

/// Gives its name there.
fn into_dir(
    dir: &Path,
    trace: &Trace,
    object: &TraceObject,
    picture: Option<&[u8]>,
) -> Result<String, String> {
    let name = object.file_name(trace);
    fs::create_dir_all(dir)
        .and_then(|()| foreign_file::put(&dir.join(&name), &object.json))
        .map_err(|error| format!("{}: {error}", dir.display()))?;
    if let Some(picture) = picture {
        // For the eye: the trace has it, too.
        let beside = dir.join(&name).with_extension("png");
        if let Err(error) = foreign_file::put(&beside, picture) {
            tracing::warn!("a picture is beside no trace: {}: {error}", beside.display());
        }
    }
    Ok(name)
}

/// Gives the location that it will have.
fn into_sink(sink: &ObjectSink, trace: &Trace, object: TraceObject) -> Result<String, String> {
    let pointer = Pointer::new(sink.identity.clone(), sink.window_s, trace, &object);
    let location = format!("{}{}", sink.prefix, pointer.key());
    if (sink.take)(pointer, object.json) { Ok(location) } else { Err("the agent is at its end".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::trace::TraceAccount;
    use std::os::unix::fs::symlink;

    fn settings(dir: &Path) -> TraceSettings {
        TraceSettings {
            from: dir.join("traces"),
            to: TraceTo::Dir(dir.join("failures")),
            flood: "7".to_owned(),
            run: 1,
            node: "n".to_owned(),
            caps: CapSettings { per_label: 5, per_window: 100, window_s: 15 },
            secrets: vec!["street".to_owned()],
            lines: None,
        }
    }

    fn one(error: &str) -> String {
        format!(
            r#"{{"flood":"x","label":"GET /","code":"500","error":"{error}","time_ns":1,"rt_ms":2,"request":{{"url":"/?street=canary"}}}}"#
        )
    }

    #[tokio::test]
    async fn traces_are_taken_rid_of_secrets_and_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        fs::create_dir(&settings.from).unwrap();
        let put = |name: &str, text: &str| fs::write(settings.from.join(name), text).unwrap();
        (0..8).for_each(|n| put(&format!("trace-a-{n}.json"), &one(&format!("order {n}"))));
        put("trace-b-0.json", &one("refused"));
        put("trace-b-suppressed.json", r#"{"suppressed":[{"label":"x","count":4}],"others":2}"#);
        put("trace-b-1.json", "{");
        put("trace-b-2.json", &" ".repeat(FILE_BYTES_MAX + 1));
        put("trace-b-3.tmp", "half");
        put("a.final", "last word");
        fs::write(dir.path().join("secret"), one("stolen")).unwrap();
        symlink(dir.path().join("secret"), settings.from.join("link.json")).unwrap();
        nix::unistd::mkfifo(&settings.from.join("pipe.json"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        fs::create_dir(settings.from.join("dir.json")).unwrap();

        let index = TraceTaker::start(settings).unwrap().finish().await.unwrap();
        let TraceAccount { captured, suppressed, refused, lost, .. } = index.account;
        assert_eq!((captured, suppressed, lost), (6, 3 + 6, 0));
        assert_eq!(refused, 5, "each once, the directory, too");
        let kept: Vec<_> =
            fs::read_dir(dir.path().join("failures")).unwrap().flatten().map(|entry| entry.path()).collect();
        assert_eq!(kept.len(), 6);
        for path in kept {
            let text = fs::read_to_string(&path).unwrap();
            assert!(
                text.contains("‹redacted:") && !text.contains("canary") && !text.contains("stolen"),
                "{text}"
            );
            assert!(text.contains("\"flood\": \"7\""), "{text}");
            assert!(path.file_name().unwrap().to_string_lossy().starts_with("GET-500-"), "{path:?}");
        }
        let mut left: Vec<_> = fs::read_dir(dir.path().join("traces"))
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["a.final", "dir.json", "trace-b-3.tmp"]);
    }

    #[tokio::test]
    async fn pictures_lie_beside_their_traces_and_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path());
        settings.caps = CapSettings { per_label: 1_000, per_window: 1_000, window_s: 15 };
        fs::create_dir(&settings.from).unwrap();
        let with = |n: u32, picture: &str| {
            format!(
                r#"{{"label":"pay","error":"{n}","time_ns":{n},"rt_ms":1,"screenshot_png_base64":"{picture}"}}"#
            )
        };
        let put = |n: u32, picture: &str| {
            fs::write(settings.from.join(format!("trace-a-{n}.json")), with(n, picture)).unwrap();
        };
        put(0, "bm8gcGljdHVyZQ==");
        (1..=PICTURES_MAX + 5).for_each(|n| put(n, "iVBORw0KGgoAAA=="));
        let index = TraceTaker::start(settings).unwrap().finish().await.unwrap();
        assert_eq!((index.account.captured, index.account.refused), (u64::from(PICTURES_MAX) + 6, 0));
        let (mut pictures, mut traces) = (0, 0);
        for path in fs::read_dir(dir.path().join("failures")).unwrap().flatten().map(|entry| entry.path()) {
            if path.extension().is_some_and(|ext| ext == "png") {
                assert!(fs::read(&path).unwrap().starts_with(b"\x89PNG"));
                assert!(path.with_extension("json").exists(), "{}", path.display());
                pictures += 1;
            } else {
                traces += u32::from(fs::read_to_string(&path).unwrap().contains("screenshot_png_base64"));
            }
        }
        assert_eq!((pictures, traces), (PICTURES_MAX, PICTURES_MAX));
    }

    #[tokio::test]
    async fn what_cannot_be_kept_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        fs::create_dir(&settings.from).unwrap();
        fs::write(settings.from.join("trace-a-0.json"), one("x")).unwrap();
        fs::write(dir.path().join("failures"), "no directory").unwrap();
        let index = TraceTaker::start(settings).unwrap().finish().await.unwrap();
        assert_eq!((index.account.captured, index.account.lost), (0, 1));
    }
}
