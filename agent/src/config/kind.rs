//! What kind of value a key takes: how a text becomes one, and what is said when it does not.

use super::error::Wrong;
use super::quantity::convert;
use super::value::{S3Location, Secret, Value};
use crate::control::aws::TopicArn;
use crate::data::drain::DrainUrl;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use std::net::SocketAddr;
use std::path::{Component, Path};

/// Keys that count at the same time.
const VERIFY_KEYS_MAX: usize = 2;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Number {
        /// What it counts; it stands in the key's name, too.
        unit: Unit,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// One of these numbers, of this unit.
    NumberOf(Unit, &'static [u32]),
    /// One of these words.
    WordOf(&'static [&'static str]),
    /// A text that is not empty.
    Text,
    /// A text that nobody may see.
    Secret,
    /// An identifier of the contracts.
    Ident,
    /// An absolute path.
    Path,
    /// `http://…` or `https://…`, of a service.
    Url,
    /// The URL of a Drain; may have credentials in it.
    DrainUrl,
    /// An address of this machine's loopback, with a port.
    Loopback,
    /// The ARN of an SNS topic.
    Topic,
    /// ARNs of SNS topics; with commas between them where there are no lists.
    Topics,
    /// Words; with white space between them where there are no lists.
    Words,
    /// `s3://BUCKET/PREFIX`.
    S3,
    /// The base64 of Ed25519 public keys; with white space between them where there are no lists.
    VerifyKeys,
    /// What queue names may begin with.
    QueuePrefix,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds: the key ends in `_ms`.
    Ms,
    /// Seconds: `_s`.
    S,
    /// Bytes: `bytes_max`.
    Bytes,
    /// Mebibytes: `_mib`.
    Mib,
    /// Things that are named by the key.
    Count,
}

impl Unit {
    /// The word for it, as in "a number of milliseconds"; `None` where the key says it.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Ms => Some("milliseconds"),
            Self::S => Some("seconds"),
            Self::Bytes => Some("bytes"),
            Self::Mib => Some("mebibytes"),
            Self::Count => None,
        }
    }

    fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Ms => Some("ms"),
            Self::S => Some("s"),
            Self::Bytes => Some("bytes"),
            Self::Mib => Some("mib"),
            Self::Count => None,
        }
    }

    fn of(self) -> String {
        self.word().map(|word| format!(" of {word}")).unwrap_or_default()
    }
}

