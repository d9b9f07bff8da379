//! The configuration of a node's agent: one table of keys, four places that give values, one checked result.
//!
//! ```text
//! default  <  instance metadata  <  file  <  environment  <  flags
//!
//! /etc/gridnode/config.toml     [drain]
//!                               url = "https://drain.example.com"
//! environment                   GRIDNODE_DRAIN=https://drain.example.com
//! flags                         --drain https://…    --set drain.url=https://…
//! ```
//!
//! [`KEYS`] is the only list of keys: the file, the environment, the flags, `gridnode config` and the example file are
//! all driven by it. [`load`] is pure: it takes texts and gives a [`Config`], or every error at once. [`read`] is the
//! shell around it: it reads the file and the environment and asks the instance metadata service who this node is.
//!
//! Nobody reads the configuration later on: each consumer gets its own small section when it is set up. Secrets show
//! as `••••` everywhere, whatever their length.

mod build;
mod contradictions;
mod effective;
mod environment;
mod error;
mod example;
mod file;
mod flags;
mod getters;
mod kind;
mod merge;
mod quantity;
mod read;
mod sections;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use effective::{Effective, EffectiveValue, Origin};
pub use error::{ConfigError, ConfigErrors};
pub use example::example;
pub use flags::Flag;
pub use kind::{Kind, Unit};
pub use merge::{FileText, Sources};
pub use read::{FILE_DEFAULT, Loaded, ReadOptions, read};
pub use sections::{
    AwsSection, Config, ControlSection, FilesSection, MetadataMode, MetadataSection, NodeSection,
    SpoolSection, ToolsSection, WindowsSection,
};
pub use table::{Fallback, KEYS, Key};
pub use value::{S3Location, Secret, TopicArn};

/// Makes the configuration from what the sources say.
///
/// # Errors
/// With everything that is wrong, not only the first; the values that were understood are there, too.
pub fn load(sources: &Sources<'_>) -> Result<(Config, Effective), ConfigErrors> {
    let mut merged = merge::merge(sources);
    let config = build::build(&mut merged);
    match config {
        Some(config) if merged.errors.is_empty() => Ok((config, merged.effective)),
        _ => {
            merged.errors.sort_by_key(ConfigError::order);
            Err(ConfigErrors { errors: merged.errors, effective: merged.effective })
        }
    }
}
