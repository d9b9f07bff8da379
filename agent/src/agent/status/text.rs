//! An agent's status at one glance: a line for each part of the node, two for each run, and what needs attention.

use super::document::{HealthStatus, RunView, StatusDocument};
use crate::console::number::{clock, count, ms, of, percent, rate};
use crate::console::screen::{Screen, Style};
use crate::console::text::{clean, fit, flow, pad_end, width};
use gridnode_core::node::NodePhase;

/// Columns of the words at the beginning of lines.
const KEY: usize = 9;
/// Numbers of node health that are worth a glance, with what they are called there.
const GLANCE: [(&str, &str, &str); 6] = [
    ("cpu_percent", "cpu", " %"),
    ("cpu_steal_percent", "steal", " %"),
    ("load1", "load", ""),
    ("memory_used_percent", "memory", " %"),
    ("swap_used_percent", "swap", " %"),
    ("clock_error_ms", "clock", " ms"),
];

/// The whole document, for people; no line is wider than the screen but those of "needs attention".
#[must_use]
pub fn render_status(screen: &Screen, document: &StatusDocument) -> String {
    let mut lines = vec![heading(screen, document)];
    let mut line = |key: &str, parts: Vec<String>| {
        let text =
            flow(&parts, screen.width.saturating_sub(KEY)).replace('\n', &format!("\n{}", " ".repeat(KEY)));
        lines.push(format!("{}{text}", screen.paint(Style::Faint, &pad_end(key, KEY))));
    };
    line("agent", agent(document));
    line("queue", queue(document));
    line("drain", drain(document));
    if let Some(health) = &document.health {
        line("health", glance(health));
    }
    let most = document.runs_max.map_or(String::new(), |max| format!(" of {}", count(max)));
    line("runs", vec![format!("{}{most}", document.runs.len())]);
    lines.extend(document.runs.iter().flat_map(|run| run_lines(screen, run)));
    let concerns = document.concerns();
    if !concerns.is_empty() {
        lines.push(screen.paint(Style::Bad, "needs attention").into_owned());
        lines.extend(concerns.iter().map(|concern| format!("  - {}", clean(concern))));
    }
    if !document.warnings.is_empty() {
        lines.push(screen.paint(Style::Warning, "latest warnings").into_owned());
        let shown = |warning: &crate::agent::status::ShownWarning| {
            let time = warning.time.get(11..19).unwrap_or(&warning.time);
            fit(&format!("  {time}  {}", warning.text), screen.width)
        };
        lines.extend(document.warnings.iter().map(shown));
    }
    lines.join("\n")
}

fn heading(screen: &Screen, document: &StatusDocument) -> String {
    let grid = document.grid.as_ref().map(|grid| format!("grid {grid}"));
    let region = document.region.as_ref().map(ToString::to_string);
    let parts: Vec<String> =
        [Some(format!("node {}", document.node)), grid, region].into_iter().flatten().collect();
    let (style, phase) = match document.phase {
        NodePhase::Accepting => (Style::Good, "accepting"),
        NodePhase::Stopping => (Style::Warning, "stopping"),
        NodePhase::Leaving => (Style::Warning, "leaving"),
        NodePhase::Stopped => (Style::Warning, "stopped"),
    };
    let name = parts.join(" · ");
    format!("{}  {}", screen.paint(Style::Strong, &name), screen.paint(style, phase))
}

fn agent(document: &StatusDocument) -> Vec<String> {
    let mut parts = vec![
        clean(&document.agent_version),
        format!("pid {}", document.pid),
        format!("up {}", clock(document.uptime_s)),
        format!("start {}", count(document.incarnation)),
    ];
    if document.events_waiting > 0 {
        parts.push(format!("{} to be published", of(document.events_waiting, "event", "events")));
    }
    parts
}

fn queue(document: &StatusDocument) -> Vec<String> {
    let (queue, counters) = (&document.queue, &document.counters);
    let mut parts = vec![clean(&queue.phase)];
    parts.extend(queue.name.as_deref().map(clean));
    parts.push(of(counters.messages, "message", "messages"));
    let kinds = [
        (counters.not_for_us, "for others"),
        (counters.duplicates, "repeated"),
        (counters.refused, "refused"),
        (counters.put_off, "put off"),
    ];
    parts.extend(kinds.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))));
    parts
}

fn drain(document: &StatusDocument) -> Vec<String> {
    let delivery = &document.delivery;
    let mut parts = vec![
        clean(&delivery.drain),
        (if delivery.drain_away { "away" } else { "no trouble" }).to_owned(),
        format!("{} delivered", of(delivery.total.delivered.samples, "sample", "samples")),
    ];
    let spooled = delivery.total.spooled;
    let bytes = delivery
        .spooled_bytes
        .map_or(String::new(), |bytes| format!(", {} KiB", count(bytes.div_ceil(1_024))));
    parts.push(match spooled.batches {
        0 => "nothing waits".to_owned(),
        batches => {
            format!("{} in {} waiting{bytes}", count(spooled.samples), of(batches, "batch", "batches"))
        }
    });
    parts
}

