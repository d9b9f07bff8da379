use super::*;
use gridnode_core::trace::TraceAccount;
use std::os::unix::fs::symlink;

fn settings(dir: &Path) -> TraceSettings {
    TraceSettings {
        from: dir.join("traces"),
        to: TraceTo::Dir(dir.join("failures")),
        flood: "7".to_owned(),
        run: 1,
        node: "n".to_owned(),
        caps: CapSettings { per_label: 5, per_window: 100, window_s: 15 },
        secrets: vec!["street".to_owned()],
        key: None,
        lines: None,
        is_whole: true,
        account_file: Some(dir.join("accounts/7@1.json")),
    }
}

fn one(error: &str) -> String {
    format!(
        r#"{{"flood":"x","label":"GET /","code":"500","error":"{error}","time_ns":1,"rt_ms":2,"request":{{"url":"/?street=canary"}}}}"#
    )
}

#[tokio::test]
async fn the_account_is_on_disk_while_the_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    fs::create_dir(&settings.from).unwrap();
    (0..8).for_each(|n| fs::write(settings.from.join(format!("trace-a-{n}.json")), one("refused")).unwrap());
    let file = settings.account_file.clone().unwrap();
    let taker = TraceTaker::start(settings).unwrap();
    for _ in 0..1_000 {
        if file.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let noted: TraceAccount = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!((noted.captured, noted.suppressed), (5, 3));
    assert_eq!(taker.finish().await.account, noted);
}

#[tokio::test]
async fn traces_are_taken_rid_of_secrets_and_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    fs::create_dir(&settings.from).unwrap();
    let put = |name: &str, text: &str| fs::write(settings.from.join(name), text).unwrap();
    (0..8).for_each(|n| put(&format!("trace-a-{n}.json"), &one(&format!("order {n}"))));
    put("trace-b-0.json", &one("refused"));
    put("trace-b-suppressed.json", r#"{"suppressed":[{"label":"x","count":4}],"others":2,"unwritten":3}"#);
    put("trace-b-1.json", "{");
    put("trace-b-2.json", &" ".repeat(FILE_BYTES_MAX + 1));
    put("trace-b-3.tmp", "half");
    put("a.final", "last word");
    fs::write(dir.path().join("secret"), one("stolen")).unwrap();
    symlink(dir.path().join("secret"), settings.from.join("link.json")).unwrap();
    nix::unistd::mkfifo(&settings.from.join("pipe.json"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(settings.from.join("dir.json")).unwrap();

    let index = TraceTaker::start(settings).unwrap().finish().await;
    let TraceAccount { captured, suppressed, refused, lost, .. } = index.account;
    assert_eq!((captured, suppressed, lost), (6, 3 + 6, 3));
    assert!(
        index.doubts.len() == 1 && index.doubts[0].starts_with("3 error traces could not be written"),
        "{:?}",
        index.doubts
    );
    assert_eq!(refused, 5, "each once, the directory, too");
    let kept: Vec<_> =
        fs::read_dir(dir.path().join("failures")).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(kept.len(), 6);
    for path in kept {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("‹redacted:") && !text.contains("canary") && !text.contains("stolen"),
            "{text}"
        );
        assert!(text.contains("\"flood\": \"7\""), "{text}");
        assert!(path.file_name().unwrap().to_string_lossy().starts_with("GET-500-"), "{path:?}");
    }
    let mut left: Vec<_> =
        fs::read_dir(dir.path().join("traces")).unwrap().flatten().map(|entry| entry.file_name()).collect();
    left.sort();
    assert_eq!(left, ["a.final", "dir.json", "trace-b-3.tmp"]);
}

#[tokio::test]
async fn pictures_lie_beside_their_traces_and_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(dir.path());
    settings.caps = CapSettings { per_label: 1_000, per_window: 1_000, window_s: 15 };
    fs::create_dir(&settings.from).unwrap();
    let with = |n: u32, picture: &str| {
        format!(
            r#"{{"label":"pay","error":"{n}","time_ns":{n},"rt_ms":1,"screenshot_png_base64":"{picture}"}}"#
        )
    };
    let put = |n: u32, picture: &str| {
        fs::write(settings.from.join(format!("trace-a-{n}.json")), with(n, picture)).unwrap();
    };
    put(0, "bm8gcGljdHVyZQ==");
    (1..=PICTURES_MAX + 5).for_each(|n| put(n, "iVBORw0KGgoAAA=="));
    let index = TraceTaker::start(settings).unwrap().finish().await;
    assert_eq!((index.account.captured, index.account.refused), (u64::from(PICTURES_MAX) + 6, 0));
    let (mut pictures, mut traces) = (0, 0);
    for path in fs::read_dir(dir.path().join("failures")).unwrap().flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|ext| ext == "png") {
            assert!(fs::read(&path).unwrap().starts_with(b"\x89PNG"));
            assert!(path.with_extension("json").exists(), "{}", path.display());
            pictures += 1;
        } else {
            traces += u32::from(fs::read_to_string(&path).unwrap().contains("screenshot_png_base64"));
        }
    }
    assert_eq!((pictures, traces), (PICTURES_MAX, PICTURES_MAX));
}

