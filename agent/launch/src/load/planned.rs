//! What a run was to be, for the judgement of what it was.

use super::{Late, Length, Load};

/// See the module's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planned {
    /// How long it is to run, s: as it was asked for, or as the plan itself says where that is known.
    pub length_s: Option<u64>,
    /// Whether somebody has asked for that, or for a number of iterations.
    pub is_asked: bool,
    /// Whether it goes on until the plan itself ends it.
    pub is_endless: bool,
    /// What of it can send nothing by a mistake in the plan, a sentence each.
    pub mistakes: Vec<String>,
    /// What has to be said of the run and was known before it, a sentence each.
    pub doubts: Vec<String>,
    /// Groups of which it was known before the run that not all of their users start.
    pub late: Vec<Late>,
}

impl Planned {
    /// Of a plan that is as long as `length` with `load` in it.
    #[must_use]
    pub fn of(load: &Load, length: &Length) -> Self {
        let by_plan = (length.open.is_empty() && length.known_s > 0).then_some(length.known_s);
        let asked_s = load.duration_s.map(u64::from);
        Self {
            length_s: asked_s.or(by_plan),
            is_asked: load.duration_s.is_some() || load.iterations.is_some(),
            is_endless: length.is_endless && asked_s.is_none(),
            mistakes: length.mistakes.clone(),
            doubts: length.doubts.clone(),
            late: length.late.clone(),
        }
    }

    /// Whether what ended after `ran_ms` ended early: a tenth before the end and at least a second, for users end a little
    /// before or after their time.
    #[must_use]
    pub fn is_early(&self, ran_ms: u64, length_s: u64) -> bool {
        let length_ms = length_s.saturating_mul(1_000);
        ran_ms.saturating_add((length_ms / 10).max(1_000)) < length_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_comes_before_what_the_plan_says() {
        let length = Length { known_s: 60, ..Length::default() };
        let of = |load: &Load, length: &Length| Planned::of(load, length);
        let none = Load::default();
        let want = Planned { length_s: Some(60), ..Planned::default() };
        assert_eq!(of(&none, &length), want);
        let asked = Load { duration_s: Some(5), ..Load::default() };
        assert_eq!(of(&asked, &length), Planned { length_s: Some(5), is_asked: true, ..Planned::default() });
        let open = Length { open: vec!["x".to_owned()], is_endless: true, ..length };
        assert_eq!(of(&none, &open), Planned { is_endless: true, ..Planned::default() });
        let loops = Load { iterations: Some(2), ..Load::default() };
        assert_eq!(of(&loops, &open).length_s, None);
        assert!(of(&loops, &open).is_asked);
    }

    #[test]
    fn a_tenth_is_not_early() {
        let planned = Planned::default();
        assert!(
            planned.is_early(17_999, 20) && !planned.is_early(18_000, 20) && !planned.is_early(21_000, 20)
        );
        assert!(!planned.is_early(0, 1) && planned.is_early(2_999, 4) && !planned.is_early(3_000, 4));
    }
}
