//! How long a plan runs by what its thread groups say, once all changes are in it.
//!
//! setUp groups come first and tearDown groups last; within each of the three, groups run at once or, where the Test Plan
//! says so, one after another. A group with a scheduler takes its start delay and its duration, or its ramp-up where that is
//! longer: JMeter waits for the last thread to see that it is too late. Loops take as long as their samples do. Of plug-ins, the
//! three groups that are known have their times in their fields.

mod meeting;
mod overlong;
mod plugins;

use super::doc::Id;
use super::element::Plan;
use super::inspect::{GroupKind, ThreadGroup, groups};
use super::schedule::schedule_s;
use super::splice::test_plan;
use super::{PlanError, Value};
use crate::load::{Late, Length, too_late};

pub use overlong::{Overlong, overlong};

/// What is known of a group's time.
enum Time {
    /// It takes so long, s.
    Known(u64),
    /// Nobody knows, for this reason.
    Open(String),
}

struct Reader<'p, 'a> {
    plan: &'p Plan<'a>,
    properties: &'p [(String, String)],
    property_files: PropertyFiles<'p>,
    warnings: Vec<String>,
    late: Vec<Late>,
    is_endless: bool,
    mistakes: Vec<String>,
}

/// What is known of files that may replace a property's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyFiles<'f> {
    /// There are none, or this is all that is in them.
    Text(&'f str),
    /// There may be some.
    Unknown,
}

impl PropertyFiles<'_> {
    /// Whether one of them may have this property.
    #[must_use]
    pub fn may_have(&self, name: &str) -> bool {
        // Any other character may be written in several ways there.
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        match self {
            Self::Text(text) => text.contains(name) || !is_plain && !text.is_empty() || text.contains("\\u"),
            Self::Unknown => true,
        }
    }
}

/// Reads the length of a plan that is to run with `properties`; `property_files` have more of them.
///
/// # Errors
/// When `plan` is not a JMeter plan.
pub fn length(
    plan: &[u8],
    properties: &[(String, String)],
    property_files: PropertyFiles<'_>,
) -> Result<Length, PlanError> {
    let plan = Plan::parse(plan)?;
    let mut reader = Reader::new(&plan, properties, property_files);
    let in_series = reader.in_series()?;
    let (mut known_s, mut open) = (0_u64, Vec::new());
    for phase in [&[GroupKind::SetUp][..], ORDINARY, &[GroupKind::TearDown]] {
        let mut phase_s = 0_u64;
        for (group, id) in groups(&plan).filter(|(group, _)| group.enabled && phase.contains(&group.kind)) {
            match reader.time(&group, id) {
                Time::Known(s) if in_series => phase_s = phase_s.saturating_add(s),
                Time::Known(s) => phase_s = phase_s.max(s),
                Time::Open(why) => open.push(format!("Thread Group `{}`: {why}", group.name)),
            }
        }
        known_s = known_s.saturating_add(phase_s);
    }
    reader.meetings()?;
    let Reader { mut warnings, is_endless, mistakes, late, .. } = reader;
    warnings.extend(mistakes.iter().cloned());
    let doubts = mistakes.clone();
    Ok(Length { known_s, open: shortened(open), warnings, is_endless, mistakes, doubts, late })
}

const ORDINARY: &[GroupKind] = &[GroupKind::Ordinary, GroupKind::OpenModel, GroupKind::Plugin];
/// Groups that are named.
const NAMED_MAX: usize = 3;

fn shortened(mut open: Vec<String>) -> Vec<String> {
    let more = open.len().saturating_sub(NAMED_MAX);
    open.truncate(NAMED_MAX);
    if more > 0 {
        open.push(format!("and {more} more groups"));
    }
    open
}

impl<'p, 'a> Reader<'p, 'a> {
    fn new(
        plan: &'p Plan<'a>,
        properties: &'p [(String, String)],
        property_files: PropertyFiles<'p>,
    ) -> Self {
        let (warnings, late, mistakes) = (Vec::new(), Vec::new(), Vec::new());
        Self { plan, properties, property_files, warnings, late, is_endless: false, mistakes }
    }

    /// Where that is computed the longer answer is the safe one.
    fn in_series(&self) -> Result<bool, PlanError> {
        let (test_plan, _) = test_plan(&self.plan.doc)?;
        let text = self.plan.text(test_plan, "TestPlan.serialize_threadgroups");
        Ok(text.is_some_and(|text| self.truth(&text) != Some(false)))
    }

