//! Which traces are kept: the same caps as in the plug-in, for what a customer's script writes has none.
//!
//! A window has room for so many, and a reserve of as many again for kinds of which the run has shown none yet: a storm hides
//! nothing new, neither in its first window nor in a later one. Of the reserve one label gets a quarter at most, for its errors may
//! all be of different kinds.

use super::model::Trace;
use crate::base::fingerprint::fingerprint;
use foldhash::fast::FixedState;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::BuildHasher as _;

/// Kinds of failures whose counts are kept; those of others are in the sum alone.
const KINDS_MAX: usize = 1_000;
/// Kinds that are known to have been shown; beyond it the oldest is new again.
const SHOWN_MAX: usize = 10_000;
/// Bytes of a text by which kinds are told apart: a plan may write longer ones.
const TEXT_BYTES_MAX: usize = 1_024;
/// One label's part of the reserve, the reciprocal.
const LABELS: u32 = 4;

/// Traces a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapSettings {
    /// Of one label, code and kind of error.
    pub per_label: u32,
    /// In all; as many again for kinds of which the run has shown none.
    pub per_window: u32,
    /// The window, s.
    pub window_s: u32,
}

/// See the module's head.
#[derive(Debug)]
pub struct Caps {
    settings: CapSettings,
    window: i64,
    /// Of this window: beside the reserve, and of it.
    in_window: u32,
    of_reserve: u32,
    /// Of the reserve, by label.
    of_label: HashMap<String, u32>,
    kinds: HashMap<Key, Kind>,
    shown: Shown,
    suppressed: u64,
}

type Key = (String, String, String);

#[derive(Debug, Default)]
struct Kind {
    window: i64,
    in_window: u32,
    suppressed: u64,
}

/// Kinds that the run has shown.
#[derive(Debug, Default)]
struct Shown {
    known: HashSet<u64>,
    in_order: VecDeque<u64>,
    hasher: FixedState,
}

impl Shown {
    fn has(&self, key: &Key) -> bool {
        self.known.contains(&self.hasher.hash_one(key))
    }

