//! Names that secrets have.

use std::collections::HashSet;

/// As [`plain`] writes them.
const NAMES: [&str; 73] = [
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
    "senha",
    "haslo",
    "geheim",
    "clave",
    "mfacode",
    "verificationcode",
    "onetimecode",
    "totp",
    "smscode",
    "oauthverifier",
    "pw",
    "psw",
    "userpw",
    "pwdconfirm",
    "strpass",
    "securityanswer",
    "secretanswer",
    "clientassertion",
    "samlassertion",
    "xmsclientprincipal",
    "xamznoidcdata",
];
/// What other names of secrets end in, but for digits.
const ENDINGS: [&str; 45] = [
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
    "secretkeybase",
    "encryptionkey",
    "accountkey",
    "masterkey",
    "signingkey",
    "storagekey",
    "sharedkey",
    "passwort",
    "kennwort",
    "contrasena",
    "motdepasse",
    "wachtwoord",
    "losenord",
];
/// Those with letters of other languages, as [`full`] writes them.
const OTHER_NAMES: [&str; 6] = ["contraseña", "lösenord", "hasło", "пароль", "密码", "パスワード"];
/// What the names of secret headers end in.
const HEADER_WORDS: [&str; 11] = [
    "key",
    "token",
    "secret",
    "otp",
    "pin",
    "jwt",
    "ticket",
    "password",
    "credential",
    "signature",
    "session",
];
/// Those that end so and are no secrets, but for `X-`.
const HEADERS_SHOWN: [&str; 5] = ["idempotencykey", "requestkey", "cachekey", "surrogatekey", "partitionkey"];
/// Elements of XML that are secret as a whole.
const ELEMENTS: [&str; 4] = ["Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue"];
/// Longer words are no names.
const CHARS_MAX: usize = 128;

/// The usual names and those of the configuration.
pub(super) struct Names {
    /// As [`full`] writes them.
    more: HashSet<String>,
    has_own: bool,
}

impl Names {
    pub fn with(more: &[String]) -> Self {
        let mut more: HashSet<String> =
            more.iter().map(|name| full(name)).filter(|name| !name.is_empty()).collect();
        let has_own = !more.is_empty();
        more.extend(OTHER_NAMES.map(str::to_owned));
        Self { more, has_own }
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
            || (self.has_own || may_be_other(name)) && self.more.contains(&full(name))
            || name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-")) && is_header(name)
    }
}

/// Whether it may have letters of other languages: most words have none, and are many.
fn may_be_other(name: &str) -> bool {
    name.bytes().any(|byte| byte == b'%' || !byte.is_ascii())
}

/// Whether a header of this name has a secret: `X-Functions-Key`.
pub(super) fn is_header(name: &str) -> bool {
    let last = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
    let usual = plain(name);
    let shown = usual.strip_prefix('x').unwrap_or(&usual);
    HEADER_WORDS.contains(&plain(last).as_str()) && !HEADERS_SHOWN.contains(&shown)
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
