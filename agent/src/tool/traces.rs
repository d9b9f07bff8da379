//! Takes the error traces that a run's plug-in writes: each is read as a stranger's file, rid of what is still secret in it,
//! and kept or counted. A thread of its own does it, for the directory belongs to the plan, and nothing that obeys stops waits
//! for a file.

mod place;
#[cfg(test)]
mod tests;
mod unwritten;

pub use place::{Left, left_in};

use crate::base::clock;
use crate::base::lossy::LossyReceiver;
use crate::cage::foreign_file;
use crate::tool::ToolFiles;
use crate::tool::context::{TraceOptions, trace_key};
use gridnode_core::base::ids::{Ident, LabelId};
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::Mono;
use gridnode_core::measure::ingest::TraceText;
use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::trace::redact::Redactor;
use gridnode_core::trace::{
    CapSettings, Caps, FILE_BYTES_MAX, Pointer, Trace, TraceAccount, TraceObject, of_line,
};
use gridnode_core::wire::label::normalise;
use gridnode_launch::ToolKind;
use gridnode_launch::TraceKey;
use place::Place;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use unwritten::Unwritten;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Files that are looked at each time: what a script makes beyond that waits.
const FILES_A_LOOK: usize = 65_536;
/// Looks at the end, should there be more.
const LAST_LOOKS: u32 = 20;
/// What the last looks may take.
const END: Duration = Duration::from_secs(4);
/// And then the file that is being taken, and a count of the rest.
const GRACE: Duration = Duration::from_secs(3);
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
    /// By which values are hidden, as in [`TraceOptions`].
    pub key: Option<TraceKey>,
    /// The lines of published clients, where they are taken.
    pub lines: Option<LossyReceiver<TraceText>>,
    /// Whether the plug-in counts each request that fails.
    pub is_whole: bool,
    /// Where the account is kept for whoever comes after this process, should it be killed.
    pub account_file: Option<PathBuf>,
}

impl TraceSettings {
    /// Those of a run of a tool with these files.
    #[must_use]
    pub fn of(
        options: &TraceOptions,
        (identity, node): (&RunIdentity, &Ident),
        files: &ToolFiles,
        to: TraceTo,
    ) -> Self {
        let TraceOptions { per_label, per_window, window_s, secrets, key, .. } = options;
        // The plug-in's windows end a moment before ours: what is of two of its windows may come in one.
        let caps = CapSettings {
            per_label: per_label.saturating_mul(2),
            per_window: per_window.saturating_mul(2),
            window_s: *window_s,
        };
        Self {
            from: files.final_dir.clone(),
            to,
            flood: identity.flood.to_string(),
            run: identity.run,
            node: node.to_string(),
            caps,
            secrets: secrets.clone(),
            key: key.clone(),
            lines: None,
            // What fails in a browser test because something within it did is shown once.
            is_whole: files.kind != ToolKind::Selenium,
            account_file: None,
        }
    }
}

/// The thread.
#[derive(Debug)]
pub struct TraceTaker {
    /// Dropped to end it.
    stop: SyncSender<()>,
    shared: Arc<Shared>,
    over: oneshot::Receiver<()>,
}

/// What is known at any time, though the thread hangs.
#[derive(Debug)]
struct Shared {
    index: Mutex<TraceIndex>,
    /// When the last looks end; set when they begin.
    until: OnceLock<Mono>,
    /// Nobody waits any more.
    is_left: AtomicBool,
}

impl Shared {
    fn index(&self) -> MutexGuard<'_, TraceIndex> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_late(&self) -> bool {
        self.until.get().is_some_and(|until| clock::now().mono > *until)
    }
}

