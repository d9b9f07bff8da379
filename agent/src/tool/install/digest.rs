//! Hashes and sizes as installations need them.

use ring::digest::{SHA256, digest};

const HASH_HEX_DIGITS: usize = 12;

/// SHA-256 in hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Enough of a SHA-256 to tell directories apart.
pub fn short_hash(bytes: &[u8]) -> String {
    let mut hash = sha256_hex(bytes);
    hash.truncate(HASH_HEX_DIGITS);
    hash
}

/// [`short_hash`] of files, names included: changes whenever one of them does.
pub fn files_hash<B: AsRef<[u8]>>(files: &[(String, B)]) -> String {
    let mut text = Vec::new();
    for (path, data) in files {
        text.extend_from_slice(path.as_bytes());
        text.push(0);
        text.extend_from_slice(data.as_ref());
        text.push(0);
    }
    short_hash(&text)
}

/// `77.3 MB`, `12 kB`.
pub fn bytes_text(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    } else {
        format!("{} kB", bytes.div_ceil(1_000))
    }
}
