//! Thresholds while a run goes on. The lines of closed windows are read where they are written anyway, by a thread of its own:
//! neither the ingest nor the driver does anything for it but say that there is a window more.

use gridnode_core::judge::Threshold;
use gridnode_core::merge::Stretches;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// The longest line that is read, far above any of ours.
const LINE_BYTES_MAX: usize = 1 << 20;

/// See the module's head. Its thread ends with it.
pub struct LiveJudge {
    windows: SyncSender<()>,
    broken: oneshot::Receiver<String>,
}

impl LiveJudge {
    /// Of the `lines` that this run writes, from the first; of the thresholds those with `over`.
    ///
    /// # Errors
    /// When the file cannot be read, or the system has no thread left.
    pub fn start(lines: &Path, thresholds: &[Threshold]) -> std::io::Result<Option<Self>> {
        let Some(stretches) = Threshold::stretches(thresholds) else { return Ok(None) };
        let lines = BufReader::new(File::open(lines)?);
        // One that waits is enough: all there is is read each time.
        let (windows, closed) = sync_channel(1);
        let (tell, broken) = oneshot::channel();
        let judging = Judging { lines, line: Vec::new(), stretches, thresholds: thresholds.to_vec() };
        let thread = std::thread::Builder::new().name("live-judge".to_owned());
        thread.spawn(move || judging.until_broken(&closed).map(|why| tell.send(why)))?;
        Ok(Some(Self { windows, broken }))
    }

    /// A window has closed, and its lines are written.
    pub fn window(&self) {
        let _ = self.windows.try_send(());
    }
}

/// What the first threshold that is broken came to; never, as long as none is.
pub async fn broken(judge: &mut Option<LiveJudge>) -> String {
    if let Some(live) = judge {
        match (&mut live.broken).await {
            Ok(why) => {
                *judge = None;
                return why;
            }
            // The lines cannot be read any more, which the end says, too.
            Err(_) => *judge = None,
        }
    }
    std::future::pending().await
}

struct Judging {
    lines: BufReader<File>,
    /// One that is not whole yet.
    line: Vec<u8>,
    stretches: Stretches,
    thresholds: Vec<Threshold>,
}

impl Judging {
    fn until_broken(mut self, closed: &Receiver<()>) -> Option<String> {
        let over_s = self.thresholds.iter().filter_map(Threshold::over_s).max().unwrap_or(0);
        while closed.recv().is_ok() {
            self.read().ok()?;
            self.stretches.end();
            self.stretches.forget_before(over_s);
            let broken = self.thresholds.iter().find_map(|one| one.broken_so_far(&self.stretches));
            if let Some(judgement) = broken {
                return Some(judgement.why);
            }
        }
        None
    }

    /// The lines that have come since.
    fn read(&mut self) -> std::io::Result<()> {
        loop {
            if self.lines.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(());
            }
            if self.line.last() == Some(&b'\n') {
                self.stretches.add_line(&self.line);
                self.line.clear();
            } else if self.line.len() > LINE_BYTES_MAX {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::time::Duration;

    fn line(second: u64, failed: u64) -> String {
        format!(
            "transaction_rate_mean,flood=7,label_id=0 label=\"a\",count=9i,failed={failed}i,window_s=1.0,run=1i {second}000000007\n"
        )
    }

    #[tokio::test]
    async fn a_threshold_that_is_broken_is_told_when_its_window_has_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rollups.lp");
        let mut file = File::create(&path).unwrap();
        let thresholds: Vec<Threshold> = vec!["failures > 50% over 2s".parse().unwrap()];
        let mut judge = LiveJudge::start(&path, &thresholds).unwrap();
        // The second line is not whole yet.
        let text = line(1, 9) + &line(2, 9);
        let (now, later) = text.split_at(text.len() - 12);
        file.write_all(now.as_bytes()).unwrap();
        judge.as_ref().unwrap().window();
        let early = tokio::time::timeout(Duration::from_millis(200), broken(&mut judge)).await;
        assert!(early.is_err() && judge.is_some());
        file.write_all(later.as_bytes()).unwrap();
        judge.as_ref().unwrap().window();
        let why = tokio::time::timeout(Duration::from_secs(20), broken(&mut judge)).await.unwrap();
        assert_eq!(why, "failures > 50% over 2s: it is 100 % from 00:00 to 00:02");
        assert!(judge.is_none());
    }

    #[test]
    fn without_a_threshold_over_a_time_there_is_nothing_to_judge() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rollups.lp");
        let thresholds = ["failures > 50%".parse().unwrap()];
        assert!(LiveJudge::start(&path, &thresholds).unwrap().is_none());
        let over = ["failures > 50% over 2s".parse().unwrap()];
        assert!(LiveJudge::start(&path, &over).is_err(), "there is no such file");
    }
}
