//! The changes of one plan's load, collected group by group.

use super::super::doc::Id;
use super::super::element::Plan;
use super::super::inspect::{GroupKind, ThreadGroup, groups, listed};
use super::super::params;
use super::super::patch::Patch;
use super::super::value::{Value, param};
use super::conventions::{self, Asked};
use super::spread::spread;
use super::{Load, OverrideError};

/// One group that is changed.
struct Target {
    group: ThreadGroup,
    id: Id,
    /// The group's LoopController.
    controller: Id,
}

pub(super) struct Edit<'p, 'a> {
    plan: &'p Plan<'a>,
    overrides: &'p Load,
    targets: Vec<Target>,
    /// Changes of the plan's bytes.
    pub patches: Vec<Patch>,
    /// JMeter properties to give.
    pub properties: Vec<(String, String)>,
    /// What was done, for people.
    pub changes: Vec<String>,
    /// What is not as it was asked for, for people.
    pub doubts: Vec<String>,
}

/// Which property of a group is set, in words and with a function that would work there.
#[derive(Clone, Copy)]
struct Setting {
    property: &'static str,
    what: &'static str,
    example: &'static str,
}

const USERS: Setting =
    Setting { property: "ThreadGroup.num_threads", what: "number of threads", example: "users,10" };
const RAMP_UP: Setting =
    Setting { property: "ThreadGroup.ramp_time", what: "ramp-up", example: "ramp_up,30" };
const DURATION: Setting =
    Setting { property: "ThreadGroup.duration", what: "duration", example: "duration,600" };
const LOOPS: Setting =
    Setting { property: "LoopController.loops", what: "number of loops", example: "iterations,1" };
const SCHEDULER: Setting =
    Setting { property: "ThreadGroup.scheduler", what: "scheduler", example: "scheduler,true" };
const DELAYED: Setting =
    Setting { property: "ThreadGroup.delayedStart", what: "delayed start", example: "delayed,true" };
const FOREVER: Setting = Setting {
    property: "LoopController.continue_forever",
    what: "continue_forever",
    example: "continue_forever,false",
};

impl<'p, 'a> Edit<'p, 'a> {
    /// Starts with the parameters; the load is not touched yet.
    pub fn new(plan: &'p Plan<'a>, overrides: &'p Load) -> Self {
        let mut properties: Vec<(String, String)> = Vec::new();
        for (name, value) in &overrides.params {
            properties.retain(|(known, _)| known != name);
            properties.push((name.clone(), value.clone()));
        }
        // Not what to: that may be a secret.
        let changes = properties.iter().map(|(name, _)| format!("property `{name}` is set")).collect();
        Self {
            plan,
            overrides,
            targets: Vec::new(),
            patches: Vec::new(),
            properties,
            changes,
            doubts: Vec::new(),
        }
    }

    /// Finds the groups that are to be changed.
    pub fn find_groups(&mut self) -> Result<(), OverrideError> {
        let enabled: Vec<_> = groups(self.plan).filter(|(group, _)| group.enabled).collect();
        let foreign = |group: &ThreadGroup| matches!(group.kind, GroupKind::Plugin | GroupKind::OpenModel);
        let foreign: Vec<_> = enabled
            .iter()
            .filter(|(group, _)| foreign(group))
            .map(|(group, id)| (group, conventions::unread(self.plan, *id, self.overrides)))
            .filter(|(_, unread)| !unread.is_empty())
            .collect();
        if let Some((first, _)) = foreign.first() {
            let class = first.class.clone();
            let groups = listed(foreign.iter().map(|(group, _)| group.name.as_str()));
            let mut unread: Vec<Asked> = Vec::new();
            for asked in foreign.iter().flat_map(|(_, unread)| unread) {
                if !unread.contains(asked) {
                    unread.push(*asked);
                }
            }
            let options = and(unread.iter().map(|asked| asked.option));
            let cures = and(unread.iter().map(|asked| asked.cure));
            return Err(OverrideError::ForeignGroup { groups, class, options, cures });
        }
        let has_own_load =
            |(group, _): &(ThreadGroup, Id)| matches!(group.kind, GroupKind::Plugin | GroupKind::OpenModel);
        let is_served = enabled.iter().any(has_own_load);
        let has_all = |(_, id): &&(ThreadGroup, Id)| conventions::has_all_users(self.plan, *id);
        let with_all = enabled.iter().filter(|each| has_own_load(each)).filter(has_all);
        let with_all: Vec<String> = with_all.map(|(group, _)| group.name.clone()).collect();
        for (group, id) in enabled {
            if group.kind != GroupKind::Ordinary {
                continue;
            }
            let controller = self.plan.property(id, "ThreadGroup.main_controller");
            let Some(controller) = controller.filter(|id| !self.plan.doc.is_empty_tag(*id)) else {
                let what = "loop controller";
                return Err(OverrideError::Incomplete { group: group.name, at: group.at, what });
            };
            self.targets.push(Target { group, id, controller });
        }
        self.doubts.extend(self.had_more_than_once(&with_all));
        if self.targets.is_empty() && !is_served { Err(OverrideError::NoGroup) } else { Ok(()) }
    }

