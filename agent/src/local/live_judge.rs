//! Thresholds while a run goes on. The lines of closed windows are read where they are written anyway, by a thread of its own:
//! neither the ingest nor the driver does anything for it but say that there is a window more.

use gridnode_core::judge::Threshold;
use gridnode_core::merge::{Merge, Stretches};
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
    /// Of the `lines` that this run writes, from the first; of the thresholds those that can be broken before its end.
    ///
    /// # Errors
    /// When the file cannot be read, or the system has no thread left.
    pub fn start(lines: &Path, thresholds: &[Threshold]) -> std::io::Result<Option<Self>> {
        if !thresholds.iter().any(can_be_broken_early) {
            return Ok(None);
        }
        let stretches = Threshold::stretches(thresholds);
        // All lines once more, with their sketches: only where somebody asks for it.
        let whole = thresholds.iter().any(Threshold::is_for_good).then(Merge::new);
        let lines = BufReader::new(File::open(lines)?);
        // One that waits is enough: all there is is read each time.
        let (windows, closed) = sync_channel(1);
        let (tell, broken) = oneshot::channel();
        let judging = Judging { lines, line: Vec::new(), stretches, whole, thresholds: thresholds.to_vec() };
        let thread = std::thread::Builder::new().name("live-judge".to_owned());
        thread.spawn(move || judging.until_broken(&closed).map(|why| tell.send(why)))?;
        Ok(Some(Self { windows, broken }))
    }

    /// A window has closed, and its lines are written.
    pub fn window(&self) {
        let _ = self.windows.try_send(());
    }
}

/// Whether it can be told before the end that it does not hold.
#[must_use]
pub fn can_be_broken_early(threshold: &Threshold) -> bool {
    threshold.over_s().is_some() || threshold.is_for_good()
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
    stretches: Option<Stretches>,
    /// The run so far.
    whole: Option<Merge>,
    thresholds: Vec<Threshold>,
}

impl Judging {
    fn until_broken(mut self, closed: &Receiver<()>) -> Option<String> {
        let over_s = self.thresholds.iter().filter_map(Threshold::over_s).max().unwrap_or(0);
        while closed.recv().is_ok() {
            self.read().ok()?;
            if let Some(stretches) = &mut self.stretches {
                stretches.end();
                stretches.forget_before(over_s);
            }
            if let Some(why) = self.broken() {
                return Some(why);
            }
        }
        None
    }

    fn broken(&self) -> Option<String> {
        let by_stretch = |stretches: &Stretches| {
            self.thresholds.iter().find_map(|one| one.broken_so_far(stretches)).map(|judgement| judgement.why)
        };
        // Of one run, so there is one flood.
        let summary = self.whole.as_ref().map(Merge::summary);
        let by_whole = || {
            let flood = summary.as_ref()?.floods.first()?;
            self.thresholds.iter().find_map(|one| one.broken_for_good(flood)).map(|judgement| judgement.why)
        };
        self.stretches.as_ref().and_then(by_stretch).or_else(by_whole)
    }

    /// The lines that have come since.
    fn read(&mut self) -> std::io::Result<()> {
        loop {
            if self.lines.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(());
            }
            if self.line.last() == Some(&b'\n') {
                if let Some(stretches) = &mut self.stretches {
                    stretches.add_line(&self.line);
                }
                // They are our own; what cannot be read is said at the end, by whoever merges them all.
                let _ = self.whole.as_mut().map(|whole| whole.add_line(&self.line));
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

    #[tokio::test]
    async fn a_number_that_only_grows_need_not_wait_for_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rollups.lp");
        let mut file = File::create(&path).unwrap();
        let thresholds: Vec<Threshold> = vec!["failures > 3".parse().unwrap(), "p95 > 1s".parse().unwrap()];
        let mut judge = LiveJudge::start(&path, &thresholds).unwrap();
        file.write_all(line(1, 2).as_bytes()).unwrap();
        judge.as_ref().unwrap().window();
        let early = tokio::time::timeout(Duration::from_millis(200), broken(&mut judge)).await;
        assert!(early.is_err() && judge.is_some());
        file.write_all(line(2, 2).as_bytes()).unwrap();
        judge.as_ref().unwrap().window();
        let why = tokio::time::timeout(Duration::from_secs(20), broken(&mut judge)).await.unwrap();
        assert_eq!(why, "failures > 3: it is 4");
    }

    #[test]
    fn without_a_threshold_that_can_be_broken_early_there_is_nothing_to_judge() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rollups.lp");
        let thresholds = ["failures > 50%".parse().unwrap()];
        assert!(LiveJudge::start(&path, &thresholds).unwrap().is_none());
        let over = ["failures > 50% over 2s".parse().unwrap()];
        assert!(LiveJudge::start(&path, &over).is_err(), "there is no such file");
    }
}
