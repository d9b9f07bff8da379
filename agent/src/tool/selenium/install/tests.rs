use super::*;
use crate::tool::install::progress::Silent;

/// A tools directory that looks complete, without a real Selenium.
fn complete(tools_dir: &Path) -> InstallOptions {
    let options = InstallOptions::new(tools_dir, VERSION_DEFAULT);
    let layout = Layout::of(&options).unwrap();
    let jars = assets::jars().map(|(name, _)| layout.home.join("java").join(name));
    for file in jars.chain([layout.python(), layout.plugin.join(JAR_NAME)]) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(layout.python(), mode(0o755)).unwrap();
    options
}

#[test]
fn the_binary_carries_pins_of_one_version() {
    let jars: Vec<_> = assets::jars().collect();
    assert!(jars.len() > 20 && jars.iter().all(|(name, sum)| name.ends_with(".jar") && sum.len() == 64));
    assert!(jars.iter().any(|(name, _)| *name == format!("selenium-java-{VERSION_DEFAULT}.jar")));
    assert!(assets::REQUIREMENTS.contains(&format!("\nselenium=={VERSION_DEFAULT} ")));
    let sources = assets::java_sources();
    // Ours, what it shares with other plug-ins, and the one class that stands in for Selenium's.
    for wanted in [
        "io/flood/selenium/FloodSump.java",
        "io/gridnode/sump/Source.java",
        "org/openqa/selenium/remote/DesiredCapabilities.java",
    ] {
        assert!(sources.iter().any(|(path, _)| path == wanted), "{wanted}");
    }
    assert!(sources.iter().all(|(path, _)| path.ends_with(".java") && !path.contains("Test")));
}

#[test]
fn a_complete_installation_is_listed_and_another_runner_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    let entry = |plugin_ready| Installed {
        tool: "selenium",
        version: VERSION_DEFAULT.into(),
        dir: layout.home.clone(),
        plugin_ready,
        fault: None,
    };
    assert_eq!(list(dir.path()), [entry(true)]);
    fs::rename(&layout.plugin, layout.plugin.with_file_name("plugin-000000000000")).unwrap();
    assert_eq!(list(dir.path()), [entry(false)]);
    // The system's Python went away with an upgrade.
    fs::remove_file(layout.python()).unwrap();
    assert_eq!(list(dir.path()), []);
}

#[test]
fn a_python_that_this_user_cannot_run_is_told_from_none() {
    let dir = tempfile::tempdir().unwrap();
    let options = complete(dir.path());
    let layout = Layout::of(&options).unwrap();
    fs::set_permissions(layout.python(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let [found] = list(dir.path()).try_into().unwrap();
    assert!(found.fault.unwrap().contains("cannot be run by this user") && found.plugin_ready);
    assert!(!layout.has_home(), "who may write there installs it anew");
    let error = installed(&options).unwrap_err().to_string();
    assert!(error.contains(&layout.home.display().to_string()) && error.contains("--force"), "{error}");
}

#[test]
fn our_own_jar_comes_first_on_the_class_path() {
    let path = class_path(Path::new("/t/plugin/x.jar"), Path::new("/t/home"));
    assert_eq!(path, "/t/plugin/x.jar:/t/home/java/*");
}

#[test]
fn jars_are_checked_by_name_and_content() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    let jars = layout.home.join("java");
    let error = check_jars(&jars, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("SHA-256") && error.contains("Selenium"), "{error}");
    fs::write(jars.join("evil.jar"), "").unwrap();
    let error = check_jars(&jars, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("evil.jar came along"), "{error}");
}

#[test]
fn offline_says_what_cannot_be_had() {
    let dir = tempfile::tempdir().unwrap();
    let options = InstallOptions { offline: true, ..InstallOptions::new(dir.path(), VERSION_DEFAULT) };
    let error = install(&options, &BrowserPaths::default(), &mut Silent).unwrap_err().to_string();
    assert!(error.contains("pip has no local repository"), "{error}");
    let options = InstallOptions { version: "3.0".into(), ..options };
    assert!(matches!(
        install(&options, &BrowserPaths::default(), &mut Silent),
        Err(InstallError::UnknownVersion { .. })
    ));
}

/// With the real pip, Maven, JDK and browser.
#[test]
#[ignore = "needs Python, Maven, a JDK and the network"]
fn the_real_selenium_is_installed_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = InstallOptions::new(dir.path(), VERSION_DEFAULT);
    let home = ensure(&options, &BrowserPaths::default(), &mut Silent).unwrap();
    assert_eq!(installed(&options).unwrap(), Some(home));
}
