//! What files hash to, and the upload of those of this machine.
//!
//! An upload's key has the digest in it, so that nothing is ever replaced by something else and what is there need not be
//! sent again.

use super::files::{Local, Place, Source};
use super::news::{Listener, News};
use crate::control::aws::{Aws, AwsError, AwsErrorKind, ObjectKind, Upload};
use anyhow::Context;
use gridnode_core::node::command::{FileRef, FileUri, Sha256};
use ring::digest::{Context as Digest, SHA256};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Read at once while hashing, bytes.
const CHUNK_BYTES: usize = 64 * 1024;

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
pub async fn upload(aws: &Aws, files: &[Hashed], listener: &mut dyn Listener) -> anyhow::Result<()> {
    for Hashed { file, local } in files {
        let (Some((local, bytes)), FileUri::S3 { bucket, key }) = (local, &file.uri) else { continue };
        let (shown, bytes, uri) = (&*local.shown, *bytes, &file.uri);
        if is_there(aws, bucket, key, bytes).await? {
            listener.hear(News::IsThere { file: shown, uri })?;
            continue;
        }
        aws.put(bucket, key, &Upload::File(local.path.clone()), &ObjectKind::of("application/octet-stream"))
            .await?;
        listener.hear(News::Uploaded { file: shown, bytes, uri })?;
    }
    Ok(())
}

/// Asked by starting to read it, which needs no other permission than nodes have; nothing of it is read.
async fn is_there(aws: &Aws, bucket: &str, key: &str, bytes: u64) -> Result<bool, AwsError> {
    match aws.open(bucket, key).await {
        Ok(object) => Ok(object.bytes == Some(bytes)),
        // S3 denies what is not there to those who may not list; then writing decides.
        Err(error) if matches!(error.kind, AwsErrorKind::NotFound | AwsErrorKind::Denied) => Ok(false),
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

#[cfg(test)]
mod tests {
    use super::*;

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
