//! Processors and memory at a glance, for somebody who watches: two files of the kernel, no verdict.

use super::cpu::CpuTimes;
use super::source::{Source, value};
use std::path::PathBuf;

/// What is used, per cent of all there is; `None` where the machine does not tell, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Used {
    /// Processor time since the glance before, stolen time left out.
    pub cpu_percent: Option<f64>,
    /// Memory that could not be had without swapping.
    pub memory_percent: Option<f64>,
}

/// Reads them.
pub struct Gauge {
    source: Source,
    before: Option<CpuTimes>,
}

impl Gauge {
    /// Of this machine.
    #[must_use]
    pub fn new() -> Self {
        Self::of("/proc".into())
    }

    fn of(proc_root: PathBuf) -> Self {
        Self { source: Source::new(proc_root), before: None }
    }

    /// Looks once; the share of the processors is of the time since the look before.
    pub fn look(&mut self) -> Used {
        let now = self.source.read("stat").and_then(CpuTimes::parse);
        let cpu = now.zip(self.before).and_then(|(now, before)| now.since(&before));
        self.before = now;
        Used {
            cpu_percent: cpu.map(|cpu| cpu.busy_percent),
            memory_percent: self.source.read("meminfo").and_then(memory_percent),
        }
    }
}

impl Default for Gauge {
    fn default() -> Self {
        Self::new()
    }
}

fn memory_percent(text: &[u8]) -> Option<f64> {
    let (total, available) = (value(text, "MemTotal:")?, value(text, "MemAvailable:")?);
    (total > 0).then(|| 100.0 * total.saturating_sub(available) as f64 / total as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_second_look_has_a_share_of_the_processors() {
        let dir = tempfile::tempdir().unwrap();
        let mut gauge = Gauge::of(dir.path().to_owned());
        assert_eq!(gauge.look(), Used::default());
        fs::write(dir.path().join("meminfo"), "MemTotal: 1000 kB\nMemAvailable: 250 kB\n").unwrap();
        fs::write(dir.path().join("stat"), "cpu 0 0 0 0 0 0 0 0 0 0\ncpu0 1\n").unwrap();
        assert_eq!(gauge.look(), Used { cpu_percent: None, memory_percent: Some(75.0) });
        fs::write(dir.path().join("stat"), "cpu 30 0 0 70 0 0 0 0 0 0\ncpu0 1\n").unwrap();
        assert_eq!(gauge.look().cpu_percent, Some(30.0));
        fs::write(dir.path().join("meminfo"), "MemTotal: 0 kB\nMemAvailable: 9 kB\n").unwrap();
        assert_eq!(gauge.look().memory_percent, None);
    }
}
