//! How long a plan runs, as far as that can be said before it starts, and the limit that follows.
//!
//! A duration means the same to all tools: the load lasts that long, ramp-up included. Who is due after it never starts.

use super::Load;

/// See the module's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Length {
    /// The longest that it takes, as far as it is known, s.
    pub known_s: u64,
    /// Why it may be longer, a clause each; empty where `known_s` is a bound.
    pub open: Vec<String>,
    /// What a person should know before it starts, a sentence each.
    pub warnings: Vec<String>,
    /// Whether something in it goes on until the plan itself ends it.
    pub is_endless: bool,
    /// Users or loops that the plan leaves at nothing by mistake, a sentence each.
    pub mistakes: Vec<String>,
    /// What of it is not what a person means, as far as that is known before it starts, a sentence each.
    pub doubts: Vec<String>,
    /// Groups some of whose users are due too late to start.
    pub late: Vec<Late>,
}

/// A group some of whose users never start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// Its name in the plan.
    pub group: String,
    /// Why, a clause.
    pub why: String,
}

impl Late {
    /// Of a group, by what is said of it before the run: see [`too_late`].
    #[must_use]
    pub fn of(group: &str, said: &str) -> Self {
        let why = said.rsplit_once(": ").map_or(said, |(why, _)| why);
        Self { group: group.to_owned(), why: why.to_owned() }
    }
}

/// When a run is ended at the latest, and what to say about it before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limit {
    /// From the start of the tool, s; `None` for never.
    pub limit_s: Option<u64>,
    /// What a person should know about it.
    pub note: Option<String>,
}

impl Length {
    /// Of a tool whose whole load is what is asked for. Without a duration, nobody knows.
    #[must_use]
    pub fn of(load: &Load) -> Self {
        let Some(duration_s) = load.duration_s else {
            let open = vec!["no duration is given".to_owned()];
            return Self { open, ..Self::default() };
        };
        let users = u64::from(load.users.unwrap_or(0));
        let late = too_late(users, u64::from(load.ramp_up_s.unwrap_or(0)), u64::from(duration_s), false);
        Self { known_s: u64::from(duration_s), warnings: late.into_iter().collect(), ..Self::default() }
    }

    /// The same where the plan itself ends its load after so long, if it does.
    #[must_use]
    pub fn within(self, longest_s: Option<u64>) -> Self {
        let Some(longest_s) = longest_s else { return self };
        let is_bound = self.open.is_empty();
        let known_s = if is_bound { self.known_s.min(longest_s) } else { longest_s };
        Self { known_s, open: Vec::new(), ..self }
    }

    /// The limit: what is known and `overtime_s`, for starts and for what is under way at the end. `asked_s` is the limit
    /// that somebody asks for; `default_s` the one of a run of which nothing is known.
    #[must_use]
    pub fn limit(&self, asked_s: Option<u64>, overtime_s: u64, default_s: Option<u64>) -> Limit {
        if asked_s.is_some() {
            return Limit { limit_s: asked_s, note: None };
        }
        let bound_s = self.known_s.saturating_add(overtime_s);
        if self.open.is_empty() {
            return Limit { limit_s: Some(bound_s), note: None };
        }
        let at_least_s = (self.known_s > 0).then_some(bound_s);
        let limit_s = at_least_s.max(default_s);
        let is = match limit_s {
            Some(s) => format!("is ended after {s} s at the latest"),
            None => "has no time limit".to_owned(),
        };
        let why = self.open.join("; ");
        Limit {
            limit_s,
            note: Some(format!("how long it takes is not known ({why}), so it {is}: see --max-runtime")),
        }
    }
}

