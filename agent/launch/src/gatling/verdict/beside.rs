//! Assertions that do not hold in a run that has failed otherwise: the failure is the worse news, and not the only one.

use super::{Asked, Traces, failing_shortfall, of_end};
use gridnode_core::run::verdict::{RunFacts, Verdict};

/// What is to be said of them, where the verdict does not.
#[must_use]
pub fn assertions_beside(facts: &RunFacts, traces: &Traces<'_>, asked: &Asked<'_>) -> Option<String> {
    if facts.stop_asked {
        let held = of_end(&RunFacts { stop_asked: false, ..*facts }, traces.report, traces.output);
        let Verdict::AssertionsFailed { reason } = held else { return None };
        return Some(format!(
            "of what was measured until the stop, assertions of the plan do not hold: {reason}"
        ));
    }
    let Verdict::AssertionsFailed { reason } = of_end(facts, traces.report, traces.output) else {
        return None;
    };
    failing_shortfall(facts, traces, asked)?;
    Some(format!("assertions of the plan do not hold, either: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::super::{Said, doubts, judge};
    use super::*;
    use crate::load::Planned;
    use crate::report::Report;
    use gridnode_core::run::verdict::Exit;

    const OUTPUT: &str = "Global: percentage of failed events is less than 1.0 : false (actual : 3.3)\n";
    const UNSENT: &str =
        r#"{"level":"unsent","label":"Search","count":90,"text":"No attribute named 'x' is defined"}"#;

    /// Whether the run failed, and what is said of its assertions beside that.
    fn said(code: i32, report: &str) -> (bool, Option<String>) {
        let facts =
            RunFacts { exit: Exit::Code(code), stop_asked: false, heard: true, closed: true, samples: 272 };
        let traces =
            Traces { report: &Report::read(report.as_bytes()), output: OUTPUT, said: &Said::default() };
        let asked = Asked { planned: &Planned::default(), sent: &|_| Some(0), failed: &[] };
        assert_eq!(doubts(&facts, &traces, &asked), Vec::<String>::new());
        let failed = matches!(judge(&facts, &traces, &asked), Verdict::Failed { .. });
        (failed, assertions_beside(&facts, &traces, &asked))
    }

    #[test]
    fn those_of_a_run_that_was_stopped_are_of_what_it_had_measured() {
        let of = |code, samples| {
            let facts =
                RunFacts { exit: Exit::Code(code), stop_asked: true, heard: true, closed: true, samples };
            let traces = Traces { report: &Report::read(b""), output: OUTPUT, said: &Said::default() };
            assertions_beside(
                &facts,
                &traces,
                &Asked { planned: &Planned::default(), sent: &|_| Some(0), failed: &[] },
            )
        };
        assert_eq!(
            of(2, 272),
            Some(format!(
                "of what was measured until the stop, assertions of the plan do not hold: {}",
                OUTPUT.trim()
            ))
        );
        assert_eq!((of(0, 272), of(2, 0), of(143, 272)), (None, None, None));
    }

    #[test]
    fn assertions_that_do_not_hold_are_said_of_a_run_that_failed_otherwise() {
        let wanted = format!("assertions of the plan do not hold, either: {}", OUTPUT.trim());
        assert_eq!(said(2, UNSENT), (true, Some(wanted)));
        // Alone they are the verdict, and a plan that prints such a line has asserted nothing.
        assert_eq!(said(2, ""), (false, None));
        assert_eq!(said(0, UNSENT), (true, None));
        assert_eq!(said(2, r#"{"level":"cut_short","text":"System.exit"}"#), (true, None));
    }
}
