//! What the sections are to their consumers beyond the fields that the table gives them.

use super::table::{AwsSection, Config, DrainSection};
use super::value::Secret;
use crate::control::aws::{AwsSettings, Endpoints};
use crate::data::drain::Auth;

impl Config {
    /// The bytes of the timestamps' key: the configured one's, or the public constant.
    #[must_use]
    pub fn timestamp_key(&self) -> Vec<u8> {
        let configured = self.timestamps.key.as_ref().map(|key| key.expose().as_bytes().to_vec());
        configured.unwrap_or_else(|| gridnode_core::rollup::timestamp::DEFAULT_KEY.to_vec())
    }
}

impl AwsSection {
    /// What the clients are made from.
    #[must_use]
    pub fn settings(&self) -> AwsSettings {
        AwsSettings {
            region: Some(self.region.clone()),
            endpoints: Endpoints {
                sqs: self.sqs_endpoint_url.clone(),
                sns: self.sns_endpoint_url.clone(),
                s3: self.s3_endpoint_url.clone(),
            },
        }
    }
}

impl DrainSection {
    /// How the keys prove who we are; `None` where only the URL may do so.
    pub(super) fn auth(&self) -> Option<Auth> {
        let exposed = |secret: &Secret| secret.expose().to_owned();
        let basic = self.username.clone().map(|user| Auth::Basic {
            user,
            password: self.password.as_ref().map(exposed).unwrap_or_default(),
        });
        match self.token.as_ref().map(exposed) {
            Some(token) if self.token_type == "Bearer" => Some(Auth::Bearer(token)),
            Some(token) => Some(Auth::Token(token)),
            None => basic,
        }
    }
}
