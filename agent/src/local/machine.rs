//! Whether this machine could keep up with a run: a tool that waits for a processor measures the wait, too.

use crate::base::clock;
use crate::host::{Asked, HealthReading, HealthSettings, HealthThread, HostSettings, WindowInputs};
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::node::health::HealthWindow;
use gridnode_core::run::receipt::HealthSummary;
use std::path::PathBuf;

/// Long enough that the first seconds of a JVM at work, which compiles what it runs, are no verdict.
const WINDOW_NS: u64 = 15 * NS_PER_S;

/// Who takes the readings.
enum Looks {
    /// Nothing is measured yet.
    NotYet,
    With(HealthThread),
    /// The thread could not be had, or is gone.
    NoMore,
}

/// The readings of one run.
pub(super) struct Machine {
    dir: PathBuf,
    looks: Looks,
    due: Mono,
    summary: HealthSummary,
    /// What was read when the verdict held first.
    first: Option<String>,
    /// Why it was saturated in the latest window, if it was.
    latest: Option<&'static str>,
}

impl Machine {
    /// `dir` is where the run writes to.
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            looks: Looks::NotYet,
            due: Mono(0),
            summary: HealthSummary::default(),
            first: None,
            latest: None,
        }
    }

    /// Looks from the first sample on, for what a tool takes to start spoils no number, and asks for a reading when a
    /// window is over. Without a thread nobody looks, and the run goes on. Never waits.
    pub(super) fn second(&mut self, has_samples: bool) {
        let now = clock::now();
        match &mut self.looks {
            Looks::NotYet if has_samples => {
                let settings =
                    HealthSettings { host: HostSettings::new(self.dir.clone()), spool_bytes_max: 0 };
                let thread = HealthThread::start(settings, now.mono);
                let thread =
                    thread.inspect_err(|error| tracing::warn!(%error, "nobody looks at this machine"));
                self.looks = thread.map_or(Looks::NoMore, Looks::With);
                self.due = now.mono.plus_ns(WINDOW_NS);
            }
            Looks::With(thread) if now.mono >= self.due => {
                self.due = now.mono.plus_ns(WINDOW_NS);
                let window = HealthWindow::ended_before(now.wall.0, WINDOW_NS);
                let inputs = WindowInputs { runs: 1, ..WindowInputs::default() };
                if thread.ask(now.mono, window, Vec::new(), inputs) == Asked::Gone {
                    self.looks = Looks::NoMore;
                }
            }
            Looks::With(_) | Looks::NotYet | Looks::NoMore => {}
        }
    }

    /// Takes a reading in as soon as there is one. Cancel safe.
    pub(super) async fn read(&mut self) {
        let reading = match &mut self.looks {
            Looks::With(thread) => thread.next().await,
            Looks::NotYet | Looks::NoMore => std::future::pending().await,
        };
        match reading {
            Some(reading) => self.take(&reading),
            None => self.looks = Looks::NoMore,
        }
    }

    fn take(&mut self, reading: &HealthReading) {
        self.latest = reading.health.reason.map(|reason| reason.name());
        self.summary.add(self.latest);
        if self.first.is_none() {
            self.first = reading.cause.as_ref().map(|cause| cause.readings.clone());
        }
    }

    /// Why the latest window was over what can be measured, if it was.
    pub(super) fn saturated(&self) -> Option<&str> {
        self.latest
    }

    /// For the receipt; `None` for a run that measured for less than a window.
    pub(super) fn summary(&self) -> Option<HealthSummary> {
        (self.summary.windows > 0).then(|| self.summary.clone())
    }

    /// What has to be said at the end. No doubt of the samples: they are all there, and a person may know of the load.
    pub(super) fn warning(&self) -> Option<String> {
        let HealthSummary { windows, saturated, reasons } = &self.summary;
        let reasons: Vec<&str> = reasons.keys().map(String::as_str).collect();
        let reading = self.first.as_ref().map_or_else(String::new, |first| format!("; first {first}"));
        (*saturated > 0).then(|| {
            format!(
                "in {saturated} of {windows} windows of 15 s this machine was saturated ({}{reading}): the response times may \
                 be its own, not the target's; use fewer users or a larger machine",
                reasons.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::node::health::{NodeHealth, Reason};

    fn machine() -> Machine {
        Machine::new(".".into())
    }

    fn reading(reason: Option<Reason>) -> HealthReading {
        let health = NodeHealth { reason, ..NodeHealth::default() };
        let window = HealthWindow { start_ns: 0, period_ns: WINDOW_NS };
        HealthReading { window, health, reasons: Vec::new(), cause: None }
    }

    #[test]
    fn a_machine_that_was_saturated_is_told_at_the_end() {
        let mut machine = machine();
        assert_eq!(machine.summary(), None);
        machine.take(&reading(None));
        assert_eq!(machine.warning(), None);
        machine.take(&reading(Some(Reason::Cpu)));
        machine.take(&reading(Some(Reason::Cpu)));
        machine.first = Some("cpu 97.2 %".to_owned());
        let warning = machine.warning().unwrap();
        assert_eq!(machine.summary().map(|summary| (summary.windows, summary.saturated)), Some((3, 2)));
        assert!(
            warning
                .starts_with("in 2 of 3 windows of 15 s this machine was saturated (cpu; first cpu 97.2 %)"),
            "{warning}"
        );
    }

    #[tokio::test]
    async fn it_looks_when_a_window_of_samples_is_over() {
        let mut machine = machine();
        machine.second(false);
        assert!(matches!(machine.looks, Looks::NotYet), "the tool starts");
        machine.second(true);
        assert!(matches!(machine.looks, Looks::With(_)));
        let due = machine.due;
        machine.second(true);
        assert_eq!(machine.due, due, "the first window is not over");
        machine.due = Mono(0);
        machine.second(true);
        machine.read().await;
        assert_eq!(machine.summary.windows, 1, "not before, and then once");
    }
}
