//! Proves that a JMeter and its plug-in work: a plan of two samples, and every datagram of it must arrive here.
//!
//! The JVM writes its class archive in the same run, so the plan touches what most plans touch: HTTP.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::assets;
use super::home;
use crate::cage::tail::tail;
use crate::tool::install::digest::bytes_text;
use crate::tool::install::error::InstallError;
use crate::tool::install::java::Java;
use crate::tool::install::process::{self, Ended, TAIL_BYTES_MAX, joined};
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// The plan's samples.
const SAMPLES: usize = 2;
/// Three seconds are usual; writing the archive on a busy machine takes more.
const VERIFY_LIMIT: Duration = Duration::from_secs(3 * 60);
const DATAGRAM_BYTES_MAX: usize = 65_507;

/// Runs the plan and leaves a class archive at `archive`. One that a JVM cannot make is made by a second one: that happens to a busy
/// machine, once in a while. That there is none then is only reported: JMeter starts without it, too.
pub fn run(
    workspace: &Workspace,
    java: &Java,
    home: &Path,
    plugin_jar: &Path,
    archive: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let all_arrived = format!("{SAMPLES} of {SAMPLES} samples arrived");
    for dir in ["verify", "verify-again"] {
        let dir = workspace.temporary().join(dir);
        once(&dir, java, home, plugin_jar, archive, progress)?;
        if let Ok(meta) = fs::metadata(archive) {
            progress.done(&format!("{all_arrived}; class archive of {}", bytes_text(meta.len())));
            return Ok(());
        }
        let console = tail(&dir.join("console.log"), TAIL_BYTES_MAX).unwrap_or_default();
        tracing::warn!(console, "the JVM has made no class archive");
    }
    progress.done(&format!("{all_arrived}; no class archive, JMeter starts a little slower"));
    Ok(())
}

/// One run, in a new directory.
fn once(
    dir: &Path,
    java: &Java,
    home: &Path,
    plugin_jar: &Path,
    archive: &Path,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    fs::create_dir(dir).map_err(InstallError::io("create", dir))?;
    let plan = dir.join("verify.jmx");
    fs::write(&plan, assets::verify_plan()).map_err(InstallError::io("write", &plan))?;
    let log = dir.join("jmeter.log");
    let loopback =
        |error| InstallError::Io { doing: "open a port on", path: "127.0.0.1".into(), source: error };
    let sump = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(loopback)?;
    let (page, page_thread) = serve_one_page().map_err(loopback)?;

    let mut command = Command::new(&java.program);
    command.current_dir(dir).arg("-XX:+UseSerialGC").arg(joined("-XX:ArchiveClassesAtExit=", archive));
    command.args(home::class_path_args(home, &[])).arg(joined("-Jsearch_paths=", plugin_jar));
    command.args(["-n", "-t"]).arg(&plan).arg("-j").arg(&log);
    command.arg("-Jgridnode.flood=verify").arg("-Jgridnode.sump_host=127.0.0.1");
    command.arg(format!("-Jgridnode.verify_port={}", page.port()));
    command.arg(format!("-Jgridnode.sump_port={}", sump.local_addr().map_err(loopback)?.port()));
    // No second guess at a port that another JMeter may hold, and no seconds of lingering.
    command.args(["-Jjmeterengine.nongui.port=0", "-Jjmeterengine.force.system.exit=true"]);
    let ended = process::run(&mut command, &dir.join("console.log"), VERIFY_LIMIT, || {
        progress.working("JMeter is running");
        !progress.is_cancelled()
    });
    // The page is waited for: an unasked one is asked here, so that its thread ends.
    drop(TcpStream::connect(page));
    drop(page_thread.join());

    let ended = ended.map_err(InstallError::io("run", &java.program))?;
    if let Ended::Stopped = ended
        && progress.is_cancelled()
    {
        return Err(InstallError::Cancelled);
    }
    judge(&received(&sump).map_err(loopback)?).map_err(|reason| InstallError::NotVerified {
        what: "the plug-in",
        reason,
        log: tail(&log, TAIL_BYTES_MAX)
            .or_else(|_| tail(&dir.join("console.log"), TAIL_BYTES_MAX))
            .unwrap_or_default(),
    })
}

/// Everything that waits in the socket.
fn received(sump: &UdpSocket) -> io::Result<String> {
    sump.set_nonblocking(true)?;
    let mut text = String::new();
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX];
    loop {
        match sump.recv(&mut datagram) {
            Ok(length) => text.push_str(&String::from_utf8_lossy(datagram.get(..length).unwrap_or_default())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(text),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn judge(lines: &str) -> Result<(), String> {
    let samples: Vec<&str> = lines.lines().filter(|line| line.starts_with("sample,")).collect();
    if lines.is_empty() {
        return Err("no datagram arrived from it".to_owned());
    }
    if samples.len() != SAMPLES {
        return Err(format!("{} of {SAMPLES} samples arrived", samples.len()));
    }
    if let Some(bad) = samples.iter().find(|line| !line.contains(",ok=t")) {
        return Err(format!("a sample failed: {bad}"));
    }
    if !lines.lines().any(|line| line.starts_with("ledger,") && line.ends_with(",final=t")) {
        return Err("it did not say its last word".to_owned());
    }
    Ok(())
}

/// One HTTP answer on loopback, for the first who asks.
fn serve_one_page() -> io::Result<(SocketAddr, std::thread::JoinHandle<io::Result<()>>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let thread = std::thread::Builder::new().name("one page".to_owned()).spawn(move || {
        let (mut stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // One small GET arrives in one piece; what it asks does not matter.
        let _ = stream.read(&mut [0; 4_096])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    })?;
    Ok((address, thread))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "users,flood=v active=1i 1\nsample,flood=v,label=a rt=1,ok=t 1\nsample,flood=v,label=b rt=1,ok=t 1\n\
                        ledger,flood=v,source=s seq=1i,samples=2i,truncated=0i,final=t\n";

    #[test]
    fn only_a_whole_run_passes() {
        assert_eq!(judge(GOOD), Ok(()));
        assert!(judge("").is_err());
        assert!(judge(&GOOD.replacen("sample,", "x,", 1)).is_err());
        assert!(judge(&GOOD.replacen("ok=t", "ok=f", 1)).is_err());
        assert!(judge(&GOOD.replace(",final=t", "")).is_err());
    }
}
