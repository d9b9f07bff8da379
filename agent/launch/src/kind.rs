//! The tools that this program knows how to run.

use std::fmt;
use std::str::FromStr;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ToolKind {
    /// Apache JMeter.
    Jmeter,
    /// Gatling.
    Gatling,
    /// Browsers, by Selenium.
    Selenium,
}

impl ToolKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jmeter, Self::Gatling, Self::Selenium];

    /// As commands and options name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jmeter => "jmeter",
            Self::Gatling => "gatling",
            Self::Selenium => "selenium",
        }
    }

    /// As sentences name it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jmeter => "JMeter",
            Self::Gatling => "Gatling",
            Self::Selenium => "Selenium",
        }
    }
}

impl fmt::Display for ToolKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ToolKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("there is no tool `{text}`; there are jmeter, gatling and selenium"))
    }
}
