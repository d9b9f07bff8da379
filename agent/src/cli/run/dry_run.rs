//! `--dry-run`: what a run would do. Everything that can be checked without the tool is checked; nothing is installed, written
//! or started.

use super::{OVERTIME_S, RunArgs, heap_mib_default};
use crate::cli::ci;
use crate::console::{clean, write_result};
use crate::host::available_memory_bytes;
use crate::tool::Plan;
use gridnode_launch::{Load, crowd};

/// Says it, a line a thing.
///
/// # Errors
/// When a file that was asked for could not be written, or standard output cannot.
pub fn say(args: &RunArgs, plan: &Plan) -> anyhow::Result<()> {
    ci::could_be(args.judge.junit.as_deref(), "the JUnit report")?;
    let mut lines = vec![
        ("plan", format!("{}, for {}", args.plan.display(), plan.kind().title())),
        ("load", load(&args.load())),
    ];
    lines.extend(args.params.iter().map(|(key, _)| ("parameter", key.clone())));
    lines.extend(plan.changes().iter().map(|change| ("change", change.clone())));
    let length = plan.length();
    let limit = length.limit(args.max_runtime.map(u64::from), OVERTIME_S, None);
    let limit_s = limit.limit_s.map(|s| format!("is ended after {s} s at the latest"));
    lines.extend(limit.note.or(limit_s).map(|note| ("length", note)));
    let heap_mib = args.heap_mib.unwrap_or(heap_mib_default(plan.kind()));
    let available_mib = available_memory_bytes().map(|bytes| bytes >> 20);
    let crowd = args.users.and_then(|users| crowd(plan.kind(), users, heap_mib, available_mib));
    let warnings = length.warnings.iter().chain(&length.doubts).cloned().chain(crowd);
    lines.extend(warnings.map(|warning| ("warning", warning)));
    lines.extend(args.judge.fail_if.iter().map(|threshold| ("threshold", threshold.to_string())));
    lines.push(("compiles", if plan.is_compiled() { "yes" } else { "no" }.to_owned()));
    let drain =
        args.drain.as_ref().map_or_else(|| "inside of this process".to_owned(), |url| url.shown().to_owned());
    lines.push(("drain", drain));
    lines.push(("results", args.out.clone().unwrap_or_else(|| args.new_out()).display().to_string()));
    let text: String = lines.iter().map(|(what, text)| format!("{what:<10}{}\n", clean(text))).collect();
    write_result(&format!("{text}nothing was installed, written or started"))?;
    Ok(())
}

/// What of the load is asked for; the rest is the plan's.
fn load(load: &Load) -> String {
    let parts = [
        load.users.map(|n| format!("{n} {}", if n == 1 { "user" } else { "users" })),
        load.ramp_up_s.map(|s| format!("ramp-up {s} s")),
        load.duration_s.map(|s| format!("duration {s} s")),
        load.iterations.map(|n| format!("iterations {n}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "as the plan says".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_said_as_it_was_asked_for() {
        assert_eq!(load(&Load::default()), "as the plan says");
        let asked = Load { users: Some(1), duration_s: Some(60), ..Load::default() };
        assert_eq!(load(&asked), "1 user, duration 60 s");
    }
}
