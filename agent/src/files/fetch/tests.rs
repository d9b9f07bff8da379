mod faults;
mod scripted;

use super::*;
use crate::files::archive_fault::ArchiveFault;
use gridnode_core::node::command::Sha256;
use hashing::digest_of;
use scripted::{Scripted, Step};
use std::fs;
use tempfile::TempDir;

/// A state directory, a scripted store and a fetcher between them.
struct Bench {
    dir: TempDir,
    store: Arc<Scripted>,
    fetcher: Fetcher,
}

impl Bench {
    fn new(change: impl FnOnce(&mut FetchSettings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Scripted::default());
        let fetcher = open(dir.path(), &store, change);
        Self { dir, store, fetcher }
    }

    async fn fetch(&self, files: &[FileRef], plan: &str, run: &str) -> Result<Fetched, FetchError> {
        let (progress, _) = watch::channel(Progress::default());
        self.fetcher.fetch(files, &name(plan), &self.dir_of(run), &progress).await
    }

    fn dir_of(&self, run: &str) -> PathBuf {
        self.dir.path().join("runs").join(run).join("files")
    }

    fn cached(&self) -> Vec<String> {
        names_in(&self.dir.path().join("cache"))
    }

    /// Nothing is left of a fetch that failed or was called off; its last acts may still be under way.
    async fn assert_nothing_of(&self, run: &str) {
        let into = self.dir_of(run);
        let left = || {
            let mut left = names_in(into.parent().unwrap());
            left.extend(self.cached().into_iter().filter(|name| name.ends_with(".tmp")));
            left
        };
        for _ in 0..500 {
            if left().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("left: {:?}", left());
    }
}

fn open(dir: &Path, store: &Arc<Scripted>, change: impl FnOnce(&mut FetchSettings)) -> Fetcher {
    let mut settings = FetchSettings::new(dir.join("cache"));
    change(&mut settings);
    Fetcher::new(settings, Some(Arc::clone(store) as Arc<dyn ObjectSource>)).unwrap()
}

fn names_in(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

fn name(text: &str) -> FileName {
    FileName::new(text).unwrap()
}

/// A file of the scripted store; its key is its name.
fn file(text: &str, content: &[u8]) -> FileRef {
    let uri = FileUri::S3 { bucket: "bucket".to_owned(), key: text.to_owned() };
    FileRef { name: name(text), uri, sha256: digest_of(content) }
}

#[tokio::test]
async fn files_come_into_a_directory_of_their_own() {
    let bench = Bench::new(|_| {});
    let large = vec![5; 3_000_000];
    bench.store.has("plan.jmx", b"<plan/>");
    bench.store.has("data/large.csv", &large);
    let files = [file("plan.jmx", b"<plan/>"), file("data/large.csv", &large)];
    let (to, progress) = watch::channel(Progress::default());
    let into = bench.dir_of("7.1");
    let fetched = bench.fetcher.fetch(&files, &name("plan.jmx"), &into, &to).await.unwrap();
    let expected = Fetched { dir: into.clone(), plan: into.join("plan.jmx"), files: 2, bytes: 3_000_007 };
    assert_eq!(fetched, expected);
    assert_eq!(fs::read(into.join("data/large.csv")).unwrap(), large);
    assert_eq!(names_in(into.parent().unwrap()), ["files"]);
    let expected = Progress {
        phase: Phase::Done,
        files_done: 2,
        files_total: 2,
        bytes_done: 3_000_007,
        bytes_known: 3_000_007,
        unpacked_files: 0,
        unpacked_bytes: 0,
    };
    assert_eq!(*progress.borrow(), expected);
}

#[tokio::test]
async fn a_second_run_takes_them_from_the_cache_also_after_a_restart() {
    let bench = Bench::new(|_| {});
    bench.store.has("p", b"plan");
    let files = [file("p", b"plan")];
    bench.fetch(&files, "p", "7.1").await.unwrap();
    // What a run does to its files is its own affair.
    fs::write(bench.dir_of("7.1").join("p"), "scribble").unwrap();
    bench.fetch(&files, "p", "7.2").await.unwrap();
    let again = open(bench.dir.path(), &bench.store, |_| {});
    let (progress, _) = watch::channel(Progress::default());
    again.fetch(&files, &name("p"), &bench.dir_of("7.3"), &progress).await.unwrap();
    for run in ["7.2", "7.3"] {
        assert_eq!(fs::read(bench.dir_of(run).join("p")).unwrap(), b"plan");
    }
    assert_eq!(bench.store.opened(), 1);
    let counters = bench.fetcher.counters();
    assert_eq!((counters.hits, counters.misses, counters.files, counters.bytes), (1, 1, 1, 4));
}

#[tokio::test]
async fn the_same_digest_is_fetched_once_at_a_time() {
    let bench = Bench::new(|_| {});
    bench.store.script("a", [Step::whole(b"same").slowly()]);
    let [mut one, mut two] = [file("a", b"same"), file("a", b"same")];
    (one.name, two.name) = (name("one"), name("two"));
    let files = [one, two];
    let (first, second) = tokio::join!(bench.fetch(&files, "one", "7.1"), bench.fetch(&files, "two", "8.1"));
    assert_eq!((first.unwrap().files, second.unwrap().files), (2, 2));
    assert_eq!(bench.store.opened(), 1);
}

#[tokio::test]
async fn downloads_at_once_have_a_bound() {
    let bench = Bench::new(|settings| settings.parallel = 3);
    let files: Vec<FileRef> = (0..12)
        .map(|n| {
            let (key, content) = (format!("f{n}"), [n; 100]);
            bench.store.script(&key, [Step::whole(&content).slowly()]);
            file(&key, &content)
        })
        .collect();
    bench.fetch(&files, "f0", "7.1").await.unwrap();
    assert_eq!((bench.store.opened(), bench.store.most_at_once()), (12, 3));
}

#[tokio::test]
async fn the_plan_may_come_out_of_an_archive() {
    let bench = Bench::new(|_| {});
    let zip = archive_of(&[("plan.jmx", b"<plan/>"), ("data/a.csv", b"1")]);
    bench.store.has("sub/bundle.zip", &zip);
    bench.store.has("other.csv", b"2");
    let files = [file("sub/bundle.zip", &zip), file("other.csv", b"2")];
    let fetched = bench.fetch(&files, "sub/plan.jmx", "7.1").await.unwrap();
    assert_eq!((fetched.files, fetched.plan), (3, bench.dir_of("7.1").join("sub/plan.jmx")));
    assert_eq!(names_in(&fetched.dir.join("sub")), ["data", "plan.jmx"]);
    let said = bench.fetch(&files, "plan.jmx", "7.2").await.unwrap_err().to_string();
    assert!(said.contains("`plan.jmx`") && said.contains("there are `sub/plan.jmx`, "), "{said}");
    bench.assert_nothing_of("7.2").await;
}

#[tokio::test]
async fn the_plan_may_be_a_directory_of_an_archive() {
    let bench = Bench::new(|_| {});
    let zip = archive_of(&[("shop/src/Checkout.java", b"class"), ("shop/users.csv", b"1")]);
    bench.store.has("shop.zip", &zip);
    let files = [file("shop.zip", &zip)];
    let fetched = bench.fetch(&files, "shop", "7.1").await.unwrap();
    assert_eq!(fetched.plan, bench.dir_of("7.1").join("shop"));
    assert_eq!(names_in(&fetched.plan), ["src", "users.csv"]);
    let failed = bench.fetch(&files, "sho", "7.2").await.unwrap_err();
    assert!(matches!(failed, FetchError::NoPlan { .. }), "{failed}");
}

#[tokio::test]
async fn archives_share_their_bounds_and_collide_with_files() {
    let bench = Bench::new(|settings| settings.unpacked_files_max = 3);
    let zip = archive_of(&[("p", b"p"), ("q", b"q")]);
    let (mut one, mut two) = (file("a/z.zip", &zip), file("b/z.zip", &zip));
    bench.store.has("a/z.zip", &zip);
    bench.store.has("b/z.zip", &zip);
    let failed = bench.fetch(&[one.clone(), two.clone()], "a/p", "7.1").await.unwrap_err();
    assert!(matches!(&failed, FetchError::Archive { fault: ArchiveFault::Entries { .. }, .. }), "{failed}");
    (one.name, two.name) = (name("a.zip"), name("q"));
    let said = bench.fetch(&[one, two], "q", "7.2").await.unwrap_err().to_string();
    assert!(said.contains("`a.zip` is not unpacked: `q` cannot be placed"), "{said}");
    bench.assert_nothing_of("7.1").await;
    bench.assert_nothing_of("7.2").await;
}

#[tokio::test]
async fn the_least_recently_used_is_evicted() {
    let bench = Bench::new(|settings| settings.cache_bytes_max = 25);
    for (n, key) in (0..).zip(["a", "b", "c"]) {
        bench.store.has(key, &[n; 10]);
        bench.fetch(&[file(key, &[n; 10])], key, key).await.unwrap();
    }
    let mut kept = vec![digest_of(&[1; 10]).to_string(), digest_of(&[2; 10]).to_string()];
    kept.sort_unstable();
    assert_eq!(bench.cached(), kept);
    assert_eq!(bench.fetcher.counters().evicted, 1);
}

#[tokio::test]
async fn what_a_run_needs_at_once_is_never_evicted() {
    let bench = Bench::new(|settings| settings.cache_bytes_max = 5);
    let files: Vec<FileRef> = (0..4)
        .map(|n| {
            bench.store.has(&format!("f{n}"), &[n; 10]);
            file(&format!("f{n}"), &[n; 10])
        })
        .collect();
    assert_eq!(bench.fetch(&files, "f0", "7.1").await.unwrap().files, 4);
    let counters = bench.fetcher.counters();
    assert_eq!((counters.corrupt, counters.evicted, counters.bytes), (0, 4, 0));
}

#[tokio::test]
async fn local_files_are_for_those_who_ask() {
    let bench = Bench::new(|settings| settings.file_uris = true);
    let path = bench.dir.path().join("plan.jmx");
    fs::write(&path, "plan").unwrap();
    let local = |path: &Path| FileRef {
        uri: FileUri::File { path: path.to_str().unwrap().to_owned() },
        ..file("plan.jmx", b"plan")
    };
    bench.fetch(&[local(&path)], "plan.jmx", "7.1").await.unwrap();
    let other = FileRef { sha256: Sha256([0; 32]), ..local(bench.dir.path()) };
    let said = bench.fetch(&[other], "plan.jmx", "7.2").await.unwrap_err().to_string();
    assert!(said.contains("not a regular file"), "{said}");
    let gone = FileRef { sha256: Sha256([0; 32]), ..local(&path.with_extension("gone")) };
    let said = bench.fetch(&[gone], "plan.jmx", "7.2").await.unwrap_err().to_string();
    assert!(said.contains("is not there"), "{said}");
    let strict = Bench::new(|_| {});
    let refused = strict.fetch(&[local(&path)], "plan.jmx", "7.1").await;
    assert!(matches!(refused, Err(FetchError::FileUrisOff { .. })));
}

/// By the library's own writer: what it writes is what people have.
fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
