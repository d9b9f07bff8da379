//! The name of a run in the spool.

use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::{RunIdentity, RunName};

/// Two accounts may each have a flood 7; an implicit run may come back after it was
/// closed, in this process or in a later one of the same run number, and then has an account of its own: what an earlier
/// one has left in the spool must not settle it.
#[must_use]
pub fn run_name(identity: &RunIdentity, incarnation: u64, slot: u32) -> RunName {
    let account = identity.account.as_ref().map(|account| format!("{account}~")).unwrap_or_default();
    let again = if (incarnation, slot) == (1, 0) { String::new() } else { format!("+{incarnation}.{slot}") };
    RunName::from(format!("{account}{}.{}{again}", identity.flood, identity.run).as_str())
}

/// Whether [`run_name`] gave this name to that run, at whatever start.
#[must_use]
pub fn is_name_of(name: &RunName, flood: &Ident, run: u64) -> bool {
    let name = name.0.split_once('~').map_or(&*name.0, |(_, name)| name);
    let first = name.split_once('+').map_or(name, |(first, _)| first);
    first.strip_prefix(flood.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(&run.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_runs_share_an_account() {
        let ident = |text: &str| gridnode_core::base::ids::Ident::new(text).unwrap();
        let seven =
            RunIdentity { account: None, flood: ident("7"), project: None, grid: None, region: None, run: 5 };
        let of_account = RunIdentity { account: Some(ident("1")), ..seven.clone() };
        let names = [
            run_name(&seven, 1, 0),
            run_name(&seven, 1, 1),
            run_name(&seven, 2, 0),
            run_name(&seven, 11, 0),
            run_name(&of_account, 1, 0),
        ];
        assert_eq!(names[0], RunName::from("7.5"));
        assert!(names.iter().all(|name| is_name_of(name, &ident("7"), 5)), "{names:?}");
        assert!(
            !names.iter().any(|name| is_name_of(name, &ident("7"), 50) || is_name_of(name, &ident("77"), 5))
        );
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
    }
}
