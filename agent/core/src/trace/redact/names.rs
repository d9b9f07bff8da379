//! Names that secrets have.

use super::fold::{Folded, is_folded};
use super::weak::{self, Kind};
use super::word::{Word, part};
use foldhash::fast::FixedState;
use std::collections::HashSet;

/// As [`plain`] writes them.
const NAMES: [&str; 81] = [
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
    "otp",
    "pan4",
    "pass1",
    "pass2",
    "passcode",
    "phpsessid",
    "pin",
    "proxyauthenticationinfo",
    "samlart",
    "samlrequest",
    "signatureprovided",
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
    "bearer",
    "passw",
    "wresult",
    "appkey",
    "jwtkey",
    "wpnonce",
    "grecaptcharesponse",
    "hcaptcharesponse",
    "cfturnstileresponse",
    "xshopifyhmacsha256",
];
/// What other names of secrets end in, but for digits.
const ENDINGS: [&str; 70] = [
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
    "pswd",
    "sessionkey",
    "servicekey",
    "authcode",
    "authorizationcode",
    "authheader",
    "basicauth",
    "cvccode",
    "cvvcode",
    "otpcode",
    "ccnum",
    "ccnumber",
    "cardnumber",
    "verificationcode",
    "socialsecuritynumber",
    "2facode",
    "mfacode",
    "tfacode",
    "twofactorcode",
    "twofactorauthenticationcode",
    "authenticatorcode",
    "backupcode",
    "recoverycode",
    "verifycode",
    "paymentmethodnonce",
];
/// What is made of a secret, or says how it is written: `passwordHash`, `privateKeyPem`.
const FORMS: [&str; 5] = ["hash", "digest", "salt", "value", "pem"];
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
/// What the cookies of ASP.NET Core begin with, but for that of the language: `.AspNetCore.Cookies`.
const ASP: &str = "aspnetcore";
const ASP_CULTURE: &str = "aspnetcoreculture";
/// Elements of XML that are secret as a whole.
const ELEMENTS: [&str; 4] = ["Assertion", "EncryptedAssertion", "BinarySecurityToken", "SignatureValue"];
/// Longer words are no names.
const CHARS_MAX: usize = 128;
/// A shorter name of the configuration is looked for as a whole only: it would be a part of too many others.
const PART_CHARS_MIN: usize = 4;

/// The usual names and those of the configuration.
pub(super) struct Names {
    /// As [`full`] writes them.
    more: HashSet<String, FixedState>,
    has_own: bool,
    /// Those of the configuration that are long enough to be looked for within a name.
    parts: Vec<String>,
    /// [`NAMES`] and [`ENDINGS`]: every word of a text is looked up.
    usual: ByLast,
    endings: ByLast,
}

