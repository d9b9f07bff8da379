//! Samplers that were not sent: JMeter writes an ERROR into its log and goes on, and no sample tells of it.

use super::log_line::{LogLine, THREAD, short};
use crate::verdict::{not_sent, times};

/// How a thread says it.
pub(super) const NOT_SENT: &str = "Error while processing sampler";
/// Names that are told apart; a plan has some dozen samplers.
const NAMES_MAX: usize = 16;
/// Of them, shown.
const SHOWN_MAX: usize = 3;

/// Scripts whose failures are in no sample, by the end of their class, and what they are called. What was sent after a
/// pre-processor that failed lacks what it makes; after a post-processor what comes next lacks what it reads; a timer that fails
/// does not wait.
const BESIDE: [(&str, &str); 5] = [
    ("PreProcessor", "a pre-processor"),
    ("PostProcessor", "a post-processor"),
    ("Timer", "a timer"),
    ("Listener", "a listener"),
    // Of both sorts: which one it is, JMeter does not say.
    ("JDBCProcessor", "a JDBC pre- or post-processor"),
];
/// Post-processors and timers fail the run by as many failures as one in so many samples.
const BESIDE_SHARE: u64 = 10;

/// Elements whose failures are but warnings, by the beginning of their class, and how they say it.
const OF_OLD: [(&str, &str); 5] = [
    ("BeanShell", "Problem in BeanShell script"),
    ("BSF", "Problem in BSF script"),
    ("AbstractJDBC", "SQL Problem in "),
    ("AbstractJDBC", "Execution Problem in "),
    ("AbstractJDBC", "IO Problem in "),
];

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Unsent {
    /// Samplers, and how often.
    samplers: Vec<(String, u64)>,
    others: u64,
    /// Failures of scripts that run with a sampler.
    beside: [u64; BESIDE.len()],
    first: Option<String>,
    /// It is a script's message, and the exception below it says why.
    wants_cause: bool,
}

/// What no sample tells.
pub(super) struct Unsaid {
    pub sentence: String,
    /// Whether the load is not what the plan says: a sampler was sent less often than not. A few of many are a doubt.
    pub is_shortfall: bool,
}

/// Which of [`BESIDE`] it is.
fn beside(class: &str) -> Option<usize> {
    BESIDE.iter().position(|(end, _)| class.ends_with(end))
}

fn class_of<'l>(line: &LogLine<'l>) -> &'l str {
    line.logger.rsplit('.').next().unwrap_or_default()
}

impl Unsent {
    /// An ERROR line. Gives whether it is of a script beside a sampler, whose exception comes below.
    pub fn error(&mut self, line: &LogLine<'_>) -> bool {
        let at = beside(class_of(line));
        // Whatever a pre-processor says as an error is one; others say more than that of their scripts.
        let says_so = |at: &usize| *at == 0 || line.message.starts_with("Problem in ");
        if let Some(at) = at.filter(says_so).filter(|_| line.is_jmeters_own()) {
            self.beside[at] += 1;
            self.script(line.message);
            return true;
        }
        let Some(rest) = line.message.strip_prefix(NOT_SENT).filter(|_| line.logger == THREAD) else {
            return false;
        };
        let name = short(rest.trim_start_matches(": '").trim_end_matches("'."));
        if let Some((_, count)) = self.samplers.iter_mut().find(|(known, _)| *known == name) {
            *count += 1;
        } else if self.samplers.len() < NAMES_MAX {
            self.samplers.push((name, 1));
        } else {
            self.others += 1;
        }
        false
    }

    /// A WARN line: what scripts of BeanShell and BSF beside a sampler get, with the exception in it. They may log by the same
    /// logger.
    pub fn warning(&mut self, line: &LogLine<'_>) -> bool {
        let class = class_of(line);
        let is_said = OF_OLD.iter().any(|(start, words)| {
            let goes_on = |rest: &str| words.ends_with(' ') || rest.starts_with(['.', ':']);
            class.starts_with(start) && line.message.strip_prefix(words).is_some_and(goes_on)
        });
        let Some(at) = beside(class).filter(|_| is_said && line.logger.starts_with("o.a.j.")) else {
            return false;
        };
        self.beside[at] += 1;
        self.script(line.message);
        // It is complete.
        self.wants_cause = false;
        true
    }

    fn script(&mut self, message: &str) {
        self.wants_cause = self.first.is_none();
        self.first.get_or_insert_with(|| short(message));
    }

    /// The exception below it.
    pub fn cause(&mut self, exception: &str) {
        match &mut self.first {
            Some(first) if std::mem::take(&mut self.wants_cause) => {
                *first = short(&format!("{first}: {exception}"))
            }
            Some(_) => {}
            None => self.first = Some(short(exception)),
        }
    }

    /// In words; `None` when everything was sent. `sent`: how many samples there are of a label, where that is known;
    /// `samples`: of all.
    pub fn said(&self, sent: &dyn Fn(&str) -> Option<u64>, samples: u64) -> Option<Unsaid> {
        let first = self.first.as_deref().unwrap_or("see JMeter's log");
        let mut named: Vec<(&str, u64, Option<u64>)> =
            self.samplers.iter().map(|(name, n)| (name.as_str(), *n, sent(name))).collect();
        // What is missing most comes first.
        named.sort_by_key(|(_, n, sent)| sent.is_none_or(|sent| sent >= *n));
        let is_missing = |(_, n, sent): &(&str, u64, Option<u64>)| sent.is_some_and(|sent| *n > sent);
        // Whoever only listens changes nothing of the load.
        let [before, after, timers, _, jdbc] = self.beside;
        let is_often = |n: u64| n > 0 && n.saturating_mul(BESIDE_SHARE) >= samples;
        let is_beside = before > 0 || [after, timers, jdbc].into_iter().any(is_often);
        let is_shortfall = named.iter().any(is_missing) || self.others > 0 || is_beside;
        let mut parts: Vec<_> =
            named.iter().take(SHOWN_MAX).map(|(name, n, sent)| not_sent(name, *n, *sent)).collect();
        let rest: u64 = named.iter().skip(SHOWN_MAX).map(|(_, n, _)| n).sum::<u64>() + self.others;
        if rest > 0 {
            parts.push(format!("other samplers were not, {}", times(rest)));
        }
        let beside = BESIDE.iter().zip(self.beside).filter(|(_, n)| *n > 0);
        parts.extend(beside.map(|((_, what), n)| format!("{what} failed, {}", times(n))));
        let what = parts.join("; ");
        let sentence = || format!("{what} (first error in JMeter's log: {first}): correct the plan");
        (!parts.is_empty()).then(|| Unsaid { sentence: sentence(), is_shortfall })
    }
}
