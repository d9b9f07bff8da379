use super::*;
use proptest::prelude::*;

fn spec() -> ToolSpec {
    ToolSpec {
        program: "/bin/true".into(),
        args: vec!["a b".into()],
        env: vec![("PATH".into(), "/bin".into())],
        working_dir: "/".into(),
        stdout_log: "/o".into(),
        stderr_log: "/e".into(),
        log_bytes_max: LOG_BYTES_MIN,
        exit_file: "/x".into(),
        marker: "7.1".into(),
        grace_ms: GRACE_MS_DEFAULT,
        longest_ms: None,
        lease_ms: None,
        limits: vec![Limit { resource: Resource::OpenFiles, value: 64 }],
        remove_at_end: vec!["/secret".into()],
        scratch_dirs: vec!["/tmp/run".into()],
        use_cgroup: true,
        out_of_reach: Some(OutOfReach {
            uid: 900,
            addresses: vec!["169.254.169.254:80".parse().unwrap()],
            paths: vec!["/etc/gridnode".into()],
        }),
        slot: None,
    }
}

#[test]
fn what_is_shown_of_it_has_no_values_of_its_environment() {
    let spec = ToolSpec { env: vec![("SHOP_TOKEN".into(), "canary".into())], ..spec() };
    for shown in [format!("{spec:?}"), format!("{spec:#?}")] {
        assert!(shown.contains("SHOP_TOKEN") && shown.contains("/bin/true"), "{shown}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

fn why(change: impl FnOnce(&mut ToolSpec)) -> String {
    let mut spec = spec();
    change(&mut spec);
    spec.to_line().unwrap_err().to_string()
}

#[test]
fn each_contradiction_has_its_sentence() {
    let text = |text: &str| std::ffi::OsString::from(text);
    assert!(spec().to_line().is_ok());
    assert!(why(|s| s.working_dir = "here".into()).contains("working_dir `here` must be an absolute path"));
    assert!(why(|s| s.exit_file = "x".into()).contains("exit_file `x`"));
    assert!(why(|s| s.program = "bin/jmeter".into()).contains("an absolute path or a bare name"));
    assert!(why(|s| s.stderr_log = s.stdout_log.clone()).contains("must differ"));
    assert!(why(|s| s.log_bytes_max = 1).contains("at least 8192"));
    assert!(why(|s| s.marker = String::new()).contains("marker must be"));
    assert!(why(|s| s.marker = "a/../b".into()).contains("marker must be"));
    assert!(why(|s| s.env.push((text("A=B"), text("")))).contains("`A=B` is no name"));
    assert!(why(|s| s.env.push((text("A"), text("\0")))).contains("`A` has a NUL byte"));
    assert!(why(|s| s.env.push((MARKER_VARIABLE.into(), text("7.2")))).contains("differs from marker"));
    assert!(why(|s| s.args.push(text("\0"))).contains("NUL"));
}

#[test]
fn an_unfinished_or_foreign_line_is_refused() {
    for line in [&b""[..], b"{", b"[]", b"{\"program\":\"/bin/true\"}", b"\xff\xfe"] {
        assert!(matches!(ToolSpec::from_line(line), Err(Refusal::Spec { .. })), "{line:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_of_the_system_survive(
        args in prop::collection::vec(prop::collection::vec(1u8.., 0..20), 0..5),
        value in prop::collection::vec(1u8.., 0..20),
    ) {
        let mut spec = spec();
        spec.args = args.into_iter().map(OsString::from_vec).collect();
        spec.env.push(("VALUE".into(), OsString::from_vec(value)));
        let line = spec.to_line().unwrap();
        prop_assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
        prop_assert_eq!(ToolSpec::from_line(&line).unwrap(), spec);
    }
}
