//! `gridnode config`: what is in effect, and where each value comes from. Also the options that all commands share
//! which read the configuration.

use crate::base::exit::Exit;
use crate::base::real_name;
use crate::config::{ConfigErrors, Effective, Flag, ReadOptions, Secret, example, read};
use crate::console::{Screen, Style, clean, write_note, write_result};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigOptions {
    /// The configuration [default: /etc/gridnode/config.toml, which may be missing]
    #[arg(long, env = "GRIDNODE_CONFIG", value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Set any key, such as control.runs_max=2; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Configuration")]
    pub set: Vec<Secret>,
    /// Directory for everything that must survive a restart (state_dir)
    #[arg(long, value_name = "DIR", help_heading = "Configuration")]
    pub state_dir: Option<PathBuf>,
    /// Name of this node (node.id)
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    pub node: Option<String>,
    /// Grid this node belongs to (node.grid)
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    pub grid: Option<String>,
    /// Region this node is in (node.region)
    #[arg(long, value_name = "NAME", help_heading = "Configuration")]
    pub region: Option<String>,
    /// Drain that rollups are written to (drain.url)
    #[arg(long, value_name = "URL", help_heading = "Configuration")]
    pub drain: Option<Secret>,
}

impl ConfigOptions {
    /// For [`read`].
    #[must_use]
    pub fn read_options(&self) -> ReadOptions {
        // On a command line a relative path is what a person means.
        let absolute = |dir: &PathBuf| real_name::resolved(dir).unwrap_or_else(|_| dir.clone());
        let state_dir = self.state_dir.as_ref().map(|dir| Secret::new(absolute(dir).to_string_lossy()));
        let text = |text: &Option<String>| text.as_ref().map(Secret::new);
        let named = [
            ("--state-dir", "state_dir", state_dir),
            ("--node", "node.id", text(&self.node)),
            ("--grid", "node.grid", text(&self.grid)),
            ("--region", "node.region", text(&self.region)),
            ("--drain", "drain.url", self.drain.clone()),
        ];
        let named = named.into_iter().filter_map(|(flag, key, value)| Some(Flag::Named(flag, key, value?)));
        let flags = self.set.iter().cloned().map(Flag::Set).chain(named).collect();
        ReadOptions { file: self.config.clone(), flags }
    }
}

/// Show the configuration in effect and where each value comes from.
///
/// Secrets are masked. When something is wrong only that is listed, all of it, and the exit code is 1.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Print a commented configuration file with every key instead
    #[arg(long, conflicts_with = "json")]
    pub example: bool,
    /// Where the configuration comes from
    #[command(flatten)]
    pub options: ConfigOptions,
}

/// Shows it.
///
/// # Errors
/// When standard output cannot be written.
pub async fn config(args: ConfigArgs) -> anyhow::Result<ExitCode> {
    if args.example {
        write_result(&example())?;
        return Ok(Exit::Fine.into());
    }
    let (effective, errors) = match read(&args.options.read_options()).await {
        Ok(loaded) => (loaded.effective, None),
        Err(errors) => (errors.effective.clone(), Some(errors)),
    };
    if args.json {
        write_result(&serde_json::to_string_pretty(&as_json(&effective, errors.as_ref()))?)?;
    } else if let Some(errors) = &errors {
        // Nothing is in effect, and what stands in a wrong value's place was set by nobody.
        write_note(&render_errors(&Screen::stderr(), errors));
    } else {
        write_result(&as_table(&effective))?;
    }
    Ok(if errors.is_some() { Exit::CouldNotRun } else { Exit::Fine }.into())
}

/// Each error with what to do about it.
#[must_use]
pub fn render_errors(screen: &Screen, errors: &ConfigErrors) -> String {
    let heading = screen.paint(Style::Bad, "error:");
    let advice = screen.paint(Style::Strong, "what to do:");
    let shown = errors.errors.iter().map(|error| {
        let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        let key = if error.key.is_empty() { String::new() } else { format!("{} ", error.key) };
        let what = clean(&format!("{place}{key}{}", error.problem));
        format!("{heading} {what}\n  {advice} {}", clean(&error.remedy))
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// A line for each key: name, value, origin.
fn as_table(effective: &Effective) -> String {
    let rows: Vec<[String; 3]> = effective
        .values()
        .iter()
        .map(|value| {
            let text = value.text().unwrap_or_else(|| "-".to_owned());
            [value.key.name.to_owned(), clean(&text), clean(&value.origin.to_string())]
        })
        .collect();
    // One long value must not push all origins off the screen.
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(64);
    let (keys, values) = (width(0), width(1));
    let lines = rows.iter().map(|[key, value, origin]| format!("{key:keys$}  {value:values$}  {origin}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn as_json(effective: &Effective, errors: Option<&ConfigErrors>) -> Value {
    let is_wrong =
        |key: &str| errors.is_some_and(|errors| errors.errors.iter().any(|error| error.key == key));
    let values: Vec<Value> = effective
        .values()
        .iter()
        .map(|value| {
            json!({
                "key": value.key.name,
                "value": if is_wrong(value.key.name) { Value::Null } else { value.json() },
                "origin": value.origin.to_string(),
                "environment": value.key.env_name(),
            })
        })
        .collect();
    let errors: Vec<Value> = errors
        .map(|errors| errors.errors.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|error| {
            json!({
                "place": error.place.as_ref().map(ToString::to_string),
                "key": Some(&error.key).filter(|key| !key.is_empty()),
                "problem": error.problem,
                "remedy": error.remedy,
            })
        })
        .collect();
    json!({ "values": values, "errors": errors })
}
