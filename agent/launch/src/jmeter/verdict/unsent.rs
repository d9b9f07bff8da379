//! Samplers that were not sent: JMeter writes an ERROR into its log and goes on, and no sample tells of it.

use super::log_line::{LogLine, THREAD, short};

/// How a thread says it.
pub(super) const NOT_SENT: &str = "Error while processing sampler";
/// Names that are told apart; a plan has some dozen samplers.
const NAMES_MAX: usize = 16;
/// Of them, shown.
const SHOWN_MAX: usize = 3;

/// Scripts whose failures are in no sample, by the end of their class, and what they are called. After a post-processor that
/// fails what comes next lacks what it reads, a timer that fails does not wait.
const BESIDE: [(&str, &str); 3] =
    [("PostProcessor", "a post-processor"), ("Timer", "a timer"), ("Listener", "a listener")];
/// What fails the run is as often as one in so many samples.
const BESIDE_SHARE: u64 = 10;

/// See the module's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Unsent {
    /// Samplers, and how often.
    samplers: Vec<(String, u64)>,
    others: u64,
    /// Failures of pre-processors: what was sent then lacks what they make.
    preprocessors: u64,
    /// Failures of scripts that run with or after a sampler.
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

impl Unsent {
    /// An ERROR line. Gives whether it is of a script beside a sampler, whose exception comes below.
    pub fn error(&mut self, line: &LogLine<'_>) -> bool {
        let class = line.logger.rsplit('.').next().unwrap_or_default();
        let says_so = line.is_jmeters_own() && line.message.starts_with("Problem in ");
        if let Some(at) = BESIDE.iter().position(|(end, _)| says_so && class.ends_with(end)) {
            self.beside[at] += 1;
            self.script(line.message);
            return true;
        }
        if line.is_jmeters_own() && class.ends_with("PreProcessor") {
            self.preprocessors += 1;
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
        let times = |n: u64| if n == 1 { "once".to_owned() } else { format!("{n} times") };
        let first = self.first.as_deref().unwrap_or("see JMeter's log");
        let mut named: Vec<(&str, u64, Option<u64>)> =
            self.samplers.iter().map(|(name, n)| (name.as_str(), *n, sent(name))).collect();
        // What is missing most comes first.
        named.sort_by_key(|(_, n, sent)| sent.is_none_or(|sent| sent >= *n));
        let is_missing = |(_, n, sent): &(&str, u64, Option<u64>)| sent.is_some_and(|sent| *n > sent);
        // Whoever only listens changes nothing of the load.
        let is_often = self.beside[..2].iter().any(|n| *n > 0 && n.saturating_mul(BESIDE_SHARE) >= samples);
        let is_shortfall =
            named.iter().any(is_missing) || self.others > 0 || self.preprocessors > 0 || is_often;
        let mut parts: Vec<_> = named
            .iter()
            .take(SHOWN_MAX)
            .map(|(name, n, sent)| match sent {
                Some(0) => format!("`{name}` was never sent, {}", times(*n)),
                Some(sent) => format!("`{name}` was not sent, {} of {}", times(*n), n.saturating_add(*sent)),
                None => format!("`{name}` was not sent, {}", times(*n)),
            })
            .collect();
        let rest: u64 = named.iter().skip(SHOWN_MAX).map(|(_, n, _)| n).sum::<u64>() + self.others;
        if rest > 0 {
            parts.push(format!("other samplers were not, {}", times(rest)));
        }
        if self.preprocessors > 0 {
            parts.push(format!("a pre-processor failed, {}", times(self.preprocessors)));
        }
        let beside = BESIDE.iter().zip(self.beside).filter(|(_, n)| *n > 0);
        parts.extend(beside.map(|((_, what), n)| format!("{what} failed, {}", times(n))));
        let what = parts.join("; ");
        let sentence = || format!("{what} (first error in JMeter's log: {first}): correct the plan");
        (!parts.is_empty()).then(|| Unsaid { sentence: sentence(), is_shortfall })
    }
}
