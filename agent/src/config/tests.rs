//! What the sources become, and what is said when they are wrong.

use super::*;
use crate::control::imds::Identity;
use gridnode_core::base::ids::Ident;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

const ENOUGH: &str = r#"
[control]
command_topics = ["arn:aws:sns:eu-west-1:123456789012:commands"]
event_topic = "arn:aws:sns:eu-west-1:123456789012:events"
[drain]
url = "http://127.0.0.1:8086"
"#;

fn no_files(_: &Path) -> Result<String, String> {
    Err("there is no such file".to_owned())
}

fn sources(text: &str) -> Sources<'static> {
    Sources {
        file: Some(FileText { path: "/etc/gridnode/config.toml".into(), text: text.to_owned() }),
        env: BTreeMap::new(),
        flags: Vec::new(),
        metadata: None,
        host_name: "worker-3.local".to_owned(),
        secret_file: &no_files,
    }
}

fn with_env(text: &str, env: &[(&str, &str)]) -> Sources<'static> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { env, ..sources(text) }
}

fn errors(sources: &Sources<'_>) -> String {
    let errors = load(sources).map(|_| ()).unwrap_err().errors;
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn origin(effective: &Effective, key: &str) -> String {
    effective.get(key).unwrap().origin.to_string()
}

#[test]
fn little_is_enough_and_the_rest_is_worked_out() {
    let (config, effective) = load(&sources(ENOUGH)).unwrap();
    assert_eq!(config.node.id.as_str(), "worker-3.local");
    assert_eq!(
        (config.aws.region.as_str(), config.node.region.clone()),
        ("eu-west-1", Ident::new("eu-west-1").ok())
    );
    assert_eq!(config.drain.url.shown(), "http://127.0.0.1:8086 (database gridnode)");
    assert_eq!(config.timestamp_key(), gridnode_core::rollup::timestamp::DEFAULT_KEY);
    assert_eq!((config.metadata.enabled, config.metadata.spot), (MetadataMode::Auto, true));
    assert_eq!((config.run.fetch_ms, config.run.close_ms), (600_000, Some(30_000)));
    assert_eq!(origin(&effective, "node.id"), "host name");
    assert_eq!(origin(&effective, "drain.url"), "/etc/gridnode/config.toml:6");
    assert_eq!(origin(&effective, "aws.region"), "region of the first command topic");
}

#[test]
fn the_higher_source_wins() {
    let grid = |sources: &Sources<'_>| {
        let (config, effective) = load(sources).unwrap();
        (config.node.grid.unwrap().to_string(), origin(&effective, "node.grid"))
    };
    let mut sources = sources(ENOUGH);
    sources.metadata = Some(Identity { grid: Ident::new("m").ok(), ..Identity::default() });
    assert_eq!(grid(&sources), ("m".to_owned(), "instance metadata".to_owned()));
    sources.file.as_mut().unwrap().text.push_str("[node]\ngrid = \"f\"\n");
    assert_eq!(grid(&sources), ("f".to_owned(), "/etc/gridnode/config.toml:8".to_owned()));
    sources.env.insert("GRIDNODE_GRID".to_owned(), "e".to_owned());
    assert_eq!(grid(&sources), ("e".to_owned(), "environment GRIDNODE_GRID".to_owned()));
    sources.flags =
        vec![Flag::Named("--grid", "node.grid", Secret::new("n")), Flag::Set(Secret::new("node.grid=s"))];
    assert_eq!(grid(&sources), ("n".to_owned(), "--grid".to_owned()));
    sources.flags.remove(0);
    assert_eq!(grid(&sources), ("s".to_owned(), "--set".to_owned()));
}

#[test]
fn who_a_node_is_comes_from_the_nearest_that_knows() {
    let mut sources = with_env(ENOUGH, &[("AWS_REGION", "us-west-2")]);
    let identity = |sources: &Sources<'_>| {
        let (config, _) = load(sources).unwrap();
        (config.node.id.to_string(), config.node.region.unwrap().to_string(), config.aws.region)
    };
    let three = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(identity(&sources), three("worker-3.local", "us-west-2", "us-west-2"));
    sources.metadata = Some(Identity {
        instance_id: Ident::new("i-1").ok(),
        node: None,
        region: Ident::new("ap-south-1").ok(),
        grid: None,
    });
    assert_eq!(identity(&sources), three("i-1", "ap-south-1", "us-west-2"));
    sources.metadata.as_mut().unwrap().node = Ident::new("tagged").ok();
    sources.flags = vec![Flag::Set(Secret::new("node.region=here"))];
    assert_eq!(identity(&sources), three("tagged", "here", "us-west-2"));
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_line_key_and_remedy() {
    let text = r#"
state_dir = "relative"
grace_ms = 5

[control]
command_topics = ["arn:aws:sns:eu-west-1:123456789012:commands", "arn:aws:sns:eu-west-1:123456789012:a.fifo"]
event_topic = 7
runs_max = 0
"drain.url" = "x"

[drian]
url = "http://x"

[drain]
ulr = "http://x"

[files]
file_bytes_max = "1.5 GiB"
parallel = "many"

[windows]
grace_ms = "2s"
labels_max = 1_000_000
grace = 2

[health]
period_s = 7

[sump]
listen = "0.0.0.0:35663"

[metadata]
enabled = "sometimes"
spot = "yes"

[run.fetch_ms]
value = 1
"#;
    let mut sources =
        with_env(text, &[("GRIDNODE_DRAIN_URL", "http://x"), ("GRIDNODE_SPOOL_AGE_MAX_S", "1h")]);
    sources.flags =
        ["control.runs_mx=2", "bananas", "timestamps.key="].map(|text| Flag::Set(Secret::new(text))).into();
    insta::assert_snapshot!(errors(&sources));
}

