//! The shell around [`super::load`]: reads the file, the environment and secrets, asks the instance metadata service.

use super::effective::{Effective, Origin};
use super::error::{ConfigError, ConfigErrors};
use super::merge::{FileText, Sources, merge};
use super::sections::{Config, MetadataMode, MetadataSection};
use super::{Flag, build, load};
use crate::imds::{Identity, Imds, ImdsError};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the configuration is unless another file is named; it may be missing.
pub const FILE_DEFAULT: &str = "/etc/gridnode/config.toml";
/// A longer file is no configuration.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// A longer file is no secret.
const SECRET_BYTES_MAX: u64 = 8 << 10;
/// How often the metadata service is asked where it has to be there: it may be late at boot, but not for long.
const METADATA_ATTEMPTS: u32 = 10;
/// Pause between them.
const METADATA_PAUSE: Duration = Duration::from_secs(1);

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The file; [`FILE_DEFAULT`] when none is named.
    pub file: Option<PathBuf>,
    /// Flags.
    pub flags: Vec<Flag>,
}

/// The configuration and what comes with it.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Where each value comes from.
    pub effective: Effective,
    /// The instance metadata service, where it is used and has answered.
    pub imds: Option<Imds>,
}

/// Reads the configuration of this process. Takes some ten seconds at worst, where the metadata service has to be
/// there and is not.
///
/// # Errors
/// With everything that is wrong.
pub async fn read(options: &ReadOptions) -> Result<Loaded, ConfigErrors> {
    let mut broken = Vec::new();
    let file = read_file(options.file.as_deref()).unwrap_or_else(|error| {
        broken.push(error);
        None
    });
    let mut sources = Sources {
        file,
        env: environment(),
        flags: options.flags.clone(),
        metadata: None,
        host_name: host_name(),
        secret_file: &|path| read_text(path, SECRET_BYTES_MAX).map_err(|error| why(&error)),
    };
    let mut imds = None;
    let before = merge(&sources).effective;
    if let Some(metadata) = build::metadata(&before).filter(|metadata| metadata.enabled != MetadataMode::Off)
    {
        match ask(&metadata, !before.is_given("node.id")).await {
            Ok(Some((client, identity))) => {
                sources.metadata = Some(identity);
                imds = Some(client);
            }
            Ok(None) => {}
            Err(error) => broken.push(error),
        }
    }
    match load(&sources) {
        Ok((config, effective)) if broken.is_empty() => Ok(Loaded { config, effective, imds }),
        Ok((_, effective)) => Err(ConfigErrors { errors: broken, effective }),
        Err(ConfigErrors { errors, effective }) => {
            broken.extend(errors);
            Err(ConfigErrors { errors: broken, effective })
        }
    }
}

/// Who the metadata service says we are; `None` where there is none and need not be.
async fn ask(section: &MetadataSection, name_wanted: bool) -> Result<Option<(Imds, Identity)>, ConfigError> {
    // On an instance a service that is late must not give the node another name, and with it another queue.
    let must = section.enabled == MetadataMode::On || (name_wanted && is_ec2());
    match ask_patiently(&section.endpoint, if must { METADATA_ATTEMPTS } else { 1 }).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if must || error.is_answer() => Err(ConfigError {
            place: None,
            key: "metadata.endpoint".to_owned(),
            problem: format!("({}) does not say who this node is, {error}", section.endpoint),
            remedy: "turn the service on for this instance, or write node.id and metadata.enabled = false"
                .to_owned(),
        }),
        Err(error) => {
            tracing::debug!(%error, "no instance metadata service");
            Ok(None)
        }
    }
}

async fn ask_patiently(endpoint: &str, attempts: u32) -> Result<(Imds, Identity), ImdsError> {
    let imds = Imds::new(endpoint)?;
    let mut attempt = 1;
    loop {
        match imds.identity().await {
            Ok(identity) => return Ok((imds, identity)),
            Err(error) if attempt >= attempts || error.is_answer() => return Err(error),
            Err(_) => tokio::time::sleep(METADATA_PAUSE).await,
        }
        attempt += 1;
    }
}

/// Whether this machine is an EC2 instance, by its firmware (Nitro) or its hypervisor (Xen).
fn is_ec2() -> bool {
    let begins = |path: &str, with: &str| {
        std::fs::read_to_string(path).is_ok_and(|text| text.to_ascii_lowercase().starts_with(with))
    };
    begins("/sys/devices/virtual/dmi/id/sys_vendor", "amazon ec2") || begins("/sys/hypervisor/uuid", "ec2")
}

/// The variables that may matter; what is not UTF-8 is shown with replacement characters, and refused by its kind.
fn environment() -> BTreeMap<String, String> {
    let ours = |name: &str| {
        name.starts_with("GRIDNODE_") || matches!(name, "JMETER_HOME" | "AWS_REGION" | "AWS_DEFAULT_REGION")
    };
    let all = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    all.filter(|(name, _)| ours(name))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

fn host_name() -> String {
    let name = nix::sys::utsname::uname().ok().map(|name| name.nodename().to_string_lossy().into_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "node".to_owned())
}

fn read_file(named: Option<&Path>) -> Result<Option<FileText>, ConfigError> {
    let path = named.unwrap_or(Path::new(FILE_DEFAULT));
    match read_text(path, FILE_BYTES_MAX) {
        Ok(text) => Ok(Some(FileText { path: path.to_owned(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(ConfigError {
            place: Some(Origin::Flag("--config")).filter(|_| named.is_some()),
            key: path.display().to_string(),
            problem: format!("cannot be read ({})", why(&error)),
            remedy: "give a readable file; `gridnode config --example` prints one".to_owned(),
        }),
    }
}

fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(bytes_max + 1).read_to_string(&mut text)?;
    if text.len() as u64 > bytes_max {
        return Err(io::Error::other(format!("longer than {bytes_max} bytes")));
    }
    Ok(text)
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}
