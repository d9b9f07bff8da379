//! The queue's name, from the node's.

use gridnode_core::base::ids::Ident;

/// What the names of all nodes' queues begin with, unless it is configured otherwise.
pub const PREFIX: &str = "gridnode-";
/// The longest name of a queue, as SQS has it.
const NAME_BYTES_MAX: usize = 80;
/// The longest prefix: there has to be room for something of the node.
const PREFIX_CHARS_MAX: usize = 48;
/// Hex digits of the digest that keeps changed names apart.
const DIGEST_CHARS: usize = 12;

/// `PREFIX` and the node. SQS has no `.` and `:` in names: they become `_`, and as two nodes must never share a queue, a
/// changed name ends in a digest of the true one, as does one that was too long. At most 80 characters, of which the
/// prefix has 48 at most.
#[must_use]
pub fn queue_name(prefix: &str, node: &Ident) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let prefix: String = prefix.chars().filter(|&c| fine(c)).take(PREFIX_CHARS_MAX).collect();
    if node.as_str().chars().all(fine) && prefix.len() + node.as_str().len() <= NAME_BYTES_MAX {
        return format!("{prefix}{node}");
    }
    let room = NAME_BYTES_MAX - prefix.len() - 1 - DIGEST_CHARS;
    let near: String = node.as_str().chars().take(room).map(|c| if fine(c) { c } else { '_' }).collect();
    let digest = ring::digest::digest(&ring::digest::SHA256, node.as_str().as_bytes());
    let digest: String = digest.as_ref().iter().take(DIGEST_CHARS / 2).map(|b| format!("{b:02x}")).collect();
    format!("{prefix}{near}-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn follows_the_rules_of_sqs(prefix in "[a-z-]{0,60}", node in "[A-Za-z0-9_.:-]{1,64}") {
            let name = queue_name(&prefix, &Ident::new(&node).unwrap());
            prop_assert!(name.len() <= 80 && name.starts_with(&prefix[..prefix.len().min(48)]), "{}", name);
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{}", name);
        }

        #[test]
        fn keeps_nodes_apart(one in "[ab_.:-]{1,4}", two in "[ab_.:-]{1,4}") {
            let name = |node: &str| queue_name(PREFIX, &Ident::new(node).unwrap());
            prop_assert_eq!(one == two, name(&one) == name(&two));
        }
    }

    #[test]
    fn is_readable() {
        let name = |node: &str| queue_name(PREFIX, &Ident::new(node).unwrap());
        assert_eq!(name("i-0abc123"), "gridnode-i-0abc123");
        assert_eq!(name("host.example:1"), "gridnode-host_example_1-fc114e573bdd");
    }
}
