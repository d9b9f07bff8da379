//! Reads what JMeter writes, line by line, and keeps what explains a failed run.

use super::course::{Course, Early};
use super::finding::Finding;
use super::functions::Functions;
use super::jumps::Jumps;
use super::log_line::{ENGINE, LogLine, THREAD, short};
use super::loopless::Loopless;
use super::unresolved::Unresolved;
use super::unsent::{NOT_SENT, Unsaid, Unsent};
use crate::load::{Late, Planned};
use std::borrow::Cow;

/// Distinct findings kept; a broken plan repeats itself once a thread.
pub const FINDINGS_MAX: usize = 16;
/// Bytes of a line that are looked at at all.
pub const LINE_BYTES_MAX: usize = 4 << 10;
/// Lines after an ERROR line in which its cause is looked for.
const CAUSE_LINES_MAX: u8 = 24;
/// What a CSV Data Set says where its variables' names are to come from its file.
const HEADER_NOT_READ: &str = "IllegalArgumentException: Could not read file header line for file ";
/// What a thread says of the exception that ends it.
const FAILED: &str = "Test failed!";
const OF_MEMORY: &str = "java.lang.OutOfMemoryError";
/// What the engine says of a plan that it cannot put together, most often for a function's wrong arguments.
const NOT_COMPILED: &str = "Error occurred compiling the tree";
/// The same of an element that fails when the test is to begin, before its class and its number in memory.
const NOT_PREPARED: (&str, &str) = ("Unable to execute testStarted(", ") for test element ");
/// What loads fragments.
const INCLUDE: &str = "o.a.j.c.IncludeController";

/// What was said by the line before: decides what an exception means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Context {
    /// Nothing that matters.
    #[default]
    None,
    /// Just after an ERROR line: the exception that it reports.
    Error,
    /// The same of the engine's or a thread's, whose exceptions are JMeter's own.
    OwnError,
    /// The same before there are threads: what is missing then is missing to the plan.
    StartError,
    /// After what the engine says where it does not come to start the test: why.
    NotBegun,
    /// After `Test failed!`: an exception that ended a thread.
    ThreadFailed,
    /// After a sampler that could not be sent.
    NotSent,
    /// After a function that failed.
    Function,
    /// After `Problem loading XML`.
    PlanFailed,
    /// After `Cause:` of that.
    PlanCause,
    /// After a fragment that could not be loaded.
    Fragment,
    /// After `Cause:` of that.
    FragmentCause,
    /// After what it was, in the stack trace that says who wanted it.
    FragmentStack,
    /// After the JVM's headline for what stopped it from starting.
    JvmInit,
}

/// Collects findings from the lines of JMeter's log and of its two outputs. Memory is bounded whatever is fed in.
///
/// What a target answers and what a script prints is in all of them. So of the log only the lines of JMeter's own loggers
/// count, and the exception right below them; of the outputs what the JVM itself says, and the judge asks whether that fits
/// how it ended.
#[derive(Debug, Clone, Default)]
pub struct LogScan {
    findings: Vec<Finding>,
    jvm: Vec<Finding>,
    context: Context,
    context_lines_left: u8,
    first_error: Option<String>,
    errors: u64,
    course: Course,
    unsent: Unsent,
    /// What does not let the test begin, in words.
    unready: String,
    functions: Functions,
    jumps: Jumps,
    unresolved: Unresolved,
    loopless: Loopless,
    fragment: String,
    /// Found, unless nobody wanted it.
    unwanted: Option<Finding>,
}

impl LogScan {
    /// Takes one line of the log, with or without its line break; need not be UTF-8.
    pub fn line(&mut self, line: &[u8]) {
        let line = text_of(line);
        let line = line.trim_end();
        match LogLine::parse(line) {
            Some(head) if head.is_error() => self.error(&head),
            // Other lines may quote anything, a server's answer for one.
            Some(head) => {
                self.context = Context::None;
                self.course.line(&head);
                self.jumps.line(&head);
                self.unresolved.line(&head);
                self.loopless.line(&head);
                self.fragment(&head);
                self.warning(&head);
            }
            None if self.context != Context::None => self.below_error(line),
            None => {}
        }
    }

