//! Only sump, windows and delivery, for any tool that can send UDP.

mod receipts;

use crate::base::clock;
use crate::base::clock::sleep_until;
use crate::base::entropy::random_hex;
use crate::base::signals::{Signals, exit_at_next};
use crate::data::drain::DrainUrl;
use crate::data::session::{Lost, Session, SessionEvent, SessionSettings};
use crate::data::udp::SumpSocket;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::measure::ingest::OpenSettings;
use gridnode_core::measure::ledger::SampleAccount;
use gridnode_core::outbound::delivery::{Amount, Settings, phase_ns};
use gridnode_core::run::outcome::Outcome;
use gridnode_core::trace::redact::Redactor;
use receipts::Receipts;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Patience with the Drain after a signal, s.
const FLUSH_S: u64 = 20;
/// The same, at least, where the disk has taken all of that time.
const FLUSH_S_MIN: u64 = 5;
/// How often it is looked whether an old spool is empty.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is said how much still waits, looks.
const SAID_EVERY: u64 = 5;
/// Writes of a grid's nodes are spread over this part of a window.
const WRITE_SPREAD: u64 = 5;

/// Where to listen, and what becomes of what comes.
#[derive(Debug, Clone)]
pub struct CollectSettings {
    /// Where to listen for UDP.
    pub listen: SocketAddr,
    /// Who measures.
    pub node: Ident,
    /// Where to push rollups.
    pub drain: DrainUrl,
    /// Directory for the spool; it must survive a restart.
    pub state_dir: PathBuf,
    /// Key of the timestamps.
    pub timestamp_key: Vec<u8>,
    /// Whether labels are tags, too.
    pub label_tag: bool,
    /// How runs are opened that nobody announced.
    pub open: OpenSettings,
    /// Length of a window, s.
    pub window_s: u32,
    /// When it ends without a signal.
    pub ends: Ends,
}

/// When a collector ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Never: whoever sends may send more.
    AtSignal,
    /// When nothing waits in the spool any more, or after this time.
    WhenSent(Option<Duration>),
}

/// Takes each receipt, a line of JSON.
pub type Print<'a> = &'a mut (dyn FnMut(&str) -> io::Result<()> + Send);

/// A socket that is open, and what comes of it.
pub struct Collector {
    session: Session,
    receipts: Receipts,
    signal: Option<i32>,
    /// The spool had something at the start, and that has not all been delivered yet.
    earlier_wait: bool,
    ends: Ends,
    looks: u64,
    state_dir: PathBuf,
}

impl Collector {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the port, the state directory or the Drain's URL cannot be used.
    pub fn start(settings: CollectSettings) -> anyhow::Result<Self> {
        let CollectSettings {
            listen,
            node,
            drain,
            state_dir,
            timestamp_key,
            label_tag,
            open,
            window_s,
            ends,
        } = settings;
        let socket = SumpSocket::bind(listen)?;
        let addr = socket.local_addr()?;
        let only_sends = ends != Ends::AtSignal;
        if let Some(warning) = socket.buffer_warning().filter(|_| !only_sends) {
            tracing::warn!("{warning}");
        }
        // Nodes that close a window at the same moment do not write at the same moment.
        let spread_ns = u64::from(window_s) * NS_PER_S / WRITE_SPREAD;
        let (mut session, remarks) = Session::start(SessionSettings {
            node: node.clone(),
            drain,
            state_dir: state_dir.clone(),
            timestamp_key,
            label_tag,
            copy: None,
            delivery: Settings { phase_ns: phase_ns(node.as_str(), spread_ns), ..Settings::default() },
            snapshots: true,
            tap: None,
            totals: false,
        })?;
        remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
        session.open_socket(socket, open)?;
        if only_sends {
            tracing::info!(drain = session.drain_url(), "sending what waits in the spool");
        } else {
            tracing::info!(%addr, %node, drain = session.drain_url(), window_s, "listening");
        }
        let waiting = session.delivery_total().spooled;
        if waiting.batches > 0 {
            tracing::info!(
                samples = waiting.samples,
                batches = waiting.batches,
                "results of earlier runs wait in the spool and are being delivered"
            );
        }
        let earlier_wait = waiting.batches > 0 || only_sends;
        let receipts = Receipts::new(node.to_string(), Redactor::new(random_hex()?.as_bytes(), &[]));
        Ok(Self { session, receipts, signal: None, earlier_wait, ends, looks: 0, state_dir })
    }

    /// Whether nobody has worked on the state directory before.
    #[must_use]
    pub fn is_first_start(&self) -> bool {
        self.session.incarnation() == 1
    }

    /// Runs until a signal comes, or it ends by itself, then closes and delivers everything; whether no receipt left a doubt.
    ///
    /// # Errors
    /// When the ingest has ended by itself.
    pub async fn run(mut self, signals: &mut Signals, print: Print<'_>) -> anyhow::Result<bool> {
        let signal = self.until_signal(signals, print).await;
        self.finish(signal, signals, print).await
    }

    /// The signal; `None` where it ended by itself.
    async fn until_signal(&mut self, signals: &mut Signals, print: Print<'_>) -> Option<i32> {
        let mut look = tokio::time::interval(LOOK_EVERY);
        let latest = match self.ends {
            Ends::WhenSent(Some(patience)) => Some(clock::now().mono.plus_ns(patience.as_nanos() as u64)),
            Ends::WhenSent(None) | Ends::AtSignal => None,
        };
        loop {
            tokio::select! {
                signal = signals.next() => return Some(signal),
                () = sleep_until(latest), if latest.is_some() => return None,
                event = self.session.next() => self.tell(event, print),
                _ = look.tick(), if self.earlier_wait => self.look_at_the_spool(),
            }
            if !self.earlier_wait && self.ends != Ends::AtSignal {
                return None;
            }
        }
    }

