//! Numbers of a Thread Group's own that are none. JMeter takes 0 for each and says nothing, or ends the test.
//!
//! Threads that a plan writes as text are [`super::inspect::PlanFacts::groups_without_users`], and a variable that nobody defines
//! is said where the length of the plan is read. A property may come from a file of JMeter's own, which nobody has read before it
//! starts: of loops our listener tells after the run, so that they are only announced here.

use super::PropertyFiles;
use super::doc::Id;
use super::element::Plan;
use super::inspect::{GroupKind, ThreadGroup, groups};
use super::value::{Value, param};

/// What is to be said of a plan before it runs, a sentence each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// What leaves a part of it without a request: the run has failed then.
    pub mistakes: Vec<String>,
    /// What makes another load of it, perhaps as somebody means it.
    pub doubts: Vec<String>,
    /// What may do either, and is known after the run.
    pub warnings: Vec<String>,
}

/// Reads the numbers of the groups that are to run with `properties`; `files` may have more of them.
pub(super) fn numberless(
    plan: &Plan<'_>,
    properties: &[(String, String)],
    files: PropertyFiles<'_>,
) -> Foreseen {
    let mut found = Foreseen::default();
    let reader = Reader { plan, properties, files };
    let is_own = |kind| matches!(kind, GroupKind::Ordinary | GroupKind::SetUp | GroupKind::TearDown);
    for (group, id) in groups(plan).filter(|(group, _)| group.enabled && is_own(group.kind)) {
        reader.read(&group, id, &mut found);
    }
    found
}

struct Reader<'r, 'a> {
    plan: &'r Plan<'a>,
    properties: &'r [(String, String)],
    files: PropertyFiles<'r>,
}

/// A text that JMeter does not take for a number.
pub(super) struct Text {
    text: String,
    /// As the plan has it, where it is a property's.
    property: Option<String>,
}

impl Text {
    /// Whether a property gives it.
    pub fn is_property(&self) -> bool {
        self.property.is_some()
    }

    /// In words, as `what`.
    pub fn said(&self, what: &str) -> String {
        let Self { text, property } = self;
        match property {
            Some(property) => format!("`{property}` as {what}, which gives `{text}` and no number"),
            None => format!("`{text}` as {what}, which is no number"),
        }
    }
}

impl Reader<'_, '_> {
    fn read(&self, group: &ThreadGroup, id: Id, found: &mut Foreseen) {
        let of = |name: &str| self.plan.text(id, name).and_then(|value| self.no_number(&value));
        let sentence = |text: &Text, what: &str, then: &str| {
            let ThreadGroup { name, at, .. } = group;
            let has = text.said(what);
            format!("the Thread Group `{name}` ({at}) has {has}, so {then}: correct it in JMeter")
        };
        if let Some(threads) = of("ThreadGroup.num_threads") {
            // Those without a property are said elsewhere.
            let is_property = threads.is_property();
            found
                .doubts
                .extend(is_property.then(|| sentence(&threads, "its number of threads", "it starts none")));
            return;
        }
        let loops = self.plan.property(id, "ThreadGroup.main_controller");
        let loops = loops.and_then(|loops| self.plan.text(loops, "LoopController.loops"));
        if let Some(loops) = loops.and_then(|loops| self.no_number(&loops)) {
            let is_property = loops.is_property();
            let said = sentence(&loops, "its number of loops", "it sends nothing");
            if is_property { &mut found.warnings } else { &mut found.mistakes }.push(said);
        }
        let is_alone = group.users.as_ref().is_none_or(|users| *users == Value::Fixed(1));
        let is_written = |text: &Text| !text.text.trim().is_empty();
        if let Some(ramp_up) = of("ThreadGroup.ramp_time").filter(|text| !is_alone && is_written(text)) {
            found.doubts.push(sentence(&ramp_up, "its ramp-up", "all its users start at once"));
        }
        if !group.scheduler {
            return;
        }
        // These two are longer numbers.
        let is_none = |text: &Text| text.text.parse::<i64>().is_err();
        if let Some(delay) = of("ThreadGroup.delay").filter(|text| is_written(text) && is_none(text)) {
            found.doubts.push(sentence(&delay, "its start delay", "it starts without one"));
        }
        let then = "JMeter starts none of its users";
        // Plans of JMeter 3 and older may have an end in its place, which JMeter 5 does not know.
        let is_without = |text: &Text| !text.is_property() && !is_written(text);
        match of("ThreadGroup.duration").filter(is_none) {
            Some(text) if !is_without(&text) => {
                let is_property = text.is_property();
                let said = sentence(&text, "its duration", then);
                if is_property { &mut found.doubts } else { &mut found.mistakes }.push(said);
            }
            None if !matches!(group.duration_s, None | Some(Value::Fixed(..=0))) => {}
            _ => {
                let ThreadGroup { name, at, .. } = group;
                found.doubts.push(format!(
                    "the Thread Group `{name}` ({at}) has a scheduler and no duration, so {then}: give it one, or --duration"
                ));
            }
        }
    }

    fn no_number(&self, value: &Value<String>) -> Option<Text> {
        no_number(value, self.properties, self.files)
    }
}

