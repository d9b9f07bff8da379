//! One batch becomes two with the same lines.

use super::durable::sync_dir;
use super::encode::{count_points, count_samples, decompress, halves};
use super::{BatchFile, Spool, SpoolError};
use std::io::Read;

/// Compressed bytes that are read back: a single line may be beyond the batch's bound, but not by much.
const BODY_BYTES_MAX: u64 = 64 << 20;

impl Spool {
    /// Writes the two halves, then deletes the whole. Its samples are shared by the lines that count them; what the
    /// lines do not say goes with the second half.
    ///
    /// # Errors
    /// [`SpoolError::Corrupt`] when it cannot be read: the caller sets it aside. Otherwise the disk's; then the whole is
    /// still there, and only it.
    pub fn split(&mut self, file: &BatchFile) -> Result<Vec<BatchFile>, SpoolError> {
        let corrupt = |why: String| SpoolError::Corrupt { path: file.path.clone(), why };
        let lines = decompress(&read_body(file)?).map_err(corrupt)?;
        if count_points(&lines) < 2 {
            return Err(corrupt("its name says several lines, it has one".to_owned()));
        }
        let whole = &file.batch;
        let (first, second) = halves(&lines);
        let in_first = count_samples(first).min(whole.samples);
        let mut files = Vec::with_capacity(2);
        let done = [(first, in_first), (second, whole.samples - in_first)]
            .into_iter()
            .try_for_each(|(half, samples)| {
                self.write_parts(&whole.run, whole.created, Some(whole.batch), half, samples, &mut files)
            })
            .and_then(|()| self.delete(file));
        if let Err(error) = done {
            files.iter().for_each(|f| drop(std::fs::remove_file(&f.path)));
            return Err(error);
        }
        file.path.parent().map_or(Ok(()), sync_dir)?;
        Ok(files)
    }
}

pub(super) fn read_body(file: &BatchFile) -> Result<Vec<u8>, SpoolError> {
    let mut body = Vec::new();
    std::fs::File::open(&file.path).and_then(|f| f.take(BODY_BYTES_MAX).read_to_end(&mut body)).map_err(
        |e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                SpoolError::Corrupt { path: file.path.clone(), why: "it is gone".to_owned() }
            }
            _ => SpoolError::io("read", &file.path, e),
        },
    )?;
    Ok(body)
}
