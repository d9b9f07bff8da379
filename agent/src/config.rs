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
//! [`KEYS`] is the only list of keys, and each stands in it once: the file, the environment, the flags,
//! `gridnode config`, the example file and the fields of [`Config`] with their setters are all driven by it. [`load`] is
//! pure: it takes texts and gives a [`Config`], or every error at once. [`read`] is the shell around it: it reads the
//! file and the environment and asks the instance metadata service who this node is.
//!
//! Nobody reads the configuration later on: each consumer gets its own small section when it is set up. Secrets show
//! as `••••` everywhere, whatever their length.

mod contradictions;
mod effective;
mod environment;
mod error;
mod example;
mod file;
mod flags;
mod form;
mod key;
mod kind;
mod load;
mod merge;
mod quantity;
mod read;
mod sections;
mod source;
mod suggest;
mod table;
#[cfg(test)]
mod tests;
mod typed;
mod value;

pub use effective::{ConfigErrors, Effective, EffectiveValue};
pub use error::{ConfigError, Origin};
pub use example::example;
pub use form::Form;
pub use key::{Fallback, Key};
pub use kind::{Kind, Unit};
pub use load::load;
pub use read::{FILE_DEFAULT, Loaded, ReadOptions, read};
pub use source::{FileText, Flag, Sources};
pub use table::{
    AwsSection, Config, ControlSection, DrainSection, FilesSection, HealthSection, KEYS, MetadataSection,
    NodeSection, ReceiptsSection, SpoolSection, SumpSection, TimestampsSection, ToolsSection, WindowsSection,
};
pub use typed::MetadataMode;
pub use value::{S3Location, Secret};
