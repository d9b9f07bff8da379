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

/// The last word of a name, in small letters, and the one before it.
pub(super) struct Word {
    last: String,
    before: String,
}

/// The last part of a name that has several: `pin` of `user[pin]`.
pub(super) fn part(name: &str) -> Option<&str> {
    name.trim_end_matches(PARTS).rsplit_once(PARTS).map(|(_, part)| part)
}

impl Word {
    pub fn last_of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let end = trimmed(bytes, bytes.len());
        let start = start(bytes, end);
        let before = trimmed(bytes, start);
        let small = |from: usize, to: usize| String::from_utf8_lossy(&bytes[from..to]).to_ascii_lowercase();
        Self { last: small(start, end), before: small(self::start(bytes, before), before) }
    }

    /// Whether the last word makes a name a secret's; as to `pass`, somebody's: `dbPass`, `confirmpass`.
    pub fn is_secret(&self) -> bool {
        let (last, before) = (self.last.as_str(), self.before.as_str());
        let is_other = match last {
            "pin" => PIN_OTHERS.contains(&before),
            "sid" => SID_OTHERS.contains(&before),
            _ => false,
        };
        let owner = if last == PASS { before } else { last.strip_suffix(PASS).unwrap_or_default() };
        WORDS.contains(&last) && !is_other || PASS_OWNERS.contains(&owner)
    }

    /// Whether it does if the value looks like a token.
    pub fn is_weak(&self) -> bool {
        WEAK_WORDS.contains(&self.last.as_str())
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
