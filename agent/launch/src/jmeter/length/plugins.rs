//! The time of thread groups of plug-ins whose load stands in their fields. Each field is an upper bound: who has run out of
//! loops ends earlier, and nobody starts a sample after the end.

use super::{Reader, Time};
use crate::jmeter::Value;
use crate::jmeter::doc::Id;

const ULTIMATE: &str = "kg.apc.jmeter.threads.UltimateThreadGroup";
const STEPPING: &str = "kg.apc.jmeter.threads.SteppingThreadGroup";
const CONCURRENCY: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";

/// A property of JMeter that replaces the table of every Ultimate Thread Group.
const ULTIMATE_PROPERTY: &str = "threads_schedule";
/// A property that adds to every Concurrency Thread Group's time.
const CONCURRENCY_SHIFT: &str = "dynamic_tg.shift_rampup_start";
/// Where the table is; old plans have it by the property's name.
const ULTIMATE_TABLES: [&str; 2] = ["ultimatethreadgroupdata", ULTIMATE_PROPERTY];
/// Beyond any test: as good as none.
const LONGEST_S: f64 = 1e12;

impl Reader<'_, '_> {
    pub(super) fn of_plugin(&self, class: &str, id: Id) -> Time {
        let known_s = match class {
            ULTIMATE => self.ultimate_s(id),
            STEPPING => self.stepping_s(id),
            CONCURRENCY => self.concurrency_s(id),
            _ => return Time::Open(format!("it is a {class} of a plug-in")),
        };
        let name = class.rsplit('.').next().unwrap_or(class);
        known_s.map_or_else(|| Time::Open(format!("a time of this {name} is computed")), Time::Known)
    }

    /// Rows of users, delay, startup, hold, shutdown; the longest counts.
    fn ultimate_s(&self, id: Id) -> Option<u64> {
        if self.may_be_given(ULTIMATE_PROPERTY) {
            return None;
        }
        let plan = self.plan;
        let table = ULTIMATE_TABLES.iter().find_map(|name| plan.property(id, name));
        let mut longest_s = 0;
        for row in table.into_iter().flat_map(|table| plan.doc.children(table)) {
            let cells: Vec<Id> = plan.doc.children(row).collect();
            // JMeter does not run a row that is short of one.
            let [users, times @ ..] = cells.get(..5)? else { return None };
            if self.count(Some(&plan.number_of(*users)))? == 0 {
                continue;
            }
            let mut row_s = 0_u64;
            for time in times {
                row_s = row_s.saturating_add(self.count(Some(&plan.number_of(*time)))?);
            }
            longest_s = longest_s.max(row_s);
        }
        Some(longest_s)
    }

    /// First users at once, then more of them step by step, each step with a ramp-up of its own; down again in steps.
    fn stepping_s(&self, id: Id) -> Option<u64> {
        let field = |name: &str| self.count(self.plan.number(id, name).as_ref());
        let users = field("ThreadGroup.num_threads")?;
        if users == 0 {
            return Some(0);
        }
        let all_for_0 = |count: u64| if count == 0 { users } else { count };
        let (more, fewer) = (all_for_0(field("Start users count")?), all_for_0(field("Stop users count")?));
        let first = match field("Start users count burst")?.min(users) {
            0 => more,
            first => first,
        };
        let steps_up = if users < first { 1 } else { (users - first).div_ceil(more) };
        let steps_down = (users - 1) / fewer;
        let ramp_up_s = field("rampUp")?;
        let step_s = field("Start users period")?.saturating_add(ramp_up_s);
        let up_s = steps_up.saturating_mul(step_s).saturating_add(ramp_up_s);
        let down_s = steps_down.saturating_mul(field("Stop users period")?);
        let times = [field("Threads initial delay")?, up_s, field("flighttime")?, down_s];
        Some(times.into_iter().fold(0, u64::saturating_add))
    }

    /// Ramp-up and hold, each rounded to seconds as Java does; in minutes where the unit is exactly `M`. Without a hold it is 1.
    /// How many users there are may well be computed.
    fn concurrency_s(&self, id: Id) -> Option<u64> {
        if self.may_be_given(CONCURRENCY_SHIFT) {
            return None;
        }
        let text = |name: &str, absent: &str| match self.plan.text(id, name) {
            Some(value) => self.text(&value),
            None => Some(absent.to_owned()),
        };
        let unit_s = if text("Unit", "")? == "M" { 60.0 } else { 1.0 };
        let mut sum_s = 0.0;
        for (name, absent) in [("RampUp", ""), ("Hold", "1")] {
            let text = text(name, absent)?;
            let number = if text.trim().is_empty() { 0.0 } else { text.trim().parse::<f64>().ok()? };
            sum_s += (number * unit_s + 0.5).floor().max(0.0);
        }
        (sum_s < LONGEST_S).then_some(sum_s as u64)
    }

    fn may_be_given(&self, property: &str) -> bool {
        self.property_files.may_have(property) || self.properties.iter().any(|(name, _)| name == property)
    }

    /// What is absent or negative is 0; `None` where nobody knows before it runs.
    fn count(&self, value: Option<&Value<i64>>) -> Option<u64> {
        let number = value.map_or(Some(0), |value| self.number(value))?;
        Some(u64::try_from(number).unwrap_or(0))
    }
}
