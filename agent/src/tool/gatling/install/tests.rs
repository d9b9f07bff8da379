use super::*;
use crate::tool::install::progress::Silent;

/// A tools directory that looks complete, without a real Gatling.
fn complete(tools_dir: &Path) -> InstallOptions {
    let options = InstallOptions::new(tools_dir, VERSION_DEFAULT);
    let layout = Layout::of(&options).unwrap();
    let jars = layout.release.jars().map(|(name, _)| layout.home.join(name));
    for file in jars.chain([layout.plugin.join(JAR_NAME)]) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    options
}

#[test]
fn the_binary_carries_pins_of_every_version() {
    assert_eq!(RELEASES[0].version, VERSION_DEFAULT);
    for release in &RELEASES {
        let jars: Vec<_> = release.jars().collect();
        assert!(jars.len() > 50 && jars.iter().all(|(name, sum)| name.ends_with(".jar") && sum.len() == 64));
        let has = |name: String| jars.iter().any(|(jar, _)| *jar == name);
        assert!(has(format!("lib/gatling-app-{}.jar", release.version)), "{}", release.version);
        assert!(has(format!("lib/scala-library-{}.jar", release.scala)), "{}", release.version);
        assert!(has(format!("scala/scala-compiler-{}.jar", release.scala)), "{}", release.version);
        assert!(!jars.iter().any(|(jar, _)| jar.contains("highcharts")), "{}", release.version);
    }
    let sources = assets::plugin_sources();
    assert!(sources.iter().any(|(path, _)| path == "io/gridnode/gatling/Agent.java"));
    assert!(sources.iter().all(|(path, _)| path.ends_with(".java") && !path.contains("Test")));
}

#[test]
fn a_complete_installation_is_listed_and_another_plug_in_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    let entry = |plugin_ready| Installed {
        tool: "gatling",
        version: VERSION_DEFAULT.into(),
        dir: layout.home.clone(),
        plugin_ready,
        fault: None,
    };
    assert_eq!(list(dir.path()), [entry(true)]);
    fs::rename(&layout.plugin, layout.plugin.with_file_name("plugin-000000000000")).unwrap();
    assert_eq!(list(dir.path()), [entry(false)]);
    fs::remove_file(layout.home.join("scala/scala-compiler-2.13.18.jar")).unwrap();
    assert_eq!(list(dir.path()), []);
}

#[test]
fn jars_are_checked_by_name_and_content() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    let error = check_jars(layout.release, &layout.home, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("SHA-256") && error.contains("Gatling"), "{error}");
    fs::write(layout.home.join("lib/evil.jar"), "").unwrap();
    let error = check_jars(layout.release, &layout.home, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("lib/evil.jar came along"), "{error}");
}

#[test]
fn an_unknown_version_is_refused_with_those_that_are_known() {
    let options = InstallOptions::new("/nonexistent", "2.3.1");
    let error = install(&options, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("3.15.1, 3.11.5, 3.9.5"), "{error}");
}

/// With the real Maven and JDK.
#[test]
#[ignore = "needs Maven, a JDK and the network"]
fn the_real_gatling_is_installed_and_found_again() {
    for release in &RELEASES {
        let dir = tempfile::tempdir().unwrap();
        let options = InstallOptions::new(dir.path(), release.version);
        let home = ensure(&options, &mut Silent).unwrap();
        assert_eq!(installed(&options).unwrap(), Some(home));
    }
}
