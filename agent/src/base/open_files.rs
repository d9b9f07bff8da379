//! How many files this process, and every tool that it starts, may have open. A connection is one, too.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Wanted where it may be had. Not all that may be had: programs that close whatever they might have inherited take
/// seconds where the limit is a billion.
const WANTED: u64 = 65_536;
/// A JVM with its libraries, and a few connections.
const FEW: u64 = 256;
/// A tool of this size runs without a thought about files.
const PLENTY: u64 = 1_024;
/// A connection, and the one before it that is still being closed.
const PER_USER: u64 = 2;

/// Raises the limit to what is granted, as far as it is wanted.
///
/// # Errors
/// With a sentence, when no tool could run under what is granted.
pub fn raise_enough() -> Result<(), String> {
    raise();
    judge(limit(), None).map(drop)
}

/// A limit that cannot be raised stays.
fn raise() {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    let raised = hard.min(WANTED);
    if raised > soft
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, raised, hard)
    {
        tracing::debug!(%error, soft, hard, "the limit of open files is not raised");
    }
}

/// The limit that holds; `None` where the kernel does not say.
#[must_use]
pub fn limit() -> Option<u64> {
    getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft)
}

/// Whether a tool can run under this limit, and what has to be said of it.
///
/// # Errors
/// With a sentence that says what is wrong and what to do.
pub fn judge(limit: Option<u64>, users: Option<u64>) -> Result<Option<String>, String> {
    const REMEDY: &str =
        "raise the limit (ulimit -Hn in a shell, LimitNOFILE= of a service, --ulimit nofile= of a container)";
    let Some(limit) = limit else { return Ok(None) };
    if limit < FEW {
        return Err(format!("a tool cannot run with {limit} open files, it needs {FEW} at least: {REMEDY}"));
    }
    let needed = PLENTY + PER_USER * users.unwrap_or(0);
    let sentence = || {
        let of_users = users.map(|users| format!(" for {users} users")).unwrap_or_default();
        format!("{limit} open files are allowed, and the tool may need {needed}{of_users}: {REMEDY}")
    };
    Ok((limit < needed).then(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_no_tool_can_live_with_is_refused_and_a_tight_one_told() {
        let refused = judge(Some(64), Some(1)).unwrap_err();
        assert!(refused.contains("64 open files") && refused.contains("LimitNOFILE="), "{refused}");
        assert!(judge(Some(256), None).unwrap().unwrap().contains("256 open files are allowed"));
        let tight = judge(Some(1_024), Some(500)).unwrap().unwrap();
        assert!(tight.contains("2024 for 500 users") && tight.contains("ulimit"), "{tight}");
        for (limit, users) in [(Some(2_024), Some(500)), (Some(1_024), None), (None, Some(9))] {
            assert_eq!(judge(limit, users), Ok(None));
        }
    }

    #[test]
    fn what_is_granted_is_taken_as_far_as_it_is_wanted() {
        let hard = getrlimit(Resource::RLIMIT_NOFILE).unwrap().1;
        raise();
        assert!(limit().unwrap() >= hard.min(WANTED));
    }
}
