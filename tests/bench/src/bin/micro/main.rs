//! What parts of gridnode cost beside crates that do the same: `micro parse|sketch|flush [PAIRS] [LABELS]`.
//!
//! Prints one line of JSON a figure; CPU time of one thread, see [`gridnode_bench::pairs`].

mod counting;
mod flush;
mod parse;
mod sketch;

use anyhow::{Context, Result, bail};

/// How much to measure.
#[derive(Debug, Clone, Copy)]
struct Effort {
    pairs: usize,
    labels: usize,
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| match args.get(at) {
        Some(text) => text.parse().with_context(|| format!("`{text}` is not a number")),
        None => Ok(default),
    };
    let effort = Effort { pairs: number(1, 11)?, labels: number(2, 50_000)? };
    match args.first().map(String::as_str) {
        Some("parse") => parse::measure(effort),
        Some("sketch") => sketch::measure(effort)?,
        Some("flush") => flush::measure(effort)?,
        _ => bail!("usage: micro parse|sketch|flush [PAIRS] [LABELS]"),
    }
    Ok(())
}
