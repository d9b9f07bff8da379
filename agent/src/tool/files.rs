//! A run's files that are read after its end.

use crate::base::clock;
use crate::cage::foreign_file::head;
use crate::cage::tail::tail;
use crate::tool::directories::Directories;
use crate::tool::last_words::{NoLastWords, is_last_word};
use gridnode_core::base::limits::{PAST_SOURCES_MAX, SOURCES_MAX};
use gridnode_core::base::time::NS_PER_S;
use gridnode_launch::Planned;
use gridnode_launch::ToolKind;
use gridnode_launch::report::{REPORT_BYTES_MAX, Report};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Bytes of a log's end in which the lines to show are looked for.
const TAIL_BYTES_MAX: u64 = 16 << 10;
/// Of a JVM's crash: the signal, the version, the frame; not where its dump would lie.
const CRASH_LINES_MAX: usize = 8;
/// Bytes of an output's end in which the reason of a failure is looked for.
const SAID_BYTES_MAX: u64 = 256 << 10;
/// Bytes of a plug-in's last word: a line or two.
const FINAL_BYTES_MAX: u64 = 8 << 10;
/// Last words that are repeated: no more sending processes are accounted for.
const FINALS_MAX: usize = SOURCES_MAX + PAST_SOURCES_MAX;
/// Longest time for that: a script can put more files there than anybody waits for.
const FINALS_NS_MAX: u64 = 2 * NS_PER_S;
/// Last words that are sent at once: the kernel's default receive buffer holds a few hundred small datagrams.
const FINALS_AT_ONCE: usize = 64;
/// The pause after them, for whoever reads that buffer.
const FINALS_PAUSE: Duration = Duration::from_millis(1);

/// JMeter's parameters, in the run's directory.
pub const PARAMETERS_FILE: &str = "params.properties";

/// Time for [`ToolFiles::repeat_last_words`], which takes 2 s at most unless a file system hangs.
pub const LAST_WORDS_WAIT: Duration = Duration::from_secs(3);

/// Where a run's files are.
#[derive(Debug, Clone)]
pub struct ToolFiles {
    /// Whose they are.
    pub kind: ToolKind,
    /// The tool's own log, where it has one besides its outputs.
    pub log: Option<PathBuf>,
    /// The file with what is not on the command line: its arguments or parameters; removed with the end of the tool, for
    /// parameters may be secret.
    pub arguments: PathBuf,
    /// Its standard output.
    pub stdout: PathBuf,
    /// Its standard error.
    pub stderr: PathBuf,
    /// Where the plug-in leaves its last word.
    pub final_dir: PathBuf,
    /// What the plug-in says about itself.
    pub report: PathBuf,
    /// What its plan was to be.
    pub planned: Planned,
    /// Classes that its plan names and no jar has.
    pub absent_classes: Vec<String>,
}

impl ToolFiles {
    /// Those of a run in `dirs`, with the file of its arguments.
    #[must_use]
    pub fn new(kind: ToolKind, dirs: &Directories, arguments: PathBuf) -> Self {
        Self {
            kind,
            log: (kind == ToolKind::Jmeter).then(|| dirs.run.join("jmeter.log")),
            arguments,
            stdout: dirs.run.join("stdout.log"),
            stderr: dirs.run.join("stderr.log"),
            final_dir: dirs.traces.clone(),
            report: dirs.report_file(),
            planned: Planned::default(),
            absent_classes: Vec::new(),
        }
    }

    /// The run's directory.
    #[must_use]
    pub fn run_dir(&self) -> Option<&Path> {
        self.stdout.parent()
    }

    /// Sends the plug-ins' last words, which they have also left as files, to the sump: should the datagrams have been
    /// lost, the account is exact all the same; repeated ones count once. Gives what is called as they are and is none: the
    /// directory is the plan's. Blocks, for 2 s at most.
    #[must_use]
    pub fn repeat_last_words(&self, sump: SocketAddr) -> NoLastWords {
        let mut none = NoLastWords::default();
        let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) else { return none };
        let until = clock::now().mono.plus_ns(FINALS_NS_MAX);
        for (at, path) in finals(&self.final_dir, FINALS_MAX, || clock::now().mono < until).enumerate() {
            if at > 0 && at.is_multiple_of(FINALS_AT_ONCE) {
                thread::sleep(FINALS_PAUSE);
            }
            match head(&path, FINAL_BYTES_MAX) {
                Ok(line) if is_last_word(&path, &line) => {
                    let _ = socket.send_to(&line, sump);
                }
                _ => none.add(&path),
            }
        }
        none
    }

    /// What the plug-in has said about itself until now.
    #[must_use]
    pub fn report(&self) -> Report {
        head(&self.report, REPORT_BYTES_MAX).map(|bytes| Report::read(&bytes)).unwrap_or_default()
    }

    /// The end of its standard output, then that of its standard error.
    #[must_use]
    pub fn said(&self) -> String {
        [&self.stdout, &self.stderr].map(|path| tail(path, SAID_BYTES_MAX).unwrap_or_default()).join("\n")
    }

    /// The last lines of the tool's log and standard error, for a person to see why it failed.
    #[must_use]
    pub fn tail(&self, lines_max: usize) -> Vec<String> {
        let mut last = Vec::new();
        let log = self.log.as_ref().unwrap_or(&self.stdout);
        for path in [&self.stderr, log] {
            let Ok(text) = tail(path, TAIL_BYTES_MAX) else { continue };
            let lines: Vec<&str> = text.lines().filter(|line| says_something(line)).collect();
            last.extend(lines[lines.len().saturating_sub(lines_max)..].iter().map(|line| (*line).to_owned()));
        }
        if self.log.is_some() {
            // Where the JVM itself crashes, no log of the tool's has a word of it.
            last.extend(
                tail(&self.stdout, TAIL_BYTES_MAX).map(|text| crash_of_jvm(&text)).unwrap_or_default(),
            );
        }
        last
    }
}

