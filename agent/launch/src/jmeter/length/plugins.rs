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

/// What the columns of an Ultimate Thread Group's table are called.
const ULTIMATE_COLUMNS: [&str; 5] =
    ["Start Threads Count", "Initial Delay", "Startup Time", "Hold Load For", "Shutdown Time"];
/// The fields of a Stepping Thread Group, as its plan has them.
const STEPPING_FIELDS: [&str; 9] = [
    "ThreadGroup.num_threads",
    "Threads initial delay",
    "Start users count",
    "Start users count burst",
    "Start users period",
    "rampUp",
    "flighttime",
    "Stop users count",
    "Stop users period",
];

/// Why nobody knows a group's time before it runs.
enum Unknown {
    /// This field of it is a function or a variable, or no number.
    Field(&'static str),
    /// This property may be given, and changes it.
    Property(&'static str),
    /// A row of its table is too short.
    Row,
}

/// A class without its package.
pub(super) fn short(class: &str) -> &str {
    class.rsplit('.').next().unwrap_or(class)
}

impl Reader<'_, '_> {
    pub(super) fn of_plugin(&self, class: &str, id: Id) -> Time {
        let name = short(class);
        let known_s = match class {
            ULTIMATE => self.ultimate_s(id),
            STEPPING => self.stepping_s(id),
            CONCURRENCY => self.concurrency_s(id),
            _ => return Time::Open(format!("it is a {class} of a plug-in")),
        };
        match known_s {
            Ok(s) => Time::Known(s),
            Err(Unknown::Field(field)) => Time::Open(format!("the `{field}` of this {name} is computed")),
            Err(Unknown::Property(property)) => {
                Time::Open(format!("the property `{property}` may change the times of this {name}"))
            }
            Err(Unknown::Row) => Time::Open(format!("a row of this {name} is short of a cell")),
        }
    }

    /// Rows of users, delay, startup, hold, shutdown; the longest counts.
    fn ultimate_s(&self, id: Id) -> Result<u64, Unknown> {
        if self.may_be_given(ULTIMATE_PROPERTY) {
            return Err(Unknown::Property(ULTIMATE_PROPERTY));
        }
        let plan = self.plan;
        let table = ULTIMATE_TABLES.iter().find_map(|name| plan.property(id, name));
        let mut longest_s = 0;
        for row in table.into_iter().flat_map(|table| plan.doc.children(table)) {
            let cells: Vec<Id> = plan.doc.children(row).collect();
            // JMeter does not run a row that is short of one.
            let cells = cells.get(..ULTIMATE_COLUMNS.len()).ok_or(Unknown::Row)?;
            let mut cells = cells
                .iter()
                .zip(ULTIMATE_COLUMNS)
                .map(|(cell, column)| self.count(Some(&plan.number_of(*cell))).ok_or(Unknown::Field(column)));
            if cells.next().transpose()? == Some(0) {
                continue;
            }
            let row_s = cells.try_fold(0_u64, |sum, s| Ok(sum.saturating_add(s?)))?;
            longest_s = longest_s.max(row_s);
        }
        Ok(longest_s)
    }

    /// First users at once, then more of them step by step, each step with a ramp-up of its own; down again in steps.
    fn stepping_s(&self, id: Id) -> Result<u64, Unknown> {
        let mut fields = [0; STEPPING_FIELDS.len()];
        for (field, name) in fields.iter_mut().zip(STEPPING_FIELDS) {
            *field = self.count(self.plan.number(id, name).as_ref()).ok_or(Unknown::Field(name))?;
            if name == STEPPING_FIELDS[0] && *field == 0 {
                return Ok(0);
            }
        }
        let [users, delay_s, more, burst, every_s, ramp_up_s, hold_s, fewer, stop_every_s] = fields;
        let all_for_0 = |count: u64| if count == 0 { users } else { count };
        let (more, fewer) = (all_for_0(more), all_for_0(fewer));
        let first = match burst.min(users) {
            0 => more,
            first => first,
        };
        let steps_up = if users < first { 1 } else { (users - first).div_ceil(more) };
        let steps_down = (users - 1) / fewer;
        let step_s = every_s.saturating_add(ramp_up_s);
        let up_s = steps_up.saturating_mul(step_s).saturating_add(ramp_up_s);
        let down_s = steps_down.saturating_mul(stop_every_s);
        Ok([delay_s, up_s, hold_s, down_s].into_iter().fold(0, u64::saturating_add))
    }

    /// Ramp-up and hold, each rounded to seconds as Java does; in minutes where the unit is exactly `M`. Without a hold it is 1.
    /// How many users there are may well be computed.
    fn concurrency_s(&self, id: Id) -> Result<u64, Unknown> {
        if self.may_be_given(CONCURRENCY_SHIFT) {
            return Err(Unknown::Property(CONCURRENCY_SHIFT));
        }
        let text = |name: &'static str, absent: &str| match self.plan.text(id, name) {
            Some(value) => self.text(&value).ok_or(Unknown::Field(name)),
            None => Ok(absent.to_owned()),
        };
        let unit_s = if text("Unit", "")? == "M" { 60.0 } else { 1.0 };
        let mut sum_s = 0.0;
        for (name, absent) in [("RampUp", ""), ("Hold", "1")] {
            let text = text(name, absent)?;
            let number = match text.trim() {
                "" => 0.0,
                text => text.parse::<f64>().map_err(|_| Unknown::Field(name))?,
            };
            sum_s += (number * unit_s + 0.5).floor().max(0.0);
            if sum_s.is_nan() || sum_s >= LONGEST_S {
                return Err(Unknown::Field(name));
            }
        }
        Ok(sum_s as u64)
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
