mod hostile;
mod raw;

use super::*;
use gridnode_core::node::command::FileName;
use raw::{Raw, zip_of};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Unpacks `bytes` as an archive in `dir`; what was written, by name, with directories as `None`.
fn unpacked(bytes: &[u8], dir: &str, max: (u64, u32)) -> Result<BTreeMap<String, Option<Vec<u8>>>, Stopped> {
    let place = tempfile::tempdir().unwrap();
    let (into, around) = (place.path().join("run/files"), place.path().join("outside"));
    fs::create_dir(&around).unwrap();
    let staging = Staging::new(&into).unwrap();
    let result = unpack_into(bytes, dir, max, &staging);
    assert!(!into.exists());
    let published = result.map(|()| staging.publish().unwrap());
    drop(staging);
    // Nothing beside the directory, whatever was in the archive.
    assert_eq!(fs::read_dir(&around).unwrap().count(), 0);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    assert_eq!(fs::read_dir(place.path().join("run")).unwrap().count(), usize::from(published.is_ok()));
    published.map(|()| listed(&into, &into))
}

fn unpack_into(bytes: &[u8], dir: &str, max: (u64, u32), staging: &Staging) -> Result<(), Stopped> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let cancel = CancellationToken::new();
    let target = Target { staging, dir, cancel: &cancel };
    let mut allowance = Allowance::new(max.0, max.1);
    unpack(file, &target, &mut Names::default(), &mut allowance, &mut |_, _| {})
}

fn listed(root: &Path, dir: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let metadata = path.symlink_metadata().unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        if metadata.is_dir() {
            assert_eq!(mode, 0o755, "{name}");
            all.extend(listed(root, &path));
            all.insert(name, None);
        } else {
            assert!(metadata.is_file(), "{name}");
            assert_eq!(mode, 0o644, "{name}");
            all.insert(name, Some(fs::read(&path).unwrap()));
        }
    }
    all
}

const ENOUGH: (u64, u32) = (1 << 20, 100);

#[test]
fn an_archive_is_unpacked_where_it_lies() {
    let files: [(&str, &[u8]); 3] = [("plan.jmx", b"<plan/>"), ("data/users.csv", b"a,b\n"), ("empty/", b"")];
    for deflated in [false, true] {
        let all = unpacked(&zip_of(&files, deflated), "sub/", ENOUGH).unwrap();
        let content = |name: &str| all[name].as_deref();
        assert_eq!(content("sub/plan.jmx"), Some(b"<plan/>".as_slice()));
        assert_eq!(content("sub/data/users.csv"), Some(b"a,b\n".as_slice()));
        assert_eq!(content("sub/empty"), None);
        assert_eq!(all.len(), 5);
    }
}

#[test]
fn permissions_are_made_the_same_and_archives_stay_archives() {
    let inner = zip_of(&[("x", b"x")], false);
    let mut raw = Raw::default();
    raw.add("run.sh", b"#!").mode = 0o104_777;
    raw.add("secret", b"s").mode = 0o100_000;
    raw.add("d/", b"").mode = 0o040_000;
    raw.add("bundle.zip", &inner);
    let all = unpacked(&raw.bytes(), "", ENOUGH).unwrap();
    assert_eq!(all["bundle.zip"].as_deref(), Some(inner.as_slice()));
    assert_eq!(all.len(), 4);
}

#[test]
fn what_macs_leave_in_an_archive_is_not_unpacked() {
    let files: [(&str, &[u8]); 5] = [
        ("shop/Shop.java", b"class Shop {}"),
        ("shop/.DS_Store", b"Bud1"),
        ("shop/._users.csv", b"fork"),
        ("__MACOSX/", b""),
        ("__MACOSX/shop/._Shop.java", b"fork"),
    ];
    let all = unpacked(&zip_of(&files, true), "", ENOUGH).unwrap();
    assert_eq!(all.into_keys().collect::<Vec<_>>(), ["shop", "shop/Shop.java"]);
}

#[test]
fn an_empty_archive_is_fine() {
    assert!(unpacked(&Raw::default().bytes(), "", ENOUGH).unwrap().is_empty());
}

#[test]
fn a_cancelled_one_stops() {
    let place = tempfile::tempdir().unwrap();
    let staging = Staging::new(&place.path().join("files")).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&zip_of(&[("a", b"a")], false)).unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let target = Target { staging: &staging, dir: "", cancel: &cancel };
    let mut allowance = Allowance::new(10, 10);
    let stopped = unpack(file, &target, &mut Names::default(), &mut allowance, &mut |_, _| {});
    assert!(matches!(stopped, Err(Stopped::Failed(FetchError::Cancelled))));
}

#[test]
fn names_that_are_taken_by_other_files_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let staging = Staging::new(&place.path().join("files")).unwrap();
    let mut names = Names::default();
    names.file(&FileName::new("a/b").unwrap()).unwrap();
    let cancel = CancellationToken::new();
    for (name, dir) in [("a/b", ""), ("b", "a/"), ("a/b/c", ""), ("a", "")] {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&zip_of(&[(name, b"x")], false)).unwrap();
        let target = Target { staging: &staging, dir, cancel: &cancel };
        let mut allowance = Allowance::new(10, 10);
        let stopped = unpack(file, &target, &mut names.clone(), &mut allowance, &mut |_, _| {});
        assert!(matches!(stopped, Err(Stopped::Fault(ArchiveFault::Duplicate { .. }))), "{name}");
    }
}
