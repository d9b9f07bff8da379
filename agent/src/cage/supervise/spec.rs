//! What to run: [`ToolSpec`], and its one line of JSON on the supervisor's standard input.
//!
//! The spec never travels on a command line, where every user of the machine could read it. A text that is not UTF-8
//! is written as an array of bytes.

use super::refusal::Refusal;
use crate::cage::slot::Slot;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The environment variable that marks every process of a run.
pub const MARKER_VARIABLE: &str = "GRIDNODE_TREE";
/// Between the leader's exit (SIGTERM to what is left) and SIGKILL.
pub const GRACE_MS_DEFAULT: u64 = 500;
/// A smaller log bound would rotate with every write.
pub const LOG_BYTES_MIN: u64 = 8 * 1024;
/// Arguments and environment cannot exceed what the kernel takes for an exec (2 MiB); JSON may double that.
pub(super) const SPEC_BYTES_MAX: usize = 8 << 20;
/// A marker is part of a cgroup's name.
const MARKER_BYTES_MAX: usize = 128;

/// One tool to run.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// An absolute path, or a bare name that is looked up in `PATH` of `env`.
    #[serde(with = "os_path")]
    pub program: PathBuf,
    /// The arguments after the program's name.
    #[serde(with = "os_list")]
    pub args: Vec<OsString>,
    /// The whole environment: nothing is inherited. [`MARKER_VARIABLE`] is added where it is absent.
    #[serde(with = "os_pairs")]
    pub env: Vec<(OsString, OsString)>,
    /// Where the tool starts; must exist.
    #[serde(with = "os_path")]
    pub working_dir: PathBuf,
    /// Log of standard output; the older half is this path with `.1` appended. Emptied at the start.
    #[serde(with = "os_path")]
    pub stdout_log: PathBuf,
    /// Log of standard error, likewise.
    #[serde(with = "os_path")]
    pub stderr_log: PathBuf,
    /// The most bytes that each stream's two log files may take together; at least [`LOG_BYTES_MIN`].
    pub log_bytes_max: u64,
    /// Where the [`ExitRecord`](super::ExitRecord) goes when the tree is empty; an older one is removed at the start.
    #[serde(with = "os_path")]
    pub exit_file: PathBuf,
    /// Value of [`MARKER_VARIABLE`]: 1 to 128 characters from `A-Z a-z 0-9 _ . : -`, unique to this run on this machine.
    pub marker: String,
    /// How long descendants that outlive the leader have between SIGTERM and SIGKILL.
    pub grace_ms: u64,
    /// So long after its start the supervisor ends it by itself, in stages, whatever has become of the agent; `None` for never.
    /// On a clock that stands still while the machine sleeps.
    pub longest_ms: Option<u64>,
    /// The agent's lease: when it has said nothing for so long, the tree is killed, be the connection open or not. The handle renews it
    /// by itself. On the same clock; `None` for none.
    #[serde(default)]
    pub lease_ms: Option<u64>,
    /// Resource limits besides "no core dumps", which always holds unless [`Resource::Core`] is given.
    pub limits: Vec<Limit>,
    /// Files with secrets that are removed when the tree is empty, whoever is still there to do it; absolute.
    #[serde(with = "os_list")]
    pub remove_at_end: Vec<OsString>,
    /// Directories that are removed, as the last thing, when the agent is gone; while it is there it does that itself. Absolute.
    #[serde(with = "os_list")]
    pub scratch_dirs: Vec<OsString>,
    /// Use a cgroup of its own where one can be made. Off in tests of the other way, or where an operator says so.
    pub use_cgroup: bool,
    /// What the supervisor, as the run's user, must not be able to reach; else it refuses. `None` where a run is the agent's user.
    pub out_of_reach: Option<OutOfReach>,
    /// Where it runs; `None` for below this process. Not for the supervisor.
    #[serde(skip)]
    pub slot: Option<Slot>,
}

/// What a plan must not get at. The supervisor tries it, for what is written in a unit may not be what the machine does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfReach {
    /// The agent's user: the run's must be another one.
    pub uid: u32,
    /// Addresses that take no connection: the metadata service, and a port of the agent that the rules of the network keep from runs.
    pub addresses: Vec<SocketAddr>,
    /// Files and directories that cannot be read, where they are there at all.
    pub paths: Vec<PathBuf>,
}

/// The environment's names alone: its values may be secrets, and this may reach a log.
impl fmt::Debug for ToolSpec {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            program,
            args,
            env,
            working_dir,
            stdout_log,
            stderr_log,
            log_bytes_max,
            exit_file,
            marker,
            grace_ms,
            longest_ms,
            lease_ms,
            limits,
            remove_at_end,
            scratch_dirs,
            use_cgroup,
            out_of_reach,
            slot,
        } = self;
        let env: Vec<_> = env.iter().map(|(name, _)| name).collect();
        to.debug_struct("ToolSpec")
            .field("program", program)
            .field("args", args)
            .field("env", &env)
            .field("working_dir", working_dir)
            .field("stdout_log", stdout_log)
            .field("stderr_log", stderr_log)
            .field("log_bytes_max", log_bytes_max)
            .field("exit_file", exit_file)
            .field("marker", marker)
            .field("grace_ms", grace_ms)
            .field("longest_ms", longest_ms)
            .field("lease_ms", lease_ms)
            .field("limits", limits)
            .field("remove_at_end", remove_at_end)
            .field("scratch_dirs", scratch_dirs)
            .field("use_cgroup", use_cgroup)
            .field("out_of_reach", out_of_reach)
            .field("slot", slot)
            .finish()
    }
}

