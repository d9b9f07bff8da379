//! What ends a node, as the core's request to stop.

use crate::base::clock;
use crate::control::imds::GoingAway;
use gridnode_core::base::time::{Mono, NS_PER_S};
use gridnode_core::node::StopRequest;
use std::time::Duration;
use tokio::process::Command;

/// How long the service manager may take to say whether the machine goes down.
const ASK: Duration = Duration::from_secs(1);
/// Whoever asks twice has this much patience left, ns.
const HURRY_NS: u64 = 3 * NS_PER_S;
/// Taken off a notice's time, so that the goodbye is over before the machine is, ns.
const SAFETY_NS: u64 = 5 * NS_PER_S;

/// A signal: SIGTERM is also what a restart of the service sends, and then the queue is kept, unless the whole machine
/// goes down. Ctrl-C comes from a person who is done.
pub(super) async fn by_signal(signal: i32, again: bool) -> StopRequest {
    let name = match signal {
        libc::SIGINT => "SIGINT (Ctrl-C)",
        libc::SIGHUP => "SIGHUP (the terminal was closed)",
        _ => "SIGTERM",
    };
    let machine = signal == libc::SIGTERM && !again && machine_goes_down().await;
    StopRequest {
        reason: if machine { format!("{name}: the machine goes down") } else { name.to_owned() },
        for_good: machine || signal == libc::SIGINT,
        by: again.then(|| clock::now().mono.plus_ns(HURRY_NS)),
    }
}

/// What whoever sent the signal waits for, and what one more does.
pub(super) fn how_long(again: bool, shutdown_ms: u64) -> String {
    let hurry_s = HURRY_NS / NS_PER_S;
    match again {
        true => format!("at most {hurry_s} s are left for all of it"),
        false => format!(
            "ending runs, delivering what is left and saying goodbye, for at most {} s (once more to take {hurry_s} s for it)",
            shutdown_ms.div_ceil(1_000)
        ),
    }
}

/// A notice of the instance metadata service.
pub(super) fn by_notice(notice: &GoingAway) -> StopRequest {
    let now = clock::now();
    let by = notice.at.map(|at| {
        let left_ns = u64::try_from(at.0 - now.wall.0).unwrap_or(0);
        Mono(now.mono.0 + left_ns.saturating_sub(SAFETY_NS))
    });
    StopRequest { reason: notice.reason.clone(), for_good: notice.for_good, by }
}

/// Whether systemd is shutting the machine down. Where there is no systemd, it is not.
async fn machine_goes_down() -> bool {
    if !std::path::Path::new("/run/systemd/system").is_dir() {
        return false;
    }
    let mut ask = Command::new("systemctl");
    ask.arg("is-system-running").kill_on_drop(true);
    let answer = tokio::time::timeout(ASK, ask.output()).await;
    matches!(answer, Ok(Ok(output)) if output.stdout.starts_with(b"stopping"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::base::time::Wall;

    #[test]
    fn who_sends_a_signal_hears_how_long_it_takes_and_what_a_second_one_does() {
        let first = how_long(false, 90_000);
        assert!(first.contains("at most 90 s") && first.contains("once more to take 3 s"), "{first}");
        assert_eq!(how_long(true, 90_000), "at most 3 s are left for all of it");
    }

    #[tokio::test]
    async fn a_restart_keeps_the_queue_and_a_person_or_a_spot_notice_does_not() {
        let first = by_signal(libc::SIGINT, false).await;
        assert!(first.for_good && first.by.is_none());
        let again = by_signal(libc::SIGTERM, true).await;
        assert!(!again.for_good && again.by.is_some());
        let reason = "spot interruption (terminate)".to_owned();
        let past = GoingAway { reason, at: Some(Wall(0)), for_good: true };
        let stop = by_notice(&past);
        assert!(stop.for_good);
        assert!(stop.by.unwrap() <= clock::now().mono, "no time is left, rather than more than there is");
    }
}
