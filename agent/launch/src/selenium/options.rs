//! The options file: everything the runner is told, as one JSON object. Parameters may be secret, so the file is for its
//! owner only and [`Options`] does not show them in its `Debug`.

use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What becomes of a browser's profile (cookies, storage, cache) between two iterations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A new one for each iteration: every visit is a first one.
    #[default]
    Fresh,
    /// The user keeps it for the whole run.
    Kept,
}

/// What a runner is told. Paths are absolute.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Options {
    /// The script, or the Java source; for messages in the latter case.
    pub plan: PathBuf,
    /// Browsers at once.
    pub users: u32,
    /// Time in which they are started, evenly, s.
    pub ramp_up_s: u32,
    /// When no iteration begins any more, s.
    pub duration_s: Option<u32>,
    /// Iterations of each user.
    pub iterations: Option<u32>,
    /// The plan's parameters.
    pub params: BTreeMap<String, String>,
    /// The browser.
    pub chromium: PathBuf,
    /// Its driver.
    pub chromedriver: PathBuf,
    /// What becomes of profiles.
    pub profile: Profile,
    /// Where screenshots of failures go.
    pub screenshots_dir: PathBuf,
    /// Profiles and everything else that goes away with the run.
    pub temporary_dir: PathBuf,
    /// Whether browsers have no window.
    pub headless: bool,
    /// Longest wait for a page, s.
    pub page_load_timeout_s: u32,
    /// Chromium's own sandbox; it cannot be had as root.
    pub sandbox: bool,
    /// What a Java plan needs besides; `None` for a Python plan.
    #[serde(flatten)]
    pub java: Option<JavaOptions>,
}

/// What a Java plan needs besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JavaOptions {
    /// The `java` program.
    pub java: PathBuf,
    /// Compiled plan, our `FloodSump` and Selenium's jars, in the form of `-cp`.
    pub class_path: String,
    /// The class to start.
    pub main_class: String,
    /// Largest heap of each user's JVM, MiB.
    pub heap_mib: u32,
}

impl Options {
    /// The document.
    ///
    /// # Errors
    /// When a path is not UTF-8.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        #[derive(Serialize)]
        struct Document<'a> {
            kind: &'static str,
            #[serde(flatten)]
            options: &'a Options,
        }
        let kind = if self.java.is_some() { "java" } else { "python" };
        serde_json::to_vec_pretty(&Document { kind, options: self })
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("plan", &self.plan)
            .field("users", &self.users)
            .field("params", &self.params.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options {
            plan: "/plans/shop.py".into(),
            users: 3,
            ramp_up_s: 5,
            duration_s: Some(60),
            iterations: None,
            params: [("password".to_owned(), "secret".to_owned())].into(),
            chromium: "/usr/bin/chromium".into(),
            chromedriver: "/usr/bin/chromedriver".into(),
            profile: Profile::Fresh,
            screenshots_dir: "/runs/7/screenshots".into(),
            temporary_dir: "/runs/7/tmp".into(),
            headless: true,
            page_load_timeout_s: 60,
            sandbox: false,
            java: None,
        }
    }

    #[test]
    fn a_python_plans_document() {
        let json = String::from_utf8(options().to_json().unwrap()).unwrap();
        insta::assert_snapshot!(json, @r#"
        {
          "kind": "python",
          "plan": "/plans/shop.py",
          "users": 3,
          "ramp_up_s": 5,
          "duration_s": 60,
          "iterations": null,
          "params": {
            "password": "secret"
          },
          "chromium": "/usr/bin/chromium",
          "chromedriver": "/usr/bin/chromedriver",
          "profile": "fresh",
          "screenshots_dir": "/runs/7/screenshots",
          "temporary_dir": "/runs/7/tmp",
          "headless": true,
          "page_load_timeout_s": 60,
          "sandbox": false
        }
        "#);
    }

    #[test]
    fn a_java_plan_has_its_own_fields_beside() {
        let java = JavaOptions {
            java: "/jdk/bin/java".into(),
            class_path: "/runs/7/classes:/tools/a.jar".to_owned(),
            main_class: "Checkout".to_owned(),
            heap_mib: 128,
        };
        let json = Options { java: Some(java), ..options() }.to_json().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(value["kind"], "java");
        assert_eq!(value["main_class"], "Checkout");
        assert_eq!(value["heap_mib"], 128);
    }

    #[test]
    fn a_secret_is_not_in_the_debug_text() {
        let text = format!("{:?}", options());
        assert!(text.contains("password") && !text.contains("secret"), "{text}");
    }
}
