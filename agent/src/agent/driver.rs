//! The loop: wakes up for one thing at a time, lets the core decide, carries it out.

use super::health::HealthReports;
use super::journal_file::{self, JournalFile};
use super::left::Left;
use super::publisher::Publisher;
use super::run::Run;
use super::run_tool::InstalledTools;
use super::settings::{self, DriverSettings};
use super::slots::{self, Slots};
use super::task_report::{TASK_REPORTS_MAX, TaskReport};
use super::{going_away, leftovers};
use crate::agent::status::{ShownWarning, StatusRequest, StatusServer};
use crate::agent::watchdog::{Beat, Watchdog};
use crate::base::clock::sleep_until;
use crate::base::entropy::random_u64;
use crate::base::exit::Exit;
use crate::base::file_threads::{FILES, KILLS};
use crate::base::signals::Signals;
use crate::base::{clock, left_behind, open_files};
use crate::cage::supervise::become_subreaper;
use crate::config::{Config, Loaded};
use crate::control::aws::Aws;
use crate::control::imds::{self, GoingAway};
use crate::control::queue::{Queue, QueueEvent};
use crate::data::session::{Session, SessionEvent};
use crate::files::fetch::Fetcher;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::node::journal_text::Restored;
use gridnode_core::node::{Input, Node, StopRequest};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Notices that wait for the loop: there is one, or none.
const NOTICES_MAX: usize = 4;
/// For the threads to end when everything is over.
const CLOSE_WAIT: Duration = Duration::from_secs(8);
/// Of that, for answers that are under way, ns.
const LAST_FLUSH_NS: u64 = 3 * NS_PER_S;
/// For directories of runs that nobody knows to be removed, at the start.
const REMOVE_WAIT: Duration = Duration::from_secs(20);
/// For the queue to be given free; meanwhile the threads end.
const RELEASE_WAIT: Duration = Duration::from_secs(2);

/// The agent while it runs.
pub(super) struct Driver {
    pub(super) settings: DriverSettings,
    pub(super) node: Node,
    pub(super) session: Session,
    pub(super) journal: JournalFile,
    pub(super) queue: Queue,
    pub(super) hands: Publisher,
    pub(super) fetcher: Fetcher,
    pub(super) tools: Arc<InstalledTools>,
    pub(super) health: HealthReports,
    pub(super) watchdog: Watchdog,
    pub(super) runs: BTreeMap<RunKey, Run>,
    pub(super) slots: Slots,
    pub(super) done: mpsc::Sender<TaskReport>,
    /// What the core is to be told, in order.
    pub(super) inputs: VecDeque<Input>,
    pub(super) warnings: VecDeque<ShownWarning>,
    pub(super) started: Mono,
    pub(super) incarnation: u64,
    /// Set when the core is done.
    pub(super) exit: Option<Exit>,
    stop_asked: bool,
    /// A signal was among what asked it to end: whoever sent it knows.
    signalled: bool,
    /// Why it must not live beside another agent.
    refused: Option<String>,
}

/// Where news comes from.
struct Sources {
    done: mpsc::Receiver<TaskReport>,
    journal: mpsc::Receiver<Input>,
    queue: mpsc::Receiver<QueueEvent>,
    notices: mpsc::Receiver<GoingAway>,
    looks: mpsc::Receiver<StatusRequest>,
    signals: Signals,
}

/// What the loop woke up for.
enum News {
    Session(SessionEvent),
    TaskReport(TaskReport),
    Input(Input),
    Queue(QueueEvent),
    Notice(GoingAway),
    Look(StatusRequest),
    Signal(i32),
    Deadline,
    HealthDue,
    HealthRead,
    Beat(Beat),
}