#[test]
fn contradictions_name_both_sides() {
    let text = r#"
shutdown_ms = 12_000
[node]
id = "a-name-of-64-characters-which-is-the-longest-that-there-can-be-x"
[control]
command_topics = ["arn:aws:sns:eu-west-1:123456789012:commands", "arn:aws:sns:eu-west-1:123456789012:commands"]
event_topic = "arn:aws:sns:eu-west-1:123456789012:commands"
[drain]
url = "http://me:geheim@127.0.0.1:8086?db=a"
database = "b"
token = "geheim"
username = "me"
[files]
file_bytes_max = 5_000_000_000
[tools]
jvm_args = ["-Xmx4g"]
[metadata]
enabled = false
spot = true
"#;
    let shown = errors(&sources(text));
    assert!(!shown.contains("geheim"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_not_toml_is_said_without_the_line_that_may_hold_a_secret() {
    let shown = errors(&sources("[drain]\nurl = \"http://x\"\ntoken = geheim\n"));
    assert!(shown.starts_with("/etc/gridnode/config.toml:3: this is not TOML"), "{shown}");
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn secrets_show_nowhere() {
    let text = format!("{ENOUGH}[timestamps]\nkey = \"geheim-1\"\n");
    let mut sources = with_env(&text, &[("GRIDNODE_DRAIN", "https://me:geheim-2@x/?db=d&rp=r&p=geheim-3")]);
    sources.flags = vec![Flag::Set(Secret::new("drain.token=\u{7}geheim-4"))];
    let flags = format!("{:?}", sources.flags);
    let failed = load(&sources).unwrap_err();
    let mut shown = format!("{flags} {failed} {failed:?}");
    sources.flags.clear();
    let (config, effective) = load(&sources).unwrap();
    shown.push_str(&format!("{config:?} {effective:?}"));
    for value in effective.values() {
        shown.push_str(&format!("{:?} {}", value.text(), value.json()));
    }
    assert!(!shown.contains("geheim"), "{shown}");
    assert_eq!(config.timestamp_key(), b"geheim-1");
    let shown = |key| effective.get(key).unwrap().text().unwrap();
    assert_eq!(shown("timestamps.key"), "\"••••\"");
    assert_eq!(shown("drain.url"), "\"https://••••@x/?db=d&rp=r&••••\"");
}

#[test]
fn secrets_may_stand_in_files_of_their_own() {
    let file = |path: &Path| match path.to_str() {
        Some("/run/token") => Ok("geheim\n".to_owned()),
        Some("/run/two-lines") => Ok("a\nb\n".to_owned()),
        _ => Err("permission denied".to_owned()),
    };
    let with = |keys: &str| format!("{ENOUGH}{keys}");
    let load_with = |keys: &str| load(&Sources { secret_file: &file, ..sources(&with(keys)) });
    let (config, effective) = load_with(
        "token_file = \"/run/token\"\ntoken_type = \"Bearer\"\n[timestamps]\nkey_file = \"/run/token\"",
    )
    .unwrap();
    assert!(format!("{:?}", config.drain.url).contains("Bearer"), "{config:?}");
    assert_eq!(config.timestamp_key(), b"geheim");
    assert_eq!(origin(&effective, "drain.token"), "drain.token_file");
    let said = |keys| load_with(keys).unwrap_err().to_string();
    insta::assert_snapshot!(said("token_file = \"/run/other\""));
    insta::assert_snapshot!(said("username = \"me\"\npassword_file = \"/run/two-lines\""));
    insta::assert_snapshot!(said("token_file = \"/run/token\"\ntoken = \"geheim\""));
}

#[test]
fn credentials_of_the_keys_reach_the_drain() {
    let auth = |keys: &str| format!("{:?}", load(&sources(&format!("{ENOUGH}{keys}"))).unwrap().0.drain.url);
    assert!(auth("token = \"t\"").contains("Token(…)"));
    assert!(auth("username = \"u\"\npassword = \"p\"\ndatabase = \"d d\"").contains("Basic(…)"));
    assert!(auth("database = \"other\"").contains("database other"));
}

#[test]
fn the_environment_writes_lists_and_numbers_its_own_way() {
    let env = [
        (
            "GRIDNODE_CONTROL_COMMAND_TOPICS",
            "arn:aws:sns:eu-west-1:123456789012:a, arn:aws:sns:eu-west-1:123456789012:b",
        ),
        ("GRIDNODE_TOOLS_JVM_ARGS", "-Xlog:gc*,safepoint  -XX:+UseZGC"),
        ("GRIDNODE_FILES_PARALLEL", "1_0"),
        ("GRIDNODE_METADATA_SPOT", "false"),
        ("GRIDNODE_NODE", ""),
        ("GRIDNODE_BIN_DIR", "/x"),
    ];
    let (config, _) = load(&with_env(ENOUGH, &env)).unwrap();
    let names: Vec<&str> =
        config.control.command_topics.iter().map(|t| t.as_str().rsplit(':').next().unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(config.tools.jvm_args, ["-Xlog:gc*,safepoint", "-XX:+UseZGC"]);
    assert_eq!((config.files.parallel, config.metadata.spot), (10, false));
    assert_eq!(config.node.id.as_str(), "worker-3.local");
}

#[test]
fn the_table_is_consistent() {
    let mut sections: Vec<&str> = KEYS.iter().map(Key::section).collect();
    sections.dedup();
    let mut names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    let mut env: Vec<String> = KEYS.iter().map(Key::env_name).collect();
    for all in [&mut sections, &mut names] {
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "twice, or a section in two pieces");
    }
    env.sort_unstable();
    env.dedup();
    assert_eq!(env.len(), KEYS.len());
    for key in KEYS {
        let has_example = !key.example.is_empty();
        let has_value = key.default_value().is_some();
        let wants_value = matches!(key.fallback, Fallback::Number(_) | Fallback::Bool(_) | Fallback::Text(_));
        assert_eq!(has_value, wants_value, "{}: the default is not of its kind", key.name);
        assert!(has_value || has_example, "{} has nothing to show", key.name);
        assert!(key.help.ends_with('.'), "{}", key.name);
        if let Fallback::Number(number) = key.fallback {
            assert!(
                key.kind.number(i128::from(number)).is_ok(),
                "{}: the default is out of bounds",
                key.name
            );
        }
        let unit = match key.kind {
            Kind::Number { unit, .. } | Kind::NumberOf(unit, _) => unit,
            _ => Unit::Count,
        };
        let ends = |end: &str| key.name.ends_with(end);
        let fits = match unit {
            Unit::Ms => ends("_ms"),
            Unit::S => ends("_s"),
            Unit::Bytes => ends("bytes_max"),
            Unit::Mib => ends("_mib"),
            Unit::Count => !["_ms", "_s", "bytes_max", "_mib"].iter().any(|end| ends(end)),
        };
        assert!(fits, "{} does not name its unit", key.name);
    }
}

#[test]
fn the_example_can_be_used_as_it_is() {
    insta::assert_snapshot!(example());
    let (config, _) = load(&sources(&example())).unwrap();
    assert_eq!(config.drain.url.shown(), "https://drain.example.com (database gridnode)");
}

/// With everything in it uncommented nothing is wrong but what contradicts by intention: two ways to prove who one is.
#[test]
fn every_line_of_the_example_is_of_its_kind() {
    let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
    let all: Vec<String> = example()
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| is_key(rest)).unwrap_or(line).replace('…', "x"))
        .collect();
    let errors = load(&sources(&all.join("\n"))).unwrap_err().errors;
    let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["drain.token_file", "drain.username", "drain.password_file", "timestamps.key_file"]);
}

#[test]
fn locations() {
    let location = |text| {
        S3Location::new(text)
            .map(|location| (location.bucket.clone(), location.prefix.clone(), location.to_string()))
    };
    assert_eq!(location("s3://bucket"), Some(("bucket".into(), String::new(), "s3://bucket".into())));
    assert_eq!(location("s3://bucket/a/b/"), Some(("bucket".into(), "a/b".into(), "s3://bucket/a/b".into())));
    for wrong in ["", "bucket", "s3://", "s3:///a", "s3://Bucket/a", "https://bucket/a"] {
        assert_eq!(S3Location::new(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "(\\[[a-z.]{0,8}\\]\n|[a-z_.\"]{1,12} = [\"\\[\\]a-z0-9_.{}-]{0,12}\n|\\PC{0,10}\n){0,6}") {
        let _ = load(&sources(&text));
    }

    #[test]
    fn no_text_of_a_value_makes_it_panic(at in 0..KEYS.len(), text in "\\PC{0,40}") {
        let _ = load(&with_env(ENOUGH, &[(&KEYS[at].env_name(), &text)]));
        let _ = KEYS[at].kind.text(&text);
    }

    /// What is shown is what could have been written.
    #[test]
    fn a_number_is_shown_as_it_is_read(number in 0_u64..=60_000) {
        let text = format!("{ENOUGH}[windows]\ngrace_ms = {number}\n");
        let (config, effective) = load(&sources(&text)).unwrap();
        prop_assert_eq!(config.windows.grace_ms, number);
        prop_assert_eq!(effective.get("windows.grace_ms").unwrap().text(), Some(number.to_string()));
    }
}