    /// A plug-in's group reads by itself how many users it has: all of them, whatever other groups there are.
    fn had_more_than_once(&self, served: &[String]) -> Option<String> {
        let users = self.overrides.users?;
        let own = u64::from(!self.targets.is_empty());
        let times = served.len() as u64 + own;
        if times < 2 || served.is_empty() {
            return None;
        }
        let names = listed(served.iter().map(String::as_str));
        let beside = if own > 0 { ", beside those of the Thread Groups" } else { "" };
        Some(format!(
            "{names} read{} the number of users, so each has all {users}{beside}: up to {} in all and not {users}; to share them \
             out, let such a group have a part of them, as by `${{__jexl3(${{__P(users,{times})}} / {times})}}`",
            if served.len() == 1 { "s" } else { "" },
            u64::from(users).saturating_mul(times)
        ))
    }

    /// Sets the threads of each group.
    pub fn set_users(&mut self) -> Result<(), OverrideError> {
        let Some(users) = self.overrides.users else { return Ok(()) };
        let mut weights = Vec::new();
        for target in &self.targets {
            let Some(value) = &target.group.users else {
                weights.push(0);
                continue;
            };
            let known = value.known(&self.overrides.params);
            // A property without a default says nothing about proportions; alone, it needs none.
            let known = known.or((self.targets.len() == 1).then_some(1));
            let Some(weight) = known.filter(|_| !matches!(value, Value::Computed(_))) else {
                return Err(computed(target, USERS, value.to_string()));
            };
            weights.push(u64::try_from(weight).unwrap_or(0));
        }
        let shares =
            spread(users, &weights).map_err(|groups| OverrideError::TooFewUsers { users, groups })?;
        let shared: Vec<bool> = (0..shares.len()).map(|i| self.shares_unequally(i, &shares)).collect();
        for (i, share) in shares.iter().enumerate() {
            self.set(i, USERS, &share.to_string(), shared[i])?;
        }
        Ok(())
    }

    /// Whether group `i` takes its threads from the same property as a group with another share.
    fn shares_unequally(&self, i: usize, shares: &[u32]) -> bool {
        let name = |i: usize| match &self.targets[i].group.users {
            Some(Value::Property { name, .. }) => Some(name),
            _ => None,
        };
        name(i).is_some() && (0..shares.len()).any(|j| name(i) == name(j) && shares[i] != shares[j])
    }

    /// Sets the ramp-up of every group.
    pub fn set_ramp_up(&mut self) -> Result<(), OverrideError> {
        let Some(ramp_up_s) = self.overrides.ramp_up_s else { return Ok(()) };
        (0..self.targets.len()).try_for_each(|i| self.set(i, RAMP_UP, &ramp_up_s.to_string(), false))
    }

    /// Sets when every group ends: duration, iterations or both.
    pub fn set_end(&mut self) -> Result<(), OverrideError> {
        let Load { duration_s, iterations, .. } = *self.overrides;
        let loops = match (duration_s, iterations) {
            (None, None) => return Ok(()),
            (_, Some(iterations)) => iterations.to_string(),
            (Some(_), None) => "-1".to_owned(),
        };
        for i in 0..self.targets.len() {
            if let Some(duration_s) = duration_s {
                self.set(i, DURATION, &duration_s.to_string(), false)?;
                if self.has_late_users(i, duration_s) {
                    // Otherwise the run goes on after its end, until the last thread sees that it is too late.
                    self.set(i, DELAYED, "true", false)?;
                }
            }
            self.set(i, SCHEDULER, if duration_s.is_some() { "true" } else { "false" }, false)?;
            self.set(i, LOOPS, &loops, false)?;
            if let Some(iterations) = iterations {
                self.set(i, FOREVER, "false", false)?;
                self.changes.extend(self.which_end(i, iterations));
            }
        }
        Ok(())
    }

