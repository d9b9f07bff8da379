//! Options that only some tools know. One that would have no effect is refused: who gives it expects one.

use super::RunArgs;
use gridnode_launch::ToolKind;
use std::path::Path;

/// Whether every option that was given has a meaning for this plan.
///
/// # Errors
/// With the option, and the tool that it belongs to.
pub fn check(args: &RunArgs, kind: ToolKind) -> anyhow::Result<()> {
    let RunArgs { browser, install, .. } = args;
    let (for_jmeter, for_browsers) = (kind == ToolKind::Jmeter, kind == ToolKind::Selenium);
    let is_python =
        for_browsers && args.plan.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("py"));
    let options = [
        ("--jtl", args.jtl.is_some(), for_jmeter, "JMeter"),
        ("--jmeter-home", install.jmeter_home.is_some(), for_jmeter, "JMeter"),
        ("--jmeter-version", install.jmeter_version.is_some(), for_jmeter, "JMeter"),
        ("--gatling-version", install.gatling_version.is_some(), kind == ToolKind::Gatling, "Gatling"),
        ("--chromium", browser.chromium.is_some(), for_browsers, "browser tests (Selenium)"),
        ("--chromedriver", browser.chromedriver.is_some(), for_browsers, "browser tests (Selenium)"),
        ("--keep-profile", browser.keep_profile, for_browsers, "browser tests (Selenium)"),
        ("--jvm-arg", !args.jvm_args.is_empty(), !for_browsers, "JMeter and Gatling"),
        ("--heap-mib", args.heap_mib.is_some(), !is_python, "JMeter, Gatling and browser tests in Java"),
    ];
    if let Some(jtl) = args.jtl.as_deref().filter(|_| for_jmeter) {
        check_jtl(jtl)?;
    }
    let Some((option, _, _, tools)) = options.into_iter().find(|(_, given, fits, _)| *given && !fits) else {
        return Ok(());
    };
    let what = match kind {
        ToolKind::Jmeter => "a JMeter plan",
        ToolKind::Gatling => "a Gatling plan",
        ToolKind::Selenium if is_python => "a browser test in Python",
        ToolKind::Selenium => "a browser test in Java",
    };
    anyhow::bail!("{option} is for {tools}, and {} is {what}: leave it out", args.plan.display())
}

/// JMeter appends to a result file that is there, and two runs in one file are told apart by nobody.
fn check_jtl(path: &Path) -> anyhow::Result<()> {
    let Ok(meta) = std::fs::metadata(path) else { return Ok(()) };
    anyhow::ensure!(!meta.is_dir(), "--jtl {} is a directory: name a file in it", path.display());
    anyhow::ensure!(
        !meta.is_file() || meta.len() == 0,
        "--jtl {} has results already, and JMeter would append to them: name another file, or remove that one first",
        path.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: RunArgs,
    }

    fn checked(kind: ToolKind, plan: &str, options: &[&str]) -> Result<(), String> {
        let line = Line::try_parse_from(["run", plan].iter().chain(options)).unwrap();
        check(&line.args, kind).map_err(|error| error.to_string())
    }

    #[test]
    fn an_option_of_another_tool_is_refused_with_its_tool() {
        use ToolKind::{Gatling, Jmeter, Selenium};
        for (option, tool, fits) in [
            (&["--jtl", "x.jtl"][..], "JMeter", [true, false, false, false]),
            (&["--jmeter-home", "/j"], "JMeter", [true, false, false, false]),
            (&["--jmeter-version", "5.6.3"], "JMeter", [true, false, false, false]),
            (&["--gatling-version", "3.9.5"], "Gatling", [false, true, false, false]),
            (&["--chromium", "/c"], "Selenium", [false, false, true, true]),
            (&["--chromedriver", "/c"], "Selenium", [false, false, true, true]),
            (&["--keep-profile"], "Selenium", [false, false, true, true]),
            (&["--jvm-arg=-Xss1m"], "JMeter and Gatling", [true, true, false, false]),
            (&["--heap-mib", "100"], "browser tests in Java", [true, true, true, false]),
            (&["--users", "3", "--param", "a=b"], "", [true; 4]),
        ] {
            let plans = [(Jmeter, "p.jmx"), (Gatling, "B.scala"), (Selenium, "T.java"), (Selenium, "t.py")];
            for ((kind, plan), fits) in plans.into_iter().zip(fits) {
                let result = checked(kind, plan, option);
                assert_eq!(result.is_ok(), fits, "{option:?} {plan}");
                let said = |why: &String| why.contains(tool) && why.contains(plan) && why.starts_with("--");
                assert!(result.err().iter().all(said), "{option:?} {plan}");
            }
        }
    }

    #[test]
    fn a_result_file_is_new_or_empty() {
        let dir = tempfile::tempdir().unwrap();
        let jtl = dir.path().join("a.jtl");
        let checked = |path: &Path| {
            checked(ToolKind::Jmeter, "p.jmx", &["--jtl", path.to_str().unwrap()]).err().unwrap_or_default()
        };
        assert_eq!(checked(&jtl), "");
        std::fs::write(&jtl, "").unwrap();
        assert_eq!(checked(&jtl), "");
        std::fs::write(&jtl, "timeStamp,elapsed\n").unwrap();
        let said = checked(&jtl);
        assert!(said.starts_with("--jtl ") && said.contains("a.jtl has results already"), "{said}");
        assert!(checked(dir.path()).contains("is a directory"));
    }
}