    /// Who started only to have an old spool delivered wants to know when that is done.
    fn look_at_the_spool(&mut self) {
        let waiting = self.session.delivery_total().spooled;
        if waiting.batches == 0 {
            self.earlier_wait = false;
            nothing_waits(&self.session.lost_since_start(), &self.state_dir);
        } else if self.ends != Ends::AtSignal && self.looks.is_multiple_of(SAID_EVERY) && self.looks > 0 {
            tracing::info!(samples = waiting.samples, batches = waiting.batches, "still waiting");
        }
        self.looks += 1;
    }

    async fn finish(
        mut self,
        signal: Option<i32>,
        signals: &mut Signals,
        print: Print<'_>,
    ) -> anyhow::Result<bool> {
        if signal.is_some() || self.earlier_wait {
            tracing::info!(
                "closing windows and delivering what is left, for at most {FLUSH_S} s (once more to stop at once)"
            );
        }
        self.signal = signal;
        let stopped = self.session.stop_ingest().await?;
        let (mut written, mut in_haste, mut is_durable) = (false, false, true);
        // A disk that hangs never says that everything is written.
        let mut latest = clock::now().mono.plus_ns(FLUSH_S * NS_PER_S);
        loop {
            tokio::select! {
                _ = signals.next() => {
                    if written || in_haste {
                        break;
                    }
                    // What is on its way to the disk is waited for: without that, nobody could say what became of it.
                    in_haste = true;
                    self.session.hurry();
                    latest = clock::now().mono.plus_ns(NS_PER_S);
                }
                () = sleep_until(Some(latest)), if !written => break,
                event = self.session.next() => match event {
                    SessionEvent::AllWritten => {
                        written = true;
                        if in_haste {
                            break;
                        }
                        let least = clock::now().mono.plus_ns(FLUSH_S_MIN * NS_PER_S);
                        self.session.flush(latest.max(least));
                    }
                    SessionEvent::Flushed => {
                        is_durable = self.session.accounts_are_durable();
                        break;
                    }
                    event => self.tell(event, print),
                },
            }
        }
        exit_at_next()?;
        say_what_is_not_on_the_disk(written, is_durable);
        let has_closed = self.receipts.are_any();
        let strays = stopped.stray.kernel_dropped + stopped.stray.rejected.total();
        let receipts_trusted = self.receipts.finish(&mut self.session, print);
        let (waiting, lost) = self.say_what_is_left();
        let trusted = lost.samples() == 0
            && receipts_trusted
            && written
            && is_durable
            && strays == 0
            && waiting.batches == 0;
        if self.ends == Ends::AtSignal {
            stray(&stopped.stray, has_closed);
        }
        self.session.close().await;
        Ok(trusted)
    }

    fn say_what_is_left(&self) -> (Amount, Lost) {
        let (waiting, lost) = (self.session.delivery_total().spooled, self.session.lost_since_start());
        if waiting.batches > 0 {
            say_what_waits(waiting);
        } else if self.earlier_wait {
            nothing_waits(&lost, &self.state_dir);
        }
        if lost.samples() > 0 {
            tracing::error!(
                samples = lost.samples(),
                "known by now not to be delivered, of earlier runs, too: {lost}; see gridnode spool list --state-dir {}",
                self.state_dir.display()
            );
        }
        (waiting, lost)
    }

    fn tell(&mut self, event: SessionEvent, print: Print<'_>) {
        match event {
            SessionEvent::Window(window) => window.log(),
            SessionEvent::Closed { name, run } => {
                tracing::info!(run = %name, samples = run.account.aggregated, "run closed");
                let reason = self.signal.map_or_else(
                    || "nothing came for ten minutes".to_owned(),
                    |signal| format!("signal {signal}"),
                );
                self.receipts.add(name, run, Outcome::Stopped(reason));
            }
            other => other.log(),
        }
        self.receipts.settle(&mut self.session, print);
    }
}

fn say_what_is_not_on_the_disk(written: bool, is_durable: bool) {
    if !written {
        tracing::error!(
            "ended before everything was written: the last windows are lost, runs without a receipt are not accounted for"
        );
    }
    if !is_durable {
        tracing::error!(
            "the accounts in the state directory could not be written: the next start may not know what this one has done"
        );
    }
}

/// `has_closed`: there was a run.
fn stray(stray: &SampleAccount, has_closed: bool) {
    if !has_closed && stray.received == 0 {
        tracing::info!("no sample has arrived");
    }
    if stray.received + stray.kernel_dropped > 0 {
        let said = stray.rejected.said().unwrap_or_else(|| "datagrams were dropped by the kernel".to_owned());
        tracing::warn!(
            lines = stray.rejected.total(),
            kernel_dropped = stray.kernel_dropped,
            "of what belonged to no run: {said}"
        );
    }
}

fn say_what_waits(waiting: Amount) {
    tracing::error!(
        samples = waiting.samples,
        batches = waiting.batches,
        "not everything is delivered: it waits in the spool for the next start on this state directory"
    );
}

fn nothing_waits(lost: &Lost, state_dir: &Path) {
    match lost.samples() {
        0 => tracing::info!("everything that waited in the spool is delivered"),
        samples => tracing::warn!(
            samples,
            "nothing waits in the spool any more, and not all of it is delivered: see gridnode spool list --state-dir {}",
            state_dir.display()
        ),
    }
}
