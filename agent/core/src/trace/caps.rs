//! Which traces are kept: the same caps as in the plug-in, for what a customer's script writes has none.

use super::model::Trace;
use crate::base::fingerprint::fingerprint;
use std::collections::HashMap;

/// Kinds of failures that are told apart; what is suppressed of further ones is one number.
const KINDS_MAX: usize = 1_000;

/// Traces a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapSettings {
    /// Of one label, code and kind of error.
    pub per_label: u32,
    /// In all; a kind that has had none may exceed it once, up to twice as many.
    pub per_window: u32,
    /// The window, s.
    pub window_s: u32,
}

/// See the module's head.
#[derive(Debug)]
pub struct Caps {
    settings: CapSettings,
    window: i64,
    in_window: u32,
    kinds: HashMap<(String, String, String), Kind>,
    suppressed: u64,
}

#[derive(Debug, Default)]
struct Kind {
    window: i64,
    in_window: u32,
    suppressed: u64,
}

impl Caps {
    /// None yet.
    #[must_use]
    pub fn new(settings: CapSettings) -> Self {
        Self { settings, window: i64::MIN, in_window: 0, kinds: HashMap::new(), suppressed: 0 }
    }

    /// Whether one that comes at `now_ns` is kept. One that is tells of those before it that were not.
    pub fn keep(&mut self, now_ns: i64, trace: &mut Trace) -> bool {
        let window = now_ns.div_euclid(i64::from(self.settings.window_s.max(1)) * 1_000_000_000);
        if window != self.window {
            (self.window, self.in_window) = (window, 0);
        }
        let mut print = String::new();
        fingerprint(&trace.error, &mut print);
        let key = (trace.label.clone(), trace.code.clone(), print);
        let is_known = self.kinds.contains_key(&key);
        if !is_known && self.kinds.len() >= KINDS_MAX {
            // What is quiet makes room.
            self.kinds.retain(|_, kind| kind.window == window);
            if self.kinds.len() >= KINDS_MAX {
                self.suppressed += 1 + trace.suppressed;
                return false;
            }
        }
        let kind = self.kinds.entry(key).or_default();
        if kind.window != window {
            (kind.window, kind.in_window) = (window, 0);
        }
        let room = if kind.in_window == 0 {
            self.settings.per_window.saturating_mul(2)
        } else {
            self.settings.per_window
        };
        if kind.in_window >= self.settings.per_label || self.in_window >= room {
            kind.suppressed += 1 + trace.suppressed;
            self.suppressed += 1 + trace.suppressed;
            return false;
        }
        kind.in_window += 1;
        self.in_window += 1;
        self.suppressed += trace.suppressed;
        trace.suppressed = trace.suppressed.saturating_add(std::mem::take(&mut kind.suppressed));
        true
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

    fn trace(label: &str, error: &str) -> Trace {
        let json = serde_json::json!({ "label": label, "error": error, "time_ns": 0, "rt_ms": 1.0 });
        Trace::read(json.to_string().as_bytes()).unwrap()
    }

    fn caps() -> Caps {
        Caps::new(CapSettings { per_label: 5, per_window: 20, window_s: 15 })
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
    fn many_kinds_share_a_window() {
        let mut caps = caps();
        let mut kept = 0;
        for n in 0..5_000_u32 {
            let error: String = n.to_string().bytes().map(|digit| char::from(digit + 49)).collect();
            kept += u32::from(caps.keep(0, &mut trace("a", &error)));
        }
        assert_eq!(kept, 40, "twice the cap, for each is new");
        assert_eq!(caps.suppressed(), 4_960);
        assert!(caps.kinds.len() <= KINDS_MAX);
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
    }
}
