//! A topic's name, checked where it comes in: it says which region to talk to.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The longest name of a topic, as SNS has it.
const NAME_BYTES_MAX: usize = 256;

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME` of a standard topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicArn {
    text: String,
    /// Where region, account and name begin in `text`; each but the last ends one byte before the next.
    region_at: usize,
    account_at: usize,
    name_at: usize,
}

/// Why a text is not the ARN of a topic that the agent can use.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not the ARN of a topic: {why}; it looks like arn:aws:sns:us-east-1:123456789012:commands"
)]
pub struct TopicArnError {
    text: String,
    why: &'static str,
}

impl TopicArn {
    /// Checks `text`.
    ///
    /// # Errors
    /// When a part is missing or has characters that it cannot have, and for FIFO topics.
    pub fn new(text: &str) -> Result<Self, TopicArnError> {
        let error = |why| TopicArnError { text: text.chars().take(100).collect(), why };
        let parts: Vec<&str> = text.split(':').collect();
        let [arn, partition, service, region, account, name] = parts[..] else {
            return Err(error("it needs six parts with `:` between them"));
        };
        if arn != "arn" || service != "sns" {
            return Err(error("it has to begin with arn:PARTITION:sns:"));
        }
        let word = |text: &str| {
            (1..=32).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !word(partition) {
            return Err(error("the partition (`aws`, …) is wrong"));
        }
        if !word(region) {
            return Err(error("the region (`us-east-1`, …) is wrong"));
        }
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error("the account has to be 12 digits"));
        }
        if name.ends_with(".fifo") {
            return Err(error("it is a FIFO topic, and only standard topics fan out to a grid"));
        }
        let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(fine) {
            return Err(error("the name has to be 1 to 256 characters from A-Z a-z 0-9 _ -"));
        }
        let name_at = text.len() - name.len();
        let account_at = name_at - 1 - account.len();
        Ok(Self { text: text.to_owned(), region_at: account_at - 1 - region.len(), account_at, name_at })
    }

    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The region that the topic is in.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.text[self.region_at..self.account_at - 1]
    }

    /// The account that owns it, 12 digits.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.text[self.account_at..self.name_at - 1]
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.name_at..]
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TopicArn {
    type Err = TopicArnError;
    fn from_str(text: &str) -> Result<Self, TopicArnError> {
        Self::new(text)
    }
}

impl<'de> serde::Deserialize<'de> for TopicArn {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(d)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for TopicArn {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_come_back(
            partition in "aws(-cn|-us-gov)?", region in "[a-z]{2}-[a-z]{4,9}-[1-9]", account in "[0-9]{12}",
            name in "[A-Za-z0-9_-]{1,256}",
        ) {
            let text = format!("arn:{partition}:sns:{region}:{account}:{name}");
            let arn = TopicArn::new(&text).unwrap();
            prop_assert_eq!((arn.region(), arn.account(), arn.name()), (&*region, &*account, &*name));
            prop_assert_eq!(arn.as_str(), text);
        }

        #[test]
        fn any_text_is_judged(text in "\\PC*") {
            drop(TopicArn::new(&text));
        }

        #[test]
        fn nearly_right_is_judged(text in "(arn|aws|sns|us-east-1|123456789012|[a-zü.]{0,4}|:){0,14}") {
            if let Ok(arn) = TopicArn::new(&text) {
                prop_assert_eq!(text.split(':').nth(3), Some(arn.region()));
            }
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let why = |text: &str| TopicArn::new(text).map_err(|error| error.why);
        assert_eq!(why("commands"), Err("it needs six parts with `:` between them"));
        assert_eq!(
            why("arn:aws:sqs:us-east-1:123456789012:q"),
            Err("it has to begin with arn:PARTITION:sns:")
        );
        assert_eq!(why("arn:aws:sns::123456789012:t"), Err("the region (`us-east-1`, …) is wrong"));
        assert_eq!(why("arn:aws:sns:us-east-1:1234:t"), Err("the account has to be 12 digits"));
        assert!(why("arn:aws:sns:us-east-1:123456789012:t.fifo").unwrap_err().contains("FIFO"));
        assert!(why("arn:aws:sns:us-east-1:123456789012:").unwrap_err().contains("name"));
        assert!(why("arn:aws:sns:us-east-1:123456789012:t:6b0e71bd").unwrap_err().contains("six"));
    }
}
