//! What `gridnode spool list` prints.

use crate::console::{clean, of};
use crate::data::carry::KeptWindow;
use crate::data::spool::offline::{LostOfRun, Place, StoredBatch};
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::Wall;
use gridnode_core::outbound::delivery::Amount;
use serde_json::{Value, json};
use std::fmt::Write;

/// Everything of a state directory.
pub struct Listing<'a> {
    /// In the spool and aside.
    pub batches: &'a [StoredBatch],
    /// From `corrupt`, for want of room.
    pub removed: Amount,
    /// In memory files.
    pub kept: &'a [KeptWindow],
    /// Runs of which samples are nowhere.
    pub lost: &'a [LostOfRun],
    /// Whether they are error traces, one a batch, and on their way to a bucket.
    pub are_traces: bool,
}

impl Listing<'_> {
    /// For a person.
    pub fn as_text(&self) -> String {
        let mut text = String::new();
        if self.removed.batches > 0 {
            let _ = writeln!(
                text,
                "removed, for there was no room for more that is unreadable: {} with {}",
                of(self.removed.batches, "file", "files"),
                of(self.removed.samples, "sample", "samples")
            );
        }
        if self.batches.is_empty() {
            text.push_str("nothing waits, and nothing lies aside\n");
        }
        self.places(&mut text);
        self.memory(&mut text);
        self.lost(&mut text);
        text.trim_end().to_owned()
    }

    fn places(&self, text: &mut String) {
        let places = [
            (Place::Spool, if self.are_traces { "waiting for the bucket" } else { "waiting for the Drain" }),
            (
                Place::Quarantine,
                if self.are_traces { "refused (quarantine)" } else { "refused by the Drain (quarantine)" },
            ),
            (Place::Corrupt, "unreadable (corrupt)"),
        ];
        let (one, many) = self.what();
        for (place, title) in places {
            let here: Vec<&StoredBatch> = self.batches.iter().filter(|batch| batch.place == place).collect();
            if here.is_empty() {
                continue;
            }
            let all: u64 = here.iter().map(|batch| batch.file.samples).sum();
            let _ = writeln!(
                text,
                "{title}: {} with {}",
                of(here.len() as u64, "batch", "batches"),
                of(all, one, many)
            );
            if place == Place::Quarantine {
                text.push_str(
                    "  once what they were refused for is mended and the agent is stopped, `gridnode spool replay` sends them again\n",
                );
            }
            for batch in here {
                let _ = writeln!(
                    text,
                    "  {}  {}  {}  {}  {}",
                    written(batch),
                    of(batch.file.samples, one, many),
                    of(batch.file.points.into(), "line", "lines"),
                    of(batch.bytes, "byte", "bytes"),
                    clean(&batch.name)
                );
                if let Some(reason) = &batch.reason {
                    let _ = writeln!(text, "      {}", clean(reason));
                }
            }
        }
    }

    fn what(&self) -> (&'static str, &'static str) {
        if self.are_traces { ("error trace", "error traces") } else { ("sample", "samples") }
    }

    fn memory(&self, text: &mut String) {
        if self.kept.is_empty() {
            return;
        }
        let samples: u64 = self.kept.iter().map(|window| window.samples).sum();
        let _ = writeln!(
            text,
            "in memory files until they are in the spool (an agent that is killed leaves them to the next start): {} with {}",
            of(self.kept.len() as u64, "window", "windows"),
            of(samples, "sample", "samples")
        );
        for window in self.kept {
            let _ = writeln!(
                text,
                "  {}  {}  {}  {}  run {}",
                rfc3339::format(Wall(window.start_ns)),
                of(window.samples, "sample", "samples"),
                of(window.bytes, "byte", "bytes"),
                state(window),
                clean(&window.run)
            );
        }
    }

    fn lost(&self, text: &mut String) {
        for LostOfRun { run, evicted, unexplained, lost_restart } in self.lost {
            let fates = [
                (*evicted, "given up for the spool's bounds (evicted)"),
                (*unexplained, "gone from the spool, and nobody knows why (unexplained)"),
                (*lost_restart, "lost in a restart"),
            ];
            let fates: Vec<String> = fates
                .iter()
                .filter(|(samples, _)| *samples > 0)
                .map(|(samples, what)| format!("{} {what}", of(*samples, "sample", "samples")))
                .collect();
            let _ = writeln!(text, "not delivered of run {}: {}", clean(run), fates.join(", "));
        }
    }

    /// For a program.
    ///
    /// # Errors
    /// Never in fact.
    pub fn as_json(&self) -> anyhow::Result<String> {
        let batches: Vec<Value> = self.batches.iter().map(batch_json).collect();
        let windows: Vec<Value> = self.kept.iter().map(window_json).collect();
        Ok(serde_json::to_string_pretty(&json!({
            "batches": batches,
            "memory_windows": windows,
            "lost": self.lost,
            "corrupt_removed": { "files": self.removed.batches, "samples": self.removed.samples },
        }))?)
    }
}

fn batch_json(batch: &StoredBatch) -> Value {
    json!({
        "place": match batch.place {
            Place::Spool => "spool",
            Place::Quarantine => "quarantine",
            Place::Corrupt => "corrupt",
        },
        "name": batch.name,
        "run": batch.run,
        "written": written(batch),
        "samples": batch.file.samples,
        "points": batch.file.points,
        "bytes": batch.bytes,
        "reason": batch.reason,
    })
}

fn window_json(window: &KeptWindow) -> Value {
    json!({
        "path": window.path,
        "run": window.run,
        "start": rfc3339::format(Wall(window.start_ns)),
        "state": state(window),
        "samples": window.samples,
        "bytes": window.bytes,
    })
}

fn state(window: &KeptWindow) -> &'static str {
    if window.is_open { "open" } else { "closed" }
}

fn written(batch: &StoredBatch) -> String {
    rfc3339::format(Wall(batch.file.created_ms.saturating_mul(1_000_000)))
}
