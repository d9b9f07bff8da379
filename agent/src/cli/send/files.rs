//! The files of a start: what each is called, where nodes fetch it, what it hashes to; local ones are uploaded, a directory
//! as an archive.
//!
//! An upload's key has the digest in it, so that nothing is ever replaced by something else and what is there need not be
//! sent again.

use super::StartArgs;
use super::named::Named;
use super::pack::{Caps, Packed, pack};
use crate::console::{Advice, of, write_note};
use crate::control::aws::{Aws, AwsError, Upload};
use anyhow::{Context, bail};
use gridnode_core::node::command::{FileName, FileRef, FileUri, Sha256};
use ring::digest::{Context as Digest, SHA256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Read at once while hashing, bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// One file, before it is known what it hashes to.
#[derive(Debug)]
pub struct Source {
    name: FileName,
    place: Place,
}

/// A file of this machine.
#[derive(Debug)]
struct Local {
    /// As it was named.
    shown: PathBuf,
    path: PathBuf,
    /// Keeps `path` alive where a directory was named.
    _packed: Option<Packed>,
}

#[derive(Debug)]
enum Place {
    /// Of this machine, to be uploaded below `s3://bucket/prefix`.
    Local { file: Local, bucket: String, prefix: String },
    /// Where nodes can fetch it already, and its digest where that was given.
    There { uri: FileUri, sha256: Option<Sha256> },
}

impl Source {
    /// What it is called in the run's directory.
    #[must_use]
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// Where it can be read, if it is of this machine.
    #[must_use]
    pub fn local_path(&self) -> Option<&Path> {
        match &self.place {
            Place::Local { file, .. } => Some(&file.path),
            Place::There { .. } => None,
        }
    }
}

/// All files that were named, the plan's first. Blocks while it packs directories.
///
/// # Errors
/// When a name or place cannot be used, a directory cannot be packed, or a digest belongs to no file.
pub fn sources(args: &StartArgs) -> anyhow::Result<Vec<Source>> {
    let upload = args.upload.as_deref().map(upload_place).transpose()?;
    let mut digests: BTreeMap<&str, Sha256> =
        args.sha256.iter().map(|(name, digest)| (name.as_str(), *digest)).collect();
    let named = std::iter::once(&args.plan).chain(&args.files);
    let mut sources = Vec::new();
    for text in named {
        let named = Named::read(text)?;
        let name = named.file_name()?;
        let place = if named.is_local() {
            let Some((bucket, prefix)) = upload.clone() else {
                let place = named.place;
                return Err(anyhow::anyhow!(
                    "{place} is of this machine, and nodes cannot fetch it from here"
                ))
                .context(Advice::new("say where it can be uploaded to: --upload s3://bucket/prefix"));
            };
            Place::Local { file: local(&named)?, bucket, prefix }
        } else {
            Place::There { uri: FileUri::parse(named.place)?, sha256: digests.remove(name.as_str()) }
        };
        sources.push(Source { name, place });
    }
    if let Some(name) = digests.keys().next() {
        bail!("--sha256 {name}=…: no s3:// file of this run is called `{name}`");
    }
    Ok(sources)
}

fn local(named: &Named<'_>) -> anyhow::Result<Local> {
    let shown = PathBuf::from(named.place);
    if !named.is_dir {
        return Ok(Local { path: shown.clone(), shown, _packed: None });
    }
    let own = named.name.as_str();
    let packed = pack(&shown, own.rsplit('/').next().unwrap_or(own), Caps::of_a_node())?;
    packed.remark(&shown).iter().for_each(|remark| write_note(remark));
    let files = of(packed.files as u64, "file", "files");
    write_note(&format!("packed {} ({files}) as {}", shown.display(), named.file_name()?));
    Ok(Local { shown, path: packed.path(), _packed: Some(packed) })
}

/// One file as the command names it, and what has to be uploaded for that.
#[derive(Debug)]
pub struct Hashed {
    file: FileRef,
    local: Option<(Local, u64)>,
}

/// Hashes what has to be hashed.
///
/// # Errors
/// When a file cannot be read.
pub async fn hashed(aws: &Aws, sources: Vec<Source>) -> anyhow::Result<Vec<Hashed>> {
    let mut files = Vec::with_capacity(sources.len());
    for Source { name, place } in sources {
        let (uri, sha256, local) = match place {
            Place::There { uri, sha256: Some(sha256) } => (uri, sha256, None),
            Place::There { uri, sha256: None } => {
                let sha256 = hash_there(aws, &uri).await.with_context(|| format!("failed to hash {uri}"))?;
                (uri, sha256, None)
            }
            Place::Local { file, bucket, prefix } => {
                let reading = || format!("failed to read {}", file.shown.display());
                let open = tokio::fs::File::open(&file.path).await.with_context(reading)?;
                let (sha256, bytes) = hash(open).await.with_context(reading)?;
                let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
                let uri = FileUri::parse(&format!("s3://{bucket}/{prefix}{sha256}/{name}"))?;
                (uri, sha256, Some((file, bytes)))
            }
        };
        files.push(Hashed { file: FileRef { name, uri, sha256 }, local });
    }
    Ok(files)
}

/// As a command carries them.
#[must_use]
pub fn refs(files: &[Hashed]) -> Vec<FileRef> {
    files.iter().map(|hashed| hashed.file.clone()).collect()
}

/// Uploads the local ones that are not there yet.
///
/// # Errors
/// When one cannot be uploaded.
pub async fn upload(aws: &Aws, files: &[Hashed]) -> anyhow::Result<()> {
    for Hashed { file, local } in files {
        let (Some((local, bytes)), FileUri::S3 { bucket, key }) = (local, &file.uri) else { continue };
        let shown = local.shown.display();
        if is_there(aws, bucket, key, *bytes).await? {
            write_note(&format!("{shown} is there already: {}", file.uri));
            continue;
        }
        aws.put(bucket, key, &Upload::File(local.path.clone()), "application/octet-stream").await?;
        write_note(&format!("uploaded {shown} ({}) to {}", of(*bytes, "byte", "bytes"), file.uri));
    }
    Ok(())
}

/// Asked by starting to read it, which needs no other permission than nodes have; nothing of it is read.
async fn is_there(aws: &Aws, bucket: &str, key: &str, bytes: u64) -> Result<bool, AwsError> {
    use crate::control::aws::AwsErrorKind::{Denied, NotFound};
    match aws.open(bucket, key).await {
        Ok(object) => Ok(object.bytes == Some(bytes)),
        // S3 denies what is not there to those who may not list; then writing decides.
        Err(error) if matches!(error.kind, NotFound | Denied) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn hash_there(aws: &Aws, uri: &FileUri) -> anyhow::Result<Sha256> {
    Ok(match uri {
        FileUri::S3 { bucket, key } => hash(aws.open(bucket, key).await?.reader).await?.0,
        FileUri::File { path } => hash(tokio::fs::File::open(path).await?).await?.0,
    })
}

/// Digest and length.
async fn hash(mut reader: impl AsyncRead + Unpin) -> std::io::Result<(Sha256, u64)> {
    let mut digest = Digest::new(&SHA256);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        match reader.read(&mut chunk).await? {
            0 => break,
            n => {
                digest.update(&chunk[..n]);
                bytes += n as u64;
            }
        }
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest.finish().as_ref());
    Ok((Sha256(sha256), bytes))
}

/// Bucket and prefix, without slashes around it; a prefix may be empty.
fn upload_place(text: &str) -> anyhow::Result<(String, String)> {
    let as_key = format!("{}/x", text.trim_end_matches('/'));
    let FileUri::S3 { bucket, key } = FileUri::parse(&as_key).context("--upload")? else {
        bail!("--upload {text}: it should be s3://bucket/prefix");
    };
    let prefix = key.strip_suffix('x').unwrap_or_default().trim_matches('/');
    Ok((bucket, prefix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_go_below_a_prefix_or_none() {
        let place = |text: &str| upload_place(text).map_err(|error| format!("{error:#}"));
        assert_eq!(place("s3://my-bucket/plans/"), Ok(("my-bucket".to_owned(), "plans".to_owned())));
        assert_eq!(place("s3://my-bucket"), Ok(("my-bucket".to_owned(), String::new())));
        assert!(place("file:///tmp").unwrap_err().contains("s3://bucket/prefix"));
        assert!(place("my-bucket").unwrap_err().contains("--upload"));
    }

    #[tokio::test]
    async fn a_digest_is_of_the_whole_file() {
        let (sha256, bytes) = hash(&b"abc"[..]).await.unwrap();
        assert_eq!(bytes, 3);
        assert_eq!(sha256.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let large = vec![b'a'; 1_000_000];
        assert_eq!(
            hash(&large[..]).await.unwrap().0.to_string(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }
}
