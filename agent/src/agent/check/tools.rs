//! Java and the load-generation tools, found as the agent finds them.

use super::Subject;
use super::finding::{Finding, State};
use crate::tool::install::java::SearchPath;
use crate::tool::install::{InstallOptions, Installed, Silent, can_install, default_dir};
use crate::tool::jmeter::install::plugins;
use crate::tool::selenium::install::{Browser, BrowserPaths};
use crate::tool::{gatling, installed, jmeter, selenium};
use std::path::{Path, PathBuf};

pub(super) fn java(_: &Subject) -> Finding {
    const NAME: &str = "java";
    match SearchPath::from_env().java() {
        Ok(java) => {
            let version = java.version.map(|version| format!("{version}, ")).unwrap_or_default();
            Finding::ok(NAME, format!("{version}{}", java.program.display()))
        }
        Err(error) => {
            let text = error.to_string();
            let (problem, remedy) = text.split_once(": ").unwrap_or((&text, "install a JDK 17"));
            Finding::fail(NAME, problem, remedy)
        }
    }
}

pub(super) fn jmeter(subject: &Subject) -> Finding {
    let tools = &subject.config.tools;
    found(subject, "jmeter", |dir| {
        let home = match &tools.jmeter_home {
            Some(home) => jmeter::install::use_home(dir, home, &mut Silent).map(Some),
            None => jmeter::install::installed(&InstallOptions::new(dir, jmeter::install::VERSION_DEFAULT)),
        };
        let home = home.map_err(|error| error.to_string())?;
        let plugins = home
            .iter()
            .try_for_each(|home| plugins::jars(&home.plugins_dir, &tools.jmeter_plugins).map(drop));
        plugins.map_err(|error| error.to_string())?;
        Ok(home.map(|home| (home.version, home.home)))
    })
}

/// Of several versions the one that a command gets which does not name one.
pub(super) fn gatling(subject: &Subject) -> Finding {
    found(subject, "gatling", |dir| {
        let newest = installed(dir).into_iter().find(|tool| tool.tool == "gatling");
        let Some(newest) = newest else { return Ok(None) };
        let options = InstallOptions::new(dir, newest.version.as_str());
        let home = gatling::install::installed(&options).map_err(|error| error.to_string())?;
        Ok(home.map(|home| (Some(newest.version), home.home)))
    })
}

/// With the browser: without one Selenium is of no use.
pub(super) fn selenium(subject: &Subject) -> Finding {
    const NAME: &str = "selenium";
    let tools = &subject.config.tools;
    let finding = found(subject, NAME, |dir| {
        let options = InstallOptions::new(dir, selenium::install::VERSION_DEFAULT);
        let home = selenium::install::installed(&options);
        let home = home.map_err(|error| error.to_string())?;
        Ok(home.map(|home| (Some(home.version), home.home)))
    });
    if finding.state != State::Ok {
        return finding;
    }
    let paths = BrowserPaths { chromium: tools.chromium.clone(), chromedriver: tools.chromedriver.clone() };
    match Browser::find(&paths, &std::env::temp_dir()) {
        Ok(browser) => Finding::ok(NAME, format!("{}, with {}", finding.detail, browser.chromium.display())),
        Err(error) => Finding::fail(
            NAME,
            error.to_string(),
            "install the browser, or set tools.chromium and tools.chromedriver",
        ),
    }
}

/// A node may have any of the tools, and needs one: what is not installed is a fault only where nothing is.
fn found(
    subject: &Subject,
    name: &'static str,
    look: impl FnOnce(&Path) -> Result<Option<(Option<String>, PathBuf)>, String>,
) -> Finding {
    let tools = &subject.config.tools;
    let dir = tools.dir.clone().or_else(|| default_dir(|name| std::env::var_os(name)));
    let Some(dir) = dir else {
        let problem = "there is no home directory in which tools could be";
        return Finding::fail(name, problem, "set tools.dir");
    };
    let install = || {
        let dir = dir.display();
        format!(
            "run `gridnode tools install {name} --tools-dir {dir}` as the owner of {dir}, or set tools.dir or tools.jmeter_home"
        )
    };
    match look(&dir) {
        Ok(Some((version, home))) => {
            let version = version.map(|version| format!("{version}, ")).unwrap_or_default();
            Finding::ok(name, format!("{version}{}", home.display()))
        }
        Ok(None) if there(&dir, name).is_some() => incomplete(&dir, name),
        Ok(None) => {
            let none = format!("none is installed in {}", dir.display());
            let is_without = tools.jmeter_home.is_none() && installed(&dir).is_empty();
            if is_without && name == "jmeter" {
                Finding::fail(name, format!("{none}, nor any other tool"), install())
            } else {
                Finding::skipped(name, none)
            }
        }
        Err(error) => Finding::fail(name, error, install()),
    }
}

fn there(dir: &Path, name: &str) -> Option<Installed> {
    installed(dir).into_iter().find(|tool| tool.tool == name)
}

/// The plug-in of this very binary is missing: it is made when the agent starts, by a user who can write there.
fn incomplete(dir: &Path, name: &'static str) -> Finding {
    let Some(tool) = there(dir, name) else { return Finding::skipped(name, "none is installed") };
    let is = format!("{}, {}", tool.version, tool.dir.display());
    if can_install(dir) {
        return Finding::ok(name, format!("{is} (the plug-in is compiled when the agent starts)"));
    }
    let dir = dir.display();
    let problem =
        format!("{is}: not complete for this version of gridnode, and this user cannot write to {dir}");
    let remedy = format!("run `gridnode tools install {name} --tools-dir {dir}` as the owner of {dir}");
    Finding::fail(name, problem, remedy)
}