impl Kind {
    /// Whether the value must not be shown.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret)
    }

    /// Whether a wrong value may be repeated to whoever wrote it.
    fn may_be_repeated(self) -> bool {
        !matches!(self, Self::Secret | Self::DrainUrl)
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Topics | Self::Words | Self::VerifyKeys)
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Number { .. } | Self::NumberOf(..))
    }

    /// Reads a text from the environment or a flag.
    pub(super) fn read(self, text: &str) -> Result<Value, Wrong> {
        match self {
            Self::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(self.wrong_text(text)),
            },
            Self::Number { .. } | Self::NumberOf(..) => {
                let digits = text.trim().replace('_', "");
                self.number(digits.parse().map_err(|_| self.wrong_text(text))?)
            }
            Self::Topics => {
                self.list(&text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>())
            }
            Self::Words => self.list(&text.split_whitespace().collect::<Vec<_>>()),
            _ => self.text(text),
        }
    }

    /// Checks a number.
    pub(super) fn number(self, number: i128) -> Result<Value, Wrong> {
        let in_range = match self {
            Self::Number { min, max, .. } => (i128::from(min)..=i128::from(max)).contains(&number),
            Self::NumberOf(_, allowed) => allowed.iter().any(|one| i128::from(*one) == number),
            _ => return Err(self.wrong_text(&number.to_string())),
        };
        let wrong = || Wrong::new(format!("cannot be {number}"), self.remedy());
        if in_range { u64::try_from(number).map(Value::Number).map_err(|_| wrong()) } else { Err(wrong()) }
    }

    /// Checks a list.
    pub(super) fn list(self, texts: &[&str]) -> Result<Value, Wrong> {
        match self {
            Self::Topics => {
                let topic = |text: &&str| self.topic(text);
                texts.iter().map(topic).collect::<Result<_, _>>().map(Value::Topics)
            }
            Self::Words => Ok(Value::Words(texts.iter().map(|&text| text.to_owned()).collect())),
            Self::VerifyKeys => self.verify_keys(texts),
            _ => Err(Wrong::new("cannot be a list", self.remedy())),
        }
    }

    /// Checks a text.
    pub(super) fn text(self, text: &str) -> Result<Value, Wrong> {
        let wrong = || self.wrong_text(text);
        let fine = !text.is_empty() && !text.chars().any(char::is_control);
        match self {
            Self::Bool | Self::Number { .. } | Self::NumberOf(..) | Self::Topics | Self::Words => {
                Err(wrong())
            }
            Self::WordOf(words) => {
                words.contains(&text).then(|| Value::Text(text.to_owned())).ok_or_else(wrong)
            }
            // One key is a text, and two may be, too.
            Self::VerifyKeys => self.list(&text.split_whitespace().collect::<Vec<_>>()),
            Self::Text => fine.then(|| Value::Text(text.to_owned())).ok_or_else(wrong),
            Self::Secret => fine.then(|| Value::Secret(Secret::new(text))).ok_or_else(wrong),
            Self::Ident => Ident::new(text).map(Value::Ident).map_err(|_| wrong()),
            Self::Path => is_plain_path(text).then(|| Value::Path(text.into())).ok_or_else(wrong),
            Self::Url => is_service_url(text).then(|| Value::Text(text.to_owned())).ok_or_else(wrong),
            // Its own words say more, and never repeat what may be a password.
            Self::DrainUrl => match DrainUrl::parse(text, None) {
                Ok(_) => Ok(Value::DrainUrl(Secret::new(text))),
                Err(error) => Err(Wrong::new(format!("is wrong, {error}"), self.remedy())),
            },
            Self::Loopback => {
                let address: Option<SocketAddr> = text.parse().ok();
                address.filter(|a| a.ip().is_loopback()).map(Value::Address).ok_or_else(wrong)
            }
            Self::Topic => self.topic(text).map(Value::Topic),
            Self::S3 => S3Location::new(text).map(Value::S3).ok_or_else(wrong),
            Self::QueuePrefix => {
                let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                let fine = (1..=40).contains(&text.len()) && text.bytes().all(fine);
                fine.then(|| Value::Text(text.to_owned())).ok_or_else(wrong)
            }
        }
    }

    /// Two, so that one can take the other's place; none would mean that nothing has to be signed.
    fn verify_keys(self, texts: &[&str]) -> Result<Value, Wrong> {
        if !(1..=VERIFY_KEYS_MAX).contains(&texts.len()) {
            return Err(Wrong::new(format!("cannot be {} keys", texts.len()), self.remedy()));
        }
        let key = |text: &&str| VerifyKey::from_base64(text).map_err(|_| self.wrong_text(text));
        let keys = texts.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Value::VerifyKeys(keys, texts.iter().map(|&text| text.to_owned()).collect()))
    }

    fn topic(self, text: &str) -> Result<TopicArn, Wrong> {
        TopicArn::new(text).map_err(|error| {
            let error = error.to_string();
            let problem = error.rsplit_once("; it looks like").map_or(error.as_str(), |(problem, _)| problem);
            Wrong::new(format!("is wrong, {problem}"), self.remedy())
        })
    }

    /// What a value of another type is: `what` is its name in TOML.
    pub(super) fn wrong_type(self, what: &str) -> Wrong {
        let article = if what.starts_with(['a', 'i']) { "an" } else { "a" };
        Wrong::new(format!("cannot be {article} {what}"), self.remedy())
    }

    fn wrong_text(self, text: &str) -> Wrong {
        if text.is_empty() {
            return Wrong::new("is empty", self.remedy());
        }
        if !self.may_be_repeated() {
            return Wrong::new("holds characters that cannot be used", self.remedy());
        }
        let shown: String = text.chars().take(80).collect();
        let problem = format!("cannot be `{shown}`");
        let unit = match self {
            Self::Number { unit, .. } | Self::NumberOf(unit, _) => Some(unit),
            _ => None,
        };
        let meant = unit.and_then(|unit| Some((unit, convert(text, unit.suffix()?)?)));
        match meant {
            Some((unit, number)) => Wrong::new(
                problem,
                format!(
                    "the unit is in the key's name; write {number} ({})",
                    unit.word().unwrap_or_default()
                ),
            ),
            None => Wrong::new(problem, self.remedy()),
        }
    }

    /// How to write it, in the imperative.
    pub(super) fn remedy(self) -> String {
        match self {
            Self::Bool => "write true or false".to_owned(),
            Self::Number { unit, min, max: u64::MAX } => {
                format!("write a whole number{} from {min} up", unit.of())
            }
            Self::Number { unit, min, max } => {
                format!("write a whole number{} from {min} to {max}", unit.of())
            }
            Self::NumberOf(unit, allowed) => {
                let allowed: Vec<String> = allowed.iter().map(u32::to_string).collect();
                format!("write one of these numbers{}: {}", unit.of(), allowed.join(", "))
            }
            Self::WordOf(words) => format!("write one of {}", words.join(", ")),
            Self::Text | Self::Secret => {
                "write a text that is not empty and has no control characters".to_owned()
            }
            Self::Ident => "write 1 to 64 characters from A-Z a-z 0-9 _ . : -".to_owned(),
            Self::Path => "write an absolute path without `..`, such as /var/lib/gridnode".to_owned(),
            Self::Url => "write a URL without a path, such as http://127.0.0.1:4566".to_owned(),
            Self::DrainUrl => "write a URL such as https://drain.example.com:8086".to_owned(),
            Self::Loopback => {
                "write an address of the loopback interface with a port, such as 127.0.0.1:35663".to_owned()
            }
            Self::Topic => {
                "write the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:events".to_owned()
            }
            Self::Topics => {
                "write ARNs of SNS topics, such as [\"arn:aws:sns:us-east-1:123456789012:commands\"]"
                    .to_owned()
            }
            Self::Words => "write a list of texts, such as [\"-XX:+UseZGC\"]".to_owned(),
            Self::S3 => "write s3://BUCKET/PREFIX".to_owned(),
            Self::QueuePrefix => "write 1 to 40 characters from A-Z a-z 0-9 - _".to_owned(),
            Self::VerifyKeys => {
                "write the base64 of the 32 bytes of an Ed25519 public key, or a list of two".to_owned()
            }
        }
    }
}

fn is_plain_path(text: &str) -> bool {
    let path = Path::new(text);
    let plain = path.components().all(|part| !matches!(part, Component::ParentDir));
    path.is_absolute() && plain && !text.chars().any(char::is_control)
}

fn is_service_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let bare = url.query().is_none() && url.fragment().is_none() && url.path() == "/";
    matches!(url.scheme(), "http" | "https") && bare && url.username().is_empty() && url.password().is_none()
}