/// A soft and hard resource limit of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// What is limited.
    pub resource: Resource,
    /// Both limits, in the resource's own unit.
    pub value: u64,
}

/// What can be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Bytes of a core dump.
    Core,
    /// Open files.
    OpenFiles,
    /// Processes and threads of the user (not of the tree).
    Processes,
    /// Bytes of address space; a JVM reserves far more than it uses.
    AddressSpace,
    /// Bytes of one written file.
    FileSize,
}

impl ToolSpec {
    /// The spec as its line, newline included, after the same checks as the supervisor's own.
    ///
    /// # Errors
    /// [`Refusal::Spec`] when it contradicts itself.
    pub(super) fn to_line(&self) -> Result<Vec<u8>, Refusal> {
        self.check()?;
        let mut line = serde_json::to_vec(self).map_err(|e| Refusal::spec(e.to_string()))?;
        if line.len() >= SPEC_BYTES_MAX {
            return Err(Refusal::spec(format!("it is {} bytes long, over {SPEC_BYTES_MAX}", line.len())));
        }
        line.push(b'\n');
        Ok(line)
    }

    /// Reads a line.
    ///
    /// # Errors
    /// [`Refusal::Spec`] when it is not JSON, lacks a field or contradicts itself.
    pub(super) fn from_line(line: &[u8]) -> Result<Self, Refusal> {
        let spec: Self = serde_json::from_slice(line).map_err(|e| Refusal::spec(e.to_string()))?;
        spec.check()?;
        Ok(spec)
    }

    fn check(&self) -> Result<(), Refusal> {
        let absolute: [(&str, &Path); 4] = [
            ("working_dir", &self.working_dir),
            ("stdout_log", &self.stdout_log),
            ("stderr_log", &self.stderr_log),
            ("exit_file", &self.exit_file),
        ];
        if let Some((field, path)) = absolute.iter().find(|(_, path)| !path.is_absolute()) {
            return Err(Refusal::spec(format!("{field} `{}` must be an absolute path", path.display())));
        }
        if !self.program.is_absolute() && self.program.components().count() != 1 {
            let program = self.program.display();
            return Err(Refusal::spec(format!(
                "program `{program}` must be an absolute path or a bare name"
            )));
        }
        if self.stdout_log == self.stderr_log {
            return Err(Refusal::spec("stdout_log and stderr_log must differ"));
        }
        if self.log_bytes_max < LOG_BYTES_MIN {
            return Err(Refusal::spec(format!("log_bytes_max must be at least {LOG_BYTES_MIN}")));
        }
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
        if !(1..=MARKER_BYTES_MAX).contains(&self.marker.len()) || !self.marker.bytes().all(fine) {
            return Err(Refusal::spec("marker must be 1 to 128 characters from A-Z a-z 0-9 _ . : -"));
        }
        self.check_env()?;
        match self.args.iter().find(|arg| arg.as_bytes().contains(&0)) {
            Some(arg) => Err(Refusal::spec(format!("argument `{}` has a NUL byte", arg.to_string_lossy()))),
            None => Ok(()),
        }
    }

    fn check_env(&self) -> Result<(), Refusal> {
        for (name, value) in &self.env {
            let shown = name.to_string_lossy();
            let bytes = name.as_bytes();
            if bytes.is_empty() || bytes.contains(&b'=') || bytes.contains(&0) {
                return Err(Refusal::spec(format!("`{shown}` is no name for an environment variable")));
            }
            if value.as_bytes().contains(&0) {
                return Err(Refusal::spec(format!("environment variable `{shown}` has a NUL byte")));
            }
            if shown == MARKER_VARIABLE && value.as_bytes() != self.marker.as_bytes() {
                return Err(Refusal::spec(format!("{MARKER_VARIABLE} in env differs from marker")));
            }
        }
        Ok(())
    }
}

/// A text of the operating system in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OsText {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<OsString> for OsText {
    fn from(text: OsString) -> Self {
        text.into_string().map_or_else(|raw| Self::Bytes(raw.into_vec()), Self::Text)
    }
}

impl From<OsText> for OsString {
    fn from(text: OsText) -> Self {
        match text {
            OsText::Text(text) => text.into(),
            OsText::Bytes(bytes) => Self::from_vec(bytes),
        }
    }
}

mod os_path {
    use super::{OsString, OsText, Path, PathBuf};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Path, s: S) -> Result<S::Ok, S::Error> {
        OsText::from(path.as_os_str().to_owned()).serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<PathBuf, D::Error> {
        OsText::deserialize(d).map(|text| PathBuf::from(OsString::from(text)))
    }
}

mod os_list {
    use super::{OsString, OsText};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(list: &[OsString], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(list.iter().map(|text| OsText::from(text.clone())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<OsString>, D::Error> {
        Ok(Vec::<OsText>::deserialize(d)?.into_iter().map(OsString::from).collect())
    }
}

mod os_pairs {
    use super::{OsString, OsText};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(pairs: &[(OsString, OsString)], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(pairs.iter().map(|(k, v)| (OsText::from(k.clone()), OsText::from(v.clone()))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<(OsString, OsString)>, D::Error> {
        Ok(Vec::<(OsText, OsText)>::deserialize(d)?.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

#[cfg(test)]
mod tests;