    /// Takes one line of standard output or standard error. Between the two, [`Self::output_begins`].
    pub fn said(&mut self, line: &[u8]) {
        let line = text_of(line);
        let line = line.trim_end();
        self.course.said(line);
        self.refused(line);
        const MEMORY: [&str; 2] =
            ["Terminating due to java.lang.OutOfMemoryError", "Exception: java.lang.OutOfMemoryError"];
        if let Some(rest) = MEMORY.iter().find_map(|start| line.strip_prefix(start)) {
            keep(&mut self.jvm, out_of_memory(rest.strip_prefix(": ").unwrap_or_default()));
        }
    }

    /// Another file begins: what was said last in the one before has no meaning for it.
    pub fn output_begins(&mut self) {
        self.context = Context::None;
    }

    /// What the JVM has said of itself.
    pub(super) fn of_jvm(&self) -> &[Finding] {
        &self.jvm
    }

    /// What was not sent, if anything, in words.
    pub(super) fn unsent(&self, sent: &dyn Fn(&str) -> Option<u64>, samples: u64) -> Option<Unsaid> {
        self.unsent.said(sent, samples)
    }

    /// Functions and other elements that failed and no sample tells of, in words.
    pub(super) fn failed_functions(&self) -> impl Iterator<Item = String> + '_ {
        self.functions.said()
    }

    /// Samplers that nobody came to behind failed samples, if any, in words.
    pub(super) fn jumped_over(&self, sent: &dyn Fn(&str) -> Option<u64>) -> Option<String> {
        self.jumps.said(sent)
    }

    /// Samplers that the time was too short for, if any, in words. Where the plan ended itself that is the reason.
    pub(super) fn too_late(&self, sent: &dyn Fn(&str) -> Option<u64>) -> Vec<String> {
        if self.course.is_by_itself() { Vec::new() } else { self.jumps.late(sent) }
    }

    /// Variables that were sent as written, if any, in words.
    pub(super) fn unresolved(&self, planned: &Planned) -> Option<String> {
        self.unresolved.said(planned)
    }

    /// Groups that did nothing because their number of loops is none, if any, in words.
    pub(super) fn loopless(&self) -> Option<String> {
        self.loopless.said()
    }

    /// What ended before its time, if anything, in words.
    pub(super) fn early(&self, planned: &Planned) -> Option<Early> {
        self.course.early(planned)
    }

    /// Whether a set-up group has ended the test before any other group began.
    pub(super) fn ended_in_its_set_up(&self) -> bool {
        self.course.ended_in_its_set_up()
    }

    /// Whether users were ended in place of a pause past the end of their time.
    pub(super) fn has_paused(&self) -> bool {
        self.course.paused() > 0
    }

    /// Whether the end of their schedule has ended users.
    pub(super) fn has_cut(&self) -> bool {
        self.course.has_cut()
    }

    /// That it has ended many, in words.
    pub(super) fn cut(&self) -> Option<String> {
        self.course.cut()
    }

    /// Who did not start, if anybody, in words.
    pub(super) fn not_started(&self, late: &[Late]) -> Option<String> {
        self.course.not_started(late)
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
        self.course.broke_off()
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
        } else if self.context == Context::JvmInit {
            keep(&mut self.jvm, Finding::JvmRefused { complaint: short(line) });
            self.context = Context::None;
        } else if STARTS.iter().any(|start| line.starts_with(start)) {
            keep(&mut self.jvm, Finding::JvmRefused { complaint: short(line) });
        }
    }

    /// An Include Controller says so for each of its tries.
    fn fragment(&mut self, line: &LogLine<'_>) {
        if line.logger == INCLUDE
            && let Some(file) = between(line.message, "Including file \"", "\" failed")
        {
            self.fragment = short(file);
            self.enter(Context::Fragment);
        }
    }

    /// Scripts of BeanShell's and most functions say only that much of their failures.
    fn warning(&mut self, line: &LogLine<'_>) {
        if line.is_warning() && !self.unsent.warning(line) && self.functions.line(line) {
            self.enter(Context::Function);
        }
    }

    /// While the plan is read JMeter tries those that are disabled, too; only of the others it makes copies.
    fn fragment_failed(&mut self, finding: Finding) {
        if self.course.has_begun() {
            self.find(finding);
        } else {
            self.unwanted = Some(finding);
            self.enter(Context::FragmentStack);
        }
    }

    fn error(&mut self, line: &LogLine<'_>) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| short(&format!("{}: {}", line.logger, line.message)));
        let starts = !self.course.has_threads();
        let is_script = self.unsent.error(line);
        let is_function = self.functions.line(line);
        let is_thread = line.logger == THREAD;
        let unready = unready(line).filter(|_| starts);
        let dead = self.dead_user(line);
        if dead.is_some() || is_thread && line.message == FAILED {
            self.course.died(dead);
        }
        self.enter(match () {
            () if unready.is_some() => Context::NotBegun,
            // Before there are threads a class that is missing below it is missing to the plan.
            () if is_function && !(starts && line.is_jmeters_own()) => Context::Function,
            () if !line.is_jmeters_own() => Context::Error,
            () if is_script => Context::NotSent,
            () if is_thread && line.message == FAILED => Context::ThreadFailed,
            () if dead.is_some() => Context::ThreadFailed,
            () if is_thread && line.message.starts_with(NOT_SENT) => Context::NotSent,
            () if starts => Context::StartError,
            () if ["o.a.j.JMeter", ENGINE, THREAD].contains(&line.logger) => Context::OwnError,
            () => Context::Error,
        });
        self.unready = unready.unwrap_or_default();
        if self.context != Context::StartError {
            return;
        }
        if line.message.contains("java.net.BindException") {
            self.find(Finding::PortTaken { detail: short(line.message) });
        }
    }

    /// An error, other than an exception, ends a thread this way.
    fn dead_user<'l>(&self, line: &LogLine<'l>) -> Option<&'l str> {
        let thread = line.message.strip_prefix("Uncaught exception in thread Thread[");
        // `Thread[#7,NAME,5,main]`, without the first before Java 19.
        thread.filter(|_| line.logger == "o.a.j.JMeter")?.split(',').find(|part| self.course.is_user(part))
    }

    /// A line of the text below an ERROR line. Only the exception itself counts, not what its stack passed through.
    fn below_error(&mut self, line: &str) {
        self.context_lines_left = self.context_lines_left.saturating_sub(1);
        let context = self.context;
        let goes_on = matches!(context, Context::PlanFailed | Context::Fragment | Context::FragmentStack);
        let is_over = self.context_lines_left == 0 || !goes_on;
        if is_over {
            self.context = Context::None;
        }
        if let Some(error) = self.first_error.as_mut().filter(|error| error.ends_with([':', '!', '.'])) {
            *error = short(&format!("{error} {line}"));
        }
        match context {
            Context::NotSent => self.unsent.cause(line),
            Context::Function => self.functions.cause(line),
            Context::NotBegun => self.not_begun(line),
            Context::StartError => {
                self.functions.cause(line);
                self.exception(context, line);
            }
            Context::OwnError | Context::ThreadFailed => self.exception(context, line),
            Context::Fragment if line.contains("loadIncludedElements -failed for: ") => {
                let file = std::mem::take(&mut self.fragment);
                self.context = Context::None;
                self.fragment_failed(match file.contains("${") {
                    true => Finding::FragmentNameNotComputed { name: file },
                    false => Finding::MissingFile { file },
                });
            }
            Context::Fragment if line.trim() == "Cause:" => self.enter(Context::FragmentCause),
            Context::FragmentCause => {
                let missing = missing_class(line).map(|class| Finding::MissingClass { class: short(&class) });
                let file = std::mem::take(&mut self.fragment);
                let finding =
                    missing.unwrap_or_else(|| Finding::FragmentNotLoaded { file, cause: short(line) });
                self.fragment_failed(finding);
            }
            Context::FragmentStack if line.contains(".IncludeController.clone(") => {
                self.context = Context::None;
                self.unwanted.take().into_iter().for_each(|finding| self.find(finding));
            }
            Context::FragmentStack if line.contains(".JMeter.runNonGui(") => self.context = Context::None,
            Context::PlanFailed if line.trim() == "Cause:" => self.enter(Context::PlanCause),
            Context::PlanCause => {
                let missing = missing_class(line).map(|class| Finding::MissingClass { class: short(&class) });
                self.find(missing.unwrap_or_else(|| Finding::PlanNotLoaded { cause: short(line) }));
            }
            Context::None
            | Context::Error
            | Context::PlanFailed
            | Context::Fragment
            | Context::FragmentStack
            | Context::JvmInit => {}
        }
    }

    /// The exception right below what the engine says where it does not begin.
    fn not_begun(&mut self, line: &str) {
        if missing_file(line).is_some() || missing_class(line).is_some() || line.contains(OF_MEMORY) {
            return self.exception(Context::StartError, line);
        }
        let cause = line.rsplit_once("InvalidVariableException: ").map_or(line, |(_, why)| why);
        self.find(Finding::NotBegun { why: short(&format!("{}{cause}", self.unready)) });
    }

    /// The exception right below a line of JMeter's own.
    fn exception(&mut self, context: Context, line: &str) {
        if let Some(rest) = line.strip_prefix(OF_MEMORY) {
            self.find(out_of_memory(rest.strip_prefix(": ").unwrap_or_default()));
        } else if context == Context::OwnError {
            // One of a sampler's: a failed sample is a result, whatever its exception is called.
        } else if let Some(file) = missing_file(line) {
            self.find(Finding::MissingFile { file: short(file) });
        } else if let Some((_, file)) = line.split_once(HEADER_NOT_READ) {
            self.find(Finding::HeaderNotRead { file: short(file) });
        } else if let Some(class) = missing_class(line) {
            self.find(Finding::MissingClass { class: short(&class) });
        } else if context == Context::ThreadFailed {
            self.find(Finding::ThreadDied { cause: short(line) });
        } else if line.contains("java.net.BindException") {
            self.find(Finding::PortTaken { detail: short(line) });
        } else if let Some((_, why)) = line.split_once("JMeterStopTestException: ") {
            let why = why.strip_suffix(", test was shutdown as a consequence").unwrap_or(why);
            self.find(Finding::NotBegun { why: short(why) });
        } else if line.contains("Problem loading XML from") {
            self.enter(Context::PlanFailed);
        }
    }

    fn enter(&mut self, context: Context) {
        (self.context, self.context_lines_left) = (context, CAUSE_LINES_MAX);
    }

    fn find(&mut self, finding: Finding) {
        keep(&mut self.findings, finding);
    }
}

