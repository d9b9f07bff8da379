//! A tool that runs. No order to end it waits for a file: the run's directory may lie on a file system that hangs, so
//! whatever is read and written there is on threads of its own ([`FILES`]), and orders go by the supervisor's pipe.

use crate::base::file_threads::{FILES, NotDone};
use crate::cage::foreign_file;
use crate::cage::short_path::remove_links_into;
use crate::cage::supervise::{
    Signal, SuperviseError, Supervised, Swept, ToolEvent, ToolExit, ToolSpec, TreeEmpty,
};
use crate::tool::files::ToolFiles;
use crate::tool::prepared::Prepared;
use crate::tool::remarks::Remarks;
use crate::tool::stop_file::StopFile;
use gridnode_core::run::receipt::ToolEnd;
use gridnode_core::run::verdict::Exit;
use gridnode_launch::report::{REPORT_BYTES_MAX, Report};
use std::fs::File;
use std::future::pending;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// For a tool to be asked to end by way of a file, before it is told by a signal.
const ASK_WAIT: Duration = Duration::from_secs(2);
/// For the agent, which ends a tool in its own way, before its supervisor does.
const LONGEST_SLACK_MS: u64 = 5_000;
/// For the last look at a tool's files.
const LAST_LOOK_WAIT: Duration = Duration::from_secs(2);

/// See the module's head. Dropping it ends it, by way of its supervisor.
pub struct RunningTool {
    tool: Supervised,
    files: ToolFiles,
    stop_file: Arc<StopFile>,
    remarks: Remarks,
    /// The plug-in's report, made before the tool starts and kept open, like the stop file and for its reason.
    report: Option<Arc<File>>,
    /// The look that is under way.
    looking: Option<oneshot::Receiver<Look>>,
    /// A request to end that is under way: whether it could be made.
    asking: Option<oneshot::Receiver<bool>>,
}

/// What a look at the files has found.
struct Look {
    file: Option<Arc<File>>,
    report: Report,
}

impl RunningTool {
    /// Starts what was prepared. Should nobody have ended it so long after its start, its supervisor does.
    ///
    /// # Errors
    /// With a sentence about the program or path that is wrong.
    pub async fn start(prepared: &Prepared, longest_ms: Option<u64>) -> Result<Self, SuperviseError> {
        let longest_ms = longest_ms.map(|ms| ms.saturating_add(LONGEST_SLACK_MS));
        let (stop, report) = (prepared.stop_file.clone(), prepared.files.report.clone());
        let make = move || (StopFile::create(&stop), empty_report(&report));
        let made = FILES.within(ASK_WAIT, make).await;
        let (stop_file, report) =
            made.unwrap_or_else(|_| (StopFile::later(prepared.stop_file.clone()), None));
        let tool = Supervised::spawn(ToolSpec { longest_ms, ..prepared.spec.clone() }).await?;
        let (files, remarks) = (prepared.files.clone(), Remarks::default());
        let stop_file = Arc::new(stop_file);
        Ok(Self { tool, files, stop_file, remarks, report, looking: None, asking: None })
    }