    fn add(&mut self, key: &Key) {
        let hash = self.hasher.hash_one(key);
        if self.known.insert(hash) {
            self.in_order.push_back(hash);
            if self.in_order.len() > SHOWN_MAX
                && let Some(oldest) = self.in_order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

impl Caps {
    /// None yet.
    #[must_use]
    pub fn new(settings: CapSettings) -> Self {
        Self {
            settings,
            window: i64::MIN,
            in_window: 0,
            of_reserve: 0,
            of_label: HashMap::new(),
            kinds: HashMap::new(),
            shown: Shown::default(),
            suppressed: 0,
        }
    }

    /// Whether one that comes at `now_ns` is kept. One that is tells of those before it that were not.
    pub fn keep(&mut self, now_ns: i64, trace: &mut Trace) -> bool {
        self.turn(now_ns);
        let mut print = String::new();
        fingerprint(cut(&trace.error), &mut print);
        let key = (trace.label.clone(), cut(&trace.code).to_owned(), print);
        if !self.kinds.contains_key(&key) {
            self.make_room();
        }
        let window = self.window;
        let kind = self.kinds.entry(key.clone()).or_default();
        if kind.window != window {
            (kind.window, kind.in_window) = (window, 0);
        }
        let has_its_own = kind.in_window >= self.settings.per_label;
        if has_its_own || !self.take_room(&key) {
            let kind = self.kinds.entry(key).or_default();
            kind.suppressed = kind.suppressed.saturating_add(1).saturating_add(trace.suppressed);
            self.told(trace.suppressed.saturating_add(1));
            return false;
        }
        let kind = self.kinds.entry(key).or_default();
        kind.in_window += 1;
        let before = std::mem::take(&mut kind.suppressed);
        self.told(trace.suppressed);
        trace.suppressed = trace.suppressed.saturating_add(before);
        true
    }

    fn turn(&mut self, now_ns: i64) {
        let window = now_ns.div_euclid(i64::from(self.settings.window_s.max(1)) * 1_000_000_000);
        if window != self.window {
            (self.window, self.in_window, self.of_reserve) = (window, 0, 0);
            self.of_label.clear();
        }
    }

    /// What has had none in this window makes room for a kind more, and when that is not enough, all do: a window has its bound
    /// all the same.
    fn make_room(&mut self) {
        if self.kinds.len() < KINDS_MAX {
            return;
        }
        let window = self.window;
        self.kinds.retain(|_, kind| kind.window == window && kind.in_window > 0);
        if self.kinds.len() >= KINDS_MAX {
            self.kinds.clear();
        }
    }

    fn take_room(&mut self, key: &Key) -> bool {
        let room = self.settings.per_window;
        if !self.shown.has(key) && self.of_reserve < room {
            let of_label = self.of_label.get(&key.0).copied().unwrap_or_default();
            if of_label < room.div_ceil(LABELS) {
                self.of_reserve += 1;
                self.of_label.insert(key.0.clone(), of_label + 1);
                self.shown.add(key);
                return true;
            }
        }
        let has_room = self.in_window < room;
        if has_room {
            self.in_window += 1;
            self.shown.add(key);
        }
        has_room
    }

    /// Failures that are in no trace, as far as they are known: of those here, and of those that the plug-in told of.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.suppressed
    }

    /// The plug-in tells at its end what no trace has told.
    pub fn told(&mut self, count: u64) {
        self.suppressed = self.suppressed.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    fn trace(label: &str, error: &str) -> Trace {
        let json = serde_json::json!({ "label": label, "error": error, "time_ns": 0, "rt_ms": 1.0 });
        Trace::read(json.to_string().as_bytes()).unwrap()
    }

    fn caps() -> Caps {
        Caps::new(CapSettings { per_label: 5, per_window: 20, window_s: 15 })
    }

    /// The plug-ins are held to the same.
    #[derive(Deserialize)]
    struct Examples {
        per_kind: u32,
        per_window: u32,
        window_s: u32,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        steps: Vec<Step>,
    }

    /// `times` over, of each label, each error: how many are kept.
    #[derive(Deserialize)]
    struct Step {
        at_s: i64,
        label: String,
        labels: u32,
        error: String,
        errors: u32,
        times: u32,
        kept: u32,
    }

    /// A number that a fingerprint sees.
    fn word(n: u32) -> String {
        n.to_string().bytes().map(|digit| char::from(digit + 49)).collect()
    }

    #[test]
    fn the_examples_of_all_sides_hold() {
        let text = include_str!("../../../../plugins/sump/src/test/resources/trace/caps.json");
        let Examples { per_kind, per_window, window_s, cases } = serde_json::from_str(text).unwrap();
        for Case { name, steps } in cases {
            let mut caps = Caps::new(CapSettings { per_label: per_kind, per_window, window_s });
            for Step { at_s, label, labels, error, errors, times, kept } in steps {
                let mut count = 0;
                for n in 0..times * labels * errors {
                    let label = format!("{label}{}", word(n / errors % labels));
                    let error = format!("{error}{}", word(n % errors));
                    count += u32::from(caps.keep(at_s * 1_000_000_000, &mut trace(&label, &error)));
                }
                assert_eq!(count, kept, "{name}: {label} {error} at {at_s} s");
            }
        }
    }

    #[test]
    fn a_storm_of_one_error_does_not_hide_another() {
        let mut caps = caps();
        let mut keep = |now_s: i64, label: &str, error: &str| {
            let mut trace = trace(label, error);
            caps.keep(now_s * 1_000_000_000, &mut trace).then_some(trace.suppressed)
        };
        let storm = (0..2_000).filter(|n| keep(1, "a", &format!("order {n} is gone")).is_some()).count();
        assert_eq!(storm, 5);
        assert_eq!(keep(2, "a", "refused"), Some(0));
        assert_eq!(keep(16, "a", "order 7 is gone"), Some(1_995), "the next window tells of them");
        assert_eq!(keep(16, "a", "order 7 is gone"), Some(0));
        assert_eq!(caps.suppressed(), 1_995);
    }

    #[test]
    fn what_it_remembers_is_bounded() {
        let mut caps = caps();
        let mut kept = 0;
        for n in 0..5_000 {
            kept += u32::from(caps.keep(0, &mut trace("a", &word(n))));
        }
        assert_eq!((kept, caps.suppressed()), (25, 4_975), "a quarter of the reserve, and the rest");
        assert!(caps.kinds.len() <= KINDS_MAX);
        for n in 0..SHOWN_MAX + 10 {
            caps.shown.add(&(n.to_string(), String::new(), String::new()));
        }
        assert_eq!((caps.shown.known.len(), caps.shown.in_order.len()), (SHOWN_MAX, SHOWN_MAX));
    }

    #[test]
    fn what_the_plug_in_has_suppressed_counts_once() {
        let mut caps = caps();
        let mut first = Trace { suppressed: 7, ..trace("a", "x") };
        assert!(caps.keep(0, &mut first) && first.suppressed == 7);
        for _ in 0..6 {
            caps.keep(0, &mut trace("a", "x"));
        }
        caps.told(3);
        assert_eq!(caps.suppressed(), 7 + 2 + 3);
        caps.told(u64::MAX);
        assert!(caps.keep(20 * 1_000_000_000, &mut Trace { suppressed: u64::MAX, ..trace("a", "x") }));
        assert_eq!(caps.suppressed(), u64::MAX);
    }
}
