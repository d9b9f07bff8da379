//! What goes wrong between a store, a disk and a run.

use super::*;
use crate::files::SourceError;

#[tokio::test]
async fn what_passes_is_tried_again() {
    let bench = Bench::new(|_| {});
    let away = Step::fails(SourceError::Unavailable { why: "503".to_owned() });
    let content = vec![3; 200_000];
    bench.store.script("a", [away, Step::whole(&content[..150_000]).breaks(), Step::whole(&content)]);
    let (to, progress) = watch::channel(Progress::default());
    let files = [file("a", &content)];
    bench.fetcher.fetch(&files, &name("a"), &bench.dir_of("7.1"), &to).await.unwrap();
    assert_eq!(bench.store.opened(), 3);
    assert_eq!((progress.borrow().bytes_done, progress.borrow().bytes_known), (200_000, 200_000));
}

#[tokio::test]
async fn a_body_that_ends_early_is_a_broken_connection() {
    let bench = Bench::new(|_| {});
    bench.store.script("a", [Step::whole(b"who").announces(Some(5)), Step::whole(b"whole")]);
    bench.fetch(&[file("a", b"whole")], "a", "7.1").await.unwrap();
    assert_eq!(bench.store.opened(), 2);
}

#[tokio::test]
async fn what_does_not_pass_is_said_at_once() {
    for (error, remedy) in [
        (SourceError::NotFound, "upload it"),
        (SourceError::NoBucket, "correct the uri"),
        (SourceError::Forbidden { why: "AccessDenied".to_owned() }, "allow its role s3:GetObject"),
        (SourceError::Archived, "restore it"),
    ] {
        let bench = Bench::new(|_| {});
        bench.store.script("a", [Step::fails(error)]);
        let said = bench.fetch(&[file("a", b"a")], "a", "7.1").await.unwrap_err().to_string();
        assert!(said.starts_with("`a`: s3://bucket/a ") && said.contains(remedy), "{said}");
        assert_eq!(bench.store.opened(), 1);
    }
}

#[tokio::test]
async fn another_digest_has_one_more_try_and_then_a_sentence_with_both() {
    let bench = Bench::new(|_| {});
    bench.store.script("a?token=secret", [Step::whole(b"other")]);
    let wrong = file("a?token=secret", b"right");
    let said = bench.fetch(&[wrong], "a?token=secret", "7.1").await.unwrap_err().to_string();
    let digests = [digest_of(b"right"), digest_of(b"other")].map(|digest| digest.to_string());
    assert!(digests.iter().all(|digest| said.contains(digest)), "{said}");
    assert!(said.contains("publish the command again") && !said.contains("s3://bucket/a?token"), "{said}");
    assert_eq!(bench.store.opened(), 2);
    assert!(bench.cached().is_empty());
    bench.assert_nothing_of("7.1").await;
}

#[tokio::test]
async fn sizes_are_believed_when_they_are_too_large_and_counted_all_the_same() {
    let large = vec![0; 2_000];
    for (announced, said_so) in
        [(Some(2_000), "has 2000 bytes"), (Some(10), "more than 1000"), (None, "more than 1000")]
    {
        let bench = Bench::new(|settings| settings.file_bytes_max = 1_000);
        bench.store.script("a", [Step::whole(&large).announces(announced)]);
        let said = bench.fetch(&[file("a", &large)], "a", "7.1").await.unwrap_err().to_string();
        assert!(said.contains(said_so) && said.contains("file_bytes_max"), "{said}");
        assert_eq!(bench.store.opened(), 1);
        assert!(bench.cached().is_empty());
        bench.assert_nothing_of("7.1").await;
    }
}

#[tokio::test]
async fn a_run_has_a_bound_too_cached_or_not() {
    let bench = Bench::new(|settings| settings.run_bytes_max = 15);
    let files = [file("a", &[1; 10]), file("b", &[2; 10])];
    bench.store.has("a", &[1; 10]);
    bench.store.has("b", &[2; 10]);
    for _ in 0..2 {
        let failed = bench.fetch(&files, "a", "7.1").await;
        assert!(matches!(failed, Err(FetchError::RunTooLarge { max: 15, .. })), "{failed:?}");
    }
    for (run, one) in [("a", &files[..1]), ("b", &files[1..])] {
        bench.fetch(one, run, run).await.unwrap();
    }
    assert!(matches!(bench.fetch(&files, "a", "7.1").await, Err(FetchError::RunTooLarge { .. })));
}

