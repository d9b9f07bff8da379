//! `gridnode trace`: a failed request in full, of a file or of an object in S3, for a person, for curl, or for a browser.

mod listing;
mod wrong;

use crate::base::advice::Advice;
use crate::base::exit::Exit;
use crate::console::{Screen, Style, clean, render_trace, write_note, write_result};
use crate::control::aws::{Aws, AwsSettings, Endpoints};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use flate2::read::GzDecoder;
use gridnode_core::trace::{FILE_BYTES_MAX, Trace, curl, har_text};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::AsyncReadExt as _;

/// Bytes of a file: what is indented is larger than what a plug-in writes.
const BYTES_MAX: u64 = 4 * FILE_BYTES_MAX as u64;

/// What to do with traces.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Show one: what was sent, what was answered, what failed. Values of secrets are hidden; two that are equal have equal
    /// marks
    Show(ShowArgs),
}

/// Which, and how.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The file, or several, as `run` leaves them in `failures`; a run's results, of which those that are there are listed, or the only one is
    /// shown; or `s3://BUCKET/KEY` as a node's `trace` points say it; gzipped or not
    #[arg(value_name = "FILE|DIR|S3-URI", required = true)]
    files: Vec<PathBuf>,
    /// Region of the bucket [default: as the environment, the profile or the instance says]
    #[arg(long, env = "AWS_REGION", value_name = "REGION", help_heading = "AWS")]
    aws_region: Option<String>,
    /// Endpoint of all AWS services, for tests
    #[arg(long, env = "GRIDNODE_AWS_ENDPOINT_URL", value_name = "URL", help_heading = "AWS")]
    endpoint_url: Option<String>,
    /// Endpoint of S3
    #[arg(long, env = "GRIDNODE_AWS_S3_ENDPOINT_URL", value_name = "URL", hide = true)]
    s3_endpoint_url: Option<String>,
    /// The request as a command of curl
    #[arg(long, conflicts_with = "har")]
    curl: bool,
    /// All of it, or of several, as an HTTP Archive 1.2, which every browser opens
    #[arg(long)]
    har: bool,
}

/// Carries out a command.
///
/// # Errors
/// When there is no such trace, or standard output cannot be written.
pub async fn trace(command: &TraceCommand) -> anyhow::Result<ExitCode> {
    let TraceCommand::Show(args) = command;
    let found = traces_among(&args.files)?;
    if args.har {
        return args.archive(&found).await;
    }
    // Of one directory with many there is a list.
    match (&args.files[..], &found[..]) {
        ([named], [_, _, ..]) if named.is_dir() && !args.curl => listing::list(named, &found),
        ([_], [file]) => {
            write_result(&args.text(file).await?).context("failed to write to standard output")?;
            Ok(ExitCode::SUCCESS)
        }
        _ => args.show_all(&found).await,
    }
}

impl ShowArgs {
    /// Each of several below its name. One that cannot be shown keeps no other back.
    async fn show_all(&self, found: &[PathBuf]) -> anyhow::Result<ExitCode> {
        let mut code = Exit::Fine;
        for file in found {
            let name = clean(&file.display().to_string());
            match self.text(file).await {
                Ok(text) => {
                    // What is to be given to a shell stays that.
                    let heading = match self.curl {
                        true => format!("# {name}"),
                        false => Screen::stdout().paint(Style::Strong, &name).into_owned(),
                    };
                    let shown = format!("{heading}\n{}\n", text.trim_end());
                    write_result(&shown).context("failed to write to standard output")?;
                }
                Err(error) => {
                    write_note(&format!("error: {}", clean(&format!("{error:#}"))));
                    code = Exit::CouldNotRun;
                }
            }
        }
        Ok(code.into())
    }

    /// All of them in one.
    async fn archive(&self, found: &[PathBuf]) -> anyhow::Result<ExitCode> {
        let mut traces = Vec::new();
        for file in found {
            traces.push(self.trace(file).await?);
        }
        write_result(&har_text(&traces)).context("failed to write to standard output")?;
        Ok(ExitCode::SUCCESS)
    }

    /// One, as it is to be shown.
    async fn text(&self, file: &Path) -> anyhow::Result<String> {
        let trace = self.trace(file).await?;
        if self.curl { Ok(curl(&trace)?) } else { Ok(render_trace(&Screen::stdout(), &trace)) }
    }

    async fn trace(&self, file: &Path) -> anyhow::Result<Trace> {
        let shown = file.display();
        let bytes = self.bytes(file).await.with_context(|| format!("{shown} cannot be read"))?;
        let advice = wrong::advice(file, &bytes);
        parse(bytes).map_err(|error| match advice {
            Some(advice) => error.context(format!("{shown} is no error trace")).context(Advice::new(advice)),
            None => error.context(format!("{shown} is no error trace")),
        })
    }