/// The text that is none, as far as that can be known before the run.
pub(super) fn no_number(
    value: &Value<String>,
    properties: &[(String, String)],
    files: PropertyFiles<'_>,
) -> Option<Text> {
    let (text, property) = match value {
        Value::Fixed(text) => (text.clone(), None),
        Value::Property { name, default } => {
            let given = param(properties, name).map(str::to_owned);
            if given.is_none() && files.may_have(name) {
                return None;
            }
            // `__property` without a default gives the name.
            let text = given.or_else(|| default.clone()).unwrap_or_else(|| name.clone());
            (text, Some(value.to_string()))
        }
        Value::Computed(_) => return None,
    };
    // `Integer.parseInt`, which takes no blanks.
    text.parse::<i32>().is_err().then_some(Text { text, property })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "</ThreadGroup><hashTree/>";

    fn group(loops: &str, fields: &[(&str, &str)]) -> String {
        let fields: String = fields
            .iter()
            .map(|(name, text)| format!("<stringProp name='ThreadGroup.{name}'>{text}</stringProp>"))
            .collect();
        format!(
            "\n<ThreadGroup testname='g'>{fields}<elementProp name='ThreadGroup.main_controller'>\
             <stringProp name='LoopController.loops'>{loops}</stringProp></elementProp>{DONE}"
        )
    }

    fn read(group: &str, params: &[(&str, &str)], files: PropertyFiles<'_>) -> Foreseen {
        let plan = format!(
            "<jmeterTestPlan><hashTree><TestPlan/><hashTree>{group}</hashTree></hashTree></jmeterTestPlan>"
        );
        let params: Vec<_> =
            params.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        numberless(&Plan::parse(plan.as_bytes()).unwrap(), &params, files)
    }

    fn plain(group: &str) -> Foreseen {
        read(group, &[], PropertyFiles::Text(""))
    }

    #[test]
    fn loops_that_are_no_number_are_a_mistake() {
        let found = plain(&group("10 ", &[("num_threads", "2")]));
        assert_eq!(
            found.mistakes,
            [
                "the Thread Group `g` (line 2, column 1) has `10 ` as its number of loops, which is no number, so it sends \
                 nothing: correct it in JMeter"
            ]
        );
        assert_eq!((found.doubts.len(), found.warnings.len()), (0, 0));
        for text in ["two", "", "1.5", "3000000000"] {
            assert_eq!(plain(&group(text, &[("num_threads", "1")])).mistakes.len(), 1, "{text}");
        }
        for text in ["0", "-1", "10", "${n}", "${__P(n)}", "${__P(n,3)}", "${__groovy(1)}"] {
            assert_eq!(plain(&group(text, &[("num_threads", "1")])), Foreseen::default(), "{text}");
        }
        let off = group("two", &[]).replace("testname", "enabled='false' testname");
        assert_eq!(plain(&off), Foreseen::default());
        // A plug-in's has rules of its own.
        let plugin = group("two", &[]).replace("ThreadGroup testname", "a.b.ThreadGroup testname");
        assert_eq!(plain(&plugin.replace(DONE, "</a.b.ThreadGroup><hashTree/>")), Foreseen::default());
    }

    #[test]
    fn what_a_property_gives_is_said_before_the_run() {
        let loops = |text: &str, params: &[(&str, &str)], files| {
            let found = read(&group(text, &[("num_threads", "1")]), params, files);
            assert_eq!((found.mistakes.len(), found.doubts.len()), (0, 0), "{text}");
            found.warnings.concat()
        };
        let none = PropertyFiles::Text("");
        assert!(
            loops("${__P(count,ten)}", &[], none)
                .contains("has `${__P(count,ten)}` as its number of loops, which gives `ten` and no number")
        );
        assert!(loops("${__P(count)}", &[("count", "10 ")], none).contains("gives `10 `"));
        assert!(loops("${__property(count)}", &[], none).contains("gives `count`"));
        assert_eq!(loops("${__P(count,ten)}", &[("count", "10")], none), "");
        assert_eq!(loops("${__P(count,ten)}", &[], PropertyFiles::Text("count=3")), "");
        assert_eq!(loops("${__P(count,ten)}", &[], PropertyFiles::Unknown), "");
        let threads = plain(&group("two", &[("num_threads", "${__P(n,many)}")]));
        assert!(threads.doubts[0].contains("`many` and no number, so it starts none"), "{threads:?}");
        assert_eq!(threads.mistakes, [""; 0]);
    }

    #[test]
    fn times_that_are_no_number_say_what_jmeter_does_instead() {
        let timed = |fields: &[(&str, &str)]| {
            let scheduled = [&[("num_threads", "4"), ("scheduler", "true")], fields].concat();
            let Foreseen { mistakes, doubts, warnings } = plain(&group("3", &scheduled));
            assert_eq!(warnings, [""; 0]);
            (mistakes.concat(), doubts.concat())
        };
        let (mistakes, doubts) = timed(&[("ramp_time", "4s"), ("duration", "5 "), ("delay", "2m")]);
        assert!(
            mistakes
                .contains("has `5 ` as its duration, which is no number, so JMeter starts none of its users")
        );
        assert!(
            doubts.contains("has `4s` as its ramp-up, which is no number, so all its users start at once"),
            "{doubts}"
        );
        assert!(
            doubts.contains("has `2m` as its start delay, which is no number, so it starts without one"),
            "{doubts}"
        );
        for duration in ["5", "${d}", "${__P(d,5)}", "3000000000"] {
            let fine = [("ramp_time", ""), ("duration", duration), ("delay", "3000000000")];
            assert_eq!(timed(&fine), (String::new(), String::new()), "{duration}");
        }
        for none in [&[("duration", "")][..], &[("duration", "0")], &[]] {
            let (mistakes, doubts) = timed(none);
            assert!(
                mistakes.is_empty() && doubts.contains("has a scheduler and no duration, so JMeter"),
                "{doubts}"
            );
        }
        assert!(
            timed(&[("duration", "${__P(d,long)}")])
                .1
                .contains("gives `long` and no number, so JMeter starts")
        );
        let untimed = [("num_threads", "1"), ("ramp_time", "x"), ("duration", "x"), ("delay", "x")];
        assert_eq!(plain(&group("3", &untimed)), Foreseen::default());
    }
}
