//! Carries out what the core decides.

use super::disk_watch::DiskWatch;
use super::driver::Driver;
use super::leftovers;
use super::run::{Preparing, Run};
use super::run_dir::files_dir;
use super::run_tool::Job;
use super::slots;
use super::task_report::TaskReport;
use super::tool_task;
use crate::base::file_threads::{FILES, KILLS};
use crate::data::udp::{SUMP_PORTS, SumpError, SumpSocket};
use crate::tool::{LAST_WORDS_WAIT, NoLastWords, TraceTaker};
use gridnode_core::base::run::{RunIdentity, RunKey};
use gridnode_core::node::command::StartFlood;
use gridnode_core::node::event::{Event, EventBody};
use gridnode_core::node::{Input, Output, RunNotes};
use gridnode_core::run::flood::Stage;
use gridnode_core::run::verdict::Verdict;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// For the queue to be unsubscribed and deleted: what the goodbye has at most.
const LEAVE_WAIT: Duration = Duration::from_secs(5);
/// For what an earlier agent left in the place of a run to be removed.
const REMOVE_WAIT: Duration = Duration::from_secs(60);

impl Driver {
    /// Everything that the core wants now.
    pub(super) async fn carry_out(&mut self) {
        while let Some(output) = self.node.poll_output() {
            self.act(output).await;
        }
    }

    async fn act(&mut self, output: Output) {
        match output {
            Output::Persist { seq, line } => {
                let answered = self.journal.append(seq, line);
                self.inputs.extend(answered);
            }
            Output::Rewrite { seq, text } => {
                let answered = self.journal.rewrite(seq, text);
                self.inputs.extend(answered);
            }
            Output::DeleteMessage { receipt_handle } => self.queue.delete(receipt_handle),
            Output::Fetch { start } => self.fetch(start),
            Output::CancelFetch { run } => {
                // Dropping it calls it off.
                drop(self.runs.get_mut(&run).and_then(|run| run.fetch.take()));
            }
            Output::Prepare { start, identity } => self.prepare(start, identity),
            Output::StartTool { run } => self.start_tool(run),
            Output::StopTool { run, stage } => self.stop_tool(run, stage),
            Output::CloseRun { run } => self.close_run(run),
            Output::Flush { run, until } => {
                self.say_what_was_closed(&run);
                match self.runs.get(&run).and_then(|run| run.name.clone()) {
                    Some(name) => self.session.flush_run(&name, until),
                    None => self.settle_unopened(run),
                }
            }
            Output::Discard { run } => self.discard(&run),
            Output::Publish { event } => {
                if let EventBody::FloodFinished { outcome, reason: Some(reason), .. } = &event.body
                    && outcome == "failed"
                    && let (Some(flood), Some(run)) = (&event.flood, event.run)
                {
                    self.warn(format!(
                        "run {run} of flood {flood} failed: {}",
                        reason.replace(char::is_control, " ")
                    ));
                }
                say(&event);
                self.hands.publish(*event);
            }
            Output::StoreReceipt { id, run, receipt } => self.hands.store(id, run, receipt),
            Output::StopListening => self.queue.stop_listening(),
            Output::LeaveQueue => self.leave_queue(),
            Output::Exit { clean, for_good } => self.exit = Some(self.exit_of(clean, for_good)),
        }
    }

