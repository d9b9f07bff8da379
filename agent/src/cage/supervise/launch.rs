//! Starts the tool: everything between a checked spec and a running leader.

use super::cgroup::Cgroup;
use super::pump::Pump;
use super::refusal::{Refusal, clip};
use super::rotating_log::RotatingLog;
use super::spec::{Limit, MARKER_VARIABLE, Resource, ToolSpec};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Of 1000, which says that a process is ended first of all.
const TOOL_OOM_SCORE: i32 = 800;

/// The tool is running.
pub(super) struct Launched {
    /// The leader, also its process group and session.
    pub(super) pid: i32,
    /// Of standard output.
    pub(super) stdout: Pump,
    /// Of standard error.
    pub(super) stderr: Pump,
}

/// Starts the tool of `spec`, inside `cgroup` if there is one.
///
/// # Errors
/// A [`Refusal`] for each thing that may be missing; then nothing runs.
pub(super) fn launch(spec: &ToolSpec, cgroup: Option<&Cgroup>) -> Result<Launched, Refusal> {
    check_working_dir(&spec.working_dir)?;
    let program = find_program(spec)?;
    remove_stale(&spec.exit_file)?;
    let log = |path: &Path| RotatingLog::create(path, spec.log_bytes_max).map_err(|e| Refusal::file(path, e));
    let (stdout_log, stderr_log) = (log(&spec.stdout_log)?, log(&spec.stderr_log)?);
    let (stdout, tool_stdout) = io::pipe().map_err(|e| Refusal::system("make a pipe", e))?;
    let (stderr, tool_stderr) = io::pipe().map_err(|e| Refusal::system("make a pipe", e))?;
    // The pumps go first: a thread that cannot be made must not leave a running tool behind.
    let stdout = Pump::start(stdout, stdout_log).map_err(|e| Refusal::system("start a thread", e))?;
    let stderr = Pump::start(stderr, stderr_log).map_err(|e| Refusal::system("start a thread", e))?;
    let mut command = Command::new(&program);
    command.args(&spec.args).env_clear().env(MARKER_VARIABLE, &spec.marker);
    command.envs(spec.env.iter().map(|(name, value)| (name, value))).current_dir(&spec.working_dir);
    command.stdin(Stdio::null()).stdout(tool_stdout).stderr(tool_stderr);
    let entrance = cgroup.and_then(Cgroup::entrance);
    prepare_child(&mut command, &spec.limits, entrance);
    let child = command.spawn().map_err(|e| exec_refusal(&program, &e))?;
    let pid = i32::try_from(child.id()).map_err(|e| Refusal::system("start the tool", e))?;
    Ok(Launched { pid, stdout, stderr })
}

/// An exit file of an earlier run would be taken for this one's.
fn remove_stale(exit_file: &Path) -> Result<(), Refusal> {
    let parent = exit_file.parent().unwrap_or(exit_file);
    if !parent.is_dir() {
        return Err(Refusal::file(exit_file, "its directory does not exist"));
    }
    match std::fs::remove_file(exit_file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Refusal::file(exit_file, e)),
        _ => Ok(()),
    }
}

fn check_working_dir(dir: &Path) -> Result<(), Refusal> {
    let why = match std::fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => return Ok(()),
        Ok(_) => "it is not a directory".to_owned(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => "it does not exist".to_owned(),
        Err(e) => e.to_string(),
    };
    Err(Refusal::WorkingDir { dir: clip(&dir.to_string_lossy()), why })
}

/// The absolute path of the program: as given, or the first executable file of that name in the tool's own `PATH`.
fn find_program(spec: &ToolSpec) -> Result<PathBuf, Refusal> {
    let name = &spec.program;
    let missing =
        |searched: String| Refusal::ProgramMissing { program: clip(&name.to_string_lossy()), searched };
    if name.is_absolute() {
        return match std::fs::metadata(name) {
            Ok(meta) if is_executable(&meta) => Ok(name.clone()),
            Ok(meta) if meta.is_dir() => Err(not_executable(name, "it is a directory")),
            Ok(_) => Err(not_executable(name, "it has no execute permission (chmod +x)")),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(missing(String::new())),
            Err(e) => Err(not_executable(name, &e.to_string())),
        };
    }
    let path = spec.env.iter().find(|(key, _)| key == "PATH").map_or(OsStr::new(""), |(_, value)| value);
    let found = path.as_bytes().split(|b| *b == b':').map(|dir| Path::new(OsStr::from_bytes(dir)).join(name));
    // An empty or relative entry would mean a place that depends on the working directory: skipped.
    let found = found.filter(|path| path.is_absolute());
    let mut found = found.filter(|path| std::fs::metadata(path).is_ok_and(|meta| is_executable(&meta)));
    found.next().ok_or_else(|| missing(format!(" in PATH `{}`", clip(&path.to_string_lossy()))))
}

