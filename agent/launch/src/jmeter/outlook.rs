//! What is known of a plan before it runs: the same for whoever runs it and for whoever sends it to nodes.

use super::groups::Foreseen;
use super::inspect::inspect;
use super::length::Overlong;
use super::overrides::{Overridden, OverrideError, apply};
use super::variables::{FirstLine, sentences, undefined};
use super::{PlanError, PropertyFiles, Value, before, length, overlong};
use crate::{Length, Load};
use thiserror::Error;

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The plan with its load.
    pub overridden: Overridden,
    /// How long it runs, and what a person should know before it does.
    pub length: Length,
}

/// Why a plan cannot do what is asked of it, wherever it runs.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Is not a JMeter plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Its load cannot be changed as asked.
    #[error(transparent)]
    Override(Box<OverrideError>),
    /// Would do nothing: why, and what to do.
    #[error("{0}")]
    CannotWork(String),
}

/// Looks at a plan that is to run with `load` and `files` of properties; `first_line` reads its data files.
///
/// # Errors
/// When it can do nothing, or not with this load.
pub fn outlook(
    plan: &[u8],
    load: &Load,
    files: PropertyFiles<'_>,
    first_line: FirstLine<'_>,
) -> Result<Outlook, Unfit> {
    let overridden = apply(plan, load).map_err(|error| Unfit::Override(Box::new(error)))?;
    let (changed, properties) = (&overridden.plan, &overridden.properties);
    let mut length = length(changed, properties, files)?;
    let overlong = load.duration_s.map(|s| overlong(changed, properties, files, s)).transpose()?;
    let Overlong { known, possible } = overlong.unwrap_or_default();
    let known: Vec<String> = known.into_iter().chain(overridden.doubts.iter().cloned()).collect();
    length.warnings.extend(known.iter().cloned().chain(possible));
    length.doubts.extend(known);
    let mut without = inspect(changed)?.groups_without_users().map_err(Unfit::CannotWork)?;
    let Foreseen { mistakes, doubts, warnings } = before(changed, properties, files)?;
    without.extend(mistakes);
    let undefined = undefined(plan, first_line)?;
    let known: Vec<String> = without.iter().cloned().chain(doubts).chain(sentences(&undefined)).collect();
    length.warnings.extend(known.iter().cloned().chain(warnings));
    length.doubts.extend(known);
    length.mistakes.extend(without);
    Ok(Outlook { overridden, length })
}

/// A path that no file of properties may replace.
#[must_use]
pub fn certain<'a>(
    path: &'a Value<String>,
    params: &'a [(String, String)],
    files: PropertyFiles<'_>,
) -> Option<&'a str> {
    let is_given = |name: &str| params.iter().any(|(given, _)| given == name);
    let is_certain = match path {
        Value::Property { name, .. } => is_given(name) || !files.may_have(name),
        Value::Fixed(_) | Value::Computed(_) => true,
    };
    path.known(params).filter(|_| is_certain)
}
