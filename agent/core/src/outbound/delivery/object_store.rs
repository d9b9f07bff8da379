//! What an operator is told where batches are error traces and go to an object store: the rules are the Drain's
//! ([`super::answer`]), the remedies are others.

use super::answer::Advice;
use super::types::Answer;
use crate::base::time::NS_PER_S;

const KEPT: &str = "traces are kept on disk and retried";

/// What is wrong and what to do; the answer's body has the store's own words.
pub(super) fn sentence(advice: Advice, answer: &Answer) -> String {
    let what = match advice {
        Advice::Credentials => {
            format!(
                "the object store does not know our credentials; look at the node's role or its keys; {KEPT} slowly"
            )
        }
        Advice::Forbidden => format!(
            "error traces may not be written; allow s3:PutObject below traces.uri (and kms:GenerateDataKey where a key of \
             KMS encrypts); {KEPT} slowly"
        ),
        Advice::NotFound => {
            format!("the bucket of traces.uri is not there; make it, or correct traces.uri; {KEPT} slowly")
        }
        Advice::Busy | Advice::Away(_) => format!("the object store takes no traces now; {KEPT}"),
        _ => format!(
            "the object store will not have it; look at traces.uri and the bucket's policy; {KEPT} slowly"
        ),
    };
    match answer {
        Answer::Http(http) if !http.body.trim().is_empty() => {
            format!("{what}; it said: {}", super::answer::excerpt(&http.body))
        }
        _ => what,
    }
}

/// It takes traces again.
pub(super) fn back_again(away_ns: u64) -> String {
    format!("the object store takes error traces again after {} s", away_ns / NS_PER_S)
}
