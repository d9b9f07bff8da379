//! The task around one tool: starts it, passes on stops, reports what happens to it.
//!
//! When the driver goes away, the tool's handle is dropped with this task, and its supervisor kills the tree.

use super::disk_watch::DiskWatch;
use super::task_report::{TaskReport, ToolReport};
use crate::base::clock;
use crate::cage::supervise::{EndReason, ToolEvent};
use crate::host::ToolTree;
use crate::tool::{Prepared, RunningTool, end_of, end_of_lost, exit_of};
use gridnode_core::base::run::RunKey;
use gridnode_core::run::flood::Stage;
use gridnode_core::run::verdict::Exit;
use std::time::Duration;
use tokio::sync::mpsc;

/// Stages that wait for the task: there are four.
const STOPS_MAX: usize = 8;
/// How often the tool's files are looked at, for warnings of its plug-in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts a tool, which is ended after `longest_ms` at the latest; stops go into the sender.
pub(super) fn start(
    run: RunKey,
    prepared: Prepared,
    longest_ms: Option<u64>,
    mut disk: DiskWatch,
    done: mpsc::Sender<TaskReport>,
) -> mpsc::Sender<Stage> {
    let (stop, stops) = mpsc::channel(STOPS_MAX);
    let reporter = Reporter { run, done };
    tokio::spawn(async move {
        match RunningTool::start(&prepared, longest_ms).await {
            Ok(tool) => live(tool, stops, &mut disk, &reporter).await,
            Err(error) => {
                reporter.report(ToolReport::NotStarted(error.to_string())).await;
            }
        }
    });
    stop
}

struct Reporter {
    run: RunKey,
    done: mpsc::Sender<TaskReport>,
}

impl Reporter {
    /// False when nobody listens any more.
    async fn report(&self, report: ToolReport) -> bool {
        self.done.send(TaskReport::Tool(self.run.clone(), report)).await.is_ok()
    }
}

async fn live(
    mut tool: RunningTool,
    mut stops: mpsc::Receiver<Stage>,
    disk: &mut DiskWatch,
    reporter: &Reporter,
) {
    let mut is_too_much = None;
    let started = ToolReport::Started {
        pid: tool.pid(),
        tree: tool
            .supervisor_pid()
            .map(|supervisor_pid| ToolTree { supervisor_pid, cgroup: tool.cgroup_dir() }),
        at_ns: clock::now().wall.0,
    };
    if !reporter.report(started).await {
        return;
    }
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let said = tokio::select! {
            event = tool.next_event() => said(event, &mut is_too_much),
            why = disk.exceeded(), if is_too_much.is_none() => {
                tool.kill_tree().await;
                is_too_much = Some(why);
                None
            }
            stage = stops.recv() => match stage {
                Some(stage) => {
                    tell(&mut tool, stage).await;
                    None
                }
                None => return,
            },
            _ = look.tick() => None,
        };
        let over = matches!(said, Some(ToolReport::Gone { .. }));
        for warning in if over { tool.last_look().await } else { tool.look() } {
            if !reporter.report(ToolReport::Warning(warning)).await {
                return;
            }
        }
        let Some(said) = said else { continue };
        if !reporter.report(said).await || over {
            return;
        }
    }
}

async fn tell(tool: &mut RunningTool, stage: Stage) {
    match stage {
        Stage::Finish => tool.ask_to_finish(),
        Stage::StopNow => tool.ask_to_stop_now(),
        Stage::Terminate => tool.terminate().await,
        Stage::Kill => tool.kill_tree().await,
    }
}

fn said(event: ToolEvent, is_too_much: &mut Option<String>) -> Option<ToolReport> {
    let trouble = event.trouble();
    match event {
        ToolEvent::TreeEmpty(end) => {
            let expired = end.reason == EndReason::Expired;
            let broken = is_too_much.take().or_else(|| end.limits_met.broken());
            Some(ToolReport::Gone { exit: exit_of(end.exit), end: end_of(&end), expired, broken })
        }
        ToolEvent::SupervisorLost { swept, .. } if swept.left == 0 => {
            tracing::warn!("{}", trouble.unwrap_or_default());
            Some(ToolReport::Gone {
                exit: Exit::Unsupervised,
                end: end_of_lost(&swept),
                expired: false,
                broken: is_too_much.take(),
            })
        }
        _ => trouble.map(ToolReport::Warning),
    }
}
