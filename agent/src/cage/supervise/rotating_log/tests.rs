use super::*;

fn joined(current: &Path) -> Vec<u8> {
    let older = current.with_file_name("log.1");
    let mut bytes = fs::read(older).unwrap_or_default();
    bytes.extend(fs::read(current).unwrap_or_default());
    bytes
}

#[test]
fn both_files_joined_are_the_last_bytes_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut log = RotatingLog::create(&path, 200).unwrap();
    let all: Vec<u8> = (0..10_000u32).map(|n| (n % 251) as u8).collect();
    for (end, chunk) in all.chunks(37).scan(0, |end, chunk| {
        *end += chunk.len();
        Some((*end, chunk))
    }) {
        assert!(log.put(chunk).is_none());
        let kept = joined(&path);
        assert!(kept.len() <= 200 && all[..end].ends_with(&kept));
        assert!(kept.len() >= end.min(100), "{} of {end} kept", kept.len());
    }
}

#[test]
fn an_earlier_run_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    fs::write(&path, "old").unwrap();
    fs::write(dir.path().join("log.1"), "older").unwrap();
    let _log = RotatingLog::create(&path, 200).unwrap();
    assert_eq!(joined(&path), b"");
}

#[test]
fn a_rotation_that_fails_loses_the_rest_and_says_so_until_it_works_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let mut log = RotatingLog::create(&path, 20).unwrap();
    // A directory cannot be replaced by a file.
    fs::create_dir(dir.path().join("log.1")).unwrap();
    let (lost, _) = log.put(&[b'a'; 25]).unwrap();
    assert_eq!(lost, 15);
    assert_eq!(log.put(b"bbb").unwrap().0, 3);
    fs::remove_dir(dir.path().join("log.1")).unwrap();
    assert!(log.put(b"ccc").is_none());
    assert_eq!(joined(&path), b"aaaaaaaaaaccc");
}

#[test]
fn a_device_or_pipe_is_no_log() {
    let refused = RotatingLog::create(Path::new("/dev/null"), 200).err().unwrap();
    assert!(refused.to_string().contains("not a regular file"));
}