    /// Its leader's pid.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.tool.pid()
    }

    /// The pid of its supervisor, the parent of everything that the tool leaves behind; `None` once that has ended.
    #[must_use]
    pub fn supervisor_pid(&self) -> Option<u32> {
        self.tool.supervisor_pid()
    }

    /// The directory of its tree's own cgroup, where it has one.
    #[must_use]
    pub fn cgroup_dir(&self) -> Option<PathBuf> {
        self.tool.cgroup_dir()
    }

    /// What happens to it next. Cancel safe. To be waited for all the time: also carries on what [`Self::ask_to_finish`] began.
    pub async fn next_event(&mut self) -> ToolEvent {
        loop {
            tokio::select! {
                event = self.tool.next_event() => return event,
                is_asked = answer(&mut self.asking) => {
                    self.asking = None;
                    if !is_asked {
                        self.terminate().await;
                    }
                }
            }
        }
    }

    /// Looks at what its plug-in warns of, each warning once. To be called about once a second. Never waits: gives what the look
    /// before has found, if that is over, and begins the next one.
    pub fn look(&mut self) -> Vec<String> {
        let found = match self.looking.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Err(oneshot::error::TryRecvError::Empty)) => return Vec::new(),
            Some(found) => found.ok(),
            None => None,
        };
        // Where that is not possible now it may be in a second.
        self.looking = self.begin_look(|| ()).ok();
        found.map(|look| self.learn(&look)).unwrap_or_default()
    }

    /// The last look, when nothing of it is left; also removes what nobody may find later. Waits for 2 s at most.
    pub async fn last_look(&mut self) -> Vec<String> {
        let before = self.looking.take();
        let files = self.files.clone();
        let last = self.begin_look(move || remove_secrets(&files));
        let looks = async {
            let mut found = Vec::new();
            for look in before.into_iter().chain(last.ok()) {
                found.extend(look.await);
            }
            found
        };
        let found = timeout(LAST_LOOK_WAIT, looks).await.unwrap_or_default();
        found.iter().flat_map(|look| self.learn(look)).collect()
    }

    /// Lets what is under way finish, then end. Never waits; where asking is not possible, SIGTERM follows.
    pub fn ask_to_finish(&mut self) {
        self.ask("finish");
    }

    /// Ends without waiting for anything. Likewise.
    pub fn ask_to_stop_now(&mut self) {
        self.ask("now");
    }

    /// SIGTERM.
    pub async fn terminate(&mut self) {
        if let Err(error) = self.tool.signal(Signal::Term).await {
            tracing::warn!(%error, "failed to terminate {}", self.files.kind.title());
        }
    }

    /// SIGKILL to its whole tree.
    pub async fn kill_tree(&mut self) {
        if let Err(error) = self.tool.kill_tree().await {
            tracing::warn!(%error, "failed to kill the processes of {}", self.files.kind.title());
        }
    }

    fn begin_look(&self, then: impl FnOnce() + Send + 'static) -> Result<oneshot::Receiver<Look>, NotDone> {
        let (files, kept) = (self.files.clone(), self.report.clone());
        FILES.start(move || {
            let file = kept.or_else(|| foreign_file::open(&files.report).ok().map(Arc::new));
            let report = file.as_deref().map(report_in).unwrap_or_default();
            let look = Look { file, report };
            then();
            look
        })
    }

    fn learn(&mut self, look: &Look) -> Vec<String> {
        self.report = self.report.take().or_else(|| look.file.clone());
        self.remarks.fresh(self.files.kind, &look.report)
    }

    /// Where asking is not possible, only a signal helps.
    fn ask(&mut self, request: &'static str) {
        let stop_file = Arc::clone(&self.stop_file);
        let (answer, asked) = oneshot::channel();
        let asking = FILES.within(ASK_WAIT, move || {
            stop_file
                .ask(request)
                .inspect_err(|error| tracing::warn!(%error, "failed to write {stop_file:?}"))
                .is_ok()
        });
        tokio::spawn(async move {
            let is_asked =
                asking.await.inspect_err(|error| tracing::warn!("the tool cannot be asked: {error}"));
            let _ = answer.send(is_asked.unwrap_or(false));
        });
        self.asking = Some(asked);
    }
}

impl Drop for RunningTool {
    fn drop(&mut self) {
        let files = self.files.clone();
        FILES.aside("removing a tool's parameters", move || remove_secrets(&files));
    }
}

/// A file that the plug-in appends to. `None` where it cannot be had; it is looked for later then.
fn empty_report(path: &Path) -> Option<Arc<File>> {
    foreign_file::create(path).and_then(|_| foreign_file::open(path)).ok().map(Arc::new)
}

/// What the plug-in has said until now.
fn report_in(file: &File) -> Report {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8 << 10];
    while (bytes.len() as u64) < REPORT_BYTES_MAX {
        match file.read_at(&mut chunk, bytes.len() as u64) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => break,
        }
    }
    Report::read(&bytes)
}

/// A runner that was killed could not remove the short name of its temporary directory.
fn remove_secrets(files: &ToolFiles) {
    files.run_dir().into_iter().for_each(remove_links_into);
    let arguments = &files.arguments;
    let _ = std::fs::remove_file(arguments);
    // Where they have a directory to themselves, it is empty now; the run's own is not, and stays.
    let _ = arguments.parent().map(std::fs::remove_dir);
}

async fn answer(asking: &mut Option<oneshot::Receiver<bool>>) -> bool {
    match asking {
        Some(asking) => asking.await.unwrap_or(false),
        None => pending().await,
    }
}

/// For the judgement.
#[must_use]
pub fn exit_of(exit: ToolExit) -> Exit {
    match (exit.code, exit.signal) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => Exit::Unknown,
    }
}

/// The same where the supervisor was killed: what the tool did itself, nobody saw.
#[must_use]
pub fn end_of_lost(swept: &Swept) -> ToolEnd {
    ToolEnd { tree_empty: swept.tree_empty(), killed_descendants: swept.killed, ..ToolEnd::default() }
}

/// For the receipt.
#[must_use]
pub fn end_of(tree: &TreeEmpty) -> ToolEnd {
    ToolEnd {
        code: tree.exit.code,
        signal: tree.exit.signal,
        tree_empty: Some(true),
        killed_descendants: tree.killed_descendants,
    }
}
