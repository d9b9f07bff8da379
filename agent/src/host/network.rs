//! Bytes in and out of the machine, from `/proc/net/dev`: all interfaces but loopback are added up. A bridge and what
//! hangs on it both count, as they do for every other tool.
//!
//! ```text
//! Inter-|   Receive                          |  Transmit
//!  face |bytes    packets errs drop fifo frame compressed multicast|bytes …
//!   eth0: 422145797 16834 0 0 0 0 0 0 1762167 11767 0 0 0 0 0 0
//! ```

use super::source::lines;
use std::collections::HashMap;

/// Interfaces looked at: a container host has some hundred.
pub const INTERFACES_MAX: usize = 1_024;
/// Column of the transmitted bytes.
const TX: usize = 8;

/// Counters by interface, since each came up.
pub(super) type Counters = HashMap<String, Bytes>;

/// Received and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bytes {
    rx: u64,
    tx: u64,
}

/// Bytes a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkRate {
    /// Received.
    pub rx_bytes_per_s: f64,
    /// Sent.
    pub tx_bytes_per_s: f64,
}

/// The counters in `/proc/net/dev`.
pub(super) fn parse(text: &[u8]) -> Counters {
    lines(text).filter_map(interface).take(INTERFACES_MAX).collect()
}

fn interface(line: &str) -> Option<(String, Bytes)> {
    // A name may hold a colon (an alias), the numbers cannot.
    let (name, numbers) = line.rsplit_once(':')?;
    let name = name.trim();
    let mut numbers = numbers.split_ascii_whitespace().map(str::parse);
    let rx = numbers.next()?.ok()?;
    let tx = numbers.nth(TX - 1)?.ok()?;
    (name != "lo").then(|| (name.to_owned(), Bytes { rx, tx }))
}

/// What `now` has more than `before`. An interface that is new has no rate yet, one whose counters went back has none
/// this time.
pub(super) fn rate(now: &Counters, before: &Counters, elapsed_s: f64) -> NetworkRate {
    let (mut rx, mut tx) = (0.0, 0.0);
    for (name, now) in now {
        let Some(before) = before.get(name) else { continue };
        rx += now.rx.saturating_sub(before.rx) as f64;
        tx += now.tx.saturating_sub(before.tx) as f64;
    }
    NetworkRate { rx_bytes_per_s: rx / elapsed_s, tx_bytes_per_s: tx / elapsed_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "Inter-|   Receive    |  Transmit\n face |bytes    packets|bytes    packets\n";

    fn counters(interfaces: &str) -> Counters {
        parse(format!("{HEAD}{interfaces}").as_bytes())
    }

    #[test]
    fn all_but_loopback_are_added_up() {
        let before = counters(
            "    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0\n  eth0: 100 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n\
             eth0:1:4294967290 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n",
        );
        assert_eq!(before.len(), 2);
        let after = counters(
            "    lo: 9000 1 0 0 0 0 0 0 9000 1 0 0 0 0 0 0\n  eth0: 300 1 0 0 0 0 0 0 50 1 0 0 0 0 0 0\n\
             eth0:1:4294967390 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n  veth9: 5000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0\n",
        );
        let rate = rate(&after, &before, 2.0);
        assert_eq!(rate, NetworkRate { rx_bytes_per_s: 150.0, tx_bytes_per_s: 20.0 });
    }

    #[test]
    fn torn_lines_are_left_out() {
        assert!(counters("eth0: 100 1 0 0 0\neth1: x 1 0 0 0 0 0 0 10 1\neth2 1 2 3\n").is_empty());
    }

    proptest! {
        #[test]
        fn any_text(text in proptest::collection::vec(any::<u8>(), 0..300), line in "[a-z]{1,4}:[ 0-9:]{0,60}") {
            let a = parse(&text);
            let b = parse(line.as_bytes());
            let rate = rate(&a, &b, 1.0);
            prop_assert!(rate.rx_bytes_per_s >= 0.0 && rate.tx_bytes_per_s >= 0.0);
        }
    }
}
