//! Proves that Python, Selenium, driver and browser work together: a browser is started once and shows a page of its own.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::browser::Browser;
use crate::cage::short_path::ShortPath;
use crate::cage::tail::tail;
use crate::tool::install::error::InstallError;
use crate::tool::install::process::{self, Ended, TAIL_BYTES_MAX};
use crate::tool::install::progress::Progress;
use crate::tool::install::workspace::Workspace;

/// Two seconds are usual.
const VERIFY_LIMIT: Duration = Duration::from_secs(2 * 60);
const TITLE: &str = "gridnode-verify";
/// Arguments: browser, driver, title, whether Chromium's sandbox is off.
const SCRIPT: &str = r#"
import sys
from selenium import webdriver
browser, driver_program, title, unconfined = sys.argv[1:]
options = webdriver.ChromeOptions()
options.binary_location = browser
for argument in ["--headless=new", "--disable-dev-shm-usage", "--disable-gpu"]:
    options.add_argument(argument)
if unconfined == "yes":
    options.add_argument("--no-sandbox")
driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver_program))
try:
    driver.get("data:text/html,<title>" + title + "</title>")
    print(driver.title)
finally:
    driver.quit()
"#;

/// Starts the browser once.
pub fn run(
    workspace: &Workspace,
    python: &Path,
    browser: &Browser,
    progress: &mut dyn Progress,
) -> Result<(), InstallError> {
    let dir = workspace.temporary().join("verify");
    fs::create_dir(&dir).map_err(InstallError::io("create", &dir))?;
    let log = dir.join("browser.log");
    let short = ShortPath::of(&dir).map_err(InstallError::io("make a short name of", &dir))?;
    let mut command = Command::new(python);
    command.current_dir(&dir).env("HOME", &dir).env("TMPDIR", short.path()).args(["-I", "-B", "-c", SCRIPT]);
    command.arg(&browser.chromium).arg(&browser.chromedriver).arg(TITLE);
    command.arg(if super::sandbox_works() { "no" } else { "yes" });
    let ended = process::run(&mut command, &log, VERIFY_LIMIT, || {
        progress.working("a browser is running");
        !progress.is_cancelled()
    })
    .map_err(InstallError::io("run", python))?;
    let words = tail(&log, TAIL_BYTES_MAX).unwrap_or_default();
    let reason = match ended {
        Ended::Well if words.lines().any(|line| line == TITLE) => return Ok(()),
        Ended::Well => "it did not show a page".to_owned(),
        Ended::Stopped if progress.is_cancelled() => return Err(InstallError::Cancelled),
        Ended::Stopped => format!("it took longer than {} s", VERIFY_LIMIT.as_secs()),
        Ended::Badly(status, _) => format!("it ended with {status}"),
    };
    Err(InstallError::NotVerified { what: "that a browser starts", reason, log: words })
}
