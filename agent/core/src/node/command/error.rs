//! Why a message is not a command.

use thiserror::Error;

/// See the module's head. Every message names the field and what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// Over the cap.
    #[error("the message has {bytes} bytes; a command has at most {max}")]
    TooLarge {
        /// What came.
        bytes: usize,
        /// What may come.
        max: usize,
    },
    /// Not text.
    #[error("the message is not UTF-8")]
    NotText,
    /// Not JSON, or a key twice, or nested too deeply.
    #[error("the message is not strict JSON: {0}")]
    Json(String),
    /// An SNS message that carries no command.
    #[error("the SNS message is of type `{0}`; only `Notification` carries commands")]
    Envelope(String),
    /// A publisher's wrapping around a command, or in place of one.
    #[error("the message is {0}, and no command: publish the command's own JSON as the message")]
    Wrapped(String),
    /// No signature where one is required.
    #[error(
        "the command is not signed, and this node takes signed commands only: sign it, or unset verify_key"
    )]
    Unsigned,
    /// A signature that does not fit.
    #[error("the signature does not fit the command: it was made with another key or the text was changed")]
    BadSignature,
    /// Of another layout.
    #[error("version {0} is not known; this agent reads version 1")]
    Version(String),
    /// Of another type.
    #[error("type `{0}` is not known; use flood.start, flood.stop or node.stop")]
    Type(String),
    /// A field that does not exist.
    #[error("`{0}` is not a known field")]
    UnknownField(String),
    /// A field that has to be there.
    #[error("`{0}` is missing")]
    MissingField(String),
    /// A field that cannot be used.
    #[error("`{at}` {why}")]
    Value {
        /// Path of the field.
        at: String,
        /// What is wrong with it.
        why: String,
    },
}

impl CommandError {
    /// The short, fixed word for it in events.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NotText | Self::Json(_) => "syntax",
            Self::Envelope(_) => "envelope",
            Self::Wrapped(_) => "wrapped",
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad_signature",
            Self::Version(_) => "unknown_version",
            Self::Type(_) => "unknown_type",
            Self::UnknownField(_) => "unknown_field",
            Self::MissingField(_) => "missing_field",
            Self::Value { .. } => "bad_value",
        }
    }
}
