//! Where a run has its directory, what is in it, and what marks its processes.

use crate::tool;
use gridnode_core::base::run::RunKey;
use std::path::{Path, PathBuf};

/// Where runs have their directories.
pub(super) fn runs_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("runs")
}

/// The directory of one run.
pub(super) fn run_dir(state_dir: &Path, run: &RunKey) -> PathBuf {
    runs_dir(state_dir).join(run.dir_name())
}

/// What marks every process of a run, for this and for every later agent of the same state directory.
pub(super) fn tree_marker(state_dir: &Path, run: &RunKey) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, state_dir.as_os_str().as_encoded_bytes());
    let place: String = digest.as_ref().iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("{}-{}-{place}", run.id, run.run)
}

/// Where a run's end is noted.
pub(super) fn exit_file(run_dir: &Path) -> PathBuf {
    tool::exit_file(&tool_dir(run_dir))
}

/// Where a run's files are; also where its tool starts.
pub(super) fn files_dir(run_dir: &Path) -> PathBuf {
    run_dir.join("files")
}

/// Directories of the tool that hold nothing that is read after its end.
pub(super) fn scratch_dirs(run_dir: &Path) -> [PathBuf; 2] {
    tool::scratch_dirs(&tool_dir(run_dir))
}

/// Where its tool keeps what is its own.
pub(super) fn tool_dir(run_dir: &Path) -> PathBuf {
    run_dir.join("tool")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::ids::Ident;

    #[test]
    fn a_marker_is_the_same_for_every_agent_of_a_state_directory_and_no_others() {
        let key = |id: &str, run| RunKey { id: Ident::near(id), run };
        let marker = |dir: &str, id: &str, run| tree_marker(Path::new(dir), &key(id, run));
        assert_eq!(marker("/a", "7", 1), marker("/a", "7", 1));
        assert_ne!(marker("/a", "7", 1), marker("/b", "7", 1));
        assert_ne!(marker("/a", "7-1", 1), marker("/a", "7", 1));
        let longest = marker("/a", &"x".repeat(64), u64::MAX);
        assert!(longest.len() <= 128, "a supervisor refuses longer ones");
    }
}
