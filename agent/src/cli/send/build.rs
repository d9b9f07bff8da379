//! From options to a command. No I/O but the system's entropy for its id.

use super::options::{RouteOptions, SendOptions};
use super::{RunNumber, StartArgs};
use crate::clock;
use crate::tool::kind_of;
use anyhow::Context;
use gridnode_core::command::{Action, Command, FileName, FileRef, StartFlood, VERSION};
use gridnode_core::ids::Ident;
use gridnode_core::launch::ToolKind;
use gridnode_core::rfc3339;
use gridnode_core::time::{NS_PER_S, Wall};
use ring::rand::SecureRandom;
use std::path::Path;

/// What a run may take beyond its own plan, s.
const SLACK_S: u64 = 300;
/// What a run may take when nobody says how long it is, s.
const RUNTIME_S: u64 = 7_200;

/// What a start asks for. `files` begins with the plan.
///
/// # Errors
/// When there is no plan, or `--start-at` is no time.
pub fn flood(args: &StartArgs, files: Vec<FileRef>, now: Wall) -> anyhow::Result<StartFlood> {
    let plan = files.first().context("there is no plan")?.name.clone();
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
            RunNumber::Auto => now.0.max(0) as u64 / NS_PER_S,
        },
        account: args.account.clone(),
        project: args.project.clone(),
        tool: args.tool.clone().unwrap_or_else(|| tool_of(&args.plan, &plan)),
        tool_version: args.tool_version.clone(),
        plan,
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

/// By the file, where it is here, or else by its name. An archive does not say what is in it: most are JMeter's.
fn tool_of(given: &str, plan: &FileName) -> Ident {
    let kind = kind_of(Path::new(given)).or_else(|_| kind_of(Path::new(plan.as_str())));
    Ident::near(kind.unwrap_or(ToolKind::Jmeter).as_str())
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