impl TraceTaker {
    /// Starts it; `None` where there can be no thread or no key.
    #[must_use]
    pub fn start(settings: TraceSettings) -> Option<Self> {
        let key = settings.key.clone().or_else(trace_key)?.bytes();
        let (stop, stopped) = sync_channel(1);
        let (done, over) = oneshot::channel();
        let mut index = TraceIndex::hiding(&settings.secrets);
        index.is_whole = settings.is_whole;
        let index = Mutex::new(index);
        let shared = Arc::new(Shared { index, until: OnceLock::new(), is_left: AtomicBool::new(false) });
        let take = Take {
            redactor: Redactor::new(&key, &settings.secrets),
            caps: Caps::new(settings.caps),
            settings,
            shared: shared.clone(),
            pictures: 0,
            lines: 0,
            stuck: HashSet::new(),
            unwritten: Unwritten::default(),
            unkept: 0,
            unkept_why: String::new(),
            noted: TraceAccount::default(),
        };
        let thread = std::thread::Builder::new().name("traces".to_owned());
        thread
            .spawn(move || {
                take.run(&stopped);
                let _ = done.send(());
            })
            .ok()?;
        Some(Self { stop, shared, over })
    }

    /// What it has taken, when the tool has ended.
    pub async fn finish(self) -> TraceIndex {
        self.finish_within(END, GRACE).await
    }

    async fn finish_within(self, end: Duration, grace: Duration) -> TraceIndex {
        let Self { stop, shared, over } = self;
        let _ =
            shared.until.set(clock::now().mono.plus_ns(u64::try_from(end.as_nanos()).unwrap_or(u64::MAX)));
        drop(stop);
        let is_over = tokio::time::timeout(end + grace, over).await;
        shared.is_left.store(true, Ordering::Release);
        let mut index = std::mem::take(&mut *shared.index());
        let why = match is_over {
            Ok(Ok(())) => return index,
            Ok(Err(_)) => "whoever takes them broke",
            Err(_) => "their directory does not answer",
        };
        index
            .doubts
            .push(format!("not all error traces were taken, and how many there are is not known: {why}"));
        index
    }
}

struct Take {
    settings: TraceSettings,
    redactor: Redactor,
    caps: Caps,
    shared: Arc<Shared>,
    pictures: u32,
    /// Lines of published clients.
    lines: u64,
    /// What cannot be removed, and was refused.
    stuck: HashSet<PathBuf>,
    /// Traces that a plug-in could not write.
    unwritten: Unwritten,
    /// Traces for which there was no room here, and why the first had none.
    unkept: u64,
    unkept_why: String,
    /// As it is in the file.
    noted: TraceAccount,
}

impl Take {
    fn run(mut self, stopped: &Receiver<()>) {
        let place = Place::open(&self.settings.from);
        while matches!(stopped.recv_timeout(PAUSE), Err(RecvTimeoutError::Timeout)) {
            self.look(&place);
            self.lines();
            self.note();
        }
        self.lines();
        for _ in 0..LAST_LOOKS {
            if self.look(&place) < FILES_A_LOOK {
                break;
            }
        }
        let Left { traces, suppressed, unwritten } = place.left(&self.stuck);
        self.told(suppressed, unwritten);
        let untold = self.settings.lines.as_ref().map_or(0, LossyReceiver::lost);
        let mut index = self.shared.index();
        index.account.suppressed = self.caps.suppressed();
        index.account.lost += traces + untold;
        if traces > 0 {
            index.doubts.push(format!(
                "{traces} error traces were not taken, and count as lost: there are too many, or they are too large, for the time there \
                 is at the end"
            ));
        }
        index.doubts.extend(self.unwritten.said());
        if self.unkept > 0 {
            let (count, why) = (self.unkept, &self.unkept_why);
            index.doubts.push(format!("{count} error traces could not be kept, and count as lost: {why}"));
        }
        if untold > 0 {
            index
                .doubts
                .push(format!("{untold} error traces came faster than they were taken, and count as lost"));
        }
        index.doubts.extend(place.doubt());
    }

    /// Half a second of counts is what a process that is killed takes along.
    fn note(&mut self) {
        let account = self.shared.index().account;
        let Some(file) = self.settings.account_file.as_ref().filter(|_| account != self.noted) else {
            return;
        };
        let json = serde_json::to_vec(&account).unwrap_or_default();
        if let Some(dir) = file.parent().filter(|dir| !dir.is_dir()) {
            // The agent's own: no plan looks into it.
            let _ = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        }
        match foreign_file::put(file, &json) {
            Ok(()) => self.noted = account,
            Err(error) => tracing::debug!("{}: {error}", file.display()),
        }
    }

