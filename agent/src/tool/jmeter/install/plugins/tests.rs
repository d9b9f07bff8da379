use super::*;

fn coordinate(text: &str) -> Coordinate {
    text.parse().unwrap()
}

fn fetched(texts: &[&str]) -> Result<Vec<String>, String> {
    let wanted: Vec<_> = texts.iter().map(|text| coordinate(text)).collect();
    let all = with_what_they_share(&wanted).map_err(|error| error.to_string())?;
    let said = |one: Fetched| format!("{}{}", one.coordinate, one.sum.map_or(" unpinned", |_| ""));
    Ok(all.into_iter().map(said).collect())
}

/// A plug-in as if it had been fetched.
fn put(plugins_dir: &Path, text: &str, bytes: &str) -> PathBuf {
    let dir = place(plugins_dir, &coordinate(text));
    fs::create_dir_all(&dir).unwrap();
    let jar = dir.join("own.jar");
    fs::write(&jar, bytes).unwrap();
    fs::write(dir.join(RECORD), format!("{text}\n{}  own.jar\n", sha256_hex(bytes.as_bytes()))).unwrap();
    jar
}

#[test]
fn every_known_plug_in_is_pinned_and_comes_with_what_all_share() {
    let names: Vec<_> = known().map(|(coordinate, sum)| (coordinate.to_string(), sum.len())).collect();
    assert_eq!(names.len(), assets::known_plugins().count());
    assert!(names.iter().all(|(name, digits)| name.matches(':').count() == 2 && *digits == 64), "{names:?}");
    let common = "kg.apc:jmeter-plugins-cmn-jmeter:0.7";
    assert_eq!(
        fetched(&["kg.apc:jmeter-plugins-casutg"]).unwrap(),
        [common, "kg.apc:jmeter-plugins-casutg:2.10"]
    );
    assert_eq!(fetched(&["kg.apc:jmeter-plugins-cmn-jmeter"]).unwrap(), [common]);
    assert_eq!(fetched(&["a:b:1", "a:b:2"]).unwrap(), [common, "a:b:2 unpinned"]);
    let old = fetched(&["com.blazemeter:jmeter-parallel:0.11"]).unwrap();
    assert_eq!(old, [common, "com.blazemeter:jmeter-parallel:0.11 unpinned"]);
}

#[test]
fn a_plug_in_that_nobody_knows_needs_a_version() {
    let said = fetched(&["kg.apc:jmeter-plugins-nosuch"]).unwrap_err();
    let parts = ["`kg.apc:jmeter-plugins-nosuch`", "kg.apc:jmeter-plugins-nosuch:VERSION", "casutg:2.10"];
    assert!(parts.iter().all(|part| said.contains(part)), "{said}");
}

#[test]
fn a_jar_that_has_changed_is_not_used_and_one_that_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let plugins = plugins_dir(dir.path());
    assert!(jars(&plugins, &[]).unwrap().is_empty(), "nothing is installed");
    let jar = put(&plugins, "a:b:1", "one");
    let second = put(&plugins, "a:c:1", "two");
    assert_eq!(jars(&plugins, &[coordinate("a:b"), coordinate("a:c:1")]).unwrap(), [jar.clone(), second]);
    let missing = jars(&plugins, &[coordinate("a:b:2")]).unwrap_err().to_string();
    assert!(missing.contains("`gridnode tools install jmeter --plugin a:b:2"), "{missing}");
    fs::write(&jar, "another").unwrap();
    let changed = jars(&plugins, &[]).unwrap_err().to_string();
    assert!(changed.contains("own.jar") && changed.contains("--plugin a:b:1"), "{changed}");
}

#[test]
fn what_jmeter_has_itself_is_told_by_its_name_without_the_version() {
    assert_eq!(artifact("commons-lang3-3.14.0.jar"), "commons-lang3");
    assert_eq!(artifact("log4j-1.2-api-2.22.1.jar"), artifact("log4j-1.2-api-2.20.0.jar"));
    assert_eq!(artifact("own.jar"), "own.jar");
}

#[test]
fn only_what_is_not_known_brings_something_along() {
    let one = |text: &str, sum| Fetched { coordinate: coordinate(text), sum };
    let known = pom(&one("kg.apc:jmeter-plugins-casutg:2.10", Some("")));
    assert!(known.contains("<groupId>*</groupId><artifactId>*</artifactId>"), "{known}");
    let other = pom(&one("a:b:1", None));
    assert!(
        other.contains("<groupId>org.apache.jmeter</groupId>") && !other.contains("<groupId>*"),
        "{other}"
    );
    assert!(!other.contains('{') || other.contains("${plugin.version}") && other.matches('{').count() == 1);
}
