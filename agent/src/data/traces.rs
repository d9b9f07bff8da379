//! The way out for error traces: a spool of their own, `{state}/traces`, and the same machine as for batches. A trace is
//! delivered when its object is in the store *and* the point that says where it is is durable among the batches: a kill
//! between the two only makes both again, under the same names.

use crate::base::clock;
use crate::base::clock::sleep_until;
use crate::data::disk::Disk;
use crate::data::objects::{ObjectPoster, ObjectStore};
use crate::data::outbound::{Outbound, OutboundEvent, Poster, Stored};
use crate::data::spool::{Spool, SpoolError, nonce};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunName;
use gridnode_core::base::time::Mono;
use gridnode_core::outbound::OutboundSettings;
use gridnode_core::outbound::delivery::{BatchId, Destination, Settings};
use gridnode_core::outbound::pack;
use gridnode_core::outbound::spool::Done;
use gridnode_core::rollup::RollupSettings;
use gridnode_core::run::receipt::DeliveryAccount;
use gridnode_core::trace::Pointer;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Below the state directory.
const DIR: &str = "traces";
/// Traces that may wait, whatever their size.
const TRACES_MAX: usize = 20_000;
/// Compressed bytes that may be held in memory while the disk takes nothing.
const HELD_BYTES_MAX: u64 = 8 << 20;

/// Whether a directory is one of traces, below a state directory.
#[must_use]
pub fn is_one(dir: &Path) -> bool {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    dir.file_name().is_some_and(|name| name == DIR)
        && dir.parent().is_some_and(|above| nonce::read(above).is_some())
}

/// What is needed to open it.
pub struct TraceStoreSettings {
    /// Where objects go.
    pub store: Arc<dyn ObjectStore>,
    /// Entropy for the jitter.
    pub seed: u64,
    /// What may wait on disk, compressed; the oldest goes first.
    pub spool_bytes_max: u64,
    /// What has waited for longer is given up, ns.
    pub spool_age_ns_max: u64,
}

/// See the module's head.
pub struct TraceWay {
    outbound: Outbound,
    disk_done: mpsc::Receiver<Done>,
    /// Ids of this start's that are in no store yet, by run.
    pending: HashMap<RunName, HashSet<String>>,
    /// Taken by this start, by run: what a kill takes is known by it.
    taken: HashMap<RunName, u64>,
    /// The last sentence that asked for an operator, and has not been overtaken by a success.
    last_warning: Option<String>,
}

impl TraceWay {
    /// Opens it, with what an earlier start has left; gives what is to be said of that.
    ///
    /// # Errors
    /// When its directory is unusable.
    pub fn start(
        state_dir: &Path,
        rollup: RollupSettings,
        settings: TraceStoreSettings,
    ) -> Result<(Self, Vec<String>), SpoolError> {
        let dir = state_dir.join(DIR);
        let (spool, found) = Spool::open(&dir)?;
        let delivery = Settings {
            destination: Destination::ObjectStore,
            seed: settings.seed,
            spool_bytes_max: settings.spool_bytes_max,
            spool_batches_max: TRACES_MAX,
            spool_age_ns_max: settings.spool_age_ns_max,
            ..Settings::default()
        };
        let poster = Poster::Objects(ObjectPoster::new(settings.store, rollup));
        let (disk, disk_done) =
            Disk::start(spool).map_err(|e| SpoolError::io("start a thread for", &dir, e))?;
        let way_out =
            OutboundSettings { delivery, held_bytes_max: HELD_BYTES_MAX, ..OutboundSettings::default() };
        let (outbound, remarks) = Outbound::new(way_out, disk, poster, dir, found);
        Ok((
            Self { outbound, disk_done, pending: HashMap::new(), taken: HashMap::new(), last_warning: None },
            remarks,
        ))
    }

    /// Takes a trace of a run: its pointer, and its object. False when the disk takes nothing and memory has as much as it may.
    pub fn take(&mut self, run: &RunName, pointer: &Pointer, json: &[u8]) -> bool {
        // Its text was made here, of what was read as JSON.
        let Some(bytes) = pointer.with_object(json).ok().filter(|_| self.outbound.takes_batches()) else {
            return false;
        };
        self.pending.entry(run.clone()).or_default().insert(pointer.id.clone());
        let taken = self.taken.entry(run.clone()).or_default();
        *taken += 1;
        self.outbound.aggregated(clock::now(), run.clone(), *taken);
        self.outbound.batch(clock::now(), run, pack::whole(&bytes, 1), None);
        true
    }

    /// Moves data until something has happened. Dropping it midway loses nothing.
    pub async fn next(&mut self) {
        let deadline = self.outbound.next_deadline();
        tokio::select! {
            biased;
            done = self.disk_done.recv(), if !self.outbound.is_disk_lost() => match done {
                Some(done) => self.outbound.disk_done(clock::now(), done),
                None => self.outbound.disk_lost(clock::now()),
            },
            posted = self.outbound.next_posted() => self.outbound.posted(clock::now(), posted),
            () = sleep_until(deadline) => self.outbound.tick(clock::now()),
        }
    }

    /// Objects that are in the store since the last call, of which the pointers have yet to be kept: see [`Self::kept`].
    pub fn stored(&mut self) -> Vec<Stored> {
        let stored = self.outbound.stored();
        if !stored.is_empty() {
            self.last_warning = None;
        }
        for Stored { run, id, .. } in &stored {
            if let Some(pending) = self.pending.get_mut(run) {
                pending.remove(id);
            }
        }
        stored
    }

