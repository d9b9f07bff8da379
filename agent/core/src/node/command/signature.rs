//! The optional signature of a command.
//!
//! ```json
//! {"signed": "{\"version\":1,\"id\":\"cmd-1\",…}", "signature": "base64 of the 64 bytes of Ed25519"}
//! ```
//!
//! It covers the exact UTF-8 bytes of the text in `signed`, which are what is parsed afterwards: nothing has to be put
//! into a canonical order first, and nothing that was not signed is read. It stands in the message, not in message
//! attributes, so that it survives every way a message can take (raw or not, redriven, sent by hand). A replay is
//! harmless for the reasons that a repeat is: `id`, `route` and `valid_until` are part of the signed text. The key must
//! not sign anything but commands.

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::signature::{ED25519, UnparsedPublicKey};
use thiserror::Error;

/// The public key that commands are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyKey([u8; 32]);

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a verify key is the base64 of the 32 bytes of an Ed25519 public key; this is not")]
pub struct VerifyKeyError;

impl VerifyKey {
    /// From the base64 of the raw public key.
    ///
    /// # Errors
    /// When it is not base64 or not of 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, VerifyKeyError> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| VerifyKeyError)?;
        bytes.try_into().map(Self).map_err(|_| VerifyKeyError)
    }

    /// From the raw public key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Whether `signature` (base64) is the one of `text` by the owner of `key`.
#[must_use]
pub fn verify(key: &VerifyKey, text: &[u8], signature: &str) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    UnparsedPublicKey::new(&ED25519, key.0).verify(text, &signature).is_ok()
}

/// The message that carries a signed command: `text` is its JSON, `signature` the 64 bytes over exactly this text.
#[must_use]
pub fn sign_text(text: &str, signature: &[u8]) -> String {
    serde_json::json!({ "signed": text, "signature": BASE64_STANDARD.encode(signature) }).to_string()
}
