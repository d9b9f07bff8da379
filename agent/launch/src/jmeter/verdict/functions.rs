//! Functions and extractors that failed: JMeter writes a line into its log and goes on without their value. What a sampler sends,
//! or a controller decides, is not what the plan means then, and no sample tells of it.

use super::log_line::{LogLine, short};
use crate::verdict::times;

/// Who says it, what people call it, and what is in its message then. A function's script may log by the function's own logger,
/// and some functions say as a warning what is none.
const SAYINGS: [(&str, &str, &str); 23] = [
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
    ("o.a.j.e.RegexExtractor", "a Regular Expression Extractor", "Error in pattern"),
];

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Functions {
    /// By what they are called, in the order they came.
    failed: Vec<(&'static str, u64)>,
    first: Option<String>,
    /// The line below the first may say why.
    wants_cause: bool,
}

impl Functions {
    /// A WARN or an ERROR. Gives whether it tells of one that failed.
    pub fn line(&mut self, line: &LogLine<'_>) -> bool {
        let says =
            |(logger, _, words): &&(&str, &str, &str)| line.logger == *logger && line.message.contains(words);
        self.wants_cause = false;
        let Some((_, name, _)) = SAYINGS.iter().find(says) else { return false };
        match self.failed.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => self.failed.push((*name, 1)),
        }
        self.wants_cause = self.first.is_none();
        self.first.get_or_insert_with(|| short(line.message));
        true
    }

    /// The exception below it.
    pub fn cause(&mut self, exception: &str) {
        if let Some(first) = self.first.as_mut().filter(|_| std::mem::take(&mut self.wants_cause)) {
            *first = short(&format!("{first}: {exception}"));
        }
    }

    /// In words; `None` when none failed.
    pub fn said(&self) -> Option<String> {
        let first = self.first.as_deref()?;
        let parts = self.failed.iter().map(|(name, n)| format!("{name} failed, {}", times(*n)));
        Some(format!(
            "{} (first error in JMeter's log: {first}), so what uses them went on without their value: correct the plan",
            parts.collect::<Vec<_>>().join("; ")
        ))
    }
}
