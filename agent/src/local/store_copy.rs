//! A copy of what an InfluxDB has of a flood, as a file of rollups: reports and comparisons read those several times.

use super::merge_files::no_such_flood;
use super::merge_store::{MEASUREMENTS, advised, refuse_numbers_only};
use crate::data::drain::{DrainClient, DrainUrl, Selection};
use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use gridnode_core::base::ids::Ident;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Nodes' health names no flood: of it, what is of the flood's time.
const HEALTH: &str = "node_health_mean";
/// A window of health may begin before the flood's first, and end after its last.
const AROUND_NS: i64 = 60_000_000_000;

/// Is gone when dropped.
#[derive(Debug)]
pub struct StoreCopy {
    _dir: TempDir,
    path: PathBuf,
}

impl StoreCopy {
    /// Copies what the InfluxDB at `url` has, of one flood if one is named, into the directory for temporary files.
    ///
    /// # Errors
    /// When it cannot be asked, or has nothing of that flood; when there is no room for the copy.
    pub async fn of(url: &DrainUrl, flood: Option<&Ident>) -> anyhow::Result<Self> {
        let client = DrainClient::new(url.clone(), "report")?;
        refuse_numbers_only(&client).await?;
        let dir = tempfile::tempdir().context("failed to make a directory for a copy of the rollups")?;
        let path = dir.path().join("rollups.lp.gz");
        let doing =
            || format!("failed to write a copy of the rollups below {}", std::env::temp_dir().display());
        let file = BufWriter::new(File::create(&path).with_context(doing)?);
        let mut copy =
            Writing { file: GzEncoder::new(file, Compression::fast()), failed: None, span_ns: None };
        for measurement in MEASUREMENTS {
            let of_flood = Selection { flood, span_ns: None };
            client.read_lines(measurement, of_flood, &mut |line| copy.take(line)).await.map_err(advised)?;
        }
        let Some((first, last)) = copy.span_ns else {
            return Err(nothing_there(&client, url, flood).await);
        };
        let span_ns = Some((first.saturating_sub(AROUND_NS), last.saturating_add(AROUND_NS)));
        let of_time = Selection { flood: None, span_ns };
        client.read_lines(HEALTH, of_time, &mut |line| copy.take(line)).await.map_err(advised)?;
        copy.end().with_context(doing)?;
        Ok(Self { _dir: dir, path })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

async fn nothing_there(client: &DrainClient, url: &DrainUrl, flood: Option<&Ident>) -> anyhow::Error {
    match (flood, client.floods(MEASUREMENTS[0]).await) {
        (Some(flood), Ok(there)) => anyhow::anyhow!("{}", no_such_flood(url.shown(), flood, &there)),
        (_, Err(error)) => error.into(),
        (None, Ok(_)) => anyhow::anyhow!("{} has no rollups", url.shown()),
    }
}

struct Writing {
    file: GzEncoder<BufWriter<File>>,
    failed: Option<io::Error>,
    /// The first and the last time of its lines.
    span_ns: Option<(i64, i64)>,
}

impl Writing {
    fn take(&mut self, line: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let time_ns = line.rsplit(|&byte| byte == b' ').next().and_then(|text| str::from_utf8(text).ok());
        if let Some(time_ns) = time_ns.and_then(|text| text.parse().ok()) {
            let (first, last) = self.span_ns.unwrap_or((time_ns, time_ns));
            self.span_ns = Some((first.min(time_ns), last.max(time_ns)));
        }
        self.failed = self.file.write_all(line).and_then(|()| self.file.write_all(b"\n")).err();
    }

    fn end(self) -> io::Result<()> {
        match self.failed {
            Some(error) => Err(error),
            None => self.file.finish()?.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_lines_is_known_and_a_full_disk_is_said() {
        let writing = |file| Writing {
            file: GzEncoder::new(BufWriter::new(file), Compression::fast()),
            failed: None,
            span_ns: None,
        };
        let mut copy = writing(tempfile::tempfile().unwrap());
        for line in [&b"m,a=b v=1 17"[..], b"m v=1 -3", b"m v=\"a 9 b\" 5", b"m v=1"] {
            copy.take(line);
        }
        assert_eq!(copy.span_ns, Some((-3, 17)));
        copy.end().unwrap();
        let mut full = writing(File::options().write(true).open("/dev/full").unwrap());
        // Lines that do not shrink.
        let mut seed = 7_u32;
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            full.take(seed.to_string().repeat(7).as_bytes());
        }
        assert_eq!(full.end().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
