//! Random commands, and what the checker has to know of each.

use crate::random::Random;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::rfc3339;
use gridnode_core::base::run::RunKey;
use gridnode_core::base::time::Wall;
use serde_json::{Value, json};

const S: i64 = 1_000_000_000;

/// A message as it was published.
#[derive(Clone)]
pub struct Published {
    pub body: String,
    /// Under which name the journal must know it before it may be deleted; `None` for another node's.
    pub seen_as: Option<String>,
    /// The run that it stops, and within how many ms it does.
    pub stops: Option<(RunKey, u64)>,
}

/// `started` is what was last to be started: half of the stops are for it.
pub fn random(random: &mut Random, n: u64, now: Wall, started: &mut (u64, u64)) -> Published {
    let kind = random.within(0, 99);
    let id = format!("cmd-{n}");
    let issued = now.0 - S * random.within(0, 20) as i64;
    let ours = !random.chance(80);
    let route = if ours { route(random) } else { json!({"grids": ["other"]}) };
    let mut command = json!({
        "version": 1, "id": id, "issued_at": rfc3339::format(Wall(issued)),
        "valid_until": rfc3339::format(Wall(issued + S * random.within(1, 120) as i64)), "route": route,
    });
    let mut pair = (random.within(1, 3), random.within(1, 5));
    match kind {
        0..55 => *started = pair,
        55..75 => pair = *started,
        _ => {}
    }
    let (flood, run) = (pair.0.to_string(), pair.1);
    match kind {
        0..55 => start(random, &mut command, &flood, run, now),
        55..90 => {
            command["type"] = json!("flood.stop");
            command["flood"] = json!({"id": flood, "run": run});
            command["grace_s"] = json!(random.pick(&[0, 2, 10, 30]));
        }
        90..92 => command["type"] = json!("node.stop"),
        92..94 => command["type"] = json!("flood.pause"),
        94..97 => {
            start(random, &mut command, &flood, run, now);
            command["flood"]["users"] = json!(0);
        }
        _ => return garbage(random, n),
    }
    let body = command.to_string();
    // What can be read is remembered by its id, what cannot by its digest.
    let readable = kind < 92;
    let seen_as = if readable { id } else { format!("#{}", digest(body.as_bytes())) };
    let stops = (ours && (55..90).contains(&kind)).then(|| {
        let grace_s = command["grace_s"].as_u64().expect("every stop here has one");
        (RunKey { id: Ident::near(&flood), run }, grace_s * 1_000)
    });
    Published { body: wrap(random, body), seen_as: ours.then_some(seen_as), stops }
}

fn start(random: &mut Random, command: &mut Value, flood: &str, run: u64, now: Wall) {
    command["type"] = json!("flood.start");
    command["flood"] = json!({
        "id": flood, "run": run, "tool": "jmeter", "plan": "a.jmx", "users": 1,
        "files": [{"name": "a.jmx", "uri": "s3://bucket/a.jmx", "sha256": "00".repeat(32)}],
        "max_runtime_s": random.pick(&[5, 20, 60]),
    });
    if random.chance(300) {
        let at = Wall(now.0 + S * random.within(0, 20) as i64);
        command["flood"]["start_at"] = json!(rfc3339::format(at));
    }
}

fn route(random: &mut Random) -> Value {
    random.pick(&[
        json!({"all": true}),
        json!({"grids": ["9", "8"]}),
        json!({"nodes": ["n1"], "regions": ["r"]}),
    ])
}

fn garbage(random: &mut Random, n: u64) -> Published {
    let text = random.pick(&["{", "[]", "null", "{\"version\":1}", "{\"a\":1,\"a\":2}"]);
    let body = format!("{text}{}", " ".repeat(n as usize % 7));
    let seen_as = Some(format!("#{}", digest(body.as_bytes())));
    Published { body, seen_as, stops: None }
}

fn wrap(random: &mut Random, body: String) -> String {
    match random.chance(300) {
        true => json!({"Type": "Notification", "MessageId": "m", "Message": body}).to_string(),
        false => body,
    }
}

fn digest(text: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text);
    digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect()
}
