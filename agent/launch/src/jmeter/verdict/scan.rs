//! Reads what JMeter writes, line by line, and keeps what explains a failed run.

use std::fmt;

/// Distinct findings kept; a broken plan repeats itself once a thread.
pub const FINDINGS_MAX: usize = 16;
/// Characters kept of a line.
const LINE_CHARS_MAX: usize = 400;
/// Bytes of a line that are looked at at all.
pub const LINE_BYTES_MAX: usize = 4 << 10;
/// Lines after an ERROR line in which its cause is looked for.
const CAUSE_LINES_MAX: u8 = 24;

/// The logger that tells the course of a plan, as JMeter's layout abbreviates it.
const ENGINE: &str = "o.a.j.e.StandardJMeterEngine: ";

/// Something in JMeter's output that fails a run. Each is displayed as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// The JVM ran out of memory.
    OutOfMemory {
        /// What kind of memory.
        what: String,
    },
    /// The JVM did not start.
    JvmRefused {
        /// Its complaint.
        complaint: String,
    },
    /// A class of the plan is not installed.
    MissingClass {
        /// Its name.
        class: String,
    },
    /// A file of the plan is not there.
    MissingFile {
        /// Its name as the plan has it.
        file: String,
    },
    /// JMeter could not read the plan.
    PlanNotLoaded {
        /// Why not.
        cause: String,
    },
    /// A thread died of an exception.
    ThreadDied {
        /// The exception.
        cause: String,
    },
    /// A port of JMeter's own is taken.
    PortTaken {
        /// What JMeter says about it.
        detail: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { what } => write!(
                f,
                "JMeter ran out of memory ({what}), so its numbers cannot be trusted: give it a larger heap or fewer \
                 users, and remove listeners that keep results"
            ),
            Self::JvmRefused { complaint } => {
                write!(
                    f,
                    "the JVM did not start ({complaint}): correct the heap size, the JVM options or the JMeter home"
                )
            }
            Self::MissingClass { class } => write!(
                f,
                "the plan needs the class {class}, which this JMeter does not have: put the plug-in's jar into lib/ext \
                 of the JMeter home, or remove the element from the plan"
            ),
            Self::MissingFile { file } => write!(
                f,
                "the plan reads the file `{file}`, which cannot be read: put it beside the plan, or correct its name in \
                 the plan"
            ),
            Self::PlanNotLoaded { cause } => {
                write!(
                    f,
                    "JMeter cannot load the plan ({cause}): open it in JMeter, correct it and save it again"
                )
            }
            Self::ThreadDied { cause } => {
                write!(
                    f,
                    "a thread of the plan died ({cause}), so part of the load is missing: see JMeter's log"
                )
            }
            Self::PortTaken { detail } => {
                write!(
                    f,
                    "JMeter could not open a port of its own ({detail}): stop whatever uses it or choose another"
                )
            }
        }
    }
}

/// What was said by the line before: decides what an exception means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// Nothing that matters.
    None,
    /// Just after an ERROR line: the exception that it reports.
    Error,
    /// After `Test failed!`: an exception that ended a thread.
    ThreadFailed,
    /// After `Problem loading XML`.
    PlanFailed,
    /// After `Cause:` of that.
    PlanCause,
    /// After the JVM's headline for what stopped it from starting.
    JvmInit,
}

/// Collects findings from lines of JMeter's log, standard output and standard error, each stream in its own scan or
/// all in one. Memory is bounded whatever is fed in.
#[derive(Debug, Clone)]
pub struct LogScan {
    findings: Vec<Finding>,
    context: Context,
    context_lines_left: u8,
    first_error: Option<String>,
    errors: u64,
    began: bool,
    ended: bool,
}

impl Default for LogScan {
    fn default() -> Self {
        Self {
            findings: Vec::new(),
            context: Context::None,
            context_lines_left: 0,
            first_error: None,
            errors: 0,
            began: false,
            ended: false,
        }
    }
}

