//! The exception that ended Gatling's main thread.

use super::clipped;

/// What of a simulation runs outside of its load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    Before,
    After,
}

/// Between Gatling's runner and what a simulation gives it to run before and after, in Java and in Scala.
const HOOK: [&str; 2] = [
    "io.gatling.javaapi.core.internal.Simulations$.$anonfun$toScalaHookOption",
    "io.gatling.core.scenario.Simulation.$anonfun$params",
];
/// What calls `before`, and much else that is Scala's to do with a simulation.
const LOADS: &str = "io.gatling.app.Runner.load(";
/// What calls it, and then `after`.
const RUNS: &str = "io.gatling.app.Runner.run(";

/// The innermost cause of the first exception: what a constructor threw is wrapped several times.
pub(super) fn cause(output: &str) -> Option<String> {
    let mut lines = output.lines().map(str::trim);
    let mut cause = lines.by_ref().find_map(thrown)?.to_owned();
    for line in lines {
        if thrown(line).is_some() {
            break;
        }
        if let Some(inner) = line.strip_prefix("Caused by: ") {
            inner.clone_into(&mut cause);
        }
    }
    Some(clipped(&cause))
}

/// What threw it, where it was one of them: by the calls that it passed through.
pub(super) fn hook(output: &str) -> Option<Hook> {
    let lines = output.lines().map(str::trim).skip_while(|line| thrown(line).is_none()).skip(1);
    // A message may have several lines.
    let calls = lines.skip_while(|line| !line.starts_with("at ")).map_while(|line| line.strip_prefix("at "));
    let calls: Vec<&str> = calls.collect();
    let through = |place: &str| calls.iter().any(|call| call.starts_with(place));
    match (through(LOADS), through(RUNS)) {
        (true, _) => through(HOOK[0]).then_some(Hook::Before),
        (false, true) => HOOK.iter().any(|hook| through(hook)).then_some(Hook::After),
        _ => None,
    }
}

fn thrown(line: &str) -> Option<&str> {
    let (_, exception) = line.strip_prefix("Exception in thread ")?.split_once("\" ")?;
    Some(exception)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: &str = "\
Exception in thread \"main\" java.lang.RuntimeException: not
 cleaned
\tat BeforeAfter.after(BeforeAfter.java:1)
\tat io.gatling.javaapi.core.internal.Simulations$.$anonfun$toScalaHookOption$2(Simulations.scala:25)
\tat io.gatling.app.Runner.$anonfun$run$1(Runner.scala:67)
\tat scala.Option.foreach(Option.scala:437)
\tat io.gatling.app.Runner.run(Runner.scala:66)
\tat io.gatling.app.Gatling.main(Gatling.scala)
";

    #[test]
    fn what_fails_before_and_after_the_load_is_told_from_what_fails_in_it() {
        assert_eq!(hook(AFTER), Some(Hook::After));
        let java = "io.gatling.javaapi.core.internal.Simulations$.$anonfun$toScalaHookOption$2";
        let scala = "io.gatling.core.scenario.Simulation.$anonfun$params$13";
        assert_eq!(hook(&AFTER.replace(java, scala)), Some(Hook::After));
        let load = "Runner.load(Runner.scala:91)\n\tat io.gatling.app.Runner.run(";
        let before = AFTER.replace("Runner.run(", load);
        assert_eq!(hook(&before), Some(Hook::Before));
        // Scala's way to a `before` is also its way to much else.
        assert_eq!(hook(&before.replace(java, scala)), None);
        assert_eq!(hook(&AFTER.replace(java, "a.B.c")), None);
        assert_eq!(hook(&AFTER.replace("Exception in", "No exception in")), None);
        let later = format!("Exception in thread \"main\" a.B: c\n\tat d.E.f(E.java:1)\n{AFTER}");
        assert_eq!(hook(&later), None, "the first one ended it");
    }
}
