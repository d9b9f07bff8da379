//! A thread for the [`HealthMeter`], so that nobody waits for a file system that hangs: asked once a window, it answers
//! when it can. A window that comes up while it still works on the one before gets no reading; what was counted in it
//! goes to the next.

use super::meter::{HealthMeter, HealthSettings, WindowInputs};
use super::tool::ToolTree;
use gridnode_core::base::time::Mono;
use gridnode_core::node::health::{HealthWindow, NodeHealth, Reason};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::mpsc;

/// A window's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthReading {
    /// The window.
    pub window: HealthWindow,
    /// Its health.
    pub health: NodeHealth,
    /// All reasons that hold, most telling first.
    pub reasons: Vec<Reason>,
    /// Where the first of them comes from; `None` where there is none.
    pub cause: Option<Cause>,
}

/// Where a verdict comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    reason: Reason,
    /// What was read in the latest window that was over the threshold.
    pub readings: String,
    /// Start of the window since which it holds without a gap, wall clock, ns.
    pub since_ns: i64,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Asked {
    /// The reading will come.
    Taken,
    /// None will: the thread has not done with the window before.
    Busy,
    /// None will ever: the thread is gone.
    Gone,
}

/// The handle; dropping it ends the thread.
pub struct HealthThread {
    questions: SyncSender<Question>,
    readings: mpsc::Receiver<HealthReading>,
    /// Counted in windows that got no reading.
    carried: WindowInputs,
}

struct Question {
    now: Mono,
    window: HealthWindow,
    tools: Vec<ToolTree>,
    inputs: WindowInputs,
}

impl HealthThread {
    /// Starts it; rates of the first window count from `now`.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(settings: HealthSettings, now: Mono) -> std::io::Result<Self> {
        let (questions, inbox) = sync_channel(1);
        let (answers, readings) = mpsc::channel(1);
        let work = move || answer(HealthMeter::start(settings, now), &inbox, &answers);
        std::thread::Builder::new().name("health".to_owned()).spawn(work)?;
        Ok(Self { questions, readings, carried: WindowInputs::default() })
    }

    /// Asks for the health of `window`, which has ended just now. Never waits.
    pub fn ask(
        &mut self,
        now: Mono,
        window: HealthWindow,
        tools: Vec<ToolTree>,
        inputs: WindowInputs,
    ) -> Asked {
        let inputs = self.carried.followed_by(inputs);
        match self.questions.try_send(Question { now, window, tools, inputs }) {
            Ok(()) => {
                self.carried = WindowInputs::default();
                Asked::Taken
            }
            Err(TrySendError::Full(question)) => {
                self.carried = question.inputs;
                Asked::Busy
            }
            Err(TrySendError::Disconnected(_)) => Asked::Gone,
        }
    }

    /// The next reading; `None` when the thread is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<HealthReading> {
        self.readings.recv().await
    }
}

fn answer(mut meter: HealthMeter, inbox: &Receiver<Question>, answers: &mpsc::Sender<HealthReading>) {
    let mut before: Option<Cause> = None;
    while let Ok(Question { now, window, tools, inputs }) = inbox.recv() {
        let health = meter.window(now, &tools, &inputs);
        let cause = health.reason.map(|reason| {
            let same = before.take().filter(|before| before.reason == reason);
            let since_ns = same.map_or(window.start_ns, |before| before.since_ns);
            Cause { reason, readings: meter.readings(reason), since_ns }
        });
        before.clone_from(&cause);
        let reading = HealthReading { window, health, reasons: meter.reasons().collect(), cause };
        if answers.blocking_send(reading).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::HostSettings;
    use super::*;
    use gridnode_core::base::time::NS_PER_S;

    fn thread() -> HealthThread {
        let settings = HealthSettings { host: HostSettings::new(".".into()), spool_bytes_max: 0 };
        HealthThread::start(settings, Mono(0)).unwrap()
    }

    fn window(n: i64) -> HealthWindow {
        HealthWindow { start_ns: n * 1_000_000_000, period_ns: NS_PER_S }
    }

    #[tokio::test]
    async fn a_question_is_answered() {
        let mut thread = thread();
        let inputs = WindowInputs { runs: 2, datagrams_dropped: 1, ..WindowInputs::default() };
        assert_eq!(thread.ask(Mono(NS_PER_S), window(7), Vec::new(), inputs), Asked::Taken);
        let reading = thread.next().await.unwrap();
        assert_eq!((reading.window, reading.health.runs), (window(7), 2));
        assert_eq!(reading.reasons.first(), Some(&Reason::SamplesDropped));
        // The verdict outlasts its cause, and says what and when that was.
        let calm = WindowInputs { runs: 2, ..WindowInputs::default() };
        assert_eq!(thread.ask(Mono(2 * NS_PER_S), window(8), Vec::new(), calm), Asked::Taken);
        let cause = thread.next().await.unwrap().cause.unwrap();
        assert_eq!((cause.readings.as_str(), cause.since_ns), ("datagrams dropped 1.0", window(7).start_ns));
    }

    #[tokio::test]
    async fn what_was_counted_while_it_was_busy_is_not_forgotten() {
        // Nobody answers until the end: one question waits, the others are turned away.
        let (questions, inbox) = sync_channel(1);
        let (answers, readings) = mpsc::channel(1);
        let mut thread = HealthThread { questions, readings, carried: WindowInputs::default() };
        let inputs = |datagrams_dropped, lag_ms| WindowInputs {
            datagrams_dropped,
            windows_folded: 1,
            ingest_lag_ms: Some(lag_ms),
            ..WindowInputs::default()
        };
        let mut asked = |n, inputs| thread.ask(Mono(0), window(n), Vec::new(), inputs);
        assert_eq!(asked(1, inputs(0, 1.0)), Asked::Taken);
        assert_eq!(asked(2, inputs(5, 9.0)), Asked::Busy);
        assert_eq!(asked(3, inputs(6, 2.0)), Asked::Busy);
        inbox.recv().unwrap();
        assert_eq!(asked(4, inputs(7, 3.0)), Asked::Taken);
        let inputs = inbox.recv().unwrap().inputs;
        assert_eq!(
            (inputs.datagrams_dropped, inputs.windows_folded, inputs.ingest_lag_ms),
            (18, 3, Some(9.0))
        );
        drop((inbox, answers));
        assert_eq!(thread.ask(Mono(0), window(5), Vec::new(), inputs), Asked::Gone);
        assert_eq!(thread.next().await, None);
    }
}