    fn fetch(&mut self, start: Arc<StartFlood>) {
        let run = start.key();
        tracing::info!(flood = %run.id, run = run.run, tool = %start.tool, files = start.files.len(), "flood accepted");
        let (progress, seen) = watch::channel(crate::files::fetch::Progress::default());
        let (fetcher, done, command) = (self.fetcher.clone(), self.done.clone(), Arc::clone(&start));
        let slot = self.free_slot();
        self.slots.look_again(&self.settings.places, &self.done);
        if slot.is_none() && self.settings.places.slots > 0 {
            let why = self.slots.why_none();
            return self.tell(Input::NotReady { run, why });
        }
        let place = self.settings.places.place(&run, slot);
        let into = files_dir(&place.dir);
        let (key, places, old) = (run.clone(), self.settings.places.clone(), place.clone());
        let task = tokio::spawn(async move {
            // What an agent of before left under the same name is no part of this run.
            let removed = FILES.within(REMOVE_WAIT, move || leftovers::remove(&places, &old)).await;
            let fetched = match removed {
                Ok(_) => fetcher
                    .fetch(&command.files, &command.plan, &into, &progress)
                    .await
                    .map_err(|e| e.to_string()),
                Err(why) => Err(format!("a place for its files could not be made: {why}")),
            };
            let input = match fetched {
                Ok(_) => Input::Fetched { run: key },
                Err(why) => Input::NotReady { run: key, why },
            };
            let _ = done.send(TaskReport::Input(input)).await;
        });
        let run_state = Run {
            start: Some(start),
            place: Some(place),
            fetch: Some(AbortOnDropHandle::new(task)),
            progress: Some(seen),
            ..Run::default()
        };
        self.runs.insert(run, run_state);
    }

    fn prepare(&mut self, start: Arc<StartFlood>, identity: RunIdentity) {
        let key = start.key();
        let Some(place) = self.runs.get(&key).and_then(|run| run.place.clone()) else { return };
        let bound = self.bind_sump(place.slot).map_err(|error| error.to_string()).and_then(|socket| {
            let addr = socket.local_addr().map_err(|error| error.to_string())?;
            Ok((socket, addr))
        });
        let (socket, sump) = match bound {
            Ok(bound) => bound,
            Err(why) => return self.tell(Input::NotReady { run: key, why }),
        };
        if let Some(warning) = socket.buffer_warning() {
            self.warn(warning);
        }
        let Some(run) = self.runs.get_mut(&key) else { return };
        run.socket = Some(socket);
        run.sump = Some(sump);
        run.identity = Some(identity.clone());
        let preparing = Preparing::default();
        let called_off = preparing.called_off();
        run.preparing = Some(preparing);
        let (tools, done) = (Arc::clone(&self.tools), self.done.clone());
        let (places, node) = (self.settings.places.clone(), self.settings.address.node.clone());
        let trace_key = self.settings.trace_key(&identity);
        let run = key.clone();
        let begun = FILES.start(move || {
            let job = Job {
                start: &start,
                identity: &identity,
                node: &node,
                sump,
                dir: &place.dir,
                cage: &places.cage(&key, &place),
                trace_key,
                is_cancelled: &|| called_off.load(Ordering::Relaxed),
            };
            let report = match tools.prepare(&job) {
                Ok(prepared) => TaskReport::Prepared(key, Box::new(prepared)),
                Err(why) => TaskReport::Input(Input::NotReady { run: key, why }),
            };
            let _ = done.blocking_send(report);
        });
        if let Err(error) = begun {
            self.tell(Input::NotReady { run, why: format!("the tool could not be made ready: {error}") });
        }
    }

    /// The first slot that no run has; `None` where there are none.
    fn free_slot(&self) -> Option<u32> {
        let is_taken = |slot| {
            self.runs.values().any(|run| run.place.as_ref().is_some_and(|place| place.slot == Some(slot)))
        };
        (1..=self.settings.places.slots).find(|slot| !is_taken(*slot) && self.slots.is_fit(*slot))
    }

    /// A slot has a port of its own: the rules that keep runs apart know it.
    fn bind_sump(&self, slot: Option<u32>) -> Result<SumpSocket, SumpError> {
        let listen = self.settings.sump_listen;
        let Some(slot) = slot else { return SumpSocket::bind_first_free(listen, SUMP_PORTS) };
        let beyond = u16::try_from(slot.saturating_sub(1)).unwrap_or(u16::MAX);
        SumpSocket::bind(SocketAddr::new(listen.ip(), listen.port().saturating_add(beyond)))
    }

