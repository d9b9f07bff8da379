//! What kind of value a key takes: how a text becomes one, and what is said when it does not.

use super::error::Wrong;
use super::form::Form;
use super::quantity::convert;
use super::value::{Secret, Value};
use crate::data::drain::DrainUrl;

const TEXT_REMEDY: &str = "write a text that is not empty and has no control characters";

/// A kind of value.
#[derive(Debug, Clone, Copy)]
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
    /// The URL of a Drain; may have credentials in it.
    DrainUrl,
    /// A text of a particular form.
    Formed(&'static Form),
    /// Texts of a particular form; with commas between them where there are no lists.
    Formeds(&'static Form),
    /// One text of a particular form, or two, so that one can take the other's place; with white space between them where
    /// there are no lists.
    OneOrTwo(&'static Form),
    /// Words; with white space between them where there are no lists.
    Words,
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
        self.names().map(|(_, word)| word)
    }

    /// The suffix of a quantity, and the word.
    fn names(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Ms => Some(("ms", "milliseconds")),
            Self::S => Some(("s", "seconds")),
            Self::Bytes => Some(("bytes", "bytes")),
            Self::Mib => Some(("mib", "mebibytes")),
            Self::Count => None,
        }
    }

    fn of(self) -> String {
        self.word().map(|word| format!(" of {word}")).unwrap_or_default()
    }
}

impl Kind {
    /// Whether it takes TOML's lists.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Formeds(_) | Self::OneOrTwo(_) | Self::Words)
    }

    /// What a number of this kind counts; `None` when it is no number.
    pub(super) fn unit(self) -> Option<Unit> {
        match self {
            Self::Number { unit, .. } | Self::NumberOf(unit, _) => Some(unit),
            _ => None,
        }
    }

    /// Reads a text from the environment or a flag.
    pub(super) fn read(self, text: &str) -> Result<Value, Wrong> {
        // As it stands in a file, which is how remedies say it.
        if self.is_list()
            && let Ok(texts) = serde_json::from_str::<Vec<String>>(text)
        {
            return self.list(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
        match self {
            Self::Bool => text.parse().map(Value::Bool).map_err(|_| self.wrong_text(text)),
            Self::Number { .. } | Self::NumberOf(..) => {
                let digits = text.trim().replace('_', "");
                self.number(digits.parse().map_err(|_| self.wrong_text(text))?)
            }
            Self::Formeds(_) => {
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
        let number_in_range = u64::try_from(number).ok().filter(|_| in_range);
        let wrong = || Wrong::new(format!("cannot be {number}"), self.remedy());
        number_in_range.map(Value::Number).ok_or_else(wrong)
    }

    /// Checks a list.
    pub(super) fn list(self, texts: &[&str]) -> Result<Value, Wrong> {
        let texts: Result<Vec<String>, Wrong> = match self {
            Self::OneOrTwo(form) => return self.one_or_two(form, texts),
            Self::Formeds(form) => texts.iter().map(|text| self.formed(form, text)).collect(),
            Self::Words => Ok(texts.iter().map(|&text| text.to_owned()).collect()),
            _ => Err(Wrong::new("cannot be a list", self.remedy())),
        };
        texts.map(Value::List)
    }

    /// Checks a text.
    pub(super) fn text(self, text: &str) -> Result<Value, Wrong> {
        let fine = match self {
            Self::Bool | Self::Number { .. } | Self::NumberOf(..) | Self::Formeds(_) | Self::Words => false,
            Self::Formed(form) => return self.formed(form, text).map(Value::Text),
            Self::OneOrTwo(_) => return self.list(&text.split_whitespace().collect::<Vec<_>>()),
            // Its own words say more, and never repeat what may be a password.
            Self::DrainUrl => match DrainUrl::parse(text, None) {
                Ok(_) => return Ok(Value::DrainUrl(Secret::new(text))),
                Err(error) => return Err(Wrong::new(format!("is wrong, {error}"), self.remedy())),
            },
            Self::WordOf(words) => words.contains(&text),
            Self::Text | Self::Secret => !text.is_empty() && !text.chars().any(char::is_control),
        };
        match self {
            _ if !fine => Err(self.wrong_text(text)),
            Self::Secret => Ok(Value::Secret(Secret::new(text))),
            _ => Ok(Value::Text(text.to_owned())),
        }
    }

    /// One is a text, however it was written. None would be another meaning, and not what somebody wanted.
    fn one_or_two(self, form: &Form, texts: &[&str]) -> Result<Value, Wrong> {
        match texts {
            [one] => self.formed(form, one).map(Value::Text),
            [one, two] => Ok(Value::List(vec![self.formed(form, one)?, self.formed(form, two)?])),
            _ => Err(Wrong::new(format!("cannot be {} texts", texts.len()), self.remedy())),
        }
    }

    fn formed(self, form: &Form, text: &str) -> Result<String, Wrong> {
        (form.read)(text).map_err(|why| match why {
            Some(why) => Wrong::new(format!("is wrong, {why}"), self.remedy()),
            None => self.wrong_text(text),
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
        if matches!(self, Self::Secret | Self::DrainUrl) {
            return Wrong::new("holds characters that cannot be used", self.remedy());
        }
        let shown: String = text.chars().take(80).collect();
        let meant = self.unit().and_then(Unit::names).and_then(|(suffix, word)| {
            let number = convert(text, suffix)?;
            Some(format!("the unit is in the key's name; write {number} ({word})"))
        });
        Wrong::new(format!("cannot be `{shown}`"), meant.unwrap_or_else(|| self.remedy()))
    }

    /// How to write it, in the imperative.
    pub(super) fn remedy(self) -> String {
        match self {
            Self::Bool => "write true or false".to_owned(),
            Self::Number { unit, min, max } => {
                format!("write a whole number{} from {min} to {max}", unit.of())
            }
            Self::NumberOf(unit, allowed) => {
                let allowed: Vec<String> = allowed.iter().map(u32::to_string).collect();
                format!("write one of these numbers{}: {}", unit.of(), allowed.join(", "))
            }
            Self::WordOf(words) => format!("write one of {}", words.join(", ")),
            Self::Text | Self::Secret => TEXT_REMEDY.to_owned(),
            Self::DrainUrl => "write a URL such as https://drain.example.com:8086".to_owned(),
            Self::Formed(form) | Self::OneOrTwo(form) => form.remedy.to_owned(),
            Self::Formeds(form) => form.remedy_list.to_owned(),
            Self::Words => "write a list of texts, such as [\"-XX:+UseZGC\"]".to_owned(),
        }
    }
}
