//! Java and the load-generation tools, found as the agent finds them.

use super::Subject;
use super::finding::Finding;
use crate::tools::java::SearchPath;
use crate::tools::jmeter::{InstallOptions, installed, use_home};
use crate::tools::{Silent, default_dir};

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
    const NAME: &str = "jmeter";
    const INSTALL: &str =
        "run `gridnode tools install jmeter` as the agent's user, or set tools.dir or tools.jmeter_home";
    let tools = &subject.config.tools;
    let dir = tools.dir.clone().or_else(|| default_dir(|name| std::env::var_os(name)));
    let Some(dir) = dir else {
        let problem = "there is no home directory in which tools could be";
        return Finding::fail(NAME, problem, "set tools.dir");
    };
    let found = match &tools.jmeter_home {
        Some(home) => use_home(&dir, home, &mut Silent).map(Some),
        None => installed(&InstallOptions::new(&dir)),
    };
    match found {
        Ok(Some(jmeter)) => {
            let version = jmeter.version.map(|version| format!("{version}, ")).unwrap_or_default();
            Finding::ok(NAME, format!("{version}{}", jmeter.home.display()))
        }
        Ok(None) => Finding::fail(NAME, format!("none is installed in {}", dir.display()), INSTALL),
        Err(error) => Finding::fail(NAME, error.to_string(), INSTALL),
    }
}