    fn start_tool(&mut self, key: RunKey) {
        let longest_ms = self.node.longest_ms(&key);
        let prepared = self.runs.get_mut(&key).and_then(|run| run.prepared.take());
        let (Some(prepared), Some(run)) = (prepared, self.runs.get_mut(&key)) else {
            return self.tell(Input::ToolNotStarted { run: key, why: "it was not made ready".to_owned() });
        };
        run.taker = run.trace_settings.take().and_then(TraceTaker::start);
        let dir = run.place.as_ref().map_or_else(PathBuf::new, |place| place.dir.clone());
        let disk = DiskWatch::new(dir, self.settings.disk);
        run.stops = Some(tool_task::start(key, prepared, longest_ms, disk, self.done.clone()));
    }

    fn stop_tool(&mut self, key: RunKey, stage: Stage) {
        if let Some(run) = self.runs.get_mut(&key) {
            run.stop_asked = true;
            run.preparing = None;
            if let Some(stops) = &run.stops {
                tracing::info!(flood = %key.id, run = key.run, ?stage, "stopping the tool");
                // Full only when the tool's task hangs in a stage before, and the kill that ends that fits always.
                if stops.try_send(stage).is_ok() {
                    return;
                }
            }
        }
        if stage < Stage::Kill {
            return;
        }
        let (places, done) = (self.settings.places.clone(), self.done.clone());
        let place = self.runs.get(&key).and_then(|run| run.place.clone());
        KILLS.aside("the sweep of a run's processes", move || {
            if let Some(empty) = leftovers::sweep(&places, key, place) {
                let _ = done.blocking_send(TaskReport::Input(empty));
            }
        });
    }

    /// Last words first; the windows are closed when those are repeated, or do not come.
    fn close_run(&mut self, key: RunKey) {
        let Some(run) = self.runs.get_mut(&key) else { return self.tell(unopened(key)) };
        run.closing = true;
        run.preparing = None;
        let (Some(_), Some(sump)) = (run.slot, run.sump) else { return self.tell(unopened(key)) };
        let (files, done, taker) = (run.files.clone(), self.done.clone(), run.taker.take());
        tokio::spawn(async move {
            let repeat = async {
                match files {
                    Some(files) => FILES.within(LAST_WORDS_WAIT, move || files.repeat_last_words(sump)).await,
                    None => Ok(NoLastWords::default()),
                }
            };
            let traces = async {
                match taker {
                    Some(taker) => Some(Box::new(taker.finish().await)),
                    None => None,
                }
            };
            let (repeated, mut traces) = tokio::join!(repeat, traces);
            let none = repeated.unwrap_or_else(|why| {
                tracing::warn!(flood = %key.id, run = key.run, "the tool's last words are not repeated: {why}");
                NoLastWords::default()
            });
            match (&mut traces, none.said()) {
                (Some(traces), _) => none.enter(traces),
                (None, Some(detail)) => {
                    let warning = Input::Warning { run: key.clone(), warning: "tool", detail };
                    let _ = done.send(TaskReport::Input(warning)).await;
                }
                (None, None) => {}
            }
            // The traces themselves went the same way, before.
            if let Some(traces) = traces {
                let _ = done.send(TaskReport::Traces(key.clone(), traces)).await;
            }
            let _ = done.send(TaskReport::LastWordsOver(key)).await;
        });
    }

    pub(super) async fn close_windows(&mut self, key: RunKey) {
        let Some(run) = self.runs.get_mut(&key) else { return };
        let Some(slot) = run.slot else { return self.tell(unopened(key)) };
        let place = run.place.clone();
        let ingest = &self.session.ingest;
        run.heard = ingest.totals(slot).await.ok().flatten().is_some_and(|totals| totals.sources > 0);
        if let Err(error) = ingest.close_run(slot).await {
            self.lost_ingest(&error.to_string());
            self.tell(unopened(key.clone()));
        }
        let places = self.settings.places.clone();
        if let Some(place) = place {
            FILES.aside("making room after a run", move || leftovers::make_room(&places, &place));
        }
    }

