//! The watch for the instance's end.

use super::{Imds, ImdsError};
use gridnode_core::base::time::Wall;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// AWS recommends to look every five seconds; a spot notice comes two minutes ahead.
const PERIOD: Duration = Duration::from_secs(5);

/// The instance is about to be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoingAway {
    /// For people: "spot interruption (terminate)".
    pub reason: String,
    /// When, where that is said.
    pub at: Option<Wall>,
    /// Whether it will not come back; a stopped instance may.
    pub for_good: bool,
}

/// Looks every five seconds until `cancelled` and tells each notice once. A service that is away is no notice: it is
/// asked again, and said once in the log.
pub async fn watch(imds: Imds, tell: mpsc::Sender<GoingAway>, cancelled: CancellationToken) {
    watch_every(PERIOD, &imds, &tell, &cancelled).await;
}

pub(super) async fn watch_every(
    period: Duration,
    imds: &Imds,
    tell: &mpsc::Sender<GoingAway>,
    cancelled: &CancellationToken,
) {
    let watching = async {
        let mut look = Look::default();
        loop {
            if let Some(notice) = look.take(imds.going_away().await)
                && tell.send(notice).await.is_err()
            {
                return;
            }
            tokio::time::sleep(period).await;
        }
    };
    tokio::select! {
        () = watching => {}
        () = cancelled.cancelled() => {}
    }
}

/// What the last looks have shown.
#[derive(Default)]
struct Look {
    last: Option<GoingAway>,
    is_away: bool,
}

impl Look {
    /// What is new in an answer.
    fn take(&mut self, answer: Result<Option<GoingAway>, ImdsError>) -> Option<GoingAway> {
        match answer {
            Ok(notice) => {
                if std::mem::take(&mut self.is_away) {
                    tracing::info!("the instance metadata service answers again");
                }
                let new = notice.clone().filter(|_| notice != self.last);
                self.last = notice;
                new
            }
            Err(error) => {
                if !std::mem::replace(&mut self.is_away, true) {
                    tracing::warn!(%error, "the instance's end would not be noticed at the moment");
                }
                None
            }
        }
    }
}
