//! The environment: one variable a key, and what looks like one but is none.

use super::error::{ConfigError, Origin, Wrong};
use super::key::Key;
use super::source::Given;
use super::suggest::distance;
use super::table::KEYS;
use std::collections::BTreeMap;

/// Variables that begin like ours and are read elsewhere, or set for tools.
const OTHERS: [&str; 14] = [
    "GRIDNODE_CONFIG",
    "GRIDNODE_LOG",
    "GRIDNODE_LOGS",
    "GRIDNODE_RUN",
    "GRIDNODE_SEED",
    "GRIDNODE_SEEDS",
    "GRIDNODE_TRACES_PER_LABEL",
    "GRIDNODE_TRACES_PER_WINDOW",
    "GRIDNODE_TRACE_DIR",
    "GRIDNODE_TRACE_KEY",
    "GRIDNODE_TRACE_SECRETS",
    "GRIDNODE_TRACE_SLOWER_MS",
    "GRIDNODE_TREE",
    "GRIDNODE_WINDOW_S",
];

/// Beginnings of others: of what the tests of this repository and the plug-ins are told.
const OTHERS_BEGIN: [&str; 15] = [
    "GRIDNODE_BIN_DIR",
    "GRIDNODE_DENY",
    "GRIDNODE_E2E_",
    "GRIDNODE_FUZZ_",
    "GRIDNODE_GOLDEN",
    "GRIDNODE_IMDS_MOCK",
    "GRIDNODE_INFLUXD",
    "GRIDNODE_RECEIPTS_URI",
    "GRIDNODE_REPORT_FILE",
    "GRIDNODE_SCREENSHOTS_DIR",
    "GRIDNODE_SEND_",
    "GRIDNODE_SOAK",
    "GRIDNODE_STOP_FILE",
    "GRIDNODE_STORM_",
    "GRIDNODE_TIMESTAMP_KEY",
];

/// Variables that begin like ours and that nobody reads. No error, for they may be a person's own; one that looks like a
/// key misspelt is, and is not here.
pub(super) fn unread(env: &BTreeMap<String, String>) -> Vec<&str> {
    let is_known = |name: &str| {
        KEYS.iter().any(|key| key.env_name() == name)
            || OTHERS.contains(&name)
            || OTHERS_BEGIN.iter().any(|begin| name.starts_with(begin))
            || misspelt(name).is_some()
    };
    let ours = env.iter().filter(|(name, text)| name.starts_with("GRIDNODE_") && !text.is_empty());
    ours.map(|(name, _)| name.as_str()).filter(|name| !is_known(name)).collect()
}

/// All values in the environment, by name. A variable that is set but empty gives no value.
pub(super) fn read(env: &BTreeMap<String, String>, errors: &mut Vec<ConfigError>) -> Vec<Given> {
    let mut given = Vec::new();
    for (name, text) in env.iter().filter(|(_, text)| !text.is_empty()) {
        let origin = Origin::Environment(name.clone());
        match KEYS.iter().find(|key| key.env_name() == *name) {
            Some(key) => given.push(Given { key, value: key.kind.read(text), origin }),
            None => errors.extend(misspelt(name).map(|wrong| wrong.at(origin, ""))),
        }
    }
    given
}

/// Whether somebody must have meant a key by `name`: it begins like those of a section, or is a slip away from one.
/// Everything else is somebody else's.
fn misspelt(name: &str) -> Option<Wrong> {
    let rest = name.strip_prefix("GRIDNODE_").filter(|_| !OTHERS.contains(&name))?;
    let by_rule = KEYS.iter().find(|key| key.regular_env_name() == name);
    let slips = |key: &Key| distance(rest, key.env_name().trim_start_matches("GRIDNODE_"));
    let near = KEYS.iter().map(|key| (slips(key), key)).filter(|(slips, _)| *slips <= 1 + rest.len() / 8);
    let meant = by_rule.or_else(|| near.min_by_key(|(slips, _)| *slips).map(|(_, key)| key));
    let in_section = |key: &Key| {
        let section = key.section().to_ascii_uppercase();
        !section.is_empty() && rest.strip_prefix(&section).is_some_and(|rest| rest.starts_with('_'))
    };
    let problem = "this variable is not read";
    match meant {
        Some(key) => Some(Wrong::new(problem, format!("did you mean {}, for {}?", key.env_name(), key.name))),
        None if KEYS.iter().any(in_section) => {
            Some(Wrong::new(problem, "unset it; `gridnode config --example` shows all variables"))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_nobody_reads_is_told() {
        let names = [
            "GRIDNODE_TYPO",
            "GRIDNODE_NODE",
            "GRIDNODE_LOG",
            "GRIDNODE_E2E_TOOLS",
            "GRIDNODE_DRAIN_URL",
            "PATH",
        ];
        let env = names.map(|name| (name.to_owned(), "x".to_owned())).into();
        assert_eq!(unread(&env), ["GRIDNODE_TYPO"]);
    }

    #[test]
    fn what_looks_like_a_key_is_one_misspelt_and_the_rest_is_not_ours() {
        let remedy = |name| misspelt(name).map(|wrong| wrong.remedy);
        assert_eq!(
            remedy("GRIDNODE_DRAIN_URL").as_deref(),
            Some("did you mean GRIDNODE_DRAIN, for drain.url?")
        );
        assert_eq!(remedy("GRIDNODE_NODE_ID").as_deref(), Some("did you mean GRIDNODE_NODE, for node.id?"));
        assert_eq!(
            remedy("GRIDNODE_WINDOWS_GRACE_M").as_deref(),
            Some("did you mean GRIDNODE_WINDOWS_GRACE_MS, for windows.grace_ms?")
        );
        assert!(remedy("GRIDNODE_CONTROL_BANANAS").is_some_and(|remedy| remedy.starts_with("unset it")));
        for name in ["GRIDNODE_LOG", "GRIDNODE_RUN", "GRIDNODE_BIN_DIR", "GRIDNODE_X", "GRIDNODE", "PATH"] {
            assert_eq!(remedy(name), None, "{name}");
        }
    }
}