    fn time(&mut self, group: &ThreadGroup, id: Id) -> Time {
        match group.kind {
            GroupKind::Ordinary | GroupKind::SetUp | GroupKind::TearDown => self.of_threads(group, id),
            GroupKind::OpenModel => {
                let text = self.plan.text(id, "OpenModelThreadGroup.schedule");
                let text = text.as_ref().and_then(|text| self.text(text));
                text.as_deref().and_then(schedule_s).map_or_else(
                    || Time::Open("its schedule cannot be read before it runs".to_owned()),
                    Time::Known,
                )
            }
            GroupKind::Plugin => self.of_plugin(&group.class, id),
        }
    }

    fn of_threads(&mut self, group: &ThreadGroup, id: Id) -> Time {
        self.undefined(group);
        let computed = |what: &str| Time::Open(format!("its {what} is computed"));
        let users = group.users.as_ref().map_or(Some(0), |value| self.number(value));
        if users.is_some_and(|users| users <= 0) {
            return Time::Known(0);
        }
        let scheduler = self.plan.text(id, "ThreadGroup.scheduler");
        match scheduler.map_or(Some(false), |text| self.truth(&text)) {
            None => return computed("scheduler"),
            Some(false) => return self.of_loops(group, id),
            Some(true) => {}
        }
        let delay = self.plan.number(id, "ThreadGroup.delay");
        let seconds = |value: &Option<Value<i64>>| {
            let number = value.as_ref().map_or(Some(0), |value| self.number(value))?;
            Some(u64::try_from(number).unwrap_or(0))
        };
        let (Some(delay_s), Some(ramp_up_s)) = (seconds(&delay), seconds(&group.ramp_up_s)) else {
            return computed("start delay or ramp-up");
        };
        match seconds(&group.duration_s) {
            None => computed("duration"),
            Some(0) => self.of_loops(group, id),
            Some(duration_s) => {
                let users = users.and_then(|users| u64::try_from(users).ok()).unwrap_or(0);
                let delayed = self.plan.text(id, "ThreadGroup.delayedStart");
                let is_delayed = delayed.is_some_and(|text| self.truth(&text) == Some(true));
                if let Some(late) = too_late(users, ramp_up_s, duration_s, is_delayed) {
                    self.late.push(Late::of(&group.name, &late));
                    self.warnings.push(format!("Thread Group `{}`: {late}", group.name));
                }
                Time::Known(delay_s.saturating_add(duration_s.max(ramp_up_s)))
            }
        }
    }

    /// A group without a duration.
    fn of_loops(&mut self, group: &ThreadGroup, id: Id) -> Time {
        let controller = self.plan.property(id, "ThreadGroup.main_controller");
        // JMeter goes on for ever until it is told not to.
        let forever = controller.and_then(|id| self.plan.text(id, "LoopController.continue_forever"));
        let forever = forever.map_or(Some(true), |text| self.truth(&text));
        let loops = group.loops.as_ref().map_or(Some(1), |value| self.number(value));
        match (forever, loops) {
            (Some(true), _) | (_, Some(..0)) => {
                self.warnings.push(format!(
                    "Thread Group `{}` loops without end and has no duration: it never ends unless an element of the plan \
                     ends it; give --duration, --iterations or --max-runtime",
                    group.name
                ));
                self.is_endless = true;
                Time::Open("it loops without end".to_owned())
            }
            (None, _) | (_, None) => Time::Open("its number of loops is computed".to_owned()),
            _ => Time::Open("it has loops and no duration".to_owned()),
        }
    }

    /// JMeter takes 0 for a number whose variable nobody has defined, and says nothing.
    fn undefined(&mut self, group: &ThreadGroup) {
        let Some(Value::Computed(text)) = &group.loops else { return };
        if let Some(name) = self.plan.undefined(text) {
            self.mistakes.push(format!(
                "the Thread Group `{}` ({}) has `{text}` as its number of loops, a variable that the plan does not define, so \
                 it sends nothing: define it in the Test Plan's variables, or write `${{__P({name})}}` and give it by --param \
                 {name}=NUMBER",
                group.name, group.at
            ));
        }
    }

    fn number(&self, value: &Value<i64>) -> Option<i64> {
        self.is_certain(value).then(|| value.known(self.properties))?
    }

    fn text(&self, value: &Value<String>) -> Option<String> {
        self.is_certain(value).then(|| value.known(self.properties))?.map(str::to_owned)
    }

    fn truth(&self, value: &Value<String>) -> Option<bool> {
        self.text(value).map(|text| text.eq_ignore_ascii_case("true"))
    }

    /// A default counts where nothing else can give the property.
    fn is_certain<T>(&self, value: &Value<T>) -> bool {
        match value {
            Value::Property { name, .. } => {
                !self.property_files.may_have(name) || self.properties.iter().any(|(known, _)| known == name)
            }
            Value::Fixed(_) | Value::Computed(_) => true,
        }
    }
}

#[cfg(test)]
mod tests;
