//! Objects. A bucket in another region than ours is followed there once, and its region remembered.

use super::call::bucket_region;
use super::clients::{Aws, CALL_S, Clients, timeouts};
use super::error::{AwsError, AwsErrorKind};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::SdkError;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncRead;

/// What one `PutObject` takes, as S3 has it.
pub const PUT_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// The slowest upload that is waited for, bytes a second; the SDK gives up sooner when nothing moves at all.
const UPLOAD_BYTES_PER_S_MIN: u64 = 64 * 1024;

/// An object that is being read.
pub struct Object {
    /// Its size; `None` where the service does not say.
    pub bytes: Option<u64>,
    /// Its content, from the beginning. A stalled connection is an error here, not a wait.
    pub reader: Pin<Box<dyn AsyncRead + Send + Sync>>,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// What becomes an object.
#[derive(Debug, Clone)]
pub enum Upload {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A file, streamed; at most [`PUT_BYTES_MAX`].
    File(PathBuf),
}

/// What S3 is told of an object.
#[derive(Debug, Clone, Default)]
pub struct ObjectKind {
    /// Its media type.
    pub content_type: String,
    /// The bytes are gzip of that.
    pub is_gzipped: bool,
    /// How it is encrypted; what the bucket does by itself where nothing is said.
    pub encryption: Option<Encryption>,
}

/// Server-side encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// `AES256` or `aws:kms`.
    pub algorithm: String,
    /// For `aws:kms`; the account's own key for S3 where there is none.
    pub kms_key_id: Option<String>,
}

impl ObjectKind {
    /// Of a media type.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        Self { content_type: content_type.to_owned(), ..Self::default() }
    }
}

impl Aws {
    /// Starts to read an object. Its body can take as long as it goes on moving: bound it where you read.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::NotFound`] when bucket or object are not there.
    pub async fn open(&self, bucket: &str, key: &str) -> Result<Object, AwsError> {
        let doing = || format!("open s3://{bucket}/{key}");
        let mut answer = None;
        for _ in 0..2 {
            let (clients, s3) = self.s3_of(bucket).await;
            let result = s3.get_object().bucket(bucket).key(key).send().await;
            if !self.is_elsewhere(bucket, &result) {
                answer = Some(self.judge(&clients, doing, result).await?);
                break;
            }
        }
        let answer = answer.ok_or_else(|| no_region(doing()))?;
        let bytes = answer.content_length.and_then(|bytes| u64::try_from(bytes).ok());
        Ok(Object { bytes, reader: Box::pin(answer.body.into_async_read()) })
    }

    /// Writes an object, replacing one that is there.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::Rejected`] when the file cannot be read or is too large for one call.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        upload: &Upload,
        kind: &ObjectKind,
    ) -> Result<(), AwsError> {
        let doing = || format!("write s3://{bucket}/{key}");
        let unreadable = |why: String| AwsError::new(doing(), AwsErrorKind::Rejected, &why);
        let bytes = match upload {
            Upload::Bytes(bytes) => bytes.len() as u64,
            Upload::File(path) => {
                let file = tokio::fs::metadata(path).await;
                file.map_err(|error| unreadable(format!("{}: {error}", path.display())))?.len()
            }
        };
        if bytes > PUT_BYTES_MAX {
            return Err(unreadable(format!(
                "{bytes} bytes are more than one upload takes ({PUT_BYTES_MAX})"
            )));
        }
        for _ in 0..2 {
            let body = match upload {
                Upload::Bytes(bytes) => ByteStream::from(bytes.clone()),
                Upload::File(path) => ByteStream::from_path(path)
                    .await
                    .map_err(|error| unreadable(format!("{}: {error}", path.display())))?,
            };
            let (clients, s3) = self.s3_of(bucket).await;
            let encryption = kind.encryption.as_ref();
            let call = s3
                .put_object()
                .bucket(bucket)
                .key(key)
                .content_type(&kind.content_type)
                .set_content_encoding(kind.is_gzipped.then(|| "gzip".to_owned()))
                // The service refuses what was changed on its way.
                .checksum_algorithm(ChecksumAlgorithm::Crc32)
                .set_server_side_encryption(encryption.map(|with| with.algorithm.as_str().into()))
                .set_ssekms_key_id(encryption.and_then(|with| with.kms_key_id.clone()))
                .body(body);
            let limits = timeouts(CALL_S + bytes / UPLOAD_BYTES_PER_S_MIN);
            let limits = aws_sdk_s3::config::Config::builder().timeout_config(limits);
            let result = call.customize().config_override(limits).send().await;
            if !self.is_elsewhere(bucket, &result) {
                let stored = self.judge(&clients, doing, result).await?;
                // A proxy's page comes with a 200, too; S3 names what it has stored.
                return match stored.e_tag().is_some_and(|tag| !tag.is_empty()) {
                    true => Ok(()),
                    false => Err(AwsError::new(doing(), AwsErrorKind::Rejected, NOT_S3)),
                };
            }
        }
        Err(no_region(doing()))
    }

    /// Whether the bucket is there and may be looked at.
    ///
    /// # Errors
    /// As any call; [`AwsErrorKind::NotFound`] when it is not there.
    pub async fn head_bucket(&self, bucket: &str) -> Result<(), AwsError> {
        let doing = || format!("look at bucket {bucket}");
        for _ in 0..2 {
            let (clients, s3) = self.s3_of(bucket).await;
            let result = s3.head_bucket().bucket(bucket).send().await;
            if !self.is_elsewhere(bucket, &result) {
                return self.judge(&clients, doing, result).await.map(drop);
            }
        }
        Err(no_region(doing()))
    }

    async fn s3_of(&self, bucket: &str) -> (Arc<Clients>, aws_sdk_s3::Client) {
        let clients = self.clients().await;
        let s3 = clients.s3(&self.bucket_region(bucket));
        (clients, s3)
    }

    /// Whether the bucket is in another region than it was looked for in; then that one is remembered.
    fn is_elsewhere<T, E>(&self, bucket: &str, result: &Result<T, SdkError<E, HttpResponse>>) -> bool {
        let Err(error) = result else { return false };
        match bucket_region(error) {
            Some(region) if region != self.bucket_region(bucket) => {
                self.remember_bucket_region(bucket, region);
                true
            }
            _ => false,
        }
    }
}

const NOT_S3: &str =
    "the answer has no ETag, so it is none of S3; look at the endpoint, and at the proxy in front";

fn no_region(doing: String) -> AwsError {
    AwsError::new(doing, AwsErrorKind::Away, "the bucket's region is said to be another one each time")
}
