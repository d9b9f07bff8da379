//! This process's memory is nobody else's to read. A plan runs as the same user, and what the agent knows is not the plan's:
//! credentials, the Drain's password, other customers' parameters.

/// Takes the memory, the environment and the open files of this process out of reach for others of the same user, debuggers and
/// core dumps included. Holds until the next `exec`: programs that it starts are as they always are.
///
/// From then on most of `/proc/self` belongs to root, as others see it. A process may still look into its own directories and
/// through its own links there; files that only their owner may open (`environ`, `mem`, `oom_score_adj` for writing) it cannot.
pub fn hide() {
    // Linux never refuses.
    let _ = nix::sys::prctl::set_dumpable(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_of_oneself_can_be_read_all_the_same() {
        hide();
        assert!(!nix::sys::prctl::get_dumpable().unwrap());
        for file in ["exe", "stat", "status", "limits", "cgroup", "mountinfo"] {
            std::fs::File::open(format!("/proc/self/{file}")).unwrap();
        }
        assert!(std::fs::read_dir("/proc/self/fd").unwrap().count() > 0);
        let started = std::process::Command::new("/proc/self/exe").arg("--list").output().unwrap();
        assert!(started.status.success());
        let child = std::process::Command::new("cat").arg("/proc/self/environ").output().unwrap();
        assert!(child.status.success(), "it hides nothing any more");
    }
}
