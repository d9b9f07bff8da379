//! `gridnode spool …`: what waits for the Drain, what lies aside and why.

mod listing;
mod send;

use crate::base::exit::Exit;
use crate::console::{clean, of, write_note, write_result};
use crate::data::spool::offline::{self, Place, StoredBatch};
use crate::data::{carry, traces};
use listing::Listing;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lines that `show` prints unless asked for all.
const LINES_SHOWN_MAX: usize = 20;

/// What can be done with a spool.
#[derive(Debug, clap::Subcommand)]
pub enum SpoolCommand {
    /// List the batches that wait for the Drain, those it refused (quarantine) and unreadable ones (corrupt), with the reasons,
    /// and the windows in memory files (of a running agent, or left by one that was killed)
    List {
        /// The directory.
        #[command(flatten)]
        dir: StateDir,
        /// Print JSON, one object
        #[arg(long)]
        json: bool,
    },
    /// Print the lines of a batch
    Show {
        /// The directory.
        #[command(flatten)]
        dir: StateDir,
        /// Its name, as `list` prints it, or its number, as the log has it (1-2)
        #[arg(value_name = "BATCH")]
        batch: String,
        /// Print all lines, not only the first 20
        #[arg(long)]
        all: bool,
    },
    /// Read every batch to its end, and the accounts; exit code 3 if something is wrong
    Verify {
        /// The directory.
        #[command(flatten)]
        dir: StateDir,
    },
    /// Send what waits, say when that is done, and end: exit code 0, or 4 where something is left or was refused
    Send(Box<send::SendArgs>),
    /// Put batches from the quarantine back: the next agent (or `gridnode spool send`) on this directory sends them again.
    /// The agent must be stopped. What is sent again replaces itself in the Drain, it does not add
    Replay {
        /// The directory.
        #[command(flatten)]
        dir: StateDir,
        /// Which.
        #[command(flatten)]
        which: Which,
    },
    /// Remove batches that lie aside for good; the accounts go on counting them as refused. The agent must be stopped
    Drop {
        /// The directory.
        #[command(flatten)]
        dir: StateDir,
        /// Which.
        #[command(flatten)]
        which: Which,
    },
}

/// Where the spool is.
#[derive(Debug, clap::Args)]
pub struct StateDir {
    /// State directory of an agent, of `gridnode collect`, or `OUT/state` of a run
    #[arg(long, env = "GRIDNODE_STATE_DIR", default_value = "/var/lib/gridnode", value_name = "DIR")]
    state_dir: PathBuf,
}

/// Which batches.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// Their names, as `list` prints them, or their numbers, as the log has them (1-2)
    #[arg(value_name = "BATCH")]
    batches: Vec<String>,
    /// All that lie in the quarantine; with `drop` the unreadable ones (corrupt) as well
    #[arg(long)]
    all: bool,
}

/// Does it.
///
/// # Errors
/// With the sentence to show when the directory cannot be read, is in use, or there is no such batch.
pub async fn spool(command: SpoolCommand) -> anyhow::Result<ExitCode> {
    if let SpoolCommand::List { dir, json: false } | SpoolCommand::Verify { dir } = &command
        && was_delivered(&dir.state_dir)
    {
        write_result("nothing waits: what this run measured was delivered")?;
        return Ok(Exit::Fine.into());
    }
    match command {
        SpoolCommand::List { dir, json } => {
            let batches = list(&dir.state_dir)?;
            // Accounts that cannot be read hide no batch: `verify` says what is wrong with them.
            let removed = offline::corrupt_removed(&dir.state_dir).unwrap_or_default();
            let kept = carry::survey(&dir.state_dir);
            let lost = offline::lost(&dir.state_dir).unwrap_or_default();
            let listing = Listing {
                batches: &batches,
                removed,
                kept: &kept,
                lost: &lost,
                are_traces: traces::is_one(&dir.state_dir),
            };
            write_result(&if json { listing.as_json()? } else { listing.as_text() })?;
        }
        SpoolCommand::Show { dir, batch, all } => show(&dir.state_dir, &batch, all)?,
        SpoolCommand::Verify { dir } => return verify(&dir.state_dir),
        SpoolCommand::Send(args) => return send::send(*args).await,
        SpoolCommand::Replay { dir, which } => {
            let chosen = chosen(&dir.state_dir, &which, &[Place::Quarantine])?;
            let chosen = offline::replayable(&dir.state_dir, &chosen).map_err(anyhow::Error::msg)?;
            offline::replay(&dir.state_dir, &chosen)?
                .iter()
                .for_each(|remark| write_note(&format!("warning: {remark}")));
            if chosen.is_empty() {
                write_note("nothing lies in the quarantine: there is nothing to send again");
                return Ok(Exit::Fine.into());
            }
            let batches = of(chosen.len() as u64, "batch", "batches");
            write_note(&if traces::is_one(&dir.state_dir) {
                format!("{batches} back among the traces that wait; start the agent, which sends them")
            } else {
                format!(
                    "{} in {batches} back in the spool; start the agent, or run: gridnode spool send --state-dir {} --drain URL",
                    of(samples(&chosen), "sample is", "samples are"),
                    dir.state_dir.display()
                )
            });
        }
        SpoolCommand::Drop { dir, which } => {
            let chosen = chosen(&dir.state_dir, &which, &[Place::Quarantine, Place::Corrupt])?;
            offline::remove(&dir.state_dir, &chosen)?;
            write_note(&format!(
                "{} with {} removed",
                of(chosen.len() as u64, "batch", "batches"),
                of(samples(&chosen), "sample", "samples")
            ));
        }
    }
    Ok(Exit::Fine.into())
}

