use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::tool::install::progress::Silent;

/// A tools directory that looks complete, without a real JMeter.
fn complete(tools_dir: &Path) -> InstallOptions {
    let options = InstallOptions::new(tools_dir, VERSION_DEFAULT);
    let layout = Layout::of(&options).unwrap();
    for file in home::jars(&layout.home).chain([layout.plugin.join(plugin::JAR_NAME)]) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    options
}

fn java() -> Java {
    Java { program: "/jdk/bin/java".into(), version: Some("17.0.15".into()) }
}

#[test]
fn the_binary_carries_sources_and_a_checksum_for_every_jar() {
    let sources = assets::plugin_sources();
    assert!(sources.iter().any(|(path, _)| path == "io/gridnode/jmeter/GridnodeListener.java"));
    assert!(sources.iter().any(|(path, _)| path == "io/gridnode/sump/SumpSender.java"));
    assert!(sources.iter().all(|(path, _)| path.ends_with(".java") && !path.contains("Test")));
    let jars: Vec<_> = assets::home_jars().collect();
    assert_eq!(jars.len(), 161);
    // All that JMeter's own distribution has in lib/ext.
    for module in
        "bolt components core ftp functions http java jdbc jms junit ldap mail mongodb native tcp".split(' ')
    {
        let jar = format!("ApacheJMeter_{module}-{VERSION_DEFAULT}.jar");
        assert!(jars.iter().any(|(name, _)| *name == jar), "{jar}");
    }
    assert!(jars.iter().all(|(name, sum)| name.ends_with(".jar") && sum.len() == 64));
}

#[test]
fn the_element_names_a_class_the_binary_carries_and_stands_in_the_verifying_plan() {
    let class = "io.gridnode.jmeter.GridnodeListener";
    assert!(
        listener_element().starts_with(&format!("<{class} ")) && listener_element().ends_with("<hashTree/>")
    );
    assert!(assets::verify_plan().contains(listener_element()));
}

#[test]
fn a_complete_installation_is_listed_and_another_plugin_version_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let options = complete(dir.path());
    let layout = Layout::of(&options).unwrap();
    let entry = |plugin_ready| Installed {
        tool: "jmeter",
        version: VERSION_DEFAULT.into(),
        dir: layout.home.clone(),
        plugin_ready,
        fault: None,
    };
    assert_eq!(list(dir.path()), [entry(true)]);
    fs::rename(&layout.plugin, layout.plugin.with_file_name("plugin-000000000000")).unwrap();
    assert_eq!(list(dir.path()), [entry(false)]);
}

/// One of an earlier version, which had fewer jars.
#[test]
fn a_home_that_lacks_a_jar_is_listed_and_not_taken_for_complete() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    assert!(layout.is_complete());
    fs::remove_file(layout.home.join("lib/ext/ApacheJMeter_native-5.6.3.jar")).unwrap();
    assert!(!layout.is_complete());
    let listed = list(dir.path());
    assert_eq!((listed.len(), listed[0].plugin_ready), (1, false));
}

#[test]
fn what_a_home_lacks_is_added_and_the_rest_stays() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    let [lacking, there] = ["native", "ftp"].map(|module| format!("ApacheJMeter_{module}-5.6.3.jar"));
    fs::remove_file(layout.home.join("lib/ext").join(&lacking)).unwrap();
    let fetched = dir.path().join("fetched");
    fs::create_dir(&fetched).unwrap();
    home::jars(Path::new(""))
        .for_each(|jar| fs::write(fetched.join(jar.file_name().unwrap()), "new").unwrap());
    home::add_missing(&fetched, &layout.home).unwrap();
    let text = |jar: &str| fs::read_to_string(layout.home.join("lib/ext").join(jar)).unwrap();
    assert_eq!((text(&lacking).as_str(), text(&there).as_str()), ("new", ""));
    assert!(layout.is_complete());
}

#[test]
fn a_class_archive_of_another_java_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(&complete(dir.path())).unwrap();
    assert_eq!(layout.ready(&java()).class_archive, None);
    fs::write(layout.plugin.join(archive_name(&java())), "").unwrap();
    assert!(layout.ready(&java()).class_archive.is_some());
    assert_eq!(layout.ready(&Java { version: Some("21".into()), ..java() }).class_archive, None);
}

#[test]
fn a_version_without_checksums_is_refused() {
    let options = InstallOptions::new("/nonexistent", "4.0");
    assert!(matches!(install(&options, &mut Silent), Err(InstallError::UnknownVersion { .. })));
}

#[test]
fn a_directory_without_a_jmeter_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = plugin_jar_for(dir.path(), dir.path(), &mut Silent).unwrap_err();
    assert!(matches!(error, InstallError::NotAHome(_)));
}

#[test]
fn a_foreign_home_starts_like_its_own_script_and_ours_with_its_class_path() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Layout::of(&complete(dir.path())).unwrap().ready(&java());
    let args: Vec<String> =
        ours.java_args(&[]).iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    assert!(args.contains(&"org.apache.jmeter.NewDriver".to_owned()), "{args:?}");
    let foreign = JmeterHome { version: None, ..ours };
    assert_eq!(foreign.java_args(&[])[0], "-jar");
}

#[test]
fn a_jar_with_another_content_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (first, _) = assets::home_jars().next().unwrap();
    assert!(first.starts_with("ApacheJMeter-"));
    fs::create_dir(dir.path().join("bin")).unwrap();
    fs::write(home::launcher_jar(dir.path()), "something else").unwrap();
    let error = home::check(dir.path(), &mut Silent).unwrap_err().to_string();
    assert!(error.contains(first) && error.contains("mirror"), "{error}");
}

#[test]
fn a_failing_maven_leaves_nothing_and_its_words_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    let maven = dir.path().join("mvn");
    fs::write(&maven, "#!/bin/sh\necho 'Could not resolve host: repo'\nexit 1\n").unwrap();
    fs::set_permissions(&maven, fs::Permissions::from_mode(0o755)).unwrap();
    let tools = dir.path().join("tools");
    let options = InstallOptions::new(&tools, VERSION_DEFAULT);
    let layout = Layout::of(&options).unwrap();
    let workspace = Workspace::open(&tools, "jmeter", &mut Silent).unwrap();
    let jdk = crate::tool::install::java::Jdk { javac: "/bin/false".into(), jar: "/bin/false".into() };
    let error = home::install(&workspace, &maven, &jdk, &options, &layout.home, &mut Silent).unwrap_err();
    assert!(error.to_string().contains("Could not resolve host"), "{error}");
    drop(workspace);
    assert!(list(&tools).is_empty());
    assert_eq!(fs::read_dir(&tools).unwrap().count(), 1, "only the lock file stays");
}

/// With the real Maven, JDK and JMeter; the end-to-end tests go the same way through the command line.
#[test]
#[ignore = "needs Maven, a JDK and, the first time, the network"]
fn the_real_jmeter_is_installed_and_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let options = InstallOptions::new(dir.path(), VERSION_DEFAULT);
    let home = ensure(&options, &mut Silent).unwrap();
    assert!(home.class_archive.is_some());
    assert_eq!(installed(&options).unwrap(), Some(home.clone()));
    let foreign = use_home(dir.path(), &home.home, &mut Silent).unwrap();
    assert!(foreign.plugin_jar.is_file() && foreign.plugin_jar != home.plugin_jar);
}