impl LogScan {
    /// Takes one line, with or without its line break; need not be UTF-8.
    pub fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES_MAX)]);
        let line = line.trim_end();
        match log_line(line) {
            Some(("ERROR" | "FATAL", message)) => {
                self.memory(line);
                self.error(message);
            }
            // Other lines may quote anything, a server's answer for one.
            Some((_, message)) => {
                self.context = Context::None;
                self.course(message.strip_prefix(ENGINE).unwrap_or_default());
            }
            None => {
                self.course(line);
                self.memory(line);
                if self.context != Context::None {
                    self.below_error(line);
                }
                self.refused(line);
            }
        }
    }

    /// How many ERROR lines there were.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// Whether the plan began and its end was never said: JMeter's engine says both in its log, its launcher on
    /// standard output. Where only the beginning is lost (a rotated log), nothing is concluded.
    #[must_use]
    pub fn broke_off(&self) -> bool {
        self.began && !self.ended
    }

    /// All findings, in the order they came.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The finding that explains most.
    pub(super) fn worst(&self) -> Option<&Finding> {
        self.findings.iter().min()
    }

    /// A clause with the first ERROR line, if there was one.
    pub(super) fn hint(&self) -> String {
        self.first_error
            .as_ref()
            .map_or_else(String::new, |error| format!(" (first error in its log: {error})"))
    }

    fn memory(&mut self, line: &str) {
        const ERROR: &str = "java.lang.OutOfMemoryError";
        if let Some((_, rest)) = line.split_once(ERROR) {
            let what = rest.strip_prefix(": ").filter(|what| !what.is_empty()).unwrap_or("heap");
            self.find(Finding::OutOfMemory { what: short(what) });
        }
    }

    fn course(&mut self, words: &str) {
        self.began |= ["Running the test!", "Starting standalone test"].iter().any(|s| words.starts_with(s));
        self.ended |= ["Notifying test listeners of end of test", "... end of run"]
            .iter()
            .any(|s| words.starts_with(s));
    }

    /// The JVM's own words on standard error or output, before there is a log.
    fn refused(&mut self, line: &str) {
        const STARTS: [&str; 6] = [
            "Unrecognized VM option",
            "Unrecognized option",
            "Invalid maximum heap size",
            "Error: Unable to access jarfile",
            "Error: Could not find or load main class",
            "Conflicting collector combinations",
        ];
        if line == "Error occurred during initialization of VM" {
            self.enter(Context::JvmInit);
        } else if STARTS.iter().any(|start| line.starts_with(start)) {
            self.find(Finding::JvmRefused { complaint: short(line) });
        }
    }

    fn error(&mut self, message: &str) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| short(message));
        let failed = message.contains("JMeterThread: Test failed!");
        self.enter(if failed { Context::ThreadFailed } else { Context::Error });
        if let Some(file) = between(message, " can't load '", "' - see log") {
            self.find(Finding::MissingFile { file: short(file) });
        }
        if message.contains("java.net.BindException") {
            self.find(Finding::PortTaken { detail: short(message) });
        }
    }

    /// A line of the stack trace below an ERROR line.
    fn below_error(&mut self, line: &str) {
        self.context_lines_left = self.context_lines_left.saturating_sub(1);
        let context = self.context;
        if self.context_lines_left == 0 {
            self.context = Context::None;
        }
        if let Some(class) = missing_class(line) {
            self.find(Finding::MissingClass { class: short(&class) });
            self.context = Context::None;
        } else if let Some(file) = missing_file(line) {
            self.find(Finding::MissingFile { file: short(file) });
            self.context = Context::None;
        } else if line.contains("java.net.BindException") {
            self.find(Finding::PortTaken { detail: short(line) });
        } else if line.contains("Problem loading XML from") {
            self.context = Context::PlanFailed;
        } else {
            match context {
                Context::PlanFailed if line.trim() == "Cause:" => self.context = Context::PlanCause,
                Context::PlanCause => {
                    self.find(Finding::PlanNotLoaded { cause: short(line) });
                    self.context = Context::None;
                }
                Context::ThreadFailed => {
                    self.find(Finding::ThreadDied { cause: short(line) });
                    self.context = Context::None;
                }
                Context::JvmInit => {
                    self.find(Finding::JvmRefused { complaint: short(line) });
                    self.context = Context::None;
                }
                // Only the exception itself, not what its stack passed through.
                Context::Error => {
                    if let Some(error) = self.first_error.as_mut().filter(|error| error.ends_with(':')) {
                        *error = short(&format!("{error} {line}"));
                    }
                    self.context = Context::None;
                }
                Context::None | Context::PlanFailed => {}
            }
        }
    }

    fn enter(&mut self, context: Context) {
        (self.context, self.context_lines_left) = (context, CAUSE_LINES_MAX);
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// Level and message of a line in the layout of JMeter's `log4j2.xml`: `date time,ms LEVEL logger: message`.
fn log_line(line: &str) -> Option<(&str, &str)> {
    let mut parts = line.splitn(4, ' ');
    let (date, _time, level) = (parts.next()?, parts.next()?, parts.next()?);
    let dated = date.len() == 10 && date.starts_with(|c: char| c.is_ascii_digit());
    let known = ["ERROR", "FATAL", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level);
    (dated && known).then(|| (level, parts.next().unwrap_or_default()))
}

fn missing_class(line: &str) -> Option<String> {
    let name = ["CannotResolveClassException: ", "ClassNotFoundException: ", "NoClassDefFoundError: "]
        .iter()
        .find_map(|exception| Some(line.split_once(exception)?.1))?;
    let name = name.strip_prefix("Could not initialize class ").unwrap_or(name);
    let name = name.split([' ', '\t']).next().filter(|name| !name.is_empty())?;
    Some(name.replace('/', "."))
}

fn missing_file(line: &str) -> Option<&str> {
    between(line, "IllegalArgumentException: File ", " must exist and be readable")
}

fn between<'l>(line: &'l str, before: &str, after: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(LINE_CHARS_MAX).collect()
}