    /// The core did not wait any longer for a disk that does not take the last windows. What the ingest has counted is
    /// true all the same, and belongs into the receipt.
    fn say_what_was_closed(&mut self, key: &RunKey) {
        let Some(run) = self.runs.get_mut(key) else { return };
        let Some(closed) = run.closed.take() else { return };
        let notes = RunNotes { health: Some(run.health.clone()), ..RunNotes::default() };
        self.tell(Input::RunClosed {
            run: key.clone(),
            closed: Some(closed),
            verdict: Verdict::Completed,
            notes,
        });
    }

    /// A run of an earlier agent, or one that never got a socket: what is known of it is with the spool.
    fn settle_unopened(&mut self, run: RunKey) {
        self.settle_before(run);
    }

    fn discard(&mut self, key: &RunKey) {
        let run = self.runs.remove(key);
        if let Some(name) = run.as_ref().and_then(|run| run.name.clone()) {
            self.session.forget(&name);
        }
        // Where no tool was started the slot itself may be at fault.
        let must_answer = run.as_ref().is_some_and(|run| run.pid.is_none());
        let (places, place, key) = (self.settings.places.clone(), run.and_then(|run| run.place), key.clone());
        let (done, slot) = (self.done.clone(), place.as_ref().and_then(|place| place.slot));
        // Nothing new is started where something may have to be removed by the slot's own user.
        self.slots.begin(slot);
        let begun = FILES.start(move || {
            let _ = std::fs::remove_file(places.trace_account(&key));
            let place = place.unwrap_or_else(|| places.find(&key));
            leftovers::remove(&places, &place);
            if let Some(slot) = place.slot {
                let _ = done.blocking_send(TaskReport::Slot(slot, slots::fit(&places, slot, must_answer)));
            }
        });
        if let Err(error) = begun {
            let why = format!("removing a run's directory is left undone: {error}");
            tracing::warn!("{why}");
            slot.map(|slot| self.slots.looked_at(slot, Err(why)));
        }
    }

    fn leave_queue(&mut self) {
        let (queue, done) = (self.queue.clone(), self.done.clone());
        tokio::spawn(async move {
            match queue.leave(LEAVE_WAIT).await {
                Ok(()) => tracing::info!("queue and subscriptions are removed"),
                Err(error) => tracing::warn!("{error}; `gridnode reap` removes what is left"),
            }
            let _ = done.send(TaskReport::Input(Input::QueueLeft)).await;
        });
    }
}

/// There is nothing to close.
fn unopened(run: RunKey) -> Input {
    Input::RunClosed { run, closed: None, verdict: Verdict::Completed, notes: RunNotes::default() }
}

/// The ends of runs and refusals, as lines of the story that the log tells; the rest is said where it happens.
fn say(event: &Event) {
    let flood = event.flood.as_ref().map(ToString::to_string);
    match &event.body {
        EventBody::FloodFinished { outcome, reason, receipt, .. } => {
            let number = |path: &str| receipt.as_ref().and_then(|receipt| receipt.pointer(path)?.as_u64());
            tracing::info!(
                flood,
                run = event.run,
                outcome,
                reason,
                received = number("/ledger/received"),
                lost = number("/ledger/lost"),
                delivered = number("/delivery/delivered"),
                spooled = number("/delivery/spooled"),
                "flood finished"
            );
        }
        EventBody::CommandRefused { reason, detail } => {
            // The sender's words may have lines of their own; the log's are ours.
            let detail = detail.replace(char::is_control, " ");
            tracing::warn!(flood, run = event.run, reason, "a command was refused: {detail}");
        }
        _ => {}
    }
}
