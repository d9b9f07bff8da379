//! From strict JSON to a [`Command`]. Every bound that a command has is in this file.

use super::fields::Fields;
use super::json::Json;
use super::{
    Action, Command, CommandError, FileName, FileRef, FileUri, Refusal, Route, Sha256, StartFlood, VERSION,
    value,
};
use crate::base::limits::WINDOW_S_ALLOWED;
use crate::base::run::RunKey;
use crate::base::tags::Tags;
use crate::base::time::{NS_PER_S, Wall};
use std::collections::{BTreeMap, BTreeSet};

/// Beyond 2^53 other JSON readers round.
const RUN_MAX: u64 = (1 << 53) - 1;
const DAY_S: u64 = 86_400;
/// A start that is older is not what its sender wants any more.
const START_VALID_S_MAX: u64 = 15 * 60;
/// As long as a tombstone lives.
const STOP_VALID_S_MAX: u64 = DAY_S;
/// A node that waits for `start_at` is busy; an hour is enough for every clock and every download.
const START_AHEAD_S_MAX: u64 = 3_600;
const RUNTIME_S_MAX: u64 = 7 * DAY_S;
const USERS_MAX: u32 = 1_000_000;
const GRACE_S_DEFAULT: u32 = 30;
const GRACE_S_MAX: u32 = 600;
const FILES_MAX: usize = 64;
const PARAMETERS_MAX: usize = 256;
const PARAMETER_BYTES_MAX: usize = 4_096;
const WINDOW_S_DEFAULT: u32 = 15;
/// 900 nodes that say something each 5 s are 180 messages a second for whoever follows: that is what one queue is read with.
const PROGRESS_S_MIN: u32 = 5;
const PROGRESS_S_MAX: u32 = 600;

/// Fields of every command; `flood` and `grace_s` only where the type has them.
const COMMON: [&str; 6] = ["version", "id", "type", "issued_at", "valid_until", "route"];

pub(super) fn command(json: Json) -> Result<Command, Box<Refusal>> {
    let known = known_of(&json);
    read(json, &known).map_err(|error| Box::new(Refusal { error, ..known }))
}

/// What can be said about a command that may turn out to be unreadable.
fn known_of(json: &Json) -> Refusal {
    let mut known = Refusal::of(CommandError::NotText);
    let Json::Object(object) = json else { return known };
    let ident = |json: Option<&Json>| json.cloned().and_then(|json| value::ident(json).ok());
    known.id = ident(object.get("id"));
    known.route = object.get("route").cloned().and_then(|json| Route::read(json).ok());
    if let Some(Json::Object(flood)) = object.get("flood") {
        known.flood = ident(flood.get("id"));
        known.run = flood.get("run").cloned().and_then(|json| value::integer(1..=RUN_MAX)(json).ok());
    }
    known
}

fn read(json: Json, known: &Refusal) -> Result<Command, CommandError> {
    let kind = kind_of(&json)?;
    let extra: &[&str] = match kind.as_str() {
        "flood.start" => &["flood"],
        "flood.stop" => &["flood", "grace_s"],
        "node.stop" => &[],
        _ => return Err(CommandError::Type(kind.chars().take(80).collect())),
    };
    let mut fields = Fields::new(json, "", &[&COMMON, extra].concat())?;
    let id = fields.required("id", value::ident)?;
    let issued_at = fields.required("issued_at", value::time)?;
    let valid_until = fields.required("valid_until", value::time)?;
    let route = fields.take("route")?;
    let route = match &known.route {
        Some(route) => route.clone(),
        None => Route::read(route)?,
    };
    let action = match kind.as_str() {
        "flood.start" => Action::Start { flood: Box::new(start(fields.take("flood")?, issued_at)?) },
        "flood.stop" => Action::Stop {
            flood: run_key(fields.take("flood")?)?,
            grace_s: fields
                .optional("grace_s", value::integer_u32(0..=GRACE_S_MAX))?
                .unwrap_or(GRACE_S_DEFAULT),
        },
        _ => Action::NodeStop,
    };
    check_validity(&fields, &action, issued_at, valid_until)?;
    Ok(Command { version: VERSION, id, issued_at, valid_until, route, action })
}

