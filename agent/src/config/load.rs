//! From the sources to the configuration, or to every error at once.

use super::contradictions;
use super::effective::{ConfigErrors, Effective};
use super::error::{ConfigError, Wrong};
use super::key::Section;
use super::merge::{Merged, merge};
use super::source::Sources;
use super::table::{Config, DrainSection};
use crate::data::drain::DrainUrl;

/// Makes the configuration from what the sources say.
///
/// # Errors
/// With everything that is wrong, not only the first; the values that were understood are there, too.
pub fn load(sources: &Sources<'_>) -> Result<(Config, Effective), ConfigErrors> {
    let mut merged = merge(sources);
    contradictions::find(&mut merged);
    let drain_url = whole_drain_url(&mut merged);
    let config = Config::of(&merged.effective).zip(drain_url);
    match config {
        Some((mut config, drain_url)) if merged.errors.is_empty() => {
            config.drain.url = drain_url;
            Ok((config, merged.effective))
        }
        _ => {
            merged.errors.sort_by_key(ConfigError::order);
            Err(ConfigErrors { errors: merged.errors, effective: merged.effective })
        }
    }
}

/// The Drain's URL with the database and the credentials from their own keys put into it.
fn whole_drain_url(merged: &mut Merged) -> Option<DrainUrl> {
    let drain = DrainSection::of(&merged.effective)?;
    let mut url = merged.effective.drain_url()?;
    if let Some(database) = &drain.database {
        // Of two the first counts: one in the URL.
        url.query_pairs_mut().append_pair("db", database);
    }
    let parsed = DrainUrl::parse(url.as_str(), drain.auth());
    if let Err(error) = &parsed {
        let wrong = Wrong::new(format!("is wrong, {error}"), "mend it or its credentials");
        merged.wrong("drain.url", wrong);
    }
    parsed.ok()
}