#[tokio::test]
async fn a_damaged_cache_never_reaches_a_run() {
    let zip = archive_of(&[("in", b"in")]);
    let content = b"content".as_slice();
    for damage in [b"CONTENT".as_slice(), b"cont", b""] {
        let bench = Bench::new(|_| {});
        bench.store.has("a", content);
        bench.store.has("z.zip", &zip);
        let files = [file("a", content), file("z.zip", &zip)];
        bench.fetch(&files, "a", "7.1").await.unwrap();
        for file in &files {
            fs::write(bench.dir.path().join("cache").join(file.sha256.to_string()), damage).unwrap();
        }
        bench.fetch(&files, "a", "7.2").await.unwrap();
        assert_eq!(fs::read(bench.dir_of("7.2").join("a")).unwrap(), content);
        assert_eq!(fs::read(bench.dir_of("7.2").join("in")).unwrap(), b"in");
        assert_eq!((bench.store.opened(), bench.fetcher.counters().corrupt), (4, 2));
    }
}

#[tokio::test]
async fn a_file_that_vanished_from_the_cache_is_fetched_again() {
    let bench = Bench::new(|_| {});
    bench.store.has("a", b"a");
    let files = [file("a", b"a")];
    bench.fetch(&files, "a", "7.1").await.unwrap();
    fs::remove_dir_all(bench.dir.path().join("cache")).unwrap();
    fs::create_dir(bench.dir.path().join("cache")).unwrap();
    bench.fetch(&files, "a", "7.2").await.unwrap();
    assert_eq!(bench.store.opened(), 2);
}

#[tokio::test]
async fn what_is_called_off_leaves_nothing_and_the_next_one_takes_over() {
    let bench = Bench::new(|_| {});
    bench.store.script("a", [Step::whole(b"half").announces(Some(9)).hangs(), Step::whole(b"half more")]);
    let files = [file("a", b"half more")];
    let second = async {
        bench.store.hanging.notified().await;
    };
    tokio::select! {
        fetched = bench.fetch(&files, "a", "7.1") => panic!("{fetched:?}"),
        () = second => {}
    }
    bench.assert_nothing_of("7.1").await;
    assert!(bench.cached().is_empty());
    bench.fetch(&files, "a", "7.2").await.unwrap();
    assert!(!bench.dir_of("7.1").exists());
    assert_eq!(bench.store.opened(), 2);
}

#[tokio::test]
async fn who_waits_for_anothers_download_goes_on_when_that_one_is_called_off() {
    let bench = Bench::new(|_| {});
    bench.store.script("a", [Step::whole(b"half").announces(Some(9)).hangs(), Step::whole(b"half more")]);
    let files = [file("a", b"half more")];
    let mut first = Box::pin(bench.fetch(&files, "a", "7.1"));
    let mut second = Box::pin(bench.fetch(&files, "a", "8.1"));
    tokio::select! {
        biased;
        fetched = &mut first => panic!("{fetched:?}"),
        fetched = &mut second => panic!("{fetched:?}"),
        () = bench.store.hanging.notified() => {}
    }
    drop(first);
    second.await.unwrap();
    assert_eq!(bench.store.opened(), 2);
    bench.assert_nothing_of("7.1").await;
}

#[tokio::test]
async fn an_error_calls_the_other_downloads_off() {
    let bench = Bench::new(|_| {});
    bench.store.script("slow", [Step::whole(b"half").announces(Some(9)).hangs()]);
    let files = [file("slow", b"half more"), file("gone", b"gone")];
    let failed = bench.fetch(&files, "slow", "7.1").await;
    assert!(matches!(failed, Err(FetchError::Source { error: SourceError::NotFound, .. })), "{failed:?}");
    bench.assert_nothing_of("7.1").await;
}

#[tokio::test]
async fn a_directory_in_use_is_left_alone() {
    let bench = Bench::new(|_| {});
    bench.store.has("a", b"a");
    fs::create_dir_all(bench.dir_of("7.1")).unwrap();
    bench.fetch(&[file("a", b"a")], "a", "7.1").await.unwrap();
    let again = bench.fetch(&[file("a", b"a")], "a", "7.1").await;
    assert!(matches!(again, Err(FetchError::NotEmpty { .. })));
    assert_eq!(names_in(&bench.dir_of("7.1")), ["a"]);
}

#[tokio::test]
async fn leftovers_in_the_cache_are_removed_and_strangers_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    fs::create_dir(&cache).unwrap();
    fs::write(cache.join("1-0.tmp"), "half").unwrap();
    fs::write(cache.join("README"), "stranger").unwrap();
    fs::write(cache.join("A".repeat(64)), "not how we write it").unwrap();
    let fetcher = open(dir.path(), &Arc::new(Scripted::default()), |_| {});
    assert_eq!(names_in(&cache), ["A".repeat(64), "README".to_owned()]);
    assert_eq!(fetcher.counters().files, 0);
}
