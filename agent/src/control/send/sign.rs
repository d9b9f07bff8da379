//! The key that commands are signed with, and the message that carries one.

use crate::base::advice::Advice;
use anyhow::Context;
use base64::prelude::{BASE64_STANDARD, Engine};
use gridnode_core::node::command::{VerifyKey, sign_text};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::path::Path;

/// A key file is small; whatever is larger is something else, bytes.
const KEY_BYTES_MAX: usize = 16 * 1024;
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A private key; never shown.
pub struct SignKey(Ed25519KeyPair);

impl SignKey {
    /// Reads a key file.
    ///
    /// # Errors
    /// When it cannot be read or holds no Ed25519 key of a known form.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
        Self::parse(&bytes)
            .with_context(|| format!("{} holds no Ed25519 private key", path.display()))
            .context(Advice::new("make one with: openssl genpkey -algorithm ed25519 -out sign.pem"))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > KEY_BYTES_MAX {
            return None;
        }
        let pair = match std::str::from_utf8(bytes).ok().map(str::trim) {
            Some(text) => match text.strip_prefix(BEGIN).and_then(|text| text.split_once(END)) {
                Some((body, _)) => pkcs8_or_seed(&decode(body)?),
                None => decode(text).and_then(|bytes| pkcs8_or_seed(&bytes)),
            },
            None => None,
        };
        // 32 raw bytes may happen to be text.
        pair.or_else(|| pkcs8_or_seed(bytes)).map(Self)
    }

    /// What nodes are given to check with.
    #[must_use]
    pub fn verify_key(&self) -> Option<VerifyKey> {
        self.0.public_key().as_ref().try_into().ok().map(VerifyKey::from_bytes)
    }

    /// The message that carries `text` and its signature.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        sign_text(text, self.0.sign(text.as_bytes()).as_ref())
    }
}

fn pkcs8_or_seed(bytes: &[u8]) -> Option<Ed25519KeyPair> {
    match bytes.len() {
        32 => Ed25519KeyPair::from_seed_unchecked(bytes).ok(),
        _ => Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok(),
    }
}

/// Base64 over several lines.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    BASE64_STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridnode_core::node::command::read;

    /// PKCS#8 of RFC 8410's example key, as `openssl genpkey` writes it.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                       -----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    #[test]
    fn every_form_is_the_same_key() {
        let der = decode(PEM.trim().strip_prefix(BEGIN).unwrap().strip_suffix(END).unwrap()).unwrap();
        let seed = &der[der.len() - 32..];
        let base64 = format!("{}\n", BASE64_STANDARD.encode(seed));
        for form in [PEM.as_bytes(), &der, seed, base64.as_bytes()] {
            let key = SignKey::parse(form).unwrap().verify_key().unwrap();
            assert_eq!(Ok(key), VerifyKey::from_base64(PUBLIC));
        }
    }

    #[test]
    fn what_is_signed_passes_with_its_key_only() {
        let key = SignKey::parse(&[7; 32]).unwrap();
        let text = "{\"version\":1,\"id\":\"c\",\"issued_at\":\"2026-03-01T09:30:00Z\",\
                    \"valid_until\":\"2026-03-01T09:30:00Z\",\"route\":{\"all\":true},\"type\":\"node.stop\"}";
        let message = key.sign(text);
        assert!(read(message.as_bytes(), key.verify_key().as_slice()).command.is_ok());
        let other = SignKey::parse(&[8; 32]).unwrap();
        assert!(read(message.as_bytes(), other.verify_key().as_slice()).command.is_err());
    }

    #[test]
    fn other_files_are_no_keys() {
        for bytes in [&b""[..], b"hello", &[0; 31], &[0; KEY_BYTES_MAX + 1], BEGIN.as_bytes()] {
            assert!(SignKey::parse(bytes).is_none());
        }
    }
}