/// Runs the agent until something ends it.
///
/// # Errors
/// When it cannot start: a state directory that is in use or of a newer agent, no thread, no region; or when the node's
/// queue is another agent's, which lives.
pub async fn run(loaded: Loaded) -> anyhow::Result<ExitCode> {
    if let Err(why) = open_files::raise_enough() {
        tracing::warn!("every run will be refused: {why}");
    }
    // From here on for a signal that comes before the rest is there.
    let signals = Signals::new()?;
    if let Err(error) = become_subreaper() {
        tracing::debug!(%error, "not a subreaper");
    }
    let stop_watching = CancellationToken::new();
    let (mut driver, mut sources, _status) = start(loaded, signals, stop_watching.clone()).await?;
    let exit = driver.live(&mut sources).await;
    stop_watching.cancel();
    let refused = driver.refused.take();
    let is_whole = driver.close(sources).await;
    if let Some(why) = refused {
        anyhow::bail!(why);
    }
    let exit = if exit == Exit::Fine && !is_whole { Exit::NotTrustworthy } else { exit };
    Ok(exit.into())
}

async fn start(
    loaded: Loaded,
    signals: Signals,
    stop_watching: CancellationToken,
) -> anyhow::Result<(Driver, Sources, StatusServer)> {
    let config = loaded.config;
    let started = clock::now();
    // Takes the lock of the state directory and makes the incarnation durable, before anything else.
    let (mut session, remarks) = Session::start(settings::session(&config))?;
    remarks.iter().for_each(|remark| tracing::warn!("{remark}"));
    let restored = restored(&config.state_dir)?;
    let known: BTreeSet<String> = restored.state.runs().map(|record| record.run.dir_name()).collect();
    let (tools, unfit) = installed_tools(&config, known).await?;
    let aws = Aws::connect(&config.aws.settings()).await?;
    let seed = random_u64()?;
    open_traces(&mut session, &config, &aws)?;
    let incarnation = u64::from(session.incarnation());
    let own = settings::driver(&config)?;
    let (journal, journal_answers) = JournalFile::start(&config.state_dir)?;
    let (queue, queue_events) = Queue::start(aws.clone(), settings::queue(&config, session.nonce(), seed));
    let (status, looks) = StatusServer::start(&config.state_dir)?;
    let (done, done_inbox) = mpsc::channel(TASK_REPORTS_MAX);
    let (notice, notices) = mpsc::channel(NOTICES_MAX);
    if let Some(imds) = loaded.imds.filter(|_| config.metadata.spot) {
        tokio::spawn(imds::watch(imds, notice, stop_watching));
    }
    let node_settings = settings::node(&config, (session.nonce(), incarnation), tools.names(), &own, seed);
    let node = Node::new(node_settings, restored, started);
    let driver = Driver {
        hands: Publisher {
            aws: aws.clone(),
            event_topic: own.event_topic.clone(),
            receipts: own.receipts.clone(),
            node: own.address.node.clone(),
            done: done.clone(),
        },
        fetcher: Fetcher::new(settings::fetch(&config), Some(Arc::new(aws)))?,
        tools: Arc::new(tools),
        health: HealthReports::start(&config)?,
        watchdog: Watchdog::from_env(started.mono),
        settings: own,
        node,
        session,
        journal,
        queue,
        runs: BTreeMap::new(),
        slots: Slots::found(unfit),
        done,
        inputs: VecDeque::new(),
        warnings: VecDeque::new(),
        started: started.mono,
        incarnation,
        exit: None,
        stop_asked: false,
        signalled: false,
        refused: None,
    };
    let sources =
        Sources { done: done_inbox, journal: journal_answers, queue: queue_events, notices, looks, signals };
    tracing::info!(
        node = %config.node.id,
        grid = config.node.grid.as_ref().map(ToString::to_string),
        region = config.node.region.as_ref().map(ToString::to_string),
        drain = driver.session.drain_url(),
        incarnation,
        "gridnode {} started",
        settings::AGENT_VERSION
    );
    Ok((driver, sources, status))
}

