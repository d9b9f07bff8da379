//! Finding or installing the tool to run with, in visible steps that Ctrl-C can end.

use crate::base::exit::Interrupted;
use crate::base::file_threads::FILES;
use crate::base::signals::Signals;
use crate::console::Steps;
use crate::tool::Home;
use crate::tool::install::{InstallOptions, Progress, default_dir};
use crate::tool::{gatling, jmeter, selenium};
use anyhow::Context;
use clap::Args;
use gridnode_launch::ToolKind;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where tools are.
#[derive(Debug, Clone, Args)]
pub struct InstallArgs {
    /// Directory in which tools are installed [default: ~/.local/share/gridnode/tools]
    #[arg(long, env = "GRIDNODE_TOOLS_DIR", value_name = "DIR", help_heading = "Tools")]
    pub tools_dir: Option<PathBuf>,
    /// Use this JMeter, which stays as it is, instead of an installed one [env: JMETER_HOME]
    // Read by hand: what is in the environment is for JMeter only, and no mistake with another tool.
    #[arg(long, value_name = "DIR", help_heading = "JMeter", conflicts_with = "jmeter_version")]
    pub jmeter_home: Option<PathBuf>,
    /// Version of JMeter to install and use [default: the newest that is known]
    #[arg(long, value_name = "VERSION", help_heading = "JMeter")]
    pub jmeter_version: Option<String>,
    /// Version of Gatling to install and use [default: the newest that is known]
    #[arg(long, value_name = "VERSION", help_heading = "Gatling")]
    pub gatling_version: Option<String>,
}

impl InstallArgs {
    /// The user's own JMeter; `env` looks a variable up.
    fn own_jmeter(&self, env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let from_env = || env("JMETER_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        self.jmeter_home.clone().or_else(|| from_env().filter(|_| self.jmeter_version.is_none()))
    }
}

/// The tools directory: this one, or the user's own.
///
/// # Errors
/// When there is no home directory and none was given.
pub fn tools_dir_or_default(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let dir = given.or_else(|| default_dir(|name| std::env::var_os(name)));
    let dir = dir.context("there is no home directory to install tools in: name one with --tools-dir")?;
    Ok(std::path::absolute(dir)?)
}

/// The tool to run with, installed first if need be.
///
/// # Errors
/// When it cannot be installed or the home given is none; [`Interrupted`] when a signal came.
pub async fn tool_home(kind: ToolKind, args: &InstallArgs) -> anyhow::Result<Home> {
    let tools_dir = tools_dir_or_default(args.tools_dir.clone())?;
    let args = args.clone();
    with_steps(move |steps| match kind {
        ToolKind::Jmeter => match args.own_jmeter(|name| std::env::var_os(name)) {
            Some(home) => jmeter::install::use_home(&tools_dir, &home, steps),
            None => {
                let version =
                    args.jmeter_version.unwrap_or_else(|| jmeter::install::VERSION_DEFAULT.to_owned());
                jmeter::install::ensure(&InstallOptions::new(tools_dir, version), steps)
            }
        }
        .map(Home::Jmeter),
        ToolKind::Gatling => {
            let version =
                args.gatling_version.unwrap_or_else(|| gatling::install::VERSION_DEFAULT.to_owned());
            gatling::install::ensure(&InstallOptions::new(tools_dir, version), steps).map(Home::Gatling)
        }
        ToolKind::Selenium => {
            let options = InstallOptions::new(tools_dir, selenium::install::VERSION_DEFAULT);
            let browser = selenium::install::BrowserPaths::default();
            selenium::install::ensure(&options, &browser, steps).map(Home::Selenium)
        }
    })
    .await?
    .with_context(|| format!("failed to get {} to run with", kind.title()))
}

/// Does something that blocks, with steps on the terminal; a signal cancels it.
///
/// # Errors
/// [`Interrupted`] when a signal came; when it panics, or signals cannot be had.
pub async fn with_steps<T: Send + 'static>(
    work: impl FnOnce(&mut dyn Progress) -> T + Send + 'static,
) -> anyhow::Result<T> {
    let cancelled = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancelled);
    let mut signals = Signals::new()?;
    let mut task = FILES.start(move || work(&mut ShownSteps { steps: Steps::new(), cancelled: flag }))?;
    let mut stop = None;
    let done = loop {
        tokio::select! {
            done = &mut task => break done.context("a fault of gridnode broke it off")?,
            signal = signals.next() => {
                cancelled.store(true, Ordering::Relaxed);
                stop = Some(signal);
            }
        }
    };
    // Also when the work was done in that very moment: whoever asked for the end does not want what comes after it.
    stop.map_or(Ok(done), |signal| Err(Interrupted { signal }.into()))
}

struct ShownSteps {
    steps: Steps,
    cancelled: Arc<AtomicBool>,
}

impl Progress for ShownSteps {
    fn step(&mut self, number: u32, of: u32, what: &str) {
        self.steps.step(number, of, what);
    }

    fn working(&mut self, state: &str) {
        self.steps.working(state);
    }

    fn done(&mut self, result: &str) {
        self.steps.done(result);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jmeter_of_the_environment_yields_to_what_is_asked_for() {
        let none =
            InstallArgs { tools_dir: None, jmeter_home: None, jmeter_version: None, gatling_version: None };
        let env =
            |value: &'static str| move |name: &str| (name == "JMETER_HOME").then(|| OsString::from(value));
        assert_eq!(none.own_jmeter(env("/env")), Some("/env".into()));
        assert_eq!(none.own_jmeter(env("")), None);
        let home = InstallArgs { jmeter_home: Some("/home".into()), ..none.clone() };
        assert_eq!(home.own_jmeter(env("/env")), Some("/home".into()));
        let version = InstallArgs { jmeter_version: Some("5.6.3".to_owned()), ..none };
        assert_eq!(version.own_jmeter(env("/env")), None);
    }
}