    /// The pointer to an object is durable.
    pub fn kept(&mut self, batch: BatchId) {
        self.outbound.kept(clock::now(), batch);
    }

    /// What there is to say since the last call.
    pub fn told(&mut self) -> Vec<OutboundEvent> {
        let told = self.outbound.told();
        for event in &told {
            if let OutboundEvent::Warn(sentence) = event {
                self.last_warning = Some(sentence.clone());
            }
        }
        told
    }

    /// What keeps traces from the store, while they wait for it.
    #[must_use]
    pub fn hindrance(&self) -> Option<&str> {
        let why = self.last_warning.as_deref();
        why.or_else(|| self.outbound.drain_is_away().then_some("the store is away"))
            .filter(|_| self.waiting() > 0)
    }

    /// Whether the object of this id, of a run of this start, is in the store.
    #[must_use]
    pub fn has(&self, run: &RunName, id: &str) -> bool {
        self.pending.get(run).is_none_or(|pending| !pending.contains(id))
    }

    /// Whether a run is one of this start that is not stated yet.
    #[must_use]
    pub fn goes_on(&self, run: &RunName) -> bool {
        self.taken.contains_key(run)
    }

    /// What became of a run's traces, one "sample" each.
    #[must_use]
    pub fn account(&self, run: &RunName) -> DeliveryAccount {
        self.outbound.account(run)
    }

    /// The same of a run of an earlier start, as far as it was made durable.
    #[must_use]
    pub fn fate_of(&self, flood: &Ident, run: u64) -> DeliveryAccount {
        self.outbound.fate_of(flood, run)
    }

    /// Traces that wait, of all runs.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.outbound.total().spooled.batches
    }

    /// Delivers with little patience until `deadline`.
    pub fn flush(&mut self, deadline: Mono) {
        self.outbound.flush(clock::now(), deadline);
    }

    /// Whether the flush is over.
    #[must_use]
    pub fn flushed(&self) -> bool {
        self.outbound.flushed()
    }

    /// Ends the haste of a flush.
    pub fn resume(&mut self) {
        self.outbound.resume(clock::now());
    }

    /// Nothing more will come: what the disk has not taken by then is given up.
    pub fn last_chance(&mut self, deadline: Mono) {
        self.outbound.last_chance(clock::now(), deadline);
    }

    /// Whether every trace that came in is durable or given up.
    #[must_use]
    pub fn all_written(&self) -> bool {
        self.outbound.all_written()
    }

    /// Whether the files say what the accounts say, as far as they can.
    #[must_use]
    pub fn may_end(&self) -> bool {
        self.outbound.may_end()
    }

    /// Drops the account of a run that is stated, as soon as nothing of it waits.
    pub fn forget(&mut self, run: &RunName) {
        self.pending.remove(run);
        self.taken.remove(run);
        self.outbound.forget(run);
    }

    /// Ends the disk thread after it has done everything. Blocks.
    pub fn stop(self) {
        drop(self.disk_done);
        self.outbound.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::objects::Putting;
    use gridnode_core::base::run::RunIdentity;
    use gridnode_core::outbound::delivery::{Answer, HttpAnswer};
    use gridnode_core::trace::{Trace, TraceObject};
    use std::time::Duration;

    /// There is no such bucket.
    struct NoBucket;

    impl ObjectStore for NoBucket {
        fn put<'a>(&'a self, _: &'a str, _: Vec<u8>) -> Putting<'a> {
            let answer = HttpAnswer { status: 404, body: "NoSuchBucket".to_owned(), ..HttpAnswer::default() };
            Box::pin(async move { Err(Answer::Http(answer)) })
        }

        fn shown(&self) -> &str {
            "s3://none/"
        }
    }

    #[tokio::test]
    async fn what_keeps_a_trace_from_its_store_is_known_while_it_waits() {
        let dir = tempfile::tempdir().unwrap();
        let node = Ident::new("n").unwrap();
        let rollup = RollupSettings {
            node: node.clone(),
            incarnation: 1,
            timestamp_key: b"k".to_vec(),
            label_tag: false,
        };
        let store = Arc::new(NoBucket);
        let settings =
            TraceStoreSettings { store, seed: 1, spool_bytes_max: 1 << 20, spool_age_ns_max: u64::MAX / 2 };
        let (mut way, _) = TraceWay::start(dir.path(), rollup, settings).unwrap();
        let identity =
            RunIdentity { account: None, flood: node, project: None, grid: None, region: None, run: 1 };
        let trace = Trace::read(br#"{"label":"a","time_ns":1,"rt_ms":1}"#).unwrap();
        let object = TraceObject::new("n", 1, &trace).unwrap();
        let pointer = Pointer::new(identity, 15, &trace, &object);
        assert!(way.take(&RunName::from("n.1"), &pointer, &object.json));
        let told = async {
            while way.hindrance().is_none() {
                way.next().await;
                way.told();
            }
            (way.hindrance().unwrap().to_owned(), way.waiting())
        };
        let (why, waiting) = tokio::time::timeout(Duration::from_secs(60), told).await.unwrap();
        assert!(waiting == 1 && why.contains("the bucket of traces.uri is not there"), "{why}");
        way.stop();
    }
}
