//! Functions, extractors and other elements that failed: JMeter writes a line into its log and goes on without them. What a sampler
//! sends, a controller decides or a listener writes is not what the plan means then, and no sample tells of it.
//!
//! Assertions are none of them: theirs fail their sample.

use super::log_line::{LogLine, short};
use crate::verdict::times;

/// Who says it, what people call it, and what is in its message then. A function's script may log by the function's own logger,
/// and some functions say as a warning what is none.
type Saying = (&'static str, &'static str, &'static str);

/// Those that make a value.
const VALUES: [Saying; 35] = [
    ("o.a.j.f.Groovy", "`__groovy`", "Error running groovy script"),
    ("o.a.j.f.JavaScript", "`__javaScript`", "Error processing Javascript"),
    ("o.a.j.f.BeanShell", "`__BeanShell`", "Error running BSH script"),
    ("o.a.j.f.Jexl2Function", "`__jexl2`", "An error occurred while evaluating"),
    ("o.a.j.f.Jexl3Function", "`__jexl3`", "An error occurred while evaluating"),
    ("o.a.j.f.FileRowColContainer", "`__CSVRead`", "Exception"),
    ("o.a.j.f.CSVRead", "`__CSVRead`", "column number"),
    ("o.a.j.f.FileToString", "`__FileToString`", "Could not read"),
    ("o.a.j.f.StringFromFile", "`__StringFromFile`", "openFile() error"),
    ("o.a.j.f.StringFromFile", "`__StringFromFile`", "error reading file"),
    ("o.a.j.f.StringFromFile", "`__StringFromFile`", "Bad file name format"),
    ("o.a.j.f.StringToFile", "`__StringToFile`", ""),
    ("o.a.j.f.RegexFunction", "`__regexFunction`", "Malformed"),
    ("o.a.j.f.XPathWrapper", "`__XPath`", "has no nodes"),
    ("o.a.j.f.XPathWrapper", "`__XPath`", "is null"),
    ("o.a.j.f.TimeShift", "`__timeShift`", ""),
    ("o.a.j.f.RandomDate", "`__RandomDate`", ""),
    ("o.a.j.f.DateTimeConvertFunction", "`__dateTimeConvert`", ""),
    ("o.a.j.f.DigestEncodeFunction", "`__digest`", ""),
    ("o.a.j.f.CharFunction", "`__char`", "Could not parse"),
    ("o.a.j.f.ChangeCase", "`__changeCase`", "Unknown mode"),
    ("o.a.j.c.IfController", "the condition of an If Controller", "error while processing"),
    ("o.a.j.f.FileWrapper", "`__CSVRead`", "Cannot "),
    ("o.a.j.f.FileWrapper", "`__CSVRead`", "Alias cannot be empty"),
    ("o.a.j.e.RegexExtractor", "a Regular Expression Extractor", "Error in pattern"),
    ("o.a.j.e.RegexExtractor", "a Regular Expression Extractor", "Error while generating result"),
    ("o.a.j.e.BoundaryExtractor", "a Boundary Extractor", "Error while generating result"),
    ("o.a.j.e.HtmlExtractor", "a CSS Selector Extractor", "Error while generating result"),
    ("o.a.j.e.XPath2Extractor", "an XPath2 Extractor", "Exception while processing"),
    ("o.a.j.e.XPathExtractor", "an XPath Extractor", "Exception while processing"),
    ("o.a.j.e.j.j.JMESPathExtractor", "a JSON JMESPath Extractor", "Error processing JSON content"),
    ("o.a.j.e.j.j.JSONPostProcessor", "a JSON Extractor", "Error processing JSON content"),
    ("o.a.j.e.j.j.JSONPostProcessor", "a JSON Extractor", "Number of JSON Path variables must match"),
    ("o.a.j.c.CSVDataSet", "a CSV Data Set", "Exception"),
    ("o.a.j.c.RandomVariableConfig", "a Random Variable", "must be "),
];

/// Those that write or send what was measured elsewhere.
const WRITERS: [Saying; 16] = [
    ("o.a.j.t.ListenerNotifier", "a listener", "Detected problem in Listener"),
    ("o.a.j.r.ResultSaver", "Save Responses to a file", "Error "),
    ("o.a.j.r.ResultCollector", "a listener's file", "Exception occurred while initializing file output"),
    ("o.a.j.r.ResultCollector", "a listener's file", "Error trying to record a sample"),
    ("o.a.j.r.ResultCollector", "a listener's file", "Error creating directories"),
    ("o.a.j.r.MailerModel", "a Mailer", "Problem sending mail"),
    ("o.a.j.v.MailerVisualizer", "a Mailer", "mail"),
    ("o.a.j.v.b.BackendListener", "a Backend Listener", "xception initialising"),
    ("o.a.j.v.b.BackendListener", "a Backend Listener", "failed to queue"),
    ("o.a.j.v.b.i.HttpMetricsSender", "a Backend Listener", "failed to send data"),
    ("o.a.j.v.b.i.HttpMetricsSender", "a Backend Listener", "Error writing metrics"),
    ("o.a.j.v.b.i.UdpMetricsSender", "a Backend Listener", "Cannot open udp port"),
    ("o.a.j.v.b.i.UdpMetricsSender", "a Backend Listener", "Error in transferring"),
    ("o.a.j.v.b.g.PickleGraphiteMetricsSender", "a Backend Listener", "Error writing to Graphite"),
    ("o.a.j.v.b.g.TextGraphiteMetricsSender", "a Backend Listener", "Error writing to Graphite"),
    ("o.a.j.v.b.g.TextGraphiteMetricsSender", "a Backend Listener", "IO Errors writing to Graphite"),
];

/// Those that set how the others work.
const SETTINGS: [Saying; 26] = [
    ("o.a.j.p.h.c.CookieManager", "a Cookie Manager", "Unable to load or invoke class"),
    ("o.a.j.p.h.c.AuthManager", "an Authorization Manager", "Error parsing auth line"),
    ("o.a.j.p.h.c.KerberosManager", "an Authorization Manager", "Could not log in"),
    ("o.a.j.p.h.c.KerberosManager", "an Authorization Manager", "failed"),
    ("o.a.j.p.h.c.DNSCacheManager", "a DNS Cache Manager", "Failed to create Extended resolver"),
    ("o.a.j.p.h.c.DNSCacheManager", "a DNS Cache Manager", "Couldn't resolve static address"),
    ("o.a.j.c.KeystoreConfig", "a Keystore Configuration", "Failed parsing"),
    ("o.a.j.p.j.c.DataSourceElement", "a JDBC Connection Configuration", "Error preinitializing"),
    ("o.a.j.p.j.c.DataSourceElement", "a JDBC Connection Configuration", "already defined for"),
    (
        "o.a.j.p.j.c.DataSourceElement",
        "a JDBC Connection Configuration",
        "Could not set transaction isolation",
    ),
    (
        "o.a.j.c.RandomVariableConfig",
        "the format or the seed of a Random Variable",
        "Cannot parse random seed",
    ),
    ("o.a.j.c.RandomVariableConfig", "the format or the seed of a Random Variable", "Exception formatting"),
    ("o.a.j.m.CounterConfig", "the format of a Counter", "Error formatting"),
    ("o.a.j.c.ThroughputController", "the number of a Throughput Controller", "Error parsing"),
    ("o.a.j.s.TestAction", "the pause of a Flow Control Action", "Could not "),
    ("o.a.j.s.TestAction", "the pause of a Flow Control Action", "Duration value is empty"),
    ("o.a.j.t.JSR223Timer", "a timer", "Script did not return a value"),
    ("o.a.j.t.BSFTimer", "a timer", "Script did not return a value"),
    ("o.a.j.t.BeanShellTimer", "a timer", "Number format exception"),
    ("o.a.j.t.JMeterThread", "an element at the start or the end of its user", "Error calling thread"),
    ("o.a.j.t.TestBeanHelper", "an element with a value that it cannot take", "Couldn't "),
    ("o.a.j.t.p.AbstractProperty", "an element with a text for a number", "Tried to parse a non-number"),
    ("o.a.j.v.b.BackendListenerContext", "a parameter of a Backend Listener", "not a long"),
    ("o.a.j.v.b.BackendListenerContext", "a parameter of a Backend Listener", "not an integer"),
    ("o.a.j.v.b.i.InfluxdbBackendListenerClient", "a parameter of a Backend Listener", "Error parsing"),
    ("o.a.j.v.b.g.GraphiteBackendListenerClient", "a parameter of a Backend Listener", "Error parsing"),
];

/// All of them, each with what its failure means.
const SAYINGS: [(&[Saying], &str); 3] = [
    (&VALUES, "so what uses them went on without their value"),
    (&WRITERS, "so what they were to write or to send on is not all there; the numbers here are whole"),
    (&SETTINGS, "so the plan went on without that, or with a default in its place"),
];

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Functions {
    of: [Failed; SAYINGS.len()],
    /// The line below the first of these may say why.
    wants_cause: Option<usize>,
}

/// What failed with one meaning.
#[derive(Debug, Clone, Default)]
struct Failed {
    /// By what they are called, in the order they came.
    failed: Vec<(&'static str, u64)>,
    first: Option<String>,
}

impl Functions {
    /// A WARN or an ERROR. Gives whether it tells of one that failed.
    pub fn line(&mut self, line: &LogLine<'_>) -> bool {
        let says = |(logger, _, words): &&Saying| line.logger == *logger && line.message.contains(words);
        self.wants_cause = None;
        let found = SAYINGS.iter().zip(0..).find_map(|((sayings, _), at)| {
            let (_, name, _) = sayings.iter().find(says)?;
            Some((at, *name))
        });
        let Some((at, name)) = found else { return false };
        let Failed { failed, first } = &mut self.of[at];
        match failed.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => failed.push((name, 1)),
        }
        self.wants_cause = first.is_none().then_some(at);
        first.get_or_insert_with(|| short(line.message));
        true
    }

    /// The exception below it.
    pub fn cause(&mut self, exception: &str) {
        let wants = self.wants_cause.take();
        if let Some(first) = wants.and_then(|at| self.of[at].first.as_mut()) {
            *first = short(&format!("{first}: {exception}"));
        }
    }

    /// In words, a sentence for each meaning; none when none failed.
    pub fn said(&self) -> impl Iterator<Item = String> + '_ {
        self.of.iter().zip(SAYINGS).filter_map(|(Failed { failed, first }, (_, meaning))| {
            let first = first.as_deref()?;
            let parts: Vec<String> =
                failed.iter().map(|(name, n)| format!("{name} failed, {}", times(*n))).collect();
            Some(format!(
                "{} (first error in JMeter's log: {first}), {meaning}: correct the plan",
                parts.join("; ")
            ))
        })
    }
}