fn is_executable(meta: &std::fs::Metadata) -> bool {
    meta.is_file() && meta.permissions().mode() & 0o111 != 0
}

fn not_executable(program: &Path, why: &str) -> Refusal {
    Refusal::NotExecutable { program: clip(&program.to_string_lossy()), why: clip(why) }
}

/// What the child does between fork and exec.
fn prepare_child(command: &mut Command, limits: &[Limit], entrance: Option<File>) {
    let supervisor = nix::unistd::getpid();
    let mut limits: Vec<(libc::__rlimit_resource_t, u64)> =
        limits.iter().map(|limit| (resource_number(limit.resource), limit.value)).collect();
    if !limits.iter().any(|(resource, _)| *resource == libc::RLIMIT_CORE) {
        limits.push((libc::RLIMIT_CORE, 0));
    }
    let oom_score = oom_score();
    let before_exec = move || {
        if let Some(procs) = &entrance {
            // SAFETY: an open descriptor and one byte. A failure is made up for by the sweep.
            unsafe { libc::write(procs.as_raw_fd(), b"0".as_ptr().cast(), 1) };
        }
        nix::unistd::setsid()?;
        nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
        if nix::unistd::getppid() != supervisor {
            // The supervisor died before the death signal was armed.
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        reset_signals();
        set_oom_score(&oom_score);
        for (resource, value) in &limits {
            let limit = libc::rlimit { rlim_cur: *value, rlim_max: *value };
            // SAFETY: a pointer to a limit that lives through the call.
            if unsafe { libc::setrlimit(*resource, &raw const limit) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: the closure makes async-signal-safe system calls only, allocates nothing and takes no lock.
    unsafe { command.pre_exec(before_exec) };
}

/// What the tool gets as its `oom_score_adj`: when memory is short the kernel ends tools before agents, whose place in that order
/// stays what the operator made it.
fn oom_score() -> String {
    let own = std::fs::read_to_string("/proc/self/oom_score_adj").ok();
    let own = own.and_then(|text| text.trim().parse::<i32>().ok()).unwrap_or(0);
    own.max(TOOL_OOM_SCORE).to_string()
}

/// Between fork and exec. A failure costs the order in which the kernel kills, and nothing else.
fn set_oom_score(score: &str) {
    // The file belongs to root as long as this copy of the supervisor hides its memory, in which there is nothing but the spec of
    // the tool that is to be started.
    let _ = nix::sys::prctl::set_dumpable(true);
    // SAFETY: a path that ends with NUL, flags, an open descriptor, and bytes that live through the calls.
    unsafe {
        let file = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file >= 0 {
            libc::write(file, score.as_ptr().cast(), score.len());
            libc::close(file);
        }
    }
}

/// Every signal at its default and none blocked: a JVM that starts with SIGINT ignored never reacts to it.
///
/// By the bare system call: the C library refuses 32 and 33, which `posix_spawn` of glibc leaves ignored.
fn reset_signals() {
    // The kernel's sigaction of a 64-bit machine: handler (0 is the default), flags, restorer, mask.
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: points to a structure of the right size; SIGKILL and SIGSTOP are refused harmlessly.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                std::ptr::null::<u64>(),
                size_of::<u64>(),
            )
        };
    }
    let _ = nix::sys::signal::SigSet::empty().thread_set_mask();
}

fn resource_number(resource: Resource) -> libc::__rlimit_resource_t {
    match resource {
        Resource::Core => libc::RLIMIT_CORE,
        Resource::OpenFiles => libc::RLIMIT_NOFILE,
        Resource::Processes => libc::RLIMIT_NPROC,
        Resource::AddressSpace => libc::RLIMIT_AS,
        Resource::FileSize => libc::RLIMIT_FSIZE,
    }
}

fn exec_refusal(program: &Path, error: &io::Error) -> Refusal {
    match error.raw_os_error() {
        Some(libc::ENOENT) => {
            not_executable(program, "its interpreter or loader is missing (see its first line)")
        }
        Some(libc::EACCES) => {
            not_executable(program, "permission denied, or its file system is mounted noexec")
        }
        Some(libc::E2BIG) => Refusal::spec("arguments and environment are longer than the kernel takes"),
        Some(libc::EPERM) => Refusal::system("set a resource limit (above the hard limit?)", error),
        _ => Refusal::system("start the tool", error),
    }
}
