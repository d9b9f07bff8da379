//! A whole reap: first what is there, then, if that is wanted, its removal.

use super::calls::Calls;
use super::progress::Progress;
use super::remove::{Removed, remove};
use super::survey::{Criteria, Survey, SurveyError, survey};
use crate::base::clock;
use crate::control::aws::{Aws, AwsError, AwsSettings};

/// A node says that it is there once a minute, when it can: it may have no way to AWS for some minutes and live.
const OLDER_THAN_SAFE_S: u64 = 900;

/// Looks and removes, at one pace.
#[derive(Debug)]
pub struct Reaper {
    aws: Aws,
    calls: Calls,
    criteria: Criteria,
}

impl Reaper {
    /// Nothing is looked at yet; at most `calls_per_s` calls a second.
    ///
    /// # Errors
    /// When no region is known.
    pub async fn new(settings: &AwsSettings, criteria: Criteria, calls_per_s: u32) -> Result<Self, AwsError> {
        let aws = Aws::connect(settings).await?;
        let seed = u64::from(std::process::id()) ^ clock::now().wall.0.unsigned_abs();
        Ok(Self { aws, calls: Calls::new(calls_per_s, seed), criteria })
    }

    /// Where it looks.
    #[must_use]
    pub fn region(&self) -> &str {
        self.aws.region()
    }

    /// Looks at queues and subscriptions.
    ///
    /// # Errors
    /// As `survey`.
    pub async fn survey(
        &mut self,
        working: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Result<Survey, SurveyError> {
        survey(&self.aws, &mut self.calls, &self.criteria, working).await
    }

    /// Removes what was found, each after another look.
    pub async fn remove(
        &mut self,
        found: &Survey,
        working: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Removed {
        remove(&self.aws, &mut self.calls, found, self.criteria.older_than_s, working).await
    }
}

impl Criteria {
    /// Whether nodes that are there may be taken for gone.
    #[must_use]
    pub fn is_hasty(&self) -> bool {
        self.older_than_s < OLDER_THAN_SAFE_S
    }
}