    async fn bytes(&self, file: &Path) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let Some(place) = file.to_str().and_then(|text| text.strip_prefix("s3://")) else {
            if let Some(meant) = wrong::meant(file) {
                anyhow::bail!("there is no such file; for an object write {meant}");
            }
            if file.metadata()?.file_type().is_fifo() {
                write_note(&format!("{} is a pipe: this waits for what is written to it", file.display()));
            }
            File::open(file)?.take(BYTES_MAX).read_to_end(&mut bytes)?;
            return Ok(bytes);
        };
        let (bucket, key) = place.split_once('/').context("the URI has no key: write s3://BUCKET/KEY")?;
        let s3 = self.s3_endpoint_url.clone().or_else(|| self.endpoint_url.clone());
        let endpoints = Endpoints { s3, ..Endpoints::default() };
        let aws = Aws::connect(&AwsSettings { region: self.aws_region.clone(), endpoints }).await?;
        aws.open(bucket, key).await?.reader.take(BYTES_MAX).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

/// The traces of what was named, those of directories among them. A shell's `failures/*` has the pictures, too, that lie beside
/// them.
fn traces_among(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let is_picture = |path: &PathBuf| path.extension().is_some_and(|end| end == "png");
    for path in named {
        if path.is_dir() {
            found.extend(listing::traces_in(path)?);
        } else if !is_picture(path) {
            found.push(path.clone());
        }
    }
    // Pictures alone are named, and refused with a word for it.
    if found.is_empty() { Ok(named.to_vec()) } else { Ok(found) }
}

fn parse(mut bytes: Vec<u8>) -> anyhow::Result<Trace> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut bytes);
        GzDecoder::new(&*packed).take(BYTES_MAX).read_to_end(&mut bytes)?;
    }
    Trace::parse(&bytes).map_err(anyhow::Error::msg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::process::Command;

    #[test]
    fn of_several_names_the_traces_are_shown() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in ["a.json", "b.json", "b.png"] {
            std::fs::write(path(name), "{}").unwrap();
        }
        let found = traces_among(&["a.json", "b.json", "b.png"].map(path)).unwrap();
        assert_eq!(found, ["a.json", "b.json"].map(path));
        assert_eq!(traces_among(&[path("b.png")]).unwrap(), [path("b.png")], "not nothing, without a word");
        let again = [path("a.json"), dir.path().to_owned()];
        assert_eq!(traces_among(&again).unwrap(), ["a.json", "a.json", "b.json"].map(path));
    }

    /// What every shell of this machine makes of it, with a curl that keeps what it was given.
    #[test]
    fn every_shell_reads_it_alike_and_runs_nothing_else() {
        let evil = "O'Brien\r\n; touch PWNED #\u{1b}$(touch PWNED)`touch PWNED`\\'\"!* %s \\x \r";
        for body in [evil.to_owned(), format!("--wT8\r\n{evil}"), format!("-n {evil}")] {
            let header = evil.replace(['\r', '\n'], "");
            let request = json!({
                "method": "PUT", "url": format!("http://x/{header}"), "headers": [["X-A", evil], ["X-B", "it's"]], "body": body,
            });
            let json = json!({ "label": "buy", "time_ns": 1, "rt_ms": 1, "request": request });
            let command = curl(&Trace::read(json.to_string().as_bytes()).unwrap()).unwrap();
            for shell in ["sh", "bash", "dash"] {
                let dir = tempfile::tempdir().unwrap();
                let Some((sent, words)) = run(shell, &command, dir.path()) else { continue };
                assert_eq!(sent, body, "{shell}: {command}");
                assert!(words.split('\0').any(|word| word == format!("X-A: {header}")), "{shell}: {words:?}");
                assert!(!dir.path().join("PWNED").exists(), "{shell}");
            }
        }
    }

    /// The body that curl is given, and its words; `None` where there is no such shell.
    fn run(shell: &str, command: &str, dir: &Path) -> Option<(String, String)> {
        let curl = r#"curl() { cat >body; for word in "$@"; do printf '%s\0' "$word"; done >words; }"#;
        let script = format!("{curl}\n{command}\n");
        let run = Command::new(shell).arg("-c").arg(script).current_dir(dir).output().ok()?;
        assert!(run.status.success() && run.stderr.is_empty(), "{shell}: {run:?}\n{command}");
        let read = |name| std::fs::read_to_string(dir.join(name)).unwrap();
        Some((read("body"), read("words")))
    }
}
