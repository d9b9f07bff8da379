//! A tool that runs.

use super::{Prepared, Remarks, StopWay, ToolFiles};
use crate::cage::foreign_file;
use crate::cage::short_path::remove_links_into;
use crate::cage::supervise::{Signal, SuperviseError, Supervised, ToolEvent, ToolExit, TreeEmpty};
use crate::tool::jmeter::shutdown_port;
use gridnode_core::run::receipt::ToolEnd;
use gridnode_core::run::verdict::Exit;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;

/// See the module's head. Dropping it ends it, by way of its supervisor.
pub struct RunningTool {
    tool: Supervised,
    files: ToolFiles,
    stop: StopWay,
    remarks: Remarks,
    /// Where JMeter listens for its stop, once it has said so.
    port: Option<u16>,
}

impl RunningTool {
    /// Starts what was prepared.
    ///
    /// # Errors
    /// With a sentence about the program or path that is wrong.
    pub async fn start(prepared: &Prepared) -> Result<Self, SuperviseError> {
        let tool = Supervised::spawn(prepared.spec.clone()).await?;
        let (files, stop) = (prepared.files.clone(), prepared.stop.clone());
        Ok(Self { tool, files, stop, remarks: Remarks::default(), port: None })
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

    /// Looks at its files: what its plug-in warns of, each warning once, and the port on which JMeter listens for its
    /// stop. To be called about once a second: later on, the line that names the port may have been rotated out of the
    /// log.
    pub fn look(&mut self) -> Vec<String> {
        if self.stop == StopWay::JmeterPort {
            self.port = self.port.or_else(|| shutdown_port(&self.files.stdout));
        }
        self.remarks.fresh(&self.files)
    }

    /// Lets what is under way finish, then end.
    pub async fn ask_to_finish(&mut self) {
        self.ask("Shutdown", "finish\n").await;
    }

    /// Ends without waiting for anything.
    pub async fn ask_to_stop_now(&mut self) {
        self.ask("StopTestNow", "now\n").await;
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
    async fn ask(&mut self, jmeter_says: &str, file_says: &str) {
        let asked = match &self.stop {
            StopWay::File(path) => foreign_file::put(path, file_says.as_bytes())
                .inspect_err(|error| tracing::warn!(%error, "failed to write {}", path.display()))
                .is_ok(),
            StopWay::JmeterPort => {
                self.port = self.port.or_else(|| shutdown_port(&self.files.stdout));
                self.port.is_some_and(|port| say(port, jmeter_says).is_ok())
            }
        };
        if !asked {
            self.terminate().await;
        }
    }
}

impl Drop for RunningTool {
    fn drop(&mut self) {
        // A runner that was killed could not remove the short name of its temporary directory.
        self.files.run_dir().into_iter().for_each(remove_links_into);
        if let Some(arguments) = &self.files.arguments {
            let _ = std::fs::remove_file(arguments);
        }
    }
}

/// JMeter listens on a UDP port for an exact payload.
fn say(port: u16, payload: &str) -> std::io::Result<usize> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.send_to(payload.as_bytes(), (Ipv4Addr::LOCALHOST, port))
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
