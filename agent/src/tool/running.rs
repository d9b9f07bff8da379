//! A tool that runs.

use crate::cage::foreign_file;
use crate::cage::short_path::remove_links_into;
use crate::cage::supervise::{Signal, SuperviseError, Supervised, ToolEvent, ToolExit, TreeEmpty};
use crate::tool::files::ToolFiles;
use crate::tool::prepared::Prepared;
use crate::tool::remarks::Remarks;
use gridnode_core::run::receipt::ToolEnd;
use gridnode_core::run::verdict::Exit;
use std::path::PathBuf;

/// See the module's head. Dropping it ends it, by way of its supervisor.
pub struct RunningTool {
    tool: Supervised,
    files: ToolFiles,
    stop_file: PathBuf,
    remarks: Remarks,
}

impl RunningTool {
    /// Starts what was prepared.
    ///
    /// # Errors
    /// With a sentence about the program or path that is wrong.
    pub async fn start(prepared: &Prepared) -> Result<Self, SuperviseError> {
        let tool = Supervised::spawn(prepared.spec.clone()).await?;
        let (files, stop_file) = (prepared.files.clone(), prepared.stop_file.clone());
        Ok(Self { tool, files, stop_file, remarks: Remarks::default() })
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

    /// What happens to it next. Cancel safe.
    pub async fn next_event(&mut self) -> ToolEvent {
        self.tool.next_event().await
    }

    /// Looks at what its plug-in warns of, each warning once. To be called about once a second.
    pub fn look(&mut self) -> Vec<String> {
        self.remarks.fresh(&self.files)
    }

    /// Lets what is under way finish, then end.
    pub async fn ask_to_finish(&mut self) {
        self.ask("finish\n").await;
    }

    /// Ends without waiting for anything.
    pub async fn ask_to_stop_now(&mut self) {
        self.ask("now\n").await;
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

    /// Where asking is not possible, only a signal helps.
    async fn ask(&mut self, request: &str) {
        if let Err(error) = foreign_file::put(&self.stop_file, request.as_bytes()) {
            tracing::warn!(%error, "failed to write {}", self.stop_file.display());
            self.terminate().await;
        }
    }
}

impl Drop for RunningTool {
    fn drop(&mut self) {
        // A runner that was killed could not remove the short name of its temporary directory.
        self.files.run_dir().into_iter().for_each(remove_links_into);
        let arguments = &self.files.arguments;
        let _ = std::fs::remove_file(arguments);
        // Where they have a directory to themselves, it is empty now; the run's own is not, and stays.
        let _ = arguments.parent().map(std::fs::remove_dir);
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

/// For the receipt.
#[must_use]
pub fn end_of(tree: &TreeEmpty) -> ToolEnd {
    ToolEnd {
        code: tree.exit.code,
        signal: tree.exit.signal,
        tree_empty: true,
        killed_descendants: tree.killed_descendants,
    }
}
