use super::*;
use crate::tool::context::{RunContext, TraceOptions};
use crate::tool::directories::Directories;
use crate::tool::prepared::Prepared;
use crate::tool::selenium::install::{Browser, BrowserPaths, SeleniumHome};
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_launch::Load;
use gridnode_launch::selenium::Profile;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn plan(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn refusal(path: &Path, class: Option<&str>) -> String {
    check(path, &Load::default(), class).unwrap_err().to_string()
}

#[test]
fn a_java_plan_is_a_source_or_a_directory_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let one = plan(dir.path(), "a/Shop.java", "package load; class Shop { }");
    let checked = check(&one, &Load::default(), Some("Other")).unwrap();
    assert_eq!((checked.class.as_deref(), checked.likely.as_deref()), (Some("Other"), Some("Shop")));
    let other = plan(dir.path(), "a/pages/Page.java", "class Page { }");
    let checked = check(&dir.path().join("a"), &Load::default(), None).unwrap();
    let sources = [one, other].map(|path| fs::canonicalize(path).unwrap()).into();
    assert_eq!((checked.kind, checked.likely), (PlanKind::Java { sources, jars: Vec::new() }, None));
    fs::create_dir(dir.path().join("empty")).unwrap();
    assert!(refusal(&dir.path().join("empty"), None).contains("no Java source"));
}

#[test]
fn what_is_no_plan_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    assert!(refusal(&plan(dir.path(), "x.jmx", ""), None).contains("Python script"));
    assert!(refusal(&dir.path().join("absent.py"), None).contains("absent.py"));
    let script = plan(dir.path(), "shop.py", "");
    assert!(refusal(&script, Some("Shop")).contains("--class"));
    let load = Load { users: Some(0), ..Load::default() };
    assert!(check(&script, &load, None).unwrap_err().to_string().contains("--users"));
}

#[test]
fn a_run_that_does_not_fit_is_refused_and_a_tight_one_warned_of() {
    let memory = |mib: u64, users| prepare::check_memory(Some(mib << 20), users, None);
    assert!(memory(10_000, 3).unwrap().is_empty());
    assert!(memory(1_200, 3).unwrap()[0].contains("memory is tight"));
    let error = memory(1_000, 3).unwrap_err().to_string();
    assert!(error.contains("not enough memory") && error.contains("2 fit"), "{error}");
    assert!(prepare::check_memory(None, 3, None).unwrap().is_empty());
}

fn executable(path: PathBuf, script: &str) -> PathBuf {
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// With the programs of a made-up browser that only say their version.
fn prepared(dir: &Path, text: &str) -> Result<Prepared, PrepareError> {
    let browser = BrowserPaths {
        chromium: Some(executable(dir.join("chromium"), "echo Chromium 156.0.1.1")),
        chromedriver: Some(executable(dir.join("driver"), "echo ChromeDriver 156.0.1.1")),
    };
    let load = Load { params: vec![("password".into(), "secret".into())], ..Load::default() };
    let plan = check(&plan(dir, "plans/shop.py", text), &load, None).unwrap();
    let none = PathBuf::from("/nonexistent");
    let home = SeleniumHome {
        java: none.clone(),
        javac: none.clone(),
        python: none.clone(),
        runner: "/nonexistent/runner".into(),
        home: none.clone(),
        version: String::new(),
        plugin_jar: none,
    };
    let id = |text: &str| Ident::new(text).unwrap();
    let identity =
        RunIdentity { account: None, flood: id("7"), project: None, grid: None, region: None, run: 1 };
    let run_dir = dir.join("run");
    let context = RunContext {
        identity: &identity,
        node: &id("3"),
        sump: ([127, 0, 0, 1], 35663).into(),
        dir: &run_dir,
        heap_mib: 128,
        jvm_options: Vec::new(),
        cage: crate::cage::Cage::here("test"),
        grid_index: 0,
        node_index: 0,
        traces: TraceOptions::default(),
    };
    let request = RunRequest {
        plan: &plan,
        home: &home,
        browser: &browser,
        context: &context,
        profile: Profile::Fresh,
        packages: Packages::Refuse,
    };
    let dirs = Directories::make(&run_dir).unwrap();
    let browser = Browser::find(request.browser, &dirs.temporary).unwrap();
    prepare::launchable(&request, &dirs, &browser, prepare::Started::default())
}

#[test]
fn parameters_are_in_a_private_file_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let prepared = prepared(dir.path(), "import nothing_of_this_is_run\n").unwrap();
    let options = prepared.files.arguments;
    assert_ne!(options.parent(), Some(dir.path().join("run").as_path()));
    let mode = fs::metadata(&options).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fs::read_to_string(&options).unwrap().contains("secret"));
    // The spec's own Debug would hide the environment.
    assert!(!format!("{:?} {:?}", prepared.spec.args, prepared.spec.env).contains("secret"));
    assert_eq!(prepared.spec.working_dir, fs::canonicalize(dir.path().join("plans")).unwrap());
}