    /// What published clients have sent.
    fn lines(&mut self) {
        let Some(lines) = self.settings.lines.take() else { return };
        for TraceText { arrived_ns, line, .. } in lines.take() {
            self.lines += 1;
            match of_line(&line, arrived_ns) {
                Ok(Some(trace)) => {
                    let trace = Trace { file: format!("line {}", self.lines), ..trace };
                    self.keep(trace).unwrap_or_else(|why| self.refuse(&why));
                }
                Ok(None) => {}
                Err(why) => self.refuse(&why),
            }
        }
        self.settings.lines = Some(lines);
    }

    fn refuse(&mut self, why: &str) {
        self.shared.index().account.refused += 1;
        tracing::debug!("a trace is not taken: {why}");
    }

    /// Gives how many files there were; 0 where there is no time for more.
    fn look(&mut self, place: &Place) -> usize {
        let found = place.files(FILES_A_LOOK);
        for path in &found {
            if self.stuck.contains(path) {
                continue;
            }
            if self.shared.is_late() {
                return 0;
            }
            if let Err(why) = self.take(path) {
                self.refuse(&format!("{}: {why}", path.display()));
            }
            // A directory of that name stays; it is never a trace, and counted once.
            if fs::remove_file(path).is_err() && self.stuck.len() < STUCK_MAX {
                self.stuck.insert(path.clone());
            }
        }
        found.len()
    }

    fn told(&mut self, suppressed: u64, unwritten: Unwritten) {
        self.caps.told(suppressed);
        self.unwritten = self.unwritten.plus(unwritten);
        self.shared.index().account.lost += unwritten.traces;
    }

    fn take(&mut self, path: &Path) -> Result<(), String> {
        if place::is_untold(path) {
            let (suppressed, unwritten) = place::untold(path)?;
            self.told(suppressed, unwritten);
            return Ok(());
        }
        let bytes = foreign_file::head(path, FILE_BYTES_MAX as u64 + 1).map_err(|error| error.to_string())?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.keep(Trace { file, ..Trace::read(&bytes)? })
    }

    /// What there is enough of costs no search for secrets: a plan may write any number.
    fn keep(&mut self, trace: Trace) -> Result<(), String> {
        // As its samples are told from others.
        let label = normalise(trace.label);
        let label_id = trace.label_id.unwrap_or_else(|| LabelId::of(&label));
        let flood = self.settings.flood.clone();
        let mut trace = Trace { flood, label, label_id: Some(label_id), ..trace };
        let is_kept = self.caps.keep(clock::now().wall.0, &mut trace);
        self.shared.index().account.suppressed = self.caps.suppressed();
        if !is_kept {
            return Ok(());
        }
        let mut trace = trace.redacted(&self.redactor);
        let picture = trace.picture().filter(|_| self.pictures < PICTURES_MAX);
        if picture.is_none() {
            trace.screenshot_png_base64 = None;
        }
        let object = TraceObject::new(&self.settings.node, self.settings.run, &trace);
        let object = object.map_err(|error| error.to_string())?;
        self.pictures += u32::from(picture.is_some());
        if self.shared.is_left.load(Ordering::Acquire) {
            return Ok(());
        }
        let kept = match &self.settings.to {
            TraceTo::Dir(dir) => into_dir(dir, &trace, &object, picture.as_deref()),
            TraceTo::Objects(sink) => into_sink(sink, &trace, object),
        };
        let mut index = self.shared.index();
        match kept {
            Ok(name) => index.add(&trace, label_id, name, EXAMPLES_MAX),
            Err(why) => {
                index.account.lost += 1;
                drop(index);
                tracing::warn!("a trace is lost: {why}");
                if self.unkept == 0 {
                    self.unkept_why = why;
                }
                self.unkept += 1;
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
    let mut name = object.file_name(trace);
    if fs::symlink_metadata(dir.join(&name)).is_ok() {
        // Short ones are the same once in a while.
        name = format!("{}-{}.json", name.trim_end_matches(".json"), object.id);
    }
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
