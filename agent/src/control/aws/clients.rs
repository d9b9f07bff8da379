//! Clients by service and region, and the credentials behind them.

use super::call;
use super::error::{AwsError, AwsErrorKind};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::SharedHttpClient;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Regions that clients are kept for; AWS has fewer. Beyond that a client is made for each call.
pub const REGIONS_MAX: usize = 64;
/// Buckets whose region is remembered; one that is not costs a redirect more.
const BUCKETS_MAX: usize = 256;

const CONNECT_S: u64 = 5;
/// For the whole of a call, but a long poll and bodies of objects.
pub(super) const CALL_S: u64 = 15;
/// Below the minute after which load balancers close connections that nobody uses.
const POOL_IDLE_S: u64 = 20;

/// Where and with which endpoints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwsSettings {
    /// Region of the node's queue, and of buckets until they say otherwise; `None`: as the environment, the profile or
    /// the instance says.
    pub region: Option<String>,
    /// Other endpoints than AWS's own.
    pub endpoints: Endpoints,
}

/// URLs such as `http://127.0.0.1:4566`, a service each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// For queues.
    pub sqs: Option<String>,
    /// For topics, in every region.
    pub sns: Option<String>,
    /// For objects; buckets are then part of the path.
    pub s3: Option<String>,
}

/// A connection to AWS; cheap to clone, and all clones share connections and credentials.
#[derive(Debug, Clone)]
pub struct Aws {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: AwsSettings,
    http: SharedHttpClient,
    region: String,
    /// Empty after the credentials were refused; filled by the next call. Held while the chain is built.
    clients: tokio::sync::Mutex<Option<Arc<Clients>>>,
    bucket_regions: Mutex<BTreeMap<String, String>>,
}

/// Everything that was made with the same credentials.
#[derive(Debug)]
pub(super) struct Clients {
    config: SdkConfig,
    s3_path_style: bool,
    endpoints: Endpoints,
    sqs: Mutex<BTreeMap<String, aws_sdk_sqs::Client>>,
    sns: Mutex<BTreeMap<String, aws_sdk_sns::Client>>,
    s3: Mutex<BTreeMap<String, aws_sdk_s3::Client>>,
}

impl Aws {
    /// Finds out the region; credentials are looked for at the first call.
    ///
    /// # Errors
    /// When no region is set anywhere.
    pub async fn connect(settings: &AwsSettings) -> Result<Self, AwsError> {
        crate::data::drain::install_tls_provider();
        let http = aws_smithy_http_client::Builder::new()
            .pool_idle_timeout(Duration::from_secs(POOL_IDLE_S))
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = load(settings.region.clone(), http.clone()).await;
        let Some(region) = config.region().map(ToString::to_string) else {
            let why =
                "nothing names one; set AWS_REGION, or give it in a profile, the configuration or an option";
            return Err(AwsError::new("find the AWS region", AwsErrorKind::Rejected, why));
        };
        let clients = Arc::new(Clients::new(config, &settings.endpoints));
        let shared = Shared {
            settings: settings.clone(),
            http,
            region,
            clients: tokio::sync::Mutex::new(Some(clients)),
            bucket_regions: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The region of the node's queue.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.shared.region
    }

    /// The clients of the current credentials; those are looked up anew when they were refused before.
    pub(super) async fn clients(&self) -> Arc<Clients> {
        let mut current = self.shared.clients.lock().await;
        if let Some(clients) = &*current {
            return Arc::clone(clients);
        }
        let config = load(Some(self.shared.region.clone()), self.shared.http.clone()).await;
        let clients = Arc::new(Clients::new(config, &self.shared.settings.endpoints));
        *current = Some(Arc::clone(&clients));
        clients
    }

    /// Turns the result of a call into ours. Credentials that were refused are dropped, with all clients that use them.
    pub(super) async fn judge<T, E>(
        &self,
        clients: &Arc<Clients>,
        doing: impl FnOnce() -> String,
        result: Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, AwsError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => call::error_of(doing(), &error),
        };
        if error.kind == AwsErrorKind::Credentials {
            let mut current = self.shared.clients.lock().await;
            if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, clients)) {
                *current = None;
            }
        }
        Err(error)
    }

    /// The region of `bucket`, as far as known.
    pub(super) fn bucket_region(&self, bucket: &str) -> String {
        let regions = self.shared.bucket_regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.get(bucket).unwrap_or(&self.shared.region).clone()
    }

    pub(super) fn remember_bucket_region(&self, bucket: &str, region: String) {
        let mut regions = self.shared.bucket_regions.lock().unwrap_or_else(PoisonError::into_inner);
        if regions.len() >= BUCKETS_MAX {
            regions.pop_first();
        }
        regions.insert(bucket.to_owned(), region);
    }
}

impl Clients {
    fn new(config: SdkConfig, endpoints: &Endpoints) -> Self {
        let set_elsewhere =
            config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        Self {
            s3_path_style: endpoints.s3.is_some() || set_elsewhere,
            endpoints: endpoints.clone(),
            config,
            sqs: Mutex::default(),
            sns: Mutex::default(),
            s3: Mutex::default(),
        }
    }

    pub(super) fn sqs(&self, region: &str) -> aws_sdk_sqs::Client {
        kept(&self.sqs, region, || {
            let mut config = aws_sdk_sqs::config::Builder::from(&self.config);
            config.set_region(Some(Region::new(region.to_owned())));
            if let Some(url) = &self.endpoints.sqs {
                config.set_endpoint_url(Some(url.clone()));
            }
            aws_sdk_sqs::Client::from_conf(config.build())
        })
    }

    pub(super) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        kept(&self.sns, region, || {
            let mut config = aws_sdk_sns::config::Builder::from(&self.config);
            config.set_region(Some(Region::new(region.to_owned())));
            if let Some(url) = &self.endpoints.sns {
                config.set_endpoint_url(Some(url.clone()));
            }
            aws_sdk_sns::Client::from_conf(config.build())
        })
    }

    pub(super) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        kept(&self.s3, region, || {
            let mut config = aws_sdk_s3::config::Builder::from(&self.config);
            config.set_region(Some(Region::new(region.to_owned())));
            config.set_force_path_style(Some(self.s3_path_style));
            if let Some(url) = &self.endpoints.s3 {
                config.set_endpoint_url(Some(url.clone()));
            }
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }
}

/// The client of `region`, made at its first use.
fn kept<C: Clone>(clients: &Mutex<BTreeMap<String, C>>, region: &str, make: impl FnOnce() -> C) -> C {
    let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(client) = clients.get(region) {
        return client.clone();
    }
    let client = make();
    if clients.len() < REGIONS_MAX {
        clients.insert(region.to_owned(), client.clone());
    }
    client
}

/// Limits of a call that is over within `call_s`.
pub(super) fn timeouts(call_s: u64) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(CONNECT_S))
        .read_timeout(Duration::from_secs(call_s))
        .operation_attempt_timeout(Duration::from_secs(call_s))
        .operation_timeout(Duration::from_secs(call_s))
        .build()
}

async fn load(region: Option<String>, http: SharedHttpClient) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts(CALL_S));
    match region {
        Some(region) => loader.region(Region::new(region)).load().await,
        None => loader.load().await,
    }
}