#[tokio::test]
async fn what_cannot_be_kept_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    fs::create_dir(&settings.from).unwrap();
    fs::write(settings.from.join("trace-a-0.json"), one("x")).unwrap();
    fs::write(dir.path().join("failures"), "no directory").unwrap();
    let index = TraceTaker::start(settings).unwrap().finish().await;
    assert_eq!((index.account.captured, index.account.lost), (0, 1));
    assert!(index.doubts[0].starts_with("1 error traces could not be kept"), "{:?}", index.doubts);
}

#[tokio::test]
async fn failures_that_are_the_same_in_all_are_as_many_files_as_they_count() {
    let dir = tempfile::tempdir().unwrap();
    let mut settings = settings(dir.path());
    settings.caps.per_label = 50;
    fs::create_dir(&settings.from).unwrap();
    (0..60).for_each(|n| fs::write(settings.from.join(format!("trace-a-{n}.json")), one("same")).unwrap());
    let index = TraceTaker::start(settings).unwrap().finish().await;
    assert_eq!((index.account.captured, index.account.suppressed), (50, 10));
    assert_eq!(fs::read_dir(dir.path().join("failures")).unwrap().count(), 50);
}

#[tokio::test]
async fn what_there_is_no_time_for_is_lost_and_said() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    fs::create_dir(&settings.from).unwrap();
    (0..300).for_each(|n| fs::write(settings.from.join(format!("trace-a-{n}.json")), one("same")).unwrap());
    fs::write(settings.from.join("trace-a-suppressed.json"), r#"{"others":7}"#).unwrap();
    let taker = TraceTaker::start(settings).unwrap();
    let TraceIndex { account, doubts, .. } = taker.finish_within(Duration::ZERO, GRACE).await;
    assert_eq!(account.captured + account.lost + account.suppressed, 307);
    assert!(account.lost > 0 && account.suppressed >= 7, "{account:?}");
    assert!(doubts.len() == 1 && doubts[0].contains("count as lost"), "{doubts:?}");
}

#[tokio::test]
async fn a_directory_that_is_taken_away_is_said() {
    let dir = tempfile::tempdir().unwrap();
    for how in 0..3 {
        let settings = settings(dir.path());
        let from = settings.from.clone();
        fs::create_dir(&from).unwrap();
        let taker = TraceTaker::start(settings).unwrap();
        std::thread::sleep(PAUSE);
        match how {
            0 => fs::remove_dir(&from).unwrap(),
            _ => fs::rename(&from, dir.path().join(format!("moved-{how}"))).unwrap(),
        }
        if how == 2 {
            symlink("moved-2", &from).unwrap();
        }
        let doubts = taker.finish().await.doubts;
        assert!(doubts.len() == 1 && doubts[0].contains("removed, moved or replaced"), "{how}: {doubts:?}");
        let _ = fs::remove_file(&from);
    }
    let doubts = TraceTaker::start(settings(dir.path())).unwrap().finish().await.doubts;
    assert!(doubts.len() == 1 && doubts[0].contains("cannot be opened"), "{doubts:?}");
}

#[tokio::test]
async fn counts_are_a_strangers_and_those_of_a_killed_plug_in_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path());
    let from = settings.from.clone();
    fs::create_dir(&from).unwrap();
    let put = |name: &str, text: &str| fs::write(from.join(name), text).unwrap();
    put(
        "trace-a-suppressed.json",
        r#"{"suppressed":[{"count":18446744073709551615},{"count":18446744073709551615}]}"#,
    );
    put("trace-b-suppressed.json", r#"{"others":1000000001}"#);
    put("trace-c-0.json", &one("x").replace("\"rt_ms\"", "\"suppressed\":18446744073709551615,\"rt_ms\""));
    put("trace-d-suppressed.pending", r#"{"others":12}"#);
    let TraceAccount { captured, suppressed, refused, .. } =
        TraceTaker::start(settings).unwrap().finish().await.account;
    assert_eq!((captured, suppressed, refused), (0, 12, 3));
    put("trace-e-0.json", &one("x"));
    put("trace-e-suppressed.pending", r#"{"others":5}"#);
    assert_eq!(left_in(&from), Left { traces: 1, suppressed: 5, ..Left::default() });
    assert_eq!(left_in(&dir.path().join("none")), Left::default());
}
