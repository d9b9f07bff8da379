//! What there is, and what of it is to be removed. Nothing is changed here.

use super::calls::Calls;
use super::judge::{Verdict, judge};
use super::progress::Progress;
use super::queue_arn::QueueArn;
use crate::base::clock;
use crate::control::aws::{Aws, AwsError, AwsErrorKind, TopicArn};
use crate::control::queue::plan::{POLICY, policy_topics};
use gridnode_core::base::time::Wall;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Subscriptions that are kept in mind; a grid of 900 nodes with two topics has 1,800.
const SUBSCRIPTIONS_MAX: usize = 200_000;

/// Why there is no survey.
#[derive(Debug, Error)]
pub enum SurveyError {
    /// A call failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// Beyond what this was made for.
    #[error(
        "the topics have more than {SUBSCRIPTIONS_MAX} subscriptions of nodes; give fewer topics at once"
    )]
    TooMany,
}

/// A queue whose node is gone.
#[derive(Debug, Clone)]
pub struct GoneQueue {
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// When its node was last seen.
    pub seen: Wall,
    /// Its subscriptions, as far as its policy and the given topics lead to them.
    pub subscriptions: Vec<(TopicArn, String)>,
    /// Topics of its policy whose subscriptions cannot be listed; it has to stay then.
    pub unlisted: Vec<TopicArn>,
}

/// A subscription that leads to a queue that does not exist.
#[derive(Debug, Clone)]
pub struct LeftOver {
    /// Of the subscription.
    pub arn: String,
    /// Whose it is.
    pub topic: TopicArn,
    /// Where it leads.
    pub queue: QueueArn,
}

/// What to look for.
#[derive(Debug, Clone)]
pub struct Criteria {
    /// What the names of nodes' queues begin with.
    pub prefix: String,
    /// Topics to look at, beside those that the queues' policies name.
    pub topics: BTreeSet<TopicArn>,
    /// A node that was not seen for so long is gone, s.
    pub older_than_s: u64,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// To be removed, with their subscriptions.
    pub gone: Vec<GoneQueue>,
    /// To be removed.
    pub left_over: Vec<LeftOver>,
    /// Queues of nodes that are there.
    pub in_use: u64,
    /// Queues that are named like a node's but do not have its tag.
    pub not_ours: u64,
    /// Queues that cannot be judged, and why.
    pub unclear: Vec<AwsError>,
    /// Subscriptions to nodes' queues of other accounts.
    pub foreign: u64,
}

impl Survey {
    /// Queues that were looked at.
    #[must_use]
    pub fn looked_at(&self) -> u64 {
        self.gone.len() as u64 + self.in_use + self.not_ours + self.unclear.len() as u64
    }

    /// Subscriptions to be removed: those of queues, and those that lead nowhere.
    #[must_use]
    pub fn subscriptions(&self) -> u64 {
        let of_queues: usize = self.gone.iter().map(|queue| queue.subscriptions.len()).sum();
        (of_queues + self.left_over.len()) as u64
    }

    /// Whether there is nothing to remove.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.left_over.is_empty()
    }
}