/// Version and type come before everything else: they decide which fields there may be.
fn kind_of(json: &Json) -> Result<String, CommandError> {
    let Json::Object(object) = json else {
        let why = format!("is {}; it should be an object", json.kind());
        return Err(CommandError::Value { at: "the command".to_owned(), why });
    };
    match object.get("version") {
        Some(Json::Integer(VERSION)) => {}
        Some(Json::Integer(other)) => return Err(CommandError::Version(other.to_string())),
        Some(other) => return Err(CommandError::Version(format!("({})", other.kind()))),
        None => return Err(CommandError::MissingField("version".to_owned())),
    }
    match object.get("type") {
        Some(Json::Text(kind)) => Ok(kind.clone()),
        Some(other) => Err(CommandError::Type(format!("({})", other.kind()))),
        None => Err(CommandError::MissingField("type".to_owned())),
    }
}

fn check_validity(
    fields: &Fields,
    action: &Action,
    issued_at: Wall,
    valid_until: Wall,
) -> Result<(), CommandError> {
    let max_s = match action {
        Action::Start { .. } => START_VALID_S_MAX,
        Action::Stop { .. } | Action::NodeStop => STOP_VALID_S_MAX,
    };
    if valid_until < issued_at {
        return Err(fields.wrong("valid_until", "is before issued_at"));
    }
    if valid_until > plus_s(issued_at, max_s) {
        let why = format!("is more than {max_s} s after issued_at");
        return Err(fields.wrong("valid_until", why));
    }
    Ok(())
}

fn run_key(json: Json) -> Result<RunKey, CommandError> {
    let mut fields = Fields::new(json, "flood", &["id", "run"])?;
    Ok(RunKey {
        id: fields.required("id", value::ident)?,
        run: fields.required("run", value::integer(1..=RUN_MAX))?,
    })
}

const START: [&str; 18] = [
    "id",
    "run",
    "account",
    "project",
    "tool",
    "tool_version",
    "plan",
    "files",
    "users",
    "ramp_up_s",
    "duration_s",
    "iterations",
    "parameters",
    "tags",
    "start_at",
    "window_s",
    "max_runtime_s",
    "progress_s",
];

fn start(json: Json, issued_at: Wall) -> Result<StartFlood, CommandError> {
    let mut fields = Fields::new(json, "flood", &START)?;
    let seconds = |min| value::integer(min..=RUNTIME_S_MAX);
    let start = StartFlood {
        id: fields.required("id", value::ident)?,
        run: fields.required("run", value::integer(1..=RUN_MAX))?,
        account: fields.optional("account", value::ident)?,
        project: fields.optional("project", value::ident)?,
        tool: fields.required("tool", value::ident)?,
        tool_version: fields.optional("tool_version", value::ident)?,
        plan: fields.required("plan", file_name)?,
        files: files(fields.take("files")?)?,
        users: fields.optional("users", value::integer_u32(1..=USERS_MAX))?,
        ramp_up_s: fields.optional("ramp_up_s", seconds(0))?,
        duration_s: fields.optional("duration_s", seconds(1))?,
        iterations: fields.optional("iterations", value::integer(1..=u64::from(u32::MAX)))?,
        parameters: fields.optional("parameters", parameters)?.unwrap_or_default(),
        tags: fields.optional("tags", tags)?.unwrap_or_default(),
        start_at: fields.optional("start_at", value::time)?,
        window_s: fields.optional("window_s", window)?.unwrap_or(WINDOW_S_DEFAULT),
        max_runtime_s: fields.required("max_runtime_s", seconds(1))?,
        progress_s: fields.optional("progress_s", value::integer_u32(PROGRESS_S_MIN..=PROGRESS_S_MAX))?,
    };
    if let Some(why) = plan_fault(&start) {
        return Err(fields.wrong("plan", why));
    }
    if start.start_at.is_some_and(|at| at > plus_s(issued_at, START_AHEAD_S_MAX)) {
        return Err(fields.wrong("start_at", format!("is more than {START_AHEAD_S_MAX} s after issued_at")));
    }
    Ok(start)
}

