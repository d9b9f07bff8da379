//! How many users are active: a gauge that several sources share.

use crate::base::limits::SOURCES_MAX;
use crate::base::time::{Mono, NS_PER_S};
use serde::{Deserialize, Serialize};

/// A source that has said nothing for this long no longer counts: plug-ins report at least once a second.
const SILENT_NS: u64 = 10 * NS_PER_S;

/// Latest reports of all sources of a run, at most [`SOURCES_MAX`] of them; a new one takes the place of a silent one.
#[derive(Debug, Default)]
pub struct UserGauge {
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    name: Box<[u8]>,
    active: u64,
    seen: Mono,
}

impl UserGauge {
    /// Takes a report and gives the new total. Live sources over the cap are left out.
    pub fn report(&mut self, now: Mono, name: &[u8], active: u64) -> u64 {
        if let Some(source) = self.sources.iter_mut().find(|source| *source.name == *name) {
            source.active = active;
            source.seen = now;
        } else {
            if self.sources.len() >= SOURCES_MAX {
                self.sources.retain(|source| now.since_ns(source.seen) <= SILENT_NS);
            }
            if self.sources.len() < SOURCES_MAX {
                self.sources.push(Source { name: name.into(), active, seen: now });
            }
        }
        self.total(now)
    }

    /// A source has closed: it has no users any more.
    pub fn close(&mut self, name: &[u8]) {
        self.sources.retain(|source| *source.name != *name);
    }

    /// Active users of all sources that were heard of lately.
    #[must_use]
    pub fn total(&self, now: Mono) -> u64 {
        let live = self.sources.iter().filter(|source| now.since_ns(source.seen) <= SILENT_NS);
        live.map(|source| source.active).fold(0, u64::saturating_add)
    }
}

/// The gauge within one window; observations come at least once a second, so their plain mean is the time's mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaugeWindow {
    /// Largest total observed.
    pub max: u64,
    /// The latest.
    pub last: u64,
    /// Sum of all observed totals.
    pub sum: u128,
    /// Observations.
    pub count: u64,
}

impl GaugeWindow {
    /// Adds an observation.
    pub fn observe(&mut self, total: u64) {
        self.max = self.max.max(total);
        self.last = total;
        self.sum += u128::from(total);
        self.count += 1;
    }

    /// Takes in what was observed before.
    pub fn absorb_older(&mut self, older: &Self) {
        self.max = self.max.max(older.max);
        self.last = if self.count > 0 { self.last } else { older.last };
        self.sum += older.sum;
        self.count += older.count;
    }

    /// Mean of the observations; 0 while there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_add_up_and_silent_ones_fade() {
        let mut gauge = UserGauge::default();
        assert_eq!(gauge.report(Mono(0), b"a", 5), 5);
        assert_eq!(gauge.report(Mono(NS_PER_S), b"b", 7), 12);
        assert_eq!(gauge.report(Mono(11 * NS_PER_S), b"b", 8), 8);
        gauge.close(b"b");
        assert_eq!(gauge.total(Mono(11 * NS_PER_S)), 0);
    }

    #[test]
    fn silent_sources_make_room() {
        let mut gauge = UserGauge::default();
        for i in 0..SOURCES_MAX {
            gauge.report(Mono(0), i.to_string().as_bytes(), 1);
        }
        assert_eq!(gauge.report(Mono(NS_PER_S), b"too many", 100), SOURCES_MAX as u64);
        assert_eq!(gauge.report(Mono(SILENT_NS + 1), b"later", 100), 100);
        assert_eq!(gauge.sources.len(), 1);
    }
}
