//! The shell around [`super::load`]: reads the file, the environment and secrets, asks the instance metadata service.

use super::effective::{ConfigErrors, Effective};
use super::error::{ConfigError, Origin};
use super::key::Section;
use super::load::load;
use super::merge::merge;
use super::source::{FileText, Flag, Sources};
use super::table::{Config, MetadataSection};
use super::typed::MetadataMode;
use crate::control::imds::{Identity, Imds, ImdsError};
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
    /// What a node does without, where nobody answers and nobody need: for who runs one.
    pub lacks: Option<&'static str>,
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
    for name in super::environment::unread(&sources.env) {
        tracing::warn!("the variable {name} is not read: `gridnode config --example` shows all that are");
    }
    let (mut imds, mut lacks) = (None, None);
    let before = merge(&sources).effective;
    if let Some(metadata) =
        MetadataSection::of(&before).filter(|metadata| metadata.enabled != MetadataMode::Off)
    {
        match ask(&metadata, !before.is_given("node.id"), &mut lacks).await {
            Ok(Some((client, identity))) => {
                sources.metadata = Some(identity);
                imds = Some(client);
            }
            Ok(None) => {}
            Err(error) => broken.push(error),
        }
    }
    match load(&sources) {
        Ok((config, effective)) if broken.is_empty() => Ok(Loaded { config, effective, imds, lacks }),
        Ok((_, effective)) => Err(ConfigErrors { errors: broken, effective }),
        Err(ConfigErrors { errors, effective }) => {
            broken.extend(errors);
            Err(ConfigErrors { errors: broken, effective })
        }
    }
}

/// What a node does without, where tags cannot be read.
const NO_TAGS: &str = "the instance metadata service has no tags of this instance: grid and node come from the configuration \
                       (tags are there with InstanceMetadataTags=enabled in the instance's metadata options)";
/// What a node does without, where there is no service.
const NO_METADATA: &str = "no instance metadata service answers: name, region and tags come from the configuration, and no \
                           spot notice is seen before the machine goes";

/// Who the metadata service says we are; `None` where there is none and need not be.
async fn ask(
    section: &MetadataSection,
    name_wanted: bool,
    lacks: &mut Option<&'static str>,
) -> Result<Option<(Imds, Identity)>, ConfigError> {
    // On an instance a service that is late must not give the node another name, and with it another queue.
    let must = section.enabled == MetadataMode::On || (name_wanted && is_ec2());
    match ask_patiently(&section.endpoint, if must { METADATA_ATTEMPTS } else { 1 }).await {
        Ok((imds, identity)) => {
            if let Ok(false) = imds.has_tags().await {
                tracing::info!("{NO_TAGS}");
            }
            Ok(Some((imds, identity)))
        }
        Err(error) if must || error.is_answer() => Err(ConfigError {
            place: None,
            key: "metadata.endpoint".to_owned(),
            problem: format!("({}) does not say who this node is, {error}", section.endpoint),
            remedy: "turn the service on for this instance, or write node.id and metadata.enabled = false"
                .to_owned(),
        }),
        Err(error) => {
            // On a laptop that is as it should be.
            if is_ec2() || matches!(error, ImdsError::HopLimit { .. }) {
                tracing::warn!(%error, "{NO_METADATA}");
            } else {
                *lacks = Some(NO_METADATA);
                tracing::debug!(%error, "no instance metadata service");
            }
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

#[cfg(test)]
mod tests {
    use super::super::Secret;
    use super::*;
    use axum::Router;
    use axum::http::{StatusCode, Uri};

    const ENOUGH: &str = r#"
        [control]
        command_topics = ["arn:aws:sns:eu-west-1:123456789012:commands"]
        event_topic = "arn:aws:sns:eu-west-1:123456789012:events"
        [drain]
        url = "http://127.0.0.1:8086"
        token_file = "TOKEN"
    "#;

    /// Files in a directory of their own, and options that name them.
    fn files(endpoint: &str, text: &str) -> (tempfile::TempDir, ReadOptions) {
        let dir = tempfile::tempdir().unwrap();
        let (config, token) = (dir.path().join("config.toml"), dir.path().join("token"));
        std::fs::write(&token, "geheim\n").unwrap();
        std::fs::write(&config, text.replace("TOKEN", token.to_str().unwrap())).unwrap();
        let flags = vec![Flag::Set(Secret::new(format!("metadata.endpoint={endpoint}")))];
        (dir, ReadOptions { file: Some(config), flags })
    }

    async fn service(grid: &'static str) -> String {
        let answer = move |uri: Uri| async move {
            match uri.path() {
                "/latest/api/token" => (StatusCode::OK, "t"),
                "/latest/meta-data/instance-id" => (StatusCode::OK, "i-0123"),
                "/latest/meta-data/tags/instance/grid" => (StatusCode::OK, grid),
                _ => (StatusCode::NOT_FOUND, ""),
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        url
    }

    #[tokio::test]
    async fn file_secret_and_metadata_come_together() {
        let (_dir, options) = files(&service("9").await, ENOUGH);
        let loaded = read(&options).await.unwrap();
        assert_eq!((loaded.config.node.id.as_str(), loaded.imds.is_some()), ("i-0123", true));
        assert_eq!(loaded.effective.get("node.grid").unwrap().origin, Origin::Metadata);
        assert!(format!("{:?}", loaded.config.drain.url).contains("Token(…)"));
    }

    #[tokio::test]
    async fn a_tag_that_makes_no_sense_is_an_error_and_not_another_identity() {
        let (_dir, options) = files(&service("my grid").await, ENOUGH);
        let text = read(&options).await.unwrap_err().to_string();
        assert!(text.contains("metadata.endpoint") && text.contains("`my grid`"), "{text}");
    }

    #[tokio::test]
    async fn nobody_there_is_fine_unless_it_has_to_be() {
        let (_dir, options) = files("http://127.0.0.1:1", ENOUGH);
        let loaded = read(&options).await.unwrap();
        assert!(loaded.imds.is_none());
        assert_eq!(loaded.config.node.id, gridnode_core::base::ids::Ident::near(&host_name()));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_said_beside_all_else() {
        let (dir, mut options) = files("http://127.0.0.1:1", "[drain]\nulr = 1\n");
        assert_eq!(
            read(&options).await.unwrap_err().errors.len(),
            4,
            "a wrong key and three that are missing"
        );
        options.file = Some(dir.path().join("absent.toml"));
        let errors = read(&options).await.unwrap_err().errors;
        assert!(errors[0].to_string().contains("absent.toml cannot be read (there is no such file)"));
        let large = dir.path().join("large.toml");
        std::fs::write(&large, " ".repeat(2 << 20)).unwrap();
        options.file = Some(large);
        let errors = read(&options).await.unwrap_err().errors;
        assert!(errors[0].problem.contains("longer than 1048576 bytes"), "{}", errors[0]);
    }
}