fn keep(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < FINDINGS_MAX && !findings.contains(&finding) {
        findings.push(finding);
    }
}

fn out_of_memory(what: &str) -> Finding {
    let what = if what.is_empty() { "heap" } else { what };
    Finding::OutOfMemory { what: short(what) }
}

fn text_of(line: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES_MAX)])
}

fn missing_class(line: &str) -> Option<String> {
    let name = ["CannotResolveClassException: ", "ClassNotFoundException: ", "NoClassDefFoundError: "]
        .iter()
        .find_map(|exception| Some(line.split_once(exception)?.1))?;
    let name = name.strip_prefix("Could not initialize class ").unwrap_or(name);
    let name = name.split([' ', '\t']).next().filter(|name| !name.is_empty())?;
    Some(name.replace('/', "."))
}

/// What the engine cannot begin with, in words; the exception below says why.
fn unready(line: &LogLine<'_>) -> Option<String> {
    if line.logger != ENGINE {
        return None;
    }
    if line.message.starts_with(NOT_COMPILED) {
        return Some("a function or a variable in it cannot be computed: ".to_owned());
    }
    let (_, element) = line.message.strip_prefix(NOT_PREPARED.0)?.split_once(NOT_PREPARED.1)?;
    let class = element.split(['@', ' ']).next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
    let what = match class {
        "DataSourceElement" => "a JDBC Connection Configuration".to_owned(),
        class => format!("an element of the class {class}"),
    };
    Some(format!("{what} fails before the first user, as one with an empty or a wrong field does: "))
}

fn missing_file(line: &str) -> Option<&str> {
    between(line, "IllegalArgumentException: File ", " must exist and be readable")
}

fn between<'l>(line: &'l str, before: &str, after: &str) -> Option<&'l str> {
    let (_, rest) = line.split_once(before)?;
    Some(rest.split_once(after)?.0)
}
