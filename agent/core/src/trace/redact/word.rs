//! Names that are secret by their last word alone, whatever stands before it: `card[cvc]`, `card.cvv`, `pay-cvc`, `loginOtp`.
//!
//! A short word within a longer one says nothing (`compass`, `monkey`): words end at marks and where small letters meet great ones.

/// As a whole, or as the last of a name's words.
const WORDS: [&str; 12] =
    ["cvc", "cvv", "pin", "otp", "totp", "ssn", "iban", "sid", "sig", "pw", "psw", "passcode"];
/// Those that are also words of a program: `app.session`, `django.security.csrf`. Their values must look like tokens.
const WEAK_WORDS: [&str; 5] = ["session", "auth", "csrf", "xsrf", "jwt"];
/// Words before one that make it another: a map's pin, Twilio's identifier of a call.
const PIN_OTHERS: [&str; 6] = ["map", "gpio", "push", "drop", "safety", "board"];
const SID_OTHERS: [&str; 7] = ["call", "message", "account", "object", "conversation", "service", "room"];
/// Of the longest of them.
const WORD_BYTES_MAX: usize = 8;
const PASS: &str = "pass";
/// Words before `pass`. Others make it no secret: a boarding pass, the first pass, `compass`.
const PASS_OWNERS: [&str; 63] = [
    "account",
    "admin",
    "api",
    "app",
    "auth",
    "basic",
    "bind",
    "cert",
    "client",
    "confirm",
    "current",
    "customer",
    "db",
    "default",
    "email",
    "ftp",
    "guest",
    "hash",
    "http",
    "imap",
    "jdbc",
    "key",
    "keystore",
    "ldap",
    "login",
    "mail",
    "master",
    "member",
    "mongo",
    "my",
    "mysql",
    "new",
    "old",
    "original",
    "pg",
    "plain",
    "postgres",
    "proxy",
    "re",
    "redis",
    "reenter",
    "repeat",
    "retype",
    "root",
    "secret",
    "security",
    "server",
    "service",
    "smtp",
    "sql",
    "ssh",
    "store",
    "sudo",
    "temp",
    "tmp",
    "trust",
    "truststore",
    "user",
    "usr",
    "verify",
    "web",
    "wifi",
    "wp",
];
/// Between a name and what belongs to it: `user[pin]`, `login:pin`.
const PARTS: [char; 3] = ['[', ']', ':'];

/// The last word of a name, and the one before it.
pub(super) struct Word<'a> {
    last: &'a [u8],
    before: &'a [u8],
}

/// The last part of a name that has several: `pin` of `user[pin]`.
pub(super) fn part(name: &str) -> Option<&str> {
    name.trim_end_matches(PARTS).rsplit_once(PARTS).map(|(_, part)| part)
}

fn is_one(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

impl<'a> Word<'a> {
    pub fn last_of(name: &'a str) -> Self {
        let bytes = name.as_bytes();
        let end = trimmed(bytes, bytes.len());
        let start = start(bytes, end);
        let before = trimmed(bytes, start);
        Self { last: &bytes[start..end], before: &bytes[self::start(bytes, before)..before] }
    }

    /// Whether the last word makes a name a secret's; as to `pass`, somebody's: `dbPass`, `confirmpass`.
    pub fn is_secret(&self) -> bool {
        let Self { last, before } = self;
        if last.len() <= WORD_BYTES_MAX && is_one(last, &WORDS) {
            let is_other = last.eq_ignore_ascii_case(b"pin") && is_one(before, &PIN_OTHERS)
                || last.eq_ignore_ascii_case(b"sid") && is_one(before, &SID_OTHERS);
            return !is_other;
        }
        let Some((owner, pass)) = last.len().checked_sub(PASS.len()).map(|at| last.split_at(at)) else {
            return false;
        };
        pass.eq_ignore_ascii_case(PASS.as_bytes())
            && is_one(if owner.is_empty() { before } else { owner }, &PASS_OWNERS)
    }

    /// Whether it does if the value looks like a token.
    pub fn is_weak(&self) -> bool {
        is_one(self.last, &WEAK_WORDS)
    }
}

/// Without the marks and digits before its end.
fn trimmed(name: &[u8], end: usize) -> usize {
    let is_end = |byte: &&u8| byte.is_ascii_digit() || b"._-$".contains(byte);
    end - name[..end].iter().rev().take_while(is_end).count()
}

/// Where the word begins that ends there.
fn start(name: &[u8], end: usize) -> usize {
    let mut at = end;
    while at > 0 && name[at - 1].is_ascii_alphanumeric() && !(at < end && is_border(name, at, end)) {
        at -= 1;
    }
    at
}

/// Whether a great letter begins a word: `cardCvv`, `USERPin`.
fn is_border(name: &[u8], at: usize, end: usize) -> bool {
    let is_small = || at + 1 < end && name[at + 1].is_ascii_lowercase();
    name[at].is_ascii_uppercase() && (!name[at - 1].is_ascii_uppercase() || is_small())
}