/// Words by their last byte, for most words end in one that few of these have.
struct ByLast([Vec<&'static str>; 128]);

impl ByLast {
    fn new(words: &[&'static str]) -> Self {
        let mut by_last = [const { Vec::new() }; 128];
        for word in words {
            if let Some(of_last) = last(word).and_then(|last| by_last.get_mut(last)) {
                of_last.push(*word);
            }
        }
        Self(by_last)
    }

    /// Those that end as a word does.
    fn of(&self, word: &str) -> &[&'static str] {
        last(word).and_then(|last| self.0.get(last)).map_or(&[], Vec::as_slice)
    }

    fn is_ending(&self, stem: &str) -> bool {
        self.of(stem).iter().any(|ending| stem.ends_with(ending))
    }
}

fn last(word: &str) -> Option<usize> {
    word.bytes().next_back().map(usize::from)
}

impl Names {
    pub fn with(more: &[String]) -> Self {
        let mut more: HashSet<String, FixedState> =
            more.iter().map(|name| full(name)).filter(|name| !name.is_empty()).collect();
        let has_own = !more.is_empty();
        let parts = more.iter().filter(|name| name.chars().count() >= PART_CHARS_MIN).cloned().collect();
        more.extend(OTHER_NAMES.map(str::to_owned));
        Self { more, has_own, parts, usual: ByLast::new(&NAMES), endings: ByLast::new(&ENDINGS) }
    }

    /// Whether what has this name may be secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.kind(name) != Kind::None
    }

    /// Whether this value of it is.
    pub fn fits(&self, name: &str, value: &[u8]) -> bool {
        match self.kind(name) {
            Kind::None => false,
            Kind::Secret => true,
            kind => weak::fits(kind, value),
        }
    }

    pub fn kind(&self, name: &str) -> Kind {
        if name.len() > CHARS_MAX && name.chars().count() > CHARS_MAX {
            return Kind::None;
        }
        // `data-sid`: an attribute of the page's own.
        let is_own = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data-"));
        match self.of(name) {
            Kind::None if is_own => self.of(&name[5..]),
            kind => kind,
        }
    }

    fn of(&self, name: &str) -> Kind {
        let mut room = [0; CHARS_MAX];
        let of_other;
        let usual = match small(name, &mut room) {
            Some(usual) => usual,
            None => {
                of_other = plain(name);
                of_other.as_str()
            }
        };
        let stem = usual.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let is_form = || {
            FORMS.iter().any(|form| stem.strip_suffix(form).is_some_and(|stem| self.endings.is_ending(stem)))
        };
        // Of a name with nothing but what is plain both are the same.
        let is_own = || {
            if may_be_other(name) { self.is_more(&full(name)) } else { self.is_more(usual) }
        };
        let is_secret = self.usual.of(usual).contains(&usual)
            || self.endings.is_ending(stem)
            || is_form()
            || (self.has_own || may_be_other(name)) && is_own()
            || name.starts_with('.') && usual.starts_with(ASP) && usual != ASP_CULTURE
            || name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-")) && is_header(name);
        match weak::kind(usual) {
            _ if is_secret => Kind::Secret,
            Kind::None if name.contains('%') => self.encoded(name),
            Kind::None => self.by_word(name),
            kind => kind,
        }
    }

    fn is_more(&self, full: &str) -> bool {
        self.more.contains(full) || self.parts.iter().any(|part| full.contains(part.as_str()))
    }

    /// Of one with percent signs, which may be of characters that stand for others.
    fn encoded(&self, name: &str) -> Kind {
        let decoded = super::encoded::decoded(name.as_bytes(), b' ');
        let decoded = String::from_utf8_lossy(&decoded);
        if is_folded(&decoded) { self.of(&Folded::new(&decoded).text) } else { self.by_word(&read(name)) }
    }

    fn by_word(&self, name: &str) -> Kind {
        if let Some(own) = part(name) {
            return self.of(own);
        }
        let word = Word::last_of(name);
        match (word.is_secret(), word.is_weak()) {
            (true, _) => Kind::Secret,
            (_, true) => Kind::Token,
            _ => Kind::None,
        }
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

/// What [`plain`] makes of a name, unless it has percent signs or more of them than there is room for.
fn small<'a>(name: &str, room: &'a mut [u8; CHARS_MAX]) -> Option<&'a str> {
    let mut length = 0;
    for byte in name.bytes() {
        if byte == b'%' {
            return None;
        }
        if byte.is_ascii_alphanumeric() {
            *room.get_mut(length)? = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    str::from_utf8(&room[..length]).ok()
}

/// A name in small letters and digits alone, percent signs read: `X-Api-Key`, `api_key` and `api%5Fkey` are one.
pub(super) fn plain(name: &str) -> String {
    let is_one = |char: &char| char.is_ascii_alphanumeric();
    if name.contains('%') {
        read(name).chars().filter(is_one).collect()
    } else {
        name.chars().filter(is_one).collect::<String>()
    }
    .to_ascii_lowercase()
}

/// With percent signs read, each as a character.
fn read(name: &str) -> String {
    let mut read = String::with_capacity(name.len());
    let mut at = 0;
    while let Some(char) = name[at..].chars().next() {
        let encoded = (char == '%').then(|| u8::from_str_radix(name.get(at + 1..at + 3)?, 16).ok()).flatten();
        read.push(encoded.map_or(char, char::from));
        at += if encoded.is_some() { 3 } else { char.len_utf8() };
    }
    read
}

/// The same with the letters of other languages. As to those punctuation is told by its block alone.
pub(super) fn full(name: &str) -> String {
    let is_letter = |char: &char| matches!(char, '0'..='9' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{1fff}' | '\u{2070}'..='\u{fffc}' | '\u{10000}'..);
    let read = String::from_utf8_lossy(&super::encoded::decoded(name.as_bytes(), b'+')).into_owned();
    read.chars().filter(is_letter).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_name() {
        let page = include_str!("../../../../docs/secrets-in-traces.md");
        let (_, list) = page.split_once("\n## Names\n").unwrap();
        let (list, _) = list.split_once("\n## ").unwrap();
        let said: HashSet<&str> = list.split('`').skip(1).step_by(2).collect();
        let all = [&NAMES[..], &ENDINGS, &OTHER_NAMES, &HEADER_WORDS, &FORMS].concat();
        let missing: Vec<_> = all.iter().filter(|name| !said.contains(*name)).collect();
        assert!(missing.is_empty(), "agent/docs/secrets-in-traces.md does not name {missing:?}");
    }
}
