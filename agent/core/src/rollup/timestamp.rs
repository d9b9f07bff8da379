//! Where in its window a point is stamped, so that 900 nodes which know nothing of each other do not overwrite each
//! other's points: timestamp = window start + offset, and
//!
//! ```text
//! offset = first 8 bytes (big endian) of HMAC-SHA-256(key, node \0 flood \0 run \0 label_id \0 window_start_s \0 part)
//!          mod period_ns
//! part   = incarnation · 65,536 + n
//! ```
//!
//! Numbers stand in ASCII decimal, absent parts are empty. Equal inputs give equal offsets: a retried batch overwrites
//! itself with equal values, while another part of the same window lands beside it.

use crate::base::ids::LabelId;
use crate::measure::window::PARTS_PER_INCARNATION;
use ring::hmac;
use std::fmt::Display;
use std::io::Write;

/// The public key used unless another one is configured.
pub const DEFAULT_KEY: &[u8] = b"gridnode-timestamp-v1";

/// The part number of emission `n` of a window in this incarnation of the agent.
#[must_use]
pub fn part(incarnation: u64, n: u64) -> u64 {
    incarnation.saturating_mul(PARTS_PER_INCARNATION).saturating_add(n)
}

/// Computes timestamps of one run on one node.
pub struct Stamper {
    key: hmac::Key,
    /// `node \0 flood \0 run \0`, the same for every point of the run.
    prefix: Vec<u8>,
    scratch: Vec<u8>,
}

impl Stamper {
    /// For points of `flood` and `run` (absent for node points) on `node`.
    #[must_use]
    pub fn new(key: &[u8], node: &str, flood: Option<&str>, run: Option<u64>) -> Self {
        let mut prefix = Vec::with_capacity(160);
        prefix.extend_from_slice(node.as_bytes());
        prefix.push(0);
        prefix.extend_from_slice(flood.unwrap_or_default().as_bytes());
        prefix.push(0);
        if let Some(run) = run {
            push_decimal(&mut prefix, run);
        }
        prefix.push(0);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), prefix, scratch: Vec::with_capacity(256) }
    }

    /// The timestamp (ns) of a point; `part` is the number made by [`part`], or 0 for gauges.
    pub fn stamp_ns(
        &mut self,
        label: Option<LabelId>,
        window_start_ns: i64,
        period_ns: u64,
        part: u64,
    ) -> i64 {
        self.stamp_by_ns(label, window_start_ns, period_ns, &part)
    }

    /// The same with something else where the part stands: a `trace` point has its trace's id there.
    pub fn stamp_by_ns(
        &mut self,
        label: Option<LabelId>,
        window_start_ns: i64,
        period_ns: u64,
        part: &dyn Display,
    ) -> i64 {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.prefix);
        if let Some(label) = label {
            // Writing to a Vec cannot fail.
            let _ = write!(self.scratch, "{label}");
        }
        let window_start_s = window_start_ns.div_euclid(1_000_000_000);
        let _ = write!(self.scratch, "\0{window_start_s}\0{part}");
        let tag = hmac::sign(&self.key, &self.scratch);
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        let offset_ns = u64::from_be_bytes(first) % period_ns.max(1);
        window_start_ns.saturating_add_unsigned(offset_ns)
    }
}

fn push_decimal(out: &mut Vec<u8>, number: u64) {
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_tells_incarnations_apart() {
        assert_eq!(part(0, 0), 0);
        assert_eq!(part(3, 7), 3 * 65_536 + 7);
    }

    #[test]
    fn stamps_stay_in_their_window_and_differ_by_node_and_part() {
        let start = 1_700_000_010_000_000_000;
        let label = Some(LabelId::of("GET /cart"));
        let mut one = Stamper::new(DEFAULT_KEY, "node-1", Some("7"), Some(1));
        let mut two = Stamper::new(DEFAULT_KEY, "node-2", Some("7"), Some(1));
        let a = one.stamp_ns(label, start, 15_000_000_000, 0);
        let b = two.stamp_ns(label, start, 15_000_000_000, 0);
        let late = one.stamp_ns(label, start, 15_000_000_000, 1);
        assert!((start..start + 15_000_000_000).contains(&a));
        assert!(a != b && a != late);
        assert_eq!(a, one.stamp_ns(label, start, 15_000_000_000, 0));
    }

    /// Computed with Python's hmac module, so that this file does not vouch for itself.
    #[test]
    fn golden_vectors() {
        let mut run = Stamper::new(DEFAULT_KEY, "node-1", Some("7"), Some(1));
        let start = 1_700_000_010_000_000_000;
        assert_eq!(
            [
                run.stamp_ns(Some(LabelId::of("GET /cart")), start, 15_000_000_000, 65_536),
                run.stamp_ns(None, start, 15_000_000_000, 0),
            ],
            [GOLDEN_LABEL, GOLDEN_RUN]
        );
    }
    const GOLDEN_LABEL: i64 = 1700000020514401876;
    const GOLDEN_RUN: i64 = 1700000021708940360;
}
