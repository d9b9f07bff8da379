//! `gridnode tools`: the load-generation tools that this program installs for itself.

use super::run::{InstallArgs, with_steps};
use crate::console::{write_note, write_result};
use crate::exit::Exit;
use crate::tools::jmeter::{InstallOptions, VERSION_DEFAULT, install};
use crate::tools::{list, selenium};
use clap::{Subcommand, ValueEnum};
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
    /// Selenium for Python and Java, for browser tests with the system's Chromium
    Selenium,
}

/// Carries it out.
///
/// # Errors
/// When a tool cannot be installed.
pub async fn tools(command: ToolsCommand) -> anyhow::Result<ExitCode> {
    match command {
        ToolsCommand::Install { tool: Tool::Jmeter, version, offline, force, tools_dir } => {
            let tools_dir = resolve(tools_dir)?;
            let version = version.unwrap_or_else(|| VERSION_DEFAULT.to_owned());
            let options = InstallOptions { tools_dir, version, offline, force };
            let home = with_steps(move |steps| install(&options, steps)).await??;
            write_result(&home.home.display().to_string())?;
        }
        ToolsCommand::Install { tool: Tool::Selenium, version, offline, force, tools_dir } => {
            let mut options = selenium::InstallOptions::new(resolve(tools_dir)?);
            (options.offline, options.force) = (offline, force);
            options.version = version.unwrap_or(options.version);
            let home = with_steps(move |steps| selenium::install(&options, steps)).await??;
            write_result(&home.home.display().to_string())?;
        }
        ToolsCommand::List { tools_dir } => {
            let dir = resolve(tools_dir)?;
            let installed = list(&dir);
            if installed.is_empty() {
                write_note(&format!("nothing is installed in {}", dir.display()));
            }
            for tool in installed {
                let plugin = if tool.plugin_ready { "" } else { "  (plug-in is compiled on next use)" };
                write_result(&format!("{} {}  {}{plugin}", tool.tool, tool.version, tool.dir.display()))?;
            }
        }
    }
    Ok(Exit::Fine.into())
}

fn resolve(tools_dir: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    InstallArgs { tools_dir, jmeter_home: None, jmeter_version: VERSION_DEFAULT.to_owned() }.tools_dir()
}