/// What is to be said where a ramp-up is longer than the duration, so that some users never start. `to_its_end`: the last user is
/// due at the end of the ramp-up, as with JMeter's delayed start, and not a step before it.
#[must_use]
pub fn too_late(users: u64, ramp_up_s: u64, duration_s: u64, to_its_end: bool) -> Option<String> {
    if ramp_up_s <= duration_s {
        return None;
    }
    let head = format!(
        "the ramp-up of {ramp_up_s} s is longer than the duration of {duration_s} s, which includes it"
    );
    // User i of n starts at i/n of the ramp-up, or at i/(n-1).
    let steps = if to_its_end && users > 1 { users - 1 } else { users };
    let start = (u128::from(steps) * u128::from(duration_s)).div_ceil(u128::from(ramp_up_s));
    Some(match users {
        // All of them do, and later than one would think.
        _ if users > 0 && start >= u128::from(users) => return None,
        0 => format!("{head}: users that are due later never start"),
        _ => format!("{head}: only {start} of {users} users start"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn users_that_are_due_after_the_end_are_counted() {
        for (users, ramp_up_s, duration_s, to_its_end, want) in [
            (4, 12, 10, false, None),
            (4, 12, 10, true, Some("only 3 of 4 users start")),
            (5, 20, 10, true, Some("only 2 of 5 users start")),
            (1, 20, 5, true, None),
            (10, 60, 30, false, Some("only 5 of 10 users start")),
            (10, 60, 31, false, Some("only 6 of 10 users start")),
            (3, 10, 1, false, Some("only 1 of 3 users start")),
            (1, 20, 5, false, None),
            (0, 10, 1, false, Some("never start")),
            (10, 30, 30, false, None),
            (10, 0, 1, false, None),
        ] {
            let said = too_late(users, ramp_up_s, duration_s, to_its_end);
            assert_eq!(said.is_some(), want.is_some(), "{said:?}");
            assert!(said.iter().all(|said| said.ends_with(want.unwrap_or_default())), "{said:?}");
        }
    }

    #[test]
    fn a_duration_includes_the_ramp_up() {
        let load = Load { users: Some(4), ramp_up_s: Some(20), duration_s: Some(10), ..Load::default() };
        let length = Length::of(&load);
        assert_eq!((length.known_s, length.warnings.len()), (10, 1));
        assert_eq!(length.limit(None, 120, None), Limit { limit_s: Some(130), note: None });
        assert_eq!(length.limit(Some(5), 120, None), Limit { limit_s: Some(5), note: None });
    }

    #[test]
    fn a_plans_own_maximum_bounds_it() {
        let of = |duration_s, longest_s| {
            let length = Length::of(&Load { duration_s, ..Load::default() }).within(longest_s);
            length.limit(None, 120, None).limit_s
        };
        assert_eq!(of(None, Some(600)), Some(720));
        assert_eq!(of(Some(60), Some(600)), Some(180));
        assert_eq!(of(Some(900), Some(600)), Some(720));
        assert_eq!((of(Some(60), None), of(None, None)), (Some(180), None));
    }

    #[test]
    fn what_is_not_known_is_said_with_the_limit_there_is() {
        let none = Length::of(&Load::default());
        let limit = none.limit(None, 120, None);
        assert_eq!(limit.limit_s, None);
        assert!(limit.note.unwrap_or_default().contains("has no time limit: see --max-runtime"));
        assert_eq!(none.limit(Some(9), 120, None), Limit { limit_s: Some(9), note: None });
        let part = Length { known_s: 30, open: vec!["x".to_owned()], ..Length::default() };
        assert!(
            part.limit(None, 120, None)
                .note
                .is_some_and(|note| note.contains("(x), so it is ended after 150 s"))
        );
        assert_eq!(part.limit(None, 120, Some(7_200)).limit_s, Some(7_200));
        assert_eq!(Length { known_s: 9_000, ..part }.limit(None, 120, Some(7_200)).limit_s, Some(9_120));
    }

    proptest! {
        #[test]
        fn a_limit_is_never_below_what_is_known(known_s: u64, overtime_s in 0..1_000_u64, open: bool) {
            let open = if open { vec!["x".to_owned()] } else { Vec::new() };
            let limit = Length { known_s, open, ..Length::default() }.limit(None, overtime_s, None);
            prop_assert!(limit.limit_s.is_none_or(|s| s >= known_s));
        }
    }
}
