//! The bytes of a closed window's file.
//!
//! ```text
//! MAGIC │ length of the head, u32 │ head, JSON │ a batch …
//! a batch: wanted (1 or 0), u8 │ points, u32 │ samples, u64 │ length, u32 │ CRC-32 of the body, u32 │ body
//! ```

use flate2::Crc;
use gridnode_core::measure::ingest::WindowKey;
use gridnode_core::outbound::pack::Packed;
use serde::{Deserialize, Serialize};

pub(super) const MAGIC: &[u8; 8] = b"GNBATCH1";
pub(super) const BATCH_HEAD_BYTES: usize = 21;
const HEAD_BYTES_MAX: usize = 1 << 20;
const WANTED: u8 = 1;

/// Whose batches they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    /// In the spool.
    pub(super) run: String,
    /// The windows whose snapshots they replace.
    pub(super) covers: Vec<WindowKey>,
}

/// A batch, and where its first byte is.
pub(super) struct Placed {
    pub(super) at: u64,
    pub(super) is_wanted: bool,
    pub(super) packed: Packed,
}

pub(super) fn head(head: &Head) -> Vec<u8> {
    let json = serde_json::to_vec(head).unwrap_or_default();
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&MAGIC[..], &length, &json].concat()
}

pub(super) fn batch_head(packed: &Packed) -> [u8; BATCH_HEAD_BYTES] {
    let mut head = [WANTED; BATCH_HEAD_BYTES];
    head[1..5].copy_from_slice(&packed.points.to_le_bytes());
    head[5..13].copy_from_slice(&packed.samples.to_le_bytes());
    head[13..17].copy_from_slice(&u32::try_from(packed.body.len()).unwrap_or(u32::MAX).to_le_bytes());
    head[17..].copy_from_slice(&sum(&packed.body).to_le_bytes());
    head
}

/// Everything in a file.
pub(super) fn read(bytes: &[u8]) -> Result<(Head, Vec<Placed>), String> {
    let mut left = Left { bytes, at: 0 };
    if left.take(MAGIC.len())? != MAGIC {
        return Err("it is of another layout".to_owned());
    }
    let length = left.number()? as usize;
    if length > HEAD_BYTES_MAX {
        return Err("its head is too long".to_owned());
    }
    let head = serde_json::from_slice(left.take(length)?).map_err(|error| error.to_string())?;
    let mut batches = Vec::new();
    while left.at < bytes.len() {
        let at = left.at as u64;
        let is_wanted = left.take(1)? == [WANTED];
        let points = left.number()?;
        let samples = u64::from(left.number()?) | u64::from(left.number()?) << 32;
        let (length, crc) = (left.number()? as usize, left.number()?);
        let body = left.take(length)?;
        if sum(body) != crc {
            return Err("the checksum of a batch is wrong".to_owned());
        }
        batches.push(Placed { at, is_wanted, packed: Packed { body: body.into(), points, samples } });
    }
    Ok((head, batches))
}

struct Left<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Left<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or("it is cut off")?;
        self.at += length;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?.try_into().map_err(|_| "it is cut off")?;
        Ok(u32::from_le_bytes(bytes))
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