/// Error traces, where they have a place.
fn open_traces(session: &mut Session, config: &Config, aws: &Aws) -> anyhow::Result<()> {
    let store = settings::trace_store(config, aws.clone(), random_u64()?);
    if let Some(store) = store {
        session.open_traces(store)?.iter().for_each(|remark| tracing::warn!("{remark}"));
    }
    Ok(())
}

/// What the journal knows of earlier lives.
fn restored(state_dir: &Path) -> anyhow::Result<Restored> {
    let restored = journal_file::read(state_dir)?;
    if restored.bad_lines > 0 {
        tracing::warn!(
            lines = restored.bad_lines,
            "the journal's end was not written; nothing was done about it yet"
        );
    }
    Ok(restored)
}

/// The tools of this node, and slots in which something of a run is left that is not `known`: such directories are removed before.
async fn installed_tools(
    config: &Config,
    known: BTreeSet<String>,
) -> anyhow::Result<(InstalledTools, BTreeMap<u32, String>)> {
    let (places, tools) = (settings::places(config), settings::tools(config));
    // Nothing of an earlier agent's may be in a slot when something new is.
    let ended = places.clone();
    KILLS.start(move || leftovers::end_slots(&ended))?.await??;
    // Where an earlier run's directory hangs, it is left alone.
    let work = move || {
        leftovers::remove_unknown(&places, &known);
        slots::unfit(&places, &known)
    };
    let unfit = FILES.within(REMOVE_WAIT, work).await.unwrap_or_else(|why| {
        tracing::warn!("directories of earlier runs are left: {why}");
        BTreeMap::new()
    });
    for (slot, why) in &unfit {
        tracing::warn!("slot {slot} takes no run: {why}");
    }
    Ok((FILES.start(move || InstalledTools::find(tools))?.await?, unfit))
}

impl Driver {
    /// Until the core says that it is over.
    async fn live(&mut self, sources: &mut Sources) -> Exit {
        self.carry_out().await;
        loop {
            while let Some(input) = self.inputs.pop_front() {
                self.node.handle(clock::now(), input);
                self.carry_out().await;
            }
            if let Some(exit) = self.exit {
                return exit;
            }
            let news = self.news(sources).await;
            self.learn(news).await;
        }
    }

    async fn news(&mut self, sources: &mut Sources) -> News {
        let deadline = self.node.next_deadline();
        tokio::select! {
            Some(input) = sources.journal.recv() => News::Input(input),
            signal = sources.signals.next() => News::Signal(signal),
            Some(event) = sources.queue.recv() => News::Queue(event),
            Some(done) = sources.done.recv() => News::TaskReport(done),
            Some(notice) = sources.notices.recv() => News::Notice(notice),
            Some(look) = sources.looks.recv() => News::Look(look),
            () = sleep_until(deadline) => News::Deadline,
            () = sleep_until(self.health.due()) => News::HealthDue,
            () = self.health.read() => News::HealthRead,
            beat = self.watchdog.next(|| clock::now().mono) => News::Beat(beat),
            event = self.session.next() => News::Session(event),
        }
    }

    async fn learn(&mut self, news: News) {
        match news {
            News::Session(event) => self.session_event(event),
            News::TaskReport(done) => self.done(done).await,
            News::Input(input) => self.tell(input),
            News::Queue(QueueEvent::Ready { name, .. }) => {
                tracing::info!(queue = name, "commands are taken from now on");
                self.watchdog.notifier().ready(&format!("taking commands from {name}"));
                self.tell(Input::QueueReady);
            }
            News::Queue(QueueEvent::Refused { why }) => self.refused(why),
            News::Queue(QueueEvent::Lost { why }) => self.warn(why),
            News::Queue(QueueEvent::Message { body, receipt_handle }) => {
                self.tell(Input::Message { body, receipt_handle });
            }
            News::Notice(notice) => self.stop(going_away::by_notice(&notice)),
            News::Signal(signal) => {
                self.signalled = true;
                let again = self.stop_asked;
                let request = going_away::by_signal(signal, again).await;
                self.stop(request);
                tracing::info!("{}", going_away::how_long(again, self.settings.shutdown_ms));
            }
            News::Look(request) => {
                let document = self.status_document().await;
                request.answer(document);
            }
            News::Deadline => self.tell(Input::Tick),
            News::HealthDue => self.ask_for_health().await,
            News::HealthRead => self.report_health(),
            News::Beat(Beat::Ask) => self.watchdog.asked(self.session.ingest.ping()),
            News::Beat(Beat::Fed) => {}
        }
    }