fn samples(batches: &[StoredBatch]) -> u64 {
    batches.iter().map(|batch| batch.file.samples).sum()
}

/// Those that are named, or all in `places`.
fn chosen(state_dir: &Path, which: &Which, places: &[Place]) -> anyhow::Result<Vec<StoredBatch>> {
    let batches = list(state_dir)?;
    if which.all {
        return Ok(batches.into_iter().filter(|batch| places.contains(&batch.place)).collect());
    }
    let find = |name: &String| {
        let found = find(&batches, name)?;
        anyhow::ensure!(
            found.place != Place::Spool,
            "{name} waits in the spool: it is sent by itself, and what has not reached the Drain is not thrown away here"
        );
        Ok(found.clone())
    };
    which.batches.iter().map(find).collect()
}

/// By its name, or the end of it; else by its number, where only one has it.
fn find<'a>(batches: &'a [StoredBatch], name: &str) -> anyhow::Result<&'a StoredBatch> {
    let is_it = |batch: &&StoredBatch| batch.name == name || batch.name.ends_with(&format!("/{name}"));
    if let Some(found) = batches.iter().find(is_it) {
        return Ok(found);
    }
    let mut of_number = batches.iter().filter(|batch| batch.file.batch.to_string() == name);
    match (of_number.next(), of_number.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => {
            anyhow::bail!("several batches are {name}; `gridnode spool list` has their names")
        }
        (None, _) => anyhow::bail!("there is no batch {name}; `gridnode spool list` has their names"),
    }
}

/// Of a run's results: it leaves no state where nothing waits.
fn was_delivered(state_dir: &Path) -> bool {
    let is_state = state_dir.file_name().is_some_and(|name| name == "state");
    let has_results = state_dir.parent().is_some_and(|out| out.join("summary.json").is_file());
    is_state && has_results && !state_dir.exists()
}

/// Every batch. Whoever names a run's results means the state in them.
fn list(state_dir: &Path) -> anyhow::Result<Vec<StoredBatch>> {
    offline::list(state_dir).map_err(|error| {
        // Of a run's results, and where `collect` has its own when it is not told otherwise.
        let others = [state_dir.join("state"), PathBuf::from("gridnode-state")];
        match others.iter().find(|other| other.join("spool").is_dir()) {
            Some(other) => anyhow::anyhow!("{error}; did you mean --state-dir {}?", other.display()),
            None => anyhow::anyhow!(
                "{error}; --state-dir DIR says where an agent, `collect` or a run has its own"
            ),
        }
    })
}

fn show(state_dir: &Path, name: &str, all: bool) -> anyhow::Result<()> {
    let batches = list(state_dir)?;
    let batch = find(&batches, name)?;
    let lines = String::from_utf8_lossy(&batch.lines(state_dir)?).into_owned();
    let shown = if all { usize::MAX } else { LINES_SHOWN_MAX };
    let text: Vec<String> = lines.lines().take(shown).map(clean).collect();
    write_result(&text.join("\n"))?;
    let more = lines.lines().count().saturating_sub(text.len());
    if more > 0 {
        write_note(&format!("{} more; --all prints them", of(more as u64, "line", "lines")));
    }
    Ok(())
}

fn verify(state_dir: &Path) -> anyhow::Result<ExitCode> {
    let batches = list(state_dir)?;
    let accounts = offline::verify_accounts(state_dir).map_err(|error| error.to_string());
    let found = batches.iter().map(|batch| match batch.place {
        Place::Corrupt => Err(format!(
            "{} is set aside (unreadable, or a copy), {} in it: `gridnode spool show` prints what can be read, `drop` removes it",
            batch.name,
            of(batch.file.samples, "sample", "samples")
        )),
        Place::Spool | Place::Quarantine => batch.verify(state_dir),
    });
    let faults: Vec<String> =
        found.chain([accounts]).filter_map(Result::err).chain(offline::copied(state_dir, &batches)).collect();
    faults.iter().for_each(|fault| write_note(&format!("error: {fault}")));
    write_result(&format!(
        "{} looked at, {}",
        of(batches.len() as u64, "batch", "batches"),
        of(faults.len() as u64, "fault", "faults")
    ))?;
    Ok(if faults.is_empty() { Exit::Fine } else { Exit::NeedsAttention }.into())
}
