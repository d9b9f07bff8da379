//! Random numbers of the system: for names that nobody else may have, for hash tables and jitter.

use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

/// The system has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the system gives no random numbers")]
pub struct NoEntropy;

/// A number that nobody can guess.
///
/// # Errors
/// When the system gives none.
pub fn random_u64() -> Result<u64, NoEntropy> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(u64::from_be_bytes(bytes))
}

/// 16 hex digits that nobody has had before.
///
/// # Errors
/// As [`random_u64`].
pub fn random_hex() -> Result<String, NoEntropy> {
    random_u64().map(|number| format!("{number:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let (one, two) = (random_hex().unwrap(), random_hex().unwrap());
        assert_ne!(one, two);
        assert!(one.len() == 16 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }
}