/// A plan that is not among the files may still be in an archive: that shows when it is unpacked.
fn plan_fault(start: &StartFlood) -> Option<String> {
    let StartFlood { plan, files, .. } = start;
    if plan.is_archive() {
        return Some(format!("is `{plan}`, an archive; name the file in it that the tool is given"));
    }
    let found = files.iter().any(|file| file.name == *plan || file.name.is_archive());
    (!found).then(|| format!("is `{plan}`, which is not among the files, and none of them is a .zip"))
}

fn files(json: Json) -> Result<Vec<FileRef>, CommandError> {
    let at = "flood.files";
    let wrong = |why: String| CommandError::Value { at: at.to_owned(), why };
    let list = value::list(FILES_MAX)(json).map_err(wrong)?;
    let mut files = Vec::with_capacity(list.len());
    let mut names = BTreeSet::new();
    for (n, item) in list.into_iter().enumerate() {
        let mut fields = Fields::new(item, &format!("{at}[{n}]"), &["name", "uri", "sha256"])?;
        let file = FileRef {
            name: fields.required("name", file_name)?,
            uri: fields.required("uri", uri)?,
            sha256: fields.required("sha256", sha256)?,
        };
        if !names.insert(file.name.clone()) {
            return Err(fields.wrong("name", "stands twice among the files"));
        }
        files.push(file);
    }
    // A file where another one needs a directory would fail half way through the downloads.
    let under = |name: &FileName, other: &FileName| {
        other.as_str().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    match names.iter().find(|name| names.iter().any(|other| under(name, other))) {
        Some(name) => Err(wrong(format!("have `{name}` as a file and as a directory"))),
        None => Ok(files),
    }
}

fn parameters(json: Json) -> Result<BTreeMap<String, String>, String> {
    let Json::Object(object) = json else {
        return Err(format!("is {}; it should be an object of strings", json.kind()));
    };
    if object.len() > PARAMETERS_MAX {
        return Err(format!("has {} entries; at most {PARAMETERS_MAX} are allowed", object.len()));
    }
    let mut parameters = BTreeMap::new();
    for (name, json) in object {
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !(1..=128).contains(&name.len()) || !name.bytes().all(fine) {
            let name: String = name.chars().take(80).collect();
            return Err(format!("has the name `{name}`; use 1 to 128 characters from A-Z a-z 0-9 _ . -"));
        }
        let text = value::text(PARAMETER_BYTES_MAX)(json).map_err(|why| format!("entry `{name}` {why}"))?;
        if text.contains('\0') {
            return Err(format!("entry `{name}` has a NUL in it"));
        }
        parameters.insert(name, text);
    }
    Ok(parameters)
}

fn tags(json: Json) -> Result<Tags, String> {
    let Json::Object(object) = json else {
        return Err(format!("is {}; it should be an object of strings", json.kind()));
    };
    let mut pairs = Vec::with_capacity(object.len());
    for (key, json) in object {
        let Json::Text(value) = json else { return Err(format!("has {} among its values", json.kind())) };
        pairs.push((key, value));
    }
    Tags::new(pairs).map_err(|error| format!("cannot be used: {error}"))
}

fn file_name(json: Json) -> Result<FileName, String> {
    let text = value::text(4_096)(json)?;
    FileName::new(&text).map_err(|error| format!("cannot be used: {error}"))
}

fn uri(json: Json) -> Result<FileUri, String> {
    let text = value::plain(2_048)(json)?;
    FileUri::parse(&text).map_err(|error| format!("cannot be used: {error}"))
}

fn sha256(json: Json) -> Result<Sha256, String> {
    let text = value::text(256)(json)?;
    Sha256::from_hex(&text).ok_or_else(|| "should be the 64 hex digits of a SHA-256".to_owned())
}

fn window(json: Json) -> Result<u32, String> {
    let s = value::integer_u32(1..=60)(json)?;
    match WINDOW_S_ALLOWED.contains(&s) {
        true => Ok(s),
        false => Err(format!("is {s}; it should be one of {WINDOW_S_ALLOWED:?}")),
    }
}

fn plus_s(time: Wall, s: u64) -> Wall {
    Wall(time.0.saturating_add_unsigned(s.saturating_mul(NS_PER_S)))
}
