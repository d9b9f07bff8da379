//! `gridnode tools`: the load-generation tools that this program installs for itself.

use super::run::{tools_dir_or_default, with_steps};
use crate::base::exit::Exit;
use crate::console::{write_note, write_result};
use crate::tool::install::{InstallOptions, Installed, can_install};
use crate::tool::jmeter::install::plugins::{install as install_plugins, plugins_dir};
use crate::tool::{gatling, installed, jmeter, selenium};
use clap::{Subcommand, ValueEnum};
use gridnode_launch::jmeter::Coordinate;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be done with tools.
#[derive(Debug, Subcommand)]
pub enum ToolsCommand {
    /// Install a tool: needs a JDK 17 and Maven, Selenium also Python 3 with venv; their settings (mirrors, proxies) are
    /// honoured
    // `--version` is the tool's here, not ours.
    #[command(disable_version_flag = true)]
    Install {
        /// Which one
        tool: Tool,
        /// A plug-in of JMeter, GROUP:ARTIFACT or GROUP:ARTIFACT:VERSION, with what it needs; may be given several times
        #[arg(long = "plugin", value_name = "COORDINATE")]
        plugins: Vec<Coordinate>,
        /// Its version [default: the newest that is known]
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        /// Use nothing but Maven's local repository
        #[arg(long)]
        offline: bool,
        /// Install again even though it is there
        #[arg(long)]
        force: bool,
        /// Directory in which tools are installed [default: ~/.local/share/gridnode/tools]
        #[arg(long, env = "GRIDNODE_TOOLS_DIR", value_name = "DIR")]
        tools_dir: Option<PathBuf>,
    },
    /// List what is installed
    List {
        /// Directory in which tools are installed [default: ~/.local/share/gridnode/tools]
        #[arg(long, env = "GRIDNODE_TOOLS_DIR", value_name = "DIR")]
        tools_dir: Option<PathBuf>,
    },
}

/// Tools that can be installed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Tool {
    /// Apache JMeter
    Jmeter,
    /// Gatling for simulations in Java and Scala, without its HTML reports
    Gatling,
    /// Selenium for Python and Java, for browser tests with the system's Chromium
    Selenium,
}

/// Carries it out.
///
/// # Errors
/// When a tool cannot be installed.
pub async fn tools(command: ToolsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ToolsCommand::Install { tool, plugins, version, offline, force, tools_dir } => {
            if !matches!(tool, Tool::Jmeter) && !plugins.is_empty() {
                anyhow::bail!("--plugin is for JMeter: leave it out");
            }
            let home =
                install(tool, (version, plugins), (offline, force), tools_dir_or_default(tools_dir)?).await?;
            write_result(&home.display().to_string())?;
        }
        ToolsCommand::List { tools_dir } => {
            let dir = tools_dir_or_default(tools_dir)?;
            let installed = installed(&dir);
            if installed.is_empty() {
                write_note(&format!("nothing is installed in {}", dir.display()));
            }
            for tool in installed {
                let remark = remark(&tool, can_install(&dir));
                write_result(&format!("{} {}  {}{remark}", tool.tool, tool.version, tool.dir.display()))?;
            }
            let plugins = jmeter::install::plugins::installed(&plugins_dir(&dir))?;
            for plugin in plugins {
                write_result(&format!("jmeter plug-in {}  {}", plugin.coordinate, plugin.dir.display()))?;
            }
        }
    }
    Ok(Exit::Fine.into())
}

/// What keeps a tool from being used as it is.
fn remark(tool: &Installed, is_writable: bool) -> String {
    match (&tool.fault, tool.plugin_ready) {
        (Some(fault), _) => format!("  ({fault})"),
        (None, true) => String::new(),
        (None, false) if is_writable => "  (completed on next use)".to_owned(),
        (None, false) => {
            "  (not complete for this version of gridnode, and this user cannot write there)".to_owned()
        }
    }
}

/// Gives the tool's directory.
async fn install(
    tool: Tool,
    (version, plugins): (Option<String>, Vec<Coordinate>),
    (offline, force): (bool, bool),
    tools_dir: PathBuf,
) -> anyhow::Result<PathBuf> {
    let options = move |version| InstallOptions { tools_dir, version, offline, force };
    let home = with_steps(move |steps| match tool {
        Tool::Jmeter => {
            let version = version.unwrap_or_else(|| jmeter::install::VERSION_DEFAULT.to_owned());
            // What is asked for anew is the plug-in then, and not what it is for.
            let options = InstallOptions { force: force && plugins.is_empty(), ..options(version) };
            let home = jmeter::install::install(&options, steps)?;
            if plugins.is_empty() {
                return Ok(home.home);
            }
            install_plugins(&options.tools_dir, &plugins, (offline, force), steps)?;
            Ok(plugins_dir(&options.tools_dir))
        }
        Tool::Gatling => {
            let version = version.unwrap_or_else(|| gatling::install::VERSION_DEFAULT.to_owned());
            gatling::install::install(&options(version), steps).map(|home| home.home)
        }
        Tool::Selenium => {
            let version = version.unwrap_or_else(|| selenium::install::VERSION_DEFAULT.to_owned());
            let browser = selenium::install::BrowserPaths::default();
            selenium::install::install(&options(version), &browser, steps).map(|home| home.home)
        }
    })
    .await?;
    Ok(home?)
}