/// What a JVM prints when it dies by a fault of its own or of the machine, without the file that is gone with the run.
fn crash_of_jvm(stdout: &str) -> Vec<String> {
    let head =
        ["# A fatal error has been detected by the Java", "# There is insufficient memory for the Java"];
    let lines = stdout.lines().skip_while(|line| !head.iter().any(|head| line.starts_with(head)));
    let said = lines.take_while(|line| line.starts_with('#')).filter(|line| line.len() > 2);
    said.take(CRASH_LINES_MAX).map(str::to_owned).collect()
}

/// The last words in `dir`, at most so many, as long as there is time to look at one more file.
fn finals(dir: &Path, max: usize, is_time: impl Fn() -> bool) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().take_while(move |_| is_time()).flatten();
    let is_final = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "final");
    entries.map(|entry| entry.path()).filter(is_final).take(max)
}

/// Whether a line of a log helps to see why a run failed: neither a frame of a stack, whose causes come between the
/// frames, nor Java's news of its preferences.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    // Java's own words, and those of Logback.
    let is_rest = |end| line.starts_with("... ") && line.ends_with(end);
    let is_frame = line.starts_with("at ") || is_rest(" more") || is_rest(" common frames omitted");
    let is_preferences =
        line.contains("java.util.prefs.") || line == "INFO: Created user preferences directory.";
    !line.is_empty() && !is_frame && !is_preferences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_jvm_says_when_it_crashes_is_found_among_what_it_printed() {
        let crash = "Starting the test\n#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n\
                     #  SIGSEGV (0xb) at pc=0x00007f, pid=12, tid=13\n#\n# JRE version: OpenJDK (17.0.13)\n\
                     # Problematic frame:\n# V  [libjvm.so+0x9b]\n#\n\n[error occurred]\n# no more\n";
        let said = crash_of_jvm(crash);
        assert_eq!(said.len(), 5, "{said:?}");
        assert!(said[1].contains("SIGSEGV") && said[4].contains("libjvm.so"), "{said:?}");
        assert_eq!(crash_of_jvm("# a comment of a script\n"), Vec::<String>::new());
    }

    fn last_word(n: usize) -> String {
        format!("ledger,flood=7,source={n} seq=1i,samples=1i,truncated=0i,final=t")
    }

    fn run_with_finals(count: usize) -> (tempfile::TempDir, ToolFiles) {
        let run = tempfile::tempdir().unwrap();
        let dirs = Directories::make(run.path()).unwrap();
        for n in 0..count {
            std::fs::write(dirs.traces.join(format!("{n}.final")), last_word(n)).unwrap();
            std::fs::write(dirs.traces.join(format!("{n}.trace")), "a trace").unwrap();
        }
        let arguments = dirs.run.join(PARAMETERS_FILE);
        (run, ToolFiles::new(ToolKind::Jmeter, &dirs, arguments))
    }

    #[test]
    fn last_words_are_bounded_in_number_and_time() {
        let (_run, files) = run_with_finals(5);
        let count = |max, is_time: bool| finals(&files.final_dir, max, move || is_time).count();
        assert_eq!(count(9, true), 5);
        assert_eq!(count(3, true), 3);
        assert_eq!(count(9, false), 0);
        assert_eq!(finals(Path::new("/absent"), 9, || true).count(), 0);
    }

    #[test]
    fn every_last_word_is_repeated() {
        let (_run, files) = run_with_finals(2 * FINALS_AT_ONCE + 1);
        let sump = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        sump.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let to = sump.local_addr().unwrap();
        std::fs::write(files.final_dir.join("x.final"), "{}").unwrap();
        let sender = thread::spawn(move || files.repeat_last_words(to));
        let mut heard = std::collections::BTreeSet::new();
        let mut word = [0; 128];
        while heard.len() < 2 * FINALS_AT_ONCE + 1 {
            let bytes = sump.recv(&mut word).unwrap();
            heard.insert(word[..bytes].to_vec());
        }
        let none = sender.join().unwrap();
        assert!(heard.contains(last_word(0).as_bytes()) && !heard.contains(&b"{}"[..]));
        assert!(none.said().unwrap().starts_with("x.final among"), "{none:?}");
    }

    #[test]
    fn frames_of_a_stack_and_what_stands_for_them_say_nothing() {
        for noise in
            ["\tat shop.Cart.add(Cart.java:7)", "\t... 12 more", "\t... 12 common frames omitted", " "]
        {
            assert!(!says_something(noise), "{noise}");
        }
        for cause in ["Caused by: java.net.ConnectException: refused", "... and so on"] {
            assert!(says_something(cause), "{cause}");
        }
    }
}
