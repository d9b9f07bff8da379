//! A copy of a state directory has its nonce, and so the name of its memory files.

use super::*;
use std::io::ErrorKind;

const NONCE: &str = "0123456789abcdef";

fn state_dir(root: &Path, name: &str) -> PathBuf {
    let dir = root.join(name);
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("nonce"), NONCE).unwrap();
    dir.canonicalize().unwrap()
}

/// As a start does it.
fn open(root: &Path, state: &Path) -> io::Result<Carry> {
    Carry::locked_below(root, NONCE, 2)?.owned_by(state, NONCE)
}

#[test]
fn a_copy_leaves_the_files_of_its_original_to_it() {
    let (root, states) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (original, copy) = (state_dir(states.path(), "original"), state_dir(states.path(), "copy"));
    let carry = open(root.path(), &original).unwrap();
    snapshots(&carry, &ingest());
    drop(carry);
    let refused = open(root.path(), &copy).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    let said = refused.to_string();
    assert!(said.contains(&format!("is a copy of {}", original.display())), "{said}");
    let seen = |state: &Path| survey::survey_below(root.path(), state).len();
    assert_eq!((seen(&copy), seen(&original) > 0), (0, true));
    // By another path it is the same directory.
    let link = states.path().join("link");
    symlink(&original, &link).unwrap();
    assert_eq!(seen(&link), seen(&original));
    // What is noted as gone counts no longer.
    let kept = survey::survey_below(root.path(), &original).swap_remove(0).path;
    let note =
        original.join("progress").join(format!("{}.gone", kept.file_name().unwrap().to_str().unwrap()));
    fs::create_dir_all(note.parent().unwrap()).unwrap();
    let all = seen(&original);
    fs::write(&note, "").unwrap();
    assert_eq!(seen(&original), all - 1);
    fs::remove_file(&note).unwrap();
    let found = open(root.path(), &link).unwrap().take_over(&rollup(), |_, _| false);
    assert_eq!(samples(&found), 12);
}

#[test]
fn a_directory_that_has_moved_has_its_files_and_names_itself() {
    let (root, states) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let before = state_dir(states.path(), "before");
    drop(open(root.path(), &before).unwrap());
    let after = states.path().join("after");
    fs::rename(&before, &after).unwrap();
    let carry = open(root.path(), &after).unwrap();
    assert_eq!(fs::read_link(carry.dir.join(OWNER)).unwrap(), after.canonicalize().unwrap());
    drop(carry);
    // Another one is where it was.
    fs::write(state_dir(states.path(), "before").join("nonce"), "another").unwrap();
    let link = root.path().join(format!("gridnode-{}-{NONCE}", geteuid())).join(OWNER);
    fs::remove_file(&link).unwrap();
    symlink(&before, &link).unwrap();
    assert!(open(root.path(), &after).is_ok());
}
