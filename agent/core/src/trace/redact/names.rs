//! Names that secrets have.

use std::collections::HashSet;

/// As [`plain`] writes them.
const NAMES: [&str; 44] = [
    "auth",
    "authorization",
    "proxyauthorization",
    "authentication",
    "apikey",
    "xapikey",
    "key",
    "accesskey",
    "cookie",
    "setcookie",
    "credential",
    "credentials",
    "csrf",
    "xsrf",
    "cvc",
    "cvv",
    "cvv2",
    "cardnumber",
    "creditcard",
    "cardno",
    "ccnumber",
    "iban",
    "jsessionid",
    "jwt",
    "otp",
    "pan",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "phpsessid",
    "pin",
    "pwd",
    "samlart",
    "samlrequest",
    "samlresponse",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "ssn",
    "token",
];
/// What other names of secrets end in.
const ENDINGS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "sessionid",
    "privatekey",
    "secretkey",
    "accesskey",
    "credential",
    "signature",
    "cookie",
];
/// Elements of XML that are secret as a whole.
const ELEMENTS: [&str; 4] = ["Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue"];
/// Longer words are no names.
const CHARS_MAX: usize = 128;

/// The usual names and those of the configuration.
pub(super) struct Names {
    more: HashSet<String>,
}

impl Names {
    pub fn with(more: &[String]) -> Self {
        Self { more: more.iter().map(|name| plain(name)).filter(|name| !name.is_empty()).collect() }
    }

    pub fn is_secret(&self, name: &str) -> bool {
        if name.len() > CHARS_MAX {
            return false;
        }
        // `data-sid`: an attribute of the page's own.
        let is_own = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data-"));
        self.is_plain(name) || is_own && self.is_plain(&name[5..])
    }

    fn is_plain(&self, name: &str) -> bool {
        let name = plain(name);
        NAMES.contains(&name.as_str())
            || ENDINGS.iter().any(|ending| name.ends_with(ending))
            || self.more.contains(&name)
    }
}

/// Whether a whole element of this name, without its prefix, is secret.
pub(super) fn is_element(name: &str) -> bool {
    ELEMENTS.contains(&name)
}

/// A name in small letters and digits alone, percent signs read: `X-Api-Key`, `api_key` and `api%5Fkey` are one.
pub(super) fn plain(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut plain = String::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded =
            (bytes[at] == b'%').then(|| u8::from_str_radix(name.get(at + 1..at + 3)?, 16).ok()).flatten();
        let byte = encoded.unwrap_or(bytes[at]);
        at += if encoded.is_some() { 3 } else { 1 };
        if byte.is_ascii_alphanumeric() {
            plain.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    plain
}
