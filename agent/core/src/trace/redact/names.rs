//! Names that secrets have.

use std::collections::HashSet;

/// As [`plain`] writes them.
const NAMES: [&str; 52] = [
    "auth",
    "authentication",
    "authenticationinfo",
    "cardno",
    "cardnumber",
    "ccnumber",
    "cookies",
    "credentials",
    "creditcard",
    "csrf",
    "cvc",
    "cvc2",
    "cvv",
    "cvv2",
    "iban",
    "jsessionid",
    "jwt",
    "key",
    "otp",
    "pan",
    "pan4",
    "pass",
    "pass1",
    "pass2",
    "passcode",
    "phpsessid",
    "pin",
    "proxyauthenticationinfo",
    "samlart",
    "samlrequest",
    "samlresponse",
    "session",
    "setcookie2",
    "sid",
    "sig",
    "ssn",
    "tokens",
    "xauth",
    "xcsrf",
    "xsession",
    "xsrf",
    "xxsrf",
    "adminpass",
    "dbpass",
    "loginpass",
    "newpass",
    "oldpass",
    "userpass",
    "codeverifier",
    "devicecode",
    "idtokenhint",
    "usercode",
];
/// What other names of secrets end in, but for digits.
const ENDINGS: [&str; 32] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "sessionid",
    "privatekey",
    "secretkey",
    "accesskey",
    "authkey",
    "subscriptionkey",
    "authorization",
    "credential",
    "signature",
    "cookie",
    "securitycode",
    "pincode",
    "passwordconfirm",
    "passwordconfirmation",
    "passwordrepeat",
    "passwordagain",
    "passwords",
    "secrets",
    "apikeys",
    "accesskeys",
    "accesstokens",
    "authtokens",
    "idtokens",
    "refreshtokens",
    "sessiontokens",
];
/// Elements of XML that are secret as a whole.
const ELEMENTS: [&str; 4] = ["Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue"];
/// Longer words are no names.
const CHARS_MAX: usize = 128;

/// The usual names and those of the configuration.
pub(super) struct Names {
    /// As [`full`] writes them.
    more: HashSet<String>,
    /// Whether any of them has letters of other languages.
    pub has_other_letters: bool,
}

impl Names {
    pub fn with(more: &[String]) -> Self {
        let more: HashSet<String> =
            more.iter().map(|name| full(name)).filter(|name| !name.is_empty()).collect();
        let has_other_letters = more.iter().any(|name| !name.is_ascii());
        Self { more, has_other_letters }
    }

    pub fn is_secret(&self, name: &str) -> bool {
        if name.len() > CHARS_MAX && name.chars().count() > CHARS_MAX {
            return false;
        }
        // `data-sid`: an attribute of the page's own.
        let is_own = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data-"));
        self.is_one(name) || is_own && self.is_one(&name[5..])
    }

    fn is_one(&self, name: &str) -> bool {
        let usual = plain(name);
        let stem = usual.trim_end_matches(|digit: char| digit.is_ascii_digit());
        NAMES.contains(&usual.as_str())
            || ENDINGS.iter().any(|ending| stem.ends_with(ending))
            || !self.more.is_empty() && self.more.contains(&full(name))
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

/// The same with the letters of other languages. As to those punctuation is told by its block alone.
pub(super) fn full(name: &str) -> String {
    let is_letter = |char: &char| matches!(char, '0'..='9' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{1fff}' | '\u{2070}'..='\u{fffc}' | '\u{10000}'..);
    let read = String::from_utf8_lossy(&super::encoded::decoded(name.as_bytes(), b'+')).into_owned();
    read.chars().filter(is_letter).collect::<String>().to_lowercase()
}
