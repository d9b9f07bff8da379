//! From options to a command. No I/O but the system's entropy for its id.

use super::options::{RouteOptions, SendOptions};
use super::plan::ThePlan;
use super::{RunNumber, StartArgs};
use crate::base::clock;
use anyhow::Context;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::rfc3339;
use gridnode_core::base::time::{NS_PER_S, Wall};
use gridnode_core::node::command::{Action, Command, FileRef, StartFlood, VERSION};
use ring::rand::SecureRandom;

/// What a run may take beyond its own plan, s.
const SLACK_S: u64 = 300;
/// What a run may take when nobody says how long it is, s.
const RUNTIME_S: u64 = 7_200;

/// What a start asks for.
///
/// # Errors
/// When `--start-at` is no time.
pub fn flood(args: &StartArgs, plan: &ThePlan, files: Vec<FileRef>, now: Wall) -> anyhow::Result<StartFlood> {
    let start_at = match (&args.start_at, args.start_in) {
        (Some(text), _) => Some(rfc3339::parse(text).context("--start-at")?),
        (None, Some(s)) => Some(plus_s(now, u64::from(s))),
        (None, None) => None,
    };
    let planned = args.duration.map(|s| u64::from(s) + u64::from(args.ramp_up) + SLACK_S);
    Ok(StartFlood {
        id: args.flood.clone(),
        run: match args.run {
            RunNumber::Is(n) => n,
            RunNumber::Auto => clock::run_number(now),
        },
        account: args.account.clone(),
        project: args.project.clone(),
        tool: plan.tool.clone(),
        tool_version: args.tool_version.clone(),
        plan: plan.name.clone(),
        files,
        users: args.users,
        ramp_up_s: u64::from(args.ramp_up),
        duration_s: args.duration.map(u64::from),
        iterations: args.iterations,
        parameters: args
            .params
            .iter()
            .cloned()
            .chain(args.class.iter().map(|class| ("gridnode.class".to_owned(), class.clone())))
            .collect(),
        start_at,
        window_s: args.window,
        max_runtime_s: args.max_runtime.map(u64::from).or(planned).unwrap_or(RUNTIME_S),
    })
}

/// The command, made now.
///
/// # Errors
/// When the system gives no random numbers for its id.
pub fn command(
    action: Action,
    route: &RouteOptions,
    send: &SendOptions,
    valid_s: u32,
) -> anyhow::Result<Command> {
    let issued_at = clock::now().wall;
    let id = match &send.id {
        Some(id) => id.clone(),
        None => Ident::near(&format!("cmd-{}", random_hex()?)),
    };
    Ok(Command {
        version: VERSION,
        id,
        issued_at,
        valid_until: plus_s(issued_at, u64::from(send.valid_for.unwrap_or(valid_s))),
        route: route.route(),
        action,
    })
}

/// 16 hex digits that nobody has had before.
///
/// # Errors
/// When the system gives no random numbers.
pub fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0; 8];
    let random = ring::rand::SystemRandom::new();
    random.fill(&mut bytes).ok().context("the system gives no random numbers")?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

fn plus_s(time: Wall, s: u64) -> Wall {
    Wall(time.0.saturating_add_unsigned(s.saturating_mul(NS_PER_S)))
}
