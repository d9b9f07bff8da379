//! Whether so many users fit into one JVM, roughly: a heap that is too small does not fail, it collects garbage, and the times
//! measured are those.
//!
//! What a user takes depends on the plan; these are plain ones. So it is a note and refuses nothing.

use crate::kind::ToolKind;

/// JMeter has a thread for each user: what a plain plan touches of its stack, and its copy of the plan with buffers, KiB.
const JMETER_STACK_KIB: u64 = 128;
const JMETER_HEAP_KIB: u64 = 200;
/// Gatling's users are no threads: session, request and answer of a plain scenario, KiB.
const GATLING_HEAP_KIB: u64 = 40;
/// A JVM beyond heap and stacks, MiB.
const JVM_MIB: u64 = 100;
/// The garbage collector needs room, too, per cent of the heap.
const HEAP_PERCENT: u64 = 80;
const KIB_PER_MIB: u64 = 1 << 10;

/// What to know before so many users start under a heap of `heap_mib`; `available_mib` is what the machine has without
/// swapping, where that is known. `None` where there is room, and for browsers, which are judged by themselves.
#[must_use]
pub fn crowd(kind: ToolKind, users: u32, heap_mib: u32, available_mib: Option<u64>) -> Option<String> {
    let (heap_kib, stack_kib, are) = match kind {
        ToolKind::Jmeter => (JMETER_HEAP_KIB, JMETER_STACK_KIB, format!("{users} users are {users} threads")),
        ToolKind::Gatling => (GATLING_HEAP_KIB, 0, format!("{users} users")),
        ToolKind::Selenium => return None,
    };
    let mib = |kib: u64| (u64::from(users) * kib).div_ceil(KIB_PER_MIB);
    let (heap, stacks, most) = (mib(heap_kib), mib(stack_kib), u64::from(heap_mib));
    let needed = heap.min(most) + stacks + JVM_MIB;
    let is_heap_short = heap * 100 > most * HEAP_PERCENT;
    let short_of = available_mib.filter(|available| needed > *available);
    if !is_heap_short && short_of.is_none() {
        return None;
    }
    let mut parts = vec![format!("{heap} MiB of heap ({heap_kib} KiB each) where --heap-mib is {heap_mib}")];
    if stacks > 0 {
        parts.push(format!("{stacks} MiB of stacks ({stack_kib} KiB each)"));
    }
    let there = available_mib.map_or_else(String::new, |mib| format!(", and {mib} MiB are available"));
    let remedy = if is_heap_short {
        "fewer users, a larger --heap-mib or more nodes"
    } else {
        "fewer users or more nodes"
    };
    let and = parts.join(" and ");
    Some(format!("{are}: a plain plan takes about {and}{there}: use {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_crowd_is_told_of_before_it_starts() {
        assert_eq!(
            crowd(ToolKind::Jmeter, 100_000, 1_024, Some(7_900)).as_deref(),
            Some(
                "100000 users are 100000 threads: a plain plan takes about 19532 MiB of heap (200 KiB each) where --heap-mib is \
                 1024 and 12500 MiB of stacks (128 KiB each), and 7900 MiB are available: use fewer users, a larger --heap-mib or \
                 more nodes"
            )
        );
        assert_eq!(
            crowd(ToolKind::Gatling, 100_000, 1_024, None).as_deref(),
            Some(
                "100000 users: a plain plan takes about 3907 MiB of heap (40 KiB each) where --heap-mib is 1024: use fewer users, \
                 a larger --heap-mib or more nodes"
            )
        );
    }

    #[test]
    fn what_fits_is_not_worth_a_word() {
        assert_eq!(crowd(ToolKind::Jmeter, 4_000, 1_024, Some(8_000)), None);
        assert_eq!(crowd(ToolKind::Gatling, 20_000, 1_024, None), None);
        assert_eq!(crowd(ToolKind::Selenium, 1_000_000, 256, Some(1)), None);
        let small = crowd(ToolKind::Jmeter, 1_000, 8_192, Some(200)).unwrap();
        assert!(small.ends_with("and 200 MiB are available: use fewer users or more nodes"), "{small}");
    }

    proptest! {
        #[test]
        fn any_numbers(users: u32, heap: u32, available: Option<u64>) {
            for kind in [ToolKind::Jmeter, ToolKind::Gatling] {
                let _ = crowd(kind, users, heap, available);
            }
        }
    }
}