/// Looks at all queues of nodes in the region of `aws`, and at the subscriptions of the topics. `working` is told how far
/// it is.
///
/// # Errors
/// When queues cannot be listed, or the subscriptions of one of the topics that were asked for.
pub async fn survey(
    aws: &Aws,
    calls: &mut Calls,
    criteria: &Criteria,
    working: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Survey, SurveyError> {
    let mut survey = Survey::default();
    let queues = look_at_queues(aws, calls, criteria, &mut survey, working).await?;
    let topics = &criteria.topics;
    let mut all_topics = topics.clone();
    all_topics.extend(survey.gone.iter().flat_map(|queue| queue.unlisted.iter().cloned()));
    for topic in &all_topics {
        let found = match subscriptions(aws, calls, topic, &criteria.prefix, working).await {
            Ok(found) => found,
            // With a topic go its subscriptions.
            Err(SurveyError::Aws(error)) if error.is_not_found() && !topics.contains(topic) => Vec::new(),
            Err(SurveyError::Aws(error)) if error.kind == AwsErrorKind::Denied && !topics.contains(topic) => {
                survey.unclear.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        survey.gone.iter_mut().for_each(|queue| queue.unlisted.retain(|unlisted| unlisted != topic));
        for (endpoint, queue, arn) in found {
            let gone = queues.gone.get(&endpoint).and_then(|&index| survey.gone.get_mut(index));
            if let Some(gone) = gone {
                gone.subscriptions.push((topic.clone(), arn));
            } else if queue.account != queues.account.as_deref().unwrap_or(topic.account()) {
                survey.foreign += 1;
            } else if !(queue.region == aws.region() && queues.names.contains(&queue.name))
                && is_missing(aws, calls, &queue).await?
            {
                survey.left_over.push(LeftOver { arn, topic: topic.clone(), queue });
            }
        }
    }
    Ok(survey)
}

/// What the second half of a survey needs of the first.
#[derive(Default)]
struct Queues {
    /// Names of all queues that are there.
    names: BTreeSet<String>,
    /// The account that they are in; `None` when there are none.
    account: Option<String>,
    /// ARNs of the queues in [`Survey::gone`], and their places there.
    gone: BTreeMap<String, usize>,
}

async fn look_at_queues(
    aws: &Aws,
    calls: &mut Calls,
    criteria: &Criteria,
    survey: &mut Survey,
    working: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Queues, AwsError> {
    let urls = list(aws, calls, &criteria.prefix, working).await?;
    let mut queues = Queues::default();
    for (index, url) in urls.iter().enumerate() {
        let (at, all, gone) = (index as u64 + 1, urls.len() as u64, survey.gone.len() as u64);
        working(Progress::LookingAt { at, all, gone });
        let name = name_of(url).to_owned();
        queues.names.insert(name.clone());
        let (verdict, attributes) = match inspect(aws, calls, url, criteria.older_than_s).await {
            Ok(Some(looked_at)) => looked_at,
            Ok(None) => continue,
            Err(error) if error.kind == AwsErrorKind::Denied => {
                survey.unclear.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let arn = attributes.get("QueueArn").cloned().unwrap_or_default();
        queues.account = queues.account.or_else(|| Some(QueueArn::parse(&arn)?.account));
        match verdict {
            Verdict::InUse => survey.in_use += 1,
            Verdict::NotOurs => survey.not_ours += 1,
            Verdict::Gone { seen } => {
                let unlisted = policy_topics(attributes.get(POLICY).map_or("", String::as_str));
                let unlisted = unlisted.into_iter().collect();
                queues.gone.insert(arn, survey.gone.len());
                survey.gone.push(GoneQueue {
                    name,
                    url: url.clone(),
                    seen,
                    subscriptions: Vec::new(),
                    unlisted,
                });
            }
        }
    }
    Ok(queues)
}

/// Whether there is no such queue. Asked for an own account only: of others SQS says the same when it may not tell.
pub(super) async fn is_missing(aws: &Aws, calls: &mut Calls, queue: &QueueArn) -> Result<bool, AwsError> {
    let account = Some(queue.account.as_str());
    match calls.make(async || aws.queue_url(&queue.region, &queue.name, account).await).await {
        Ok(_) => Ok(false),
        Err(error) if error.is_not_found() => Ok(true),
        Err(error) if error.kind == AwsErrorKind::Denied => Ok(false),
        Err(error) => Err(error),
    }
}

/// A queue's verdict and attributes; `None` when it went away meanwhile.
pub(super) async fn inspect(
    aws: &Aws,
    calls: &mut Calls,
    url: &str,
    older_than_s: u64,
) -> Result<Option<(Verdict, BTreeMap<String, String>)>, AwsError> {
    let attributes = match calls.make(async || aws.queue_attributes(url).await).await {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    let tags = match calls.make(async || aws.queue_tags(url).await).await {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    Ok(Some((judge(&tags, &attributes, clock::now().wall, older_than_s), attributes)))
}

async fn list(
    aws: &Aws,
    calls: &mut Calls,
    prefix: &str,
    working: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Vec<String>, AwsError> {
    let (mut urls, mut next) = (Vec::new(), None);
    loop {
        let page = calls.make(async || aws.list_queues(prefix, next.clone()).await).await?;
        urls.extend(page.urls);
        working(Progress::Listed { queues: urls.len() as u64 });
        match page.next {
            None => return Ok(urls),
            more => next = more,
        }
    }
}

/// Of `topic`, those that lead to nodes' queues: endpoint, its parts, and the subscription's ARN.
async fn subscriptions(
    aws: &Aws,
    calls: &mut Calls,
    topic: &TopicArn,
    prefix: &str,
    working: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Vec<(String, QueueArn, String)>, SurveyError> {
    let (mut found, mut next, mut seen) = (Vec::new(), None, 0);
    loop {
        let page = calls.make(async || aws.subscriptions(topic, next.clone()).await).await?;
        seen += page.subscriptions.len() as u64;
        working(Progress::Subscriptions { seen, topic });
        for subscription in page.subscriptions {
            let queue = QueueArn::parse(&subscription.endpoint).filter(|q| q.name.starts_with(prefix));
            // Those without an ARN are not confirmed, and run out by themselves.
            if let Some(queue) = queue.filter(|_| subscription.arn.starts_with("arn:")) {
                found.push((subscription.endpoint, queue, subscription.arn));
            }
        }
        if found.len() > SUBSCRIPTIONS_MAX {
            return Err(SurveyError::TooMany);
        }
        match page.next {
            None => return Ok(found),
            more => next = more,
        }
    }
}

/// The last part of a queue's URL.
fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
