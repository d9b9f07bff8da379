//! Where a plug-in of JMeter is in a Maven repository.

use std::fmt;
use std::str::FromStr;

/// Characters of each part; those of Maven Central stay far below.
const PART_CHARS_MAX: usize = 128;

/// `group:artifact`, or with the version `group:artifact:version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coordinate {
    group: String,
    artifact: String,
    version: Option<String>,
}

/// It is not written as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write GROUP:ARTIFACT or GROUP:ARTIFACT:VERSION, such as kg.apc:jmeter-plugins-casutg:2.10")]
pub struct NotACoordinate;

impl FromStr for Coordinate {
    type Err = NotACoordinate;

    fn from_str(text: &str) -> Result<Self, NotACoordinate> {
        let parts: Vec<&str> = text.split(':').collect();
        let (group, artifact, version) = match parts[..] {
            [group, artifact] => (group, artifact, None),
            [group, artifact, version] => (group, artifact, Some(version)),
            _ => return Err(NotACoordinate),
        };
        // They become part of file names and of a POM.
        let is_plain = |part: &&str| {
            let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
            (1..=PART_CHARS_MAX).contains(&part.len())
                && !part.starts_with(['.', '-'])
                && part.bytes().all(fine)
        };
        if ![Some(group), Some(artifact), version].iter().flatten().all(is_plain) {
            return Err(NotACoordinate);
        }
        let version = version.map(str::to_owned);
        Ok(Self { group: group.to_owned(), artifact: artifact.to_owned(), version })
    }
}

impl fmt::Display for Coordinate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.group, self.artifact)?;
        self.version.iter().try_for_each(|version| write!(f, ":{version}"))
    }
}

impl Coordinate {
    /// Whose it is.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Its name there.
    #[must_use]
    pub fn artifact(&self) -> &str {
        &self.artifact
    }

    /// Which one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether `there` is what is asked for by this one: without a version any will do.
    #[must_use]
    pub fn is_met_by(&self, there: &Self) -> bool {
        let versions = self.version.is_none() || self.version == there.version;
        self.group == there.group && self.artifact == there.artifact && versions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Coordinate {
        text.parse().unwrap()
    }

    #[test]
    fn what_becomes_a_file_name_is_plain() {
        for text in ["kg.apc:jmeter-plugins-casutg", "com.blazemeter:jmeter-parallel:0.12"] {
            assert_eq!(parsed(text).to_string(), text);
        }
        for text in
            ["", "casutg", "a:b:c:d", "a:", ":b", "a:b:", "../a:b", "a:b/c", "a:b:1<x>", "a:-b", "a b:c"]
        {
            assert_eq!(text.parse::<Coordinate>(), Err(NotACoordinate), "{text}");
        }
    }

    #[test]
    fn without_a_version_any_will_do() {
        let there = parsed("a:b:1");
        assert!(parsed("a:b").is_met_by(&there) && parsed("a:b:1").is_met_by(&there));
        assert!(!parsed("a:b:2").is_met_by(&there) && !parsed("a:c").is_met_by(&there));
    }
}
