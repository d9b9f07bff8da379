//! Synchronizing Timers that wait for more users than may come: they wait for ever, and JMeter says nothing.

use super::Reader;
use crate::jmeter::doc::Id;
use crate::jmeter::inspect::groups;
use crate::jmeter::splice::plan_tree;
use crate::jmeter::{PlanError, Value};

impl Reader<'_, '_> {
    /// Warns of timers without a time-out whose users do not make whole groups. That may come out even by chance, so it is said
    /// before the run and is no doubt of it.
    pub(super) fn meetings(&mut self) -> Result<(), PlanError> {
        let plan = self.plan;
        let timers = plan.items.iter().filter(|item| item.enabled && plan.class(item.id) == "SyncTimer");
        let timers: Vec<Id> = timers.map(|item| item.id).collect();
        let mut group_before = None;
        for id in plan.doc.children(plan_tree(&plan.doc)?) {
            if plan.doc.name(id) != "hashTree" {
                group_before = groups(plan).find(|(group, group_id)| group.enabled && *group_id == id);
                continue;
            }
            let Some((group, _)) = group_before.take() else { continue };
            let Some(users) = group.users.as_ref().and_then(|users| self.number(users)) else { continue };
            let inside = plan.doc.range(id);
            let inside = timers.iter().filter(|timer| inside.contains(&plan.doc.range(**timer).start));
            let sentences = inside.filter_map(|timer| {
                let size = self.uneven(*timer, users)?;
                Some(format!(
                    "the Synchronizing Timer `{}` ({}) waits without a time-out for {size} users at a time, and the {users} of the \
                     Thread Group `{}` make no whole groups of {size}: who is left over waits until the run is ended; make the \
                     users a multiple of {size}, or give the timer a time-out",
                    plan.label(*timer),
                    plan.doc.position(*timer),
                    group.name
                ))
            });
            let sentences: Vec<String> = sentences.collect();
            self.warnings.extend(sentences);
        }
        Ok(())
    }

    /// The size of the timer's groups, where `users` do not fill them. 0 is as many as there are users.
    fn uneven(&self, timer: Id, users: i64) -> Option<i64> {
        let number = |name| self.number(&self.plan.number(timer, name).unwrap_or(Value::Fixed(0)));
        let (size, timeout_ms) = (number("groupSize")?, number("timeoutInMs")?);
        (size > 1 && users > 0 && users % size != 0 && timeout_ms <= 0).then_some(size)
    }
}
