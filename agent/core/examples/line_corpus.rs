//! Reads and writes line protocol for InfluxDB's own corpus; `tests/interop/run` is the other side.
//!
//!     line_corpus decode   base64 of a text a line on stdin; for each one JSON object with points, or error
//!     line_corpus encode   a point of the corpus a line on stdin; for each one JSON object with text, or error
//!
//! Names and texts are base64 in what `decode` prints: they need not be UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridnode_core::wire::encode::{PointWriter, push_tag};
use gridnode_core::wire::line::{
    Line, Value as Field, lines, unescape_measurement, unescape_tag, unescape_text,
};
use serde_json::{Value, json};
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let answer: fn(&str) -> Result<Value, String> = match std::env::args().nth(1).as_deref() {
        Some("decode") => decode,
        Some("encode") => encode,
        _ => {
            eprintln!("usage: line_corpus decode|encode");
            return ExitCode::from(2);
        }
    };
    match answers(answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("line_corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answers(answer: impl Fn(&str) -> Result<Value, String>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for question in io::stdin().lock().lines() {
        let answer = answer(question?.trim()).unwrap_or_else(|error| json!({ "error": error }));
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// As the corpus counts: a text with one bad line is bad.
fn decode(question: &str) -> Result<Value, String> {
    let text = STANDARD.decode(question).map_err(|error| error.to_string())?;
    let points: Result<Vec<Value>, String> = lines(&text)
        .map(|line| Line::parse(line).map(|line| point(&line)).map_err(|error| error.to_string()))
        .collect();
    Ok(json!({ "points": points? }))
}

fn point(line: &Line<'_>) -> Value {
    let tags: Vec<Value> = line
        .tags()
        .map(|(key, value)| json!([name(&unescape_tag(key)), name(&unescape_tag(value))]))
        .collect();
    let fields: Vec<Value> =
        line.fields().map(|(key, value)| json!([name(&unescape_tag(key)), field(value)])).collect();
    let measurement = name(&unescape_measurement(line.measurement));
    json!({ "name": measurement, "tags": tags, "fields": fields, "time": line.timestamp })
}

fn name(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn field(value: Field<'_>) -> Value {
    match value {
        Field::Float(v) => json!({ "float": v }),
        Field::Int(v) => json!({ "int": v }),
        Field::UInt(v) => json!({ "uint": v }),
        Field::Bool(v) => json!({ "bool": v }),
        Field::Text(v) => json!({ "string": name(&unescape_text(v)) }),
    }
}

fn encode(question: &str) -> Result<Value, String> {
    let point: Value = serde_json::from_str(question).map_err(|error| error.to_string())?;
    let list = |key: &str| point[key].as_array().cloned().unwrap_or_default();
    let mut tags = Vec::new();
    for tag in list("tags") {
        push_tag(&mut tags, plain(&tag["key"])?, tag["value"].as_str());
    }
    let mut writer = PointWriter::default();
    writer.start(plain(&point["name"])?, &tags);
    for field in list("fields") {
        let (key, value) = (plain(&field["key"])?, &field["value"]);
        if let Some(float) = value["float"].as_f64() {
            writer.float(key, float);
        } else if let Some(count) = value["int"].as_u64() {
            writer.int(key, count);
        } else if let Some(truth) = value["bool"].as_bool() {
            writer.bool(key, truth);
        } else if let Some(text) = value["string"].as_str() {
            writer.text(key, text);
        } else {
            return Err(format!("no such value is ever written: {value}"));
        }
    }
    writer.end(point["time"].as_i64().ok_or("no time")?);
    Ok(json!({ "text": String::from_utf8_lossy(&writer.body).trim_end_matches('\n') }))
}

/// Measurements and keys are constants of ours, so the encoder has no escapes for them.
fn plain(name: &Value) -> Result<&str, String> {
    let name = name.as_str().ok_or("no name")?;
    if name.contains([',', '=', ' ']) {
        Err(format!("no such name is ever written: {name}"))
    } else {
        Ok(name)
    }
}