fn glance(health: &HealthStatus) -> Vec<String> {
    let number = |&(key, name, unit): &(&str, &str, &str)| {
        let value = health.values.get(key)?;
        Some(format!("{name} {}{unit}", rate(*value)))
    };
    let verdict = match (health.saturated, &health.reason) {
        (true, Some(reason)) => {
            let cause = health.cause.as_deref().filter(|cause| !cause.is_empty());
            let cause = cause.map_or_else(String::new, |cause| format!(": {}", clean(cause)));
            let since =
                health.since.as_deref().map_or_else(String::new, |at| format!(", since {}", clean(at)));
            format!("saturated ({}{cause}{since})", clean(reason))
        }
        (true, None) => "saturated".to_owned(),
        (false, _) => "not saturated".to_owned(),
    };
    std::iter::once(verdict).chain(GLANCE.iter().filter_map(number)).collect()
}

/// What goes on, and where every sample is.
fn run_lines(screen: &Screen, run: &RunView) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(run.elapsed_s.map(clock));
    parts.extend(run.users.map(|users| of(users, "user", "users")));
    parts.extend(run.last_window.map(|window| format!("{}/s", rate(window.requests_per_s))));
    if let (Some(requests), Some(failed)) = (run.requests, run.failed_requests) {
        parts.push(format!("ok {}", count(requests.saturating_sub(failed))));
        let share = if failed == 0 { String::new() } else { format!(" ({} %)", percent(failed, requests)) };
        parts.push(format!("failed {}{share}", count(failed)));
    }
    parts.extend(run.last_window.and_then(|window| window.p95_ms).map(|p95| format!("p95 {} ms", ms(p95))));
    if let Some(fetch) = run.fetch {
        let all =
            fetch.bytes.map_or(String::new(), |bytes| format!(" ({} %)", percent(fetch.bytes_done, bytes)));
        parts.push(format!("{} of {}{all}", fetch.files_done, of(fetch.files, "file", "files")));
    }
    let name = format!("  {} run {}", run.flood, run.run);
    let phase = clean(&run.phase);
    let indent = "    ";
    let room = screen.width.saturating_sub(width(&name) + 2 + width(&phase) + 2);
    let text = flow(&parts, room).replace('\n', &format!("\n{indent}"));
    let mut lines = vec![format!(
        "{}  {}  {text}",
        screen.paint(Style::Strong, &name),
        screen.paint(Style::Good, &phase)
    )];
    let account = account(run);
    if !account.is_empty() {
        let text = flow(&account, screen.width.saturating_sub(4)).replace('\n', &format!("\n{indent}"));
        lines.push(format!("{indent}{}", screen.paint(Style::Faint, &text)));
    }
    lines
}

fn account(run: &RunView) -> Vec<String> {
    let mut parts = Vec::new();
    let tool = run.tool.as_deref().map(clean);
    parts.extend(tool.map(|tool| run.tool_pid.map_or(tool.clone(), |pid| format!("{tool} (process {pid})"))));
    parts.extend(run.labels.map(|labels| of(labels, "label", "labels")));
    parts.extend(run.windows_closed.map(|windows| of(windows, "window closed", "windows closed")));
    if let Some(ledger) = &run.ledger {
        parts.push(format!(
            "received {} = aggregated {} + rejected {}",
            count(ledger.received),
            count(ledger.aggregated),
            count(ledger.rejected.total())
        ));
    }
    if let Some(delivery) = &run.delivery {
        parts.push(format!("delivered {}", count(delivery.delivered)));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::status::tests::document;

    #[test]
    fn all_well_at_one_glance() {
        insta::assert_snapshot!(render_status(&Screen::PLAIN, &document()), @r"
        node i-0abc · grid 9 · eu-west-1  accepting
        agent    0.1.0 · pid 812 · up 3:12:04 · start 7
        queue    listening · gridnode-i-0abc · 12 messages · 3 for others
        drain    http://drain:8086/?db=results · no trouble · 0 samples delivered · nothing waits
        health   not saturated · cpu 34.2 % · load 1.4 · memory 41.0 %
        runs     1 of 1
          checkout run 3  running  12:30 · 100 users · 143.2/s · ok 107,388 · failed 12 (<0.1 %) · p95 84 ms
            jmeter (process 991) · 14 labels · 49 windows closed · received 107,412 = aggregated 107,412 + rejected 0
        ");
    }

    #[test]
    fn a_verdict_that_outlasts_its_cause_says_what_that_was_and_when() {
        let mut sick = document();
        let health = sick.health.as_mut().unwrap();
        (health.saturated, health.reason) = (true, Some("cpu".to_owned()));
        health.cause = Some("cpu 97.2 %".to_owned());
        health.since = Some("2026-03-01T09:30:00.000Z".to_owned());
        let text = render_status(&Screen { width: 200, ..Screen::PLAIN }, &sick);
        let line = "health   saturated (cpu: cpu 97.2 %, since 2026-03-01T09:30:00.000Z) · cpu 34.2 %";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn trouble_is_named_and_narrow_screens_are_kept_to() {
        let mut sick = document();
        sick.delivery.drain_away = true;
        sick.delivery.total.spooled.batches = 2;
        sick.delivery.total.spooled.samples = 1_400;
        let narrow = Screen { width: 60, ..Screen::PLAIN };
        let text = render_status(&narrow, &sick);
        let (body, attention) = text.split_once("needs attention\n").unwrap();
        assert!(body.lines().all(|line| width(line) <= 60), "{body}");
        assert!(attention.contains("is away") && body.contains("1,400 in 2 batches waiting"), "{text}");
        assert!(!render_status(&Screen::PLAIN, &document()).contains("attention"));
    }
}
