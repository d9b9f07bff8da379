//! From settings to a command. No I/O but the clock, and the system's entropy for its id.

use super::plan::ThePlan;
use super::settings::{FloodSettings, SendSettings, Starts};
use crate::base::clock;
use crate::base::entropy::{NoEntropy, random_hex};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::time::{NS_PER_S, Wall};
use gridnode_core::node::command::{Action, Command, FileRef, StartFlood, VERSION};
use gridnode_launch::{Length, Limit};

/// What a run may take beyond its own plan, s.
const SLACK_S: u64 = 300;
/// What a run may take when nobody says how long it is, s.
const RUNTIME_S: u64 = 7_200;
/// How long a start may take effect unless asked otherwise, s.
const START_VALID_S: u32 = 300;
/// How long a stop may take effect unless asked otherwise, s.
const STOP_VALID_S: u32 = 3_600;

/// When nodes end a run of that length at the latest.
pub fn limit(asked: &FloodSettings, length: &Length) -> Limit {
    length.limit(asked.max_runtime_s.map(u64::from), SLACK_S, Some(RUNTIME_S))
}

/// What a start asks for, made at `now`.
pub fn flood(
    asked: &FloodSettings,
    plan: &ThePlan,
    length: &Length,
    files: Vec<FileRef>,
    now: Wall,
) -> StartFlood {
    let class = asked.class.iter().map(|class| ("gridnode.class".to_owned(), class.clone()));
    StartFlood {
        id: asked.id.clone(),
        run: asked.run.unwrap_or_else(|| clock::run_number(now)),
        account: asked.account.clone(),
        project: asked.project.clone(),
        tool: plan.tool.clone(),
        tool_version: asked.tool_version.clone(),
        plan: plan.name.clone(),
        files,
        users: asked.users,
        ramp_up_s: asked.ramp_up_s.map(u64::from),
        duration_s: asked.duration_s.map(u64::from),
        iterations: asked.iterations,
        parameters: asked.parameters.iter().cloned().chain(class).collect(),
        tags: asked.tags.clone(),
        start_at: match asked.starts {
            Starts::Ready => None,
            Starts::At(time) => Some(time),
            Starts::In(s) => Some(plus_s(now, u64::from(s))),
        },
        window_s: asked.window_s,
        max_runtime_s: limit(asked, length).limit_s.unwrap_or(RUNTIME_S),
        progress_s: asked.progress_s,
    }
}

/// The command, made now.
///
/// # Errors
/// When the system gives no random numbers for its id.
pub fn command(action: Action, send: &SendSettings) -> Result<Command, NoEntropy> {
    let issued_at = clock::now().wall;
    let id = match &send.id {
        Some(id) => id.clone(),
        None => Ident::near(&format!("cmd-{}", random_hex()?)),
    };
    let valid_s = send.valid_for_s.unwrap_or(match action {
        Action::Start { .. } => START_VALID_S,
        Action::Stop { .. } | Action::NodeStop => STOP_VALID_S,
    });
    Ok(Command {
        version: VERSION,
        id,
        issued_at,
        valid_until: plus_s(issued_at, u64::from(valid_s)),
        route: send.route.clone(),
        action,
    })
}

fn plus_s(time: Wall, s: u64) -> Wall {
    Wall(time.0.saturating_add_unsigned(s.saturating_mul(NS_PER_S)))
}
