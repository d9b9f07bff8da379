//! Where a run has its directory, what is in it, and what marks its processes.

use crate::cage::Cage;
use crate::cage::canary;
use crate::cage::slot::Slot;
use crate::cage::supervise::OutOfReach;
use crate::tool;
use gridnode_core::base::run::RunKey;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The instance metadata service, wherever it is not moved to for tests.
const METADATA: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)), 80),
];

/// Where runs have their directories on this node.
#[derive(Debug, Clone)]
pub struct Places {
    /// The agent's.
    pub state_dir: PathBuf,
    /// How many slots there are; without any, runs are below the agent.
    pub slots: u32,
    /// Where their sockets are.
    pub sockets_dir: PathBuf,
    /// The agent's files outside of the state directory that no plan may read.
    pub secret_paths: Vec<PathBuf>,
    /// The metadata service, where it is moved.
    pub metadata: Option<SocketAddr>,
}

/// Below the state directory: accounts of the error traces of runs that go on.
const TRACE_ACCOUNTS: &str = "trace-accounts";

/// Where one run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::agent) struct RunPlace {
    /// Its directory.
    pub(super) dir: PathBuf,
    /// The slot that it lives in.
    pub(super) slot: Option<u32>,
}

impl Places {
    /// Where runs are this agent's user.
    #[cfg(test)]
    pub(super) fn without_slots(state_dir: &Path) -> Self {
        let (state_dir, sockets_dir) = (state_dir.to_owned(), PathBuf::new());
        Self { state_dir, slots: 0, sockets_dir, secret_paths: Vec::new(), metadata: None }
    }

    /// For a new run.
    pub(super) fn place(&self, run: &RunKey, slot: Option<u32>) -> RunPlace {
        RunPlace { dir: self.of_slot(slot).join(run.dir_name()), slot }
    }

    /// Where an earlier agent may have had it. Blocks.
    pub(super) fn find(&self, run: &RunKey) -> RunPlace {
        let places = self.of_slots().map(|slot| self.place(run, slot));
        let found = places.into_iter().find(|place| fs::symlink_metadata(&place.dir).is_ok());
        found.unwrap_or_else(|| self.place(run, None))
    }

    /// Directories of runs, each with its slot. Blocks.
    pub(super) fn all(&self) -> Vec<RunPlace> {
        let mut all = Vec::new();
        for slot in self.of_slots() {
            let entries = fs::read_dir(self.of_slot(slot)).into_iter().flatten().flatten();
            all.extend(entries.map(|entry| RunPlace { dir: entry.path(), slot }));
        }
        all
    }

    /// Where the account of a run's error traces is kept, for an agent that comes after one that was killed.
    pub(super) fn trace_account(&self, run: &RunKey) -> PathBuf {
        self.state_dir.join(TRACE_ACCOUNTS).join(format!("{}.json", run.dir_name()))
    }

    /// All of them, each with the name of its run's directory. Blocks.
    pub(super) fn trace_accounts(&self) -> Vec<(String, PathBuf)> {
        let entries = fs::read_dir(self.state_dir.join(TRACE_ACCOUNTS)).into_iter().flatten().flatten();
        let named = |path: PathBuf| Some((path.file_stem()?.to_str()?.to_owned(), path));
        entries.filter_map(|entry| named(entry.path())).collect()
    }

    /// Where the processes of `run` are. Blocks, for it looks at what there is to be kept from them.
    pub(super) fn cage(&self, run: &RunKey, place: &RunPlace) -> Cage {
        self.cage_at(tree_marker(&self.state_dir, run), place)
    }

    /// The same for other processes.
    pub(super) fn cage_at(&self, marker: String, place: &RunPlace) -> Cage {
        let Some(number) = place.slot else { return Cage::here(marker) };
        let slot = Slot {
            number,
            sockets_dir: self.sockets_dir.clone(),
            dir: Slot::dir_of(&self.state_dir, number),
            run_dir: place.dir.clone(),
        };
        Cage { marker, slot: Some(slot), out_of_reach: Some(self.out_of_reach(number)) }
    }

    fn out_of_reach(&self, slot: u32) -> OutOfReach {
        let own = fs::read_dir(&self.state_dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let slots = self.state_dir.join(Slot::DIR);
        let others = (1..=self.slots).filter(|other| *other != slot);
        let others = others.map(|other| Slot::dir_of(&self.state_dir, other));
        let paths = own.filter(|path| *path != slots).chain(others).chain(self.secret_paths.iter().cloned());
        OutOfReach {
            uid: nix::unistd::Uid::effective().as_raw(),
            addresses: METADATA.into_iter().chain(self.metadata).chain(canary::address()).collect(),
            paths: paths.collect(),
        }
    }

    /// None is the place without one.
    fn of_slots(&self) -> impl Iterator<Item = Option<u32>> + use<> {
        (1..=self.slots).map(Some).chain([None])
    }

    fn of_slot(&self, slot: Option<u32>) -> PathBuf {
        slot.map_or_else(|| self.state_dir.join("runs"), |number| Slot::dir_of(&self.state_dir, number))
    }
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

    #[test]
    fn a_run_is_found_in_the_slot_that_an_earlier_agent_gave_it() {
        let state = tempfile::tempdir().unwrap();
        let places = Places::without_slots(state.path());
        let run = RunKey { id: Ident::near("7"), run: 1 };
        assert_eq!(places.find(&run), RunPlace { dir: state.path().join("runs/7@1"), slot: None });
        let places = Places { slots: 3, ..places };
        let second = places.place(&run, Some(2));
        fs::create_dir_all(&second.dir).unwrap();
        assert_eq!((places.find(&run), places.all()), (second.clone(), vec![second]));
    }

    #[test]
    fn a_run_is_kept_from_the_agents_files_and_from_the_other_slots() {
        let state = tempfile::tempdir().unwrap();
        for made in ["spool", "slots/1", "slots/2"] {
            fs::create_dir_all(state.path().join(made)).unwrap();
        }
        let places = Places { slots: 2, ..Places::without_slots(state.path()) };
        let run = RunKey { id: Ident::near("7"), run: 1 };
        let cage = places.cage(&run, &places.place(&run, Some(2)));
        let kept = cage.out_of_reach.unwrap();
        assert_eq!(kept.paths, ["spool", "slots/1"].map(|name| state.path().join(name)));
        assert!(kept.addresses.contains(&"169.254.169.254:80".parse().unwrap()), "{kept:?}");
        assert!(places.cage(&run, &places.place(&run, None)).slot.is_none());
    }
}