    /// What ends the users of target `i`, where that is not what its plan says or there are two: a number of iterations may take
    /// longer than the time there is, or than the plan's own.
    fn which_end(&self, i: usize, iterations: u32) -> Option<String> {
        let Target { group, id, .. } = &self.targets[i];
        let (name, params) = (&group.name, &self.overrides.params);
        let (each, are) = match iterations {
            1 => ("its 1 iteration".to_owned(), "is"),
            n => (format!("its {n} iterations"), "are"),
        };
        if let Some(s) = self.overrides.duration_s {
            return Some(format!(
                "Thread Group `{name}`: each user ends when {each} {are} done or after {s} s, whichever comes first"
            ));
        }
        let scheduler = self.plan.text(*id, SCHEDULER.property)?;
        let is_timed = scheduler.known(params).is_none_or(|text| text.eq_ignore_ascii_case("true"));
        let own_s = group.duration_s.as_ref().filter(|_| is_timed)?;
        let of = match own_s.known(params) {
            Some(s) if s <= 0 => return None,
            Some(s) => format!(" of {s} s"),
            None => String::new(),
        };
        Some(format!(
            "Thread Group `{name}`: its own duration{of} ends nobody any more: each user does {each}, however long that takes; give \
             --duration, too, to end it by time"
        ))
    }

    /// Whether users of target `i` are due after the end.
    fn has_late_users(&self, i: usize, duration_s: u32) -> bool {
        let own = || self.targets[i].group.ramp_up_s.as_ref()?.known(&self.overrides.params);
        let ramp_up_s = self.overrides.ramp_up_s.map(i64::from).or_else(own);
        ramp_up_s.is_some_and(|ramp_up_s| ramp_up_s > i64::from(duration_s))
    }

    /// Sets one property of target `i`: by its JMeter property unless `in_place`, else in the plan.
    fn set(&mut self, i: usize, setting: Setting, to: &str, in_place: bool) -> Result<(), OverrideError> {
        let target = &self.targets[i];
        let of_controller = setting.property.starts_with("LoopController.");
        let owner = if of_controller { target.controller } else { target.id };
        let name = &target.group.name;
        let Some(property) = self.plan.property(owner, setting.property) else {
            let kind = if matches!(to, "true" | "false") { "boolProp" } else { "stringProp" };
            // Unset means off for the scheduler; a loop controller goes on for ever until it is told not to.
            if to != "false" || setting.property == FOREVER.property {
                self.patches.extend(self.plan.add(owner, kind, setting.property, to));
                self.changes.push(format!("Thread Group `{name}`: {} set to {to}", setting.what));
            }
            return Ok(());
        };
        let value = self.plan.number(owner, setting.property).unwrap_or(Value::Fixed(0));
        let was = self.plan.doc.text(property);
        match value {
            Value::Property { name: key, .. } if !in_place => return self.give(setting, &key, to),
            Value::Computed(text) => return Err(computed(target, setting, text)),
            Value::Fixed(_) | Value::Property { .. } if was == to => {}
            Value::Fixed(_) | Value::Property { .. } => {
                self.patches.push(self.plan.set(property, to));
                let was = if was.trim().is_empty() { "unset" } else { &was };
                self.changes.push(format!("Thread Group `{name}`: {} {was} → {to}", setting.what));
            }
        }
        Ok(())
    }

    /// Gives a JMeter property that the plan asks for.
    fn give(&mut self, setting: Setting, name: &str, to: &str) -> Result<(), OverrideError> {
        match param(&self.properties, name) {
            Some(given) if given == to => return Ok(()),
            Some(given) => {
                let (name, given) = (name.to_owned(), given.to_owned());
                return Err(OverrideError::Twice { what: setting.what, name, given });
            }
            None => {}
        }
        params::check(name, to)?;
        self.properties.push((name.to_owned(), to.to_owned()));
        self.changes.push(format!("property `{name}` is `{to}` ({})", setting.what));
        Ok(())
    }
}

/// `a, b and c`.
fn and(parts: impl Iterator<Item = &'static str>) -> String {
    let mut parts: Vec<&str> = parts.collect();
    match parts.pop() {
        Some(last) if !parts.is_empty() => format!("{} and {last}", parts.join(", ")),
        last => last.unwrap_or_default().to_owned(),
    }
}

fn computed(target: &Target, setting: Setting, text: String) -> OverrideError {
    let Setting { what, example, .. } = setting;
    OverrideError::Computed { what, group: target.group.name.clone(), at: target.group.at, text, example }
}