    pub(super) fn tell(&mut self, input: Input) {
        self.inputs.push_back(input);
    }

    /// What is left undelivered then is yet to be seen.
    pub(super) fn exit_of(&self, clean: bool, for_good: bool) -> Exit {
        match (clean, for_good && !self.signalled) {
            (false, _) => Exit::NotTrustworthy,
            // Whoever starts it again for any other code must not do so.
            (true, true) => Exit::ForGood,
            (true, false) => Exit::Fine,
        }
    }

    pub(super) fn stop(&mut self, request: StopRequest) {
        tracing::warn!(reason = request.reason, for_good = request.for_good, "the node is going away");
        self.watchdog.notifier().stopping(&request.reason);
        self.stop_asked = true;
        self.tell(Input::Stop(request));
    }

    /// Another agent lives on this node's queue: there is nothing to do here. What an earlier agent left on this
    /// machine is ended first; where there is nothing, nothing is said in the node's name, which is the other's.
    fn refused(&mut self, why: String) {
        tracing::error!("{why}");
        if self.node.runs().is_empty() {
            self.exit = Some(Exit::NotTrustworthy);
        } else {
            let reason = "another agent has this node's queue".to_owned();
            self.stop(StopRequest { reason, for_good: false, by: None });
        }
        self.refused = Some(why);
    }

    pub(super) fn warn(&mut self, text: String) {
        tracing::warn!("{text}");
        crate::agent::status::StatusDocument::note(&mut self.warnings, clock::now().wall, text);
    }

    /// Ends the threads; what is on disk is then as the next agent finds it. Gives whether nothing waits for that one, and nothing was
    /// lost.
    async fn close(self, sources: Sources) -> bool {
        let Self { mut session, journal, queue, runs, .. } = self;
        drop((sources, runs));
        let before = Left::by(&session);
        let closing = async {
            let mut accounts_are_durable = true;
            if session.stop_ingest().await.is_ok() {
                // What a disk does not take is to be counted before these threads are left behind.
                session.hurry();
                while !matches!(session.next().await, SessionEvent::AllWritten) {}
                // What was delivered a moment ago is to be gone from the spool, and the accounts are to say so.
                session.flush(clock::now().mono.plus_ns(LAST_FLUSH_NS));
                while !matches!(session.next().await, SessionEvent::Flushed) {}
                accounts_are_durable = session.accounts_are_durable();
            }
            let left = Left::by(&session);
            left.say();
            if !accounts_are_durable {
                tracing::error!(
                    "the accounts are not on the disk yet: should they not get there, what was delivered last is sent once more by the next \
                     start"
                );
            }
            let journal = left_behind::wait_for("the journal", move || journal.stop());
            tokio::join!(session.close(), journal);
            accounts_are_durable && left.is_nothing()
        };
        let leaving = async {
            if let Err(error) = queue.release(RELEASE_WAIT).await {
                tracing::warn!("{error}; only this state directory can take the queue at once");
            }
        };
        let (closed, ()) = tokio::join!(tokio::time::timeout(CLOSE_WAIT, closing), leaving);
        if closed.is_err() {
            before.say();
            tracing::warn!("the disk does not finish; what waits for it is left behind");
        }
        tracing::info!("gridnode ends");
        closed.unwrap_or(false)
    }
}
