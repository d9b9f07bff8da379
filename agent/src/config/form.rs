//! Texts of a particular form: each with its check and with what is said when it fails.

use super::value::S3Location;
use crate::control::aws::TopicArn;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::VerifyKey;
use gridnode_launch::jmeter::Coordinate;
use std::net::SocketAddr;
use std::path::{Component, Path};

/// A form that a text may have.
#[derive(Debug)]
pub struct Form {
    /// The text as it is kept; or why it is wrong, where its type says more than that it is.
    pub(super) read: fn(&str) -> Result<String, Option<String>>,
    /// How to write one, in the imperative.
    pub(super) remedy: &'static str,
    /// How to write a list of them.
    pub(super) remedy_list: &'static str,
}

const fn form(read: fn(&str) -> Result<String, Option<String>>, remedy: &'static str) -> Form {
    Form { read, remedy, remedy_list: remedy }
}

/// An identifier of the contracts.
pub(super) static IDENT: Form = form(
    |text| as_it_is(text, Ident::new(text).is_ok()),
    "write 1 to 64 characters from A-Z a-z 0-9 _ . : -",
);

/// An absolute path.
pub(super) static PATH: Form = form(
    |text| as_it_is(text, is_plain_path(text)),
    "write an absolute path without `..`, such as /var/lib/gridnode",
);

/// `http://…` or `https://…`, of a service.
pub(super) static URL: Form = form(
    |text| as_it_is(text, is_service_url(text)),
    "write a URL without a path, such as http://127.0.0.1:4566",
);

/// An address of this machine's loopback, with a port.
pub(super) static LOOPBACK: Form = form(
    |text| {
        let address: Option<SocketAddr> = text.parse().ok();
        address.filter(|address| address.ip().is_loopback()).map(|address| address.to_string()).ok_or(None)
    },
    "write an address of the loopback interface with a port, such as 127.0.0.1:35663",
);

/// The ARN of an SNS topic.
pub(super) static TOPIC: Form = Form {
    read: |text| match TopicArn::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let error = error.to_string();
            // Its own remedy; ours says the same and names a key's own example.
            let problem = error.rsplit_once("; it looks like").map_or(error.as_str(), |(problem, _)| problem);
            Err(Some(problem.to_owned()))
        }
    },
    remedy: "write the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:events",
    remedy_list: "write ARNs of SNS topics, such as [\"arn:aws:sns:us-east-1:123456789012:commands\"]",
};

/// `s3://BUCKET/PREFIX`.
pub(super) static S3: Form = form(
    |text| S3Location::new(text).map(|location| location.to_string()).ok_or(None),
    "write s3://BUCKET/PREFIX",
);

/// The base64 of an Ed25519 public key.
pub(super) static VERIFY_KEY: Form = form(
    |text| as_it_is(text, VerifyKey::from_base64(text).is_ok()),
    "write the base64 of the 32 bytes of an Ed25519 public key, or a list of two",
);

/// A plug-in in a Maven repository.
pub(super) static COORDINATE: Form = Form {
    read: |text| as_it_is(text, text.parse::<Coordinate>().is_ok()),
    remedy: "write GROUP:ARTIFACT or GROUP:ARTIFACT:VERSION",
    remedy_list: "write a list of GROUP:ARTIFACT or GROUP:ARTIFACT:VERSION, such as [\"kg.apc:jmeter-plugins-casutg:2.10\"]",
};

/// What queue names may begin with.
pub(super) static QUEUE_PREFIX: Form =
    form(|text| as_it_is(text, is_queue_prefix(text)), "write 1 to 40 characters from A-Z a-z 0-9 - _");

fn as_it_is(text: &str, fine: bool) -> Result<String, Option<String>> {
    if fine { Ok(text.to_owned()) } else { Err(None) }
}

fn is_plain_path(text: &str) -> bool {
    let path = Path::new(text);
    let plain = path.components().all(|part| !matches!(part, Component::ParentDir));
    path.is_absolute() && plain && !text.chars().any(char::is_control)
}

fn is_service_url(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let bare = url.query().is_none() && url.fragment().is_none() && url.path() == "/";
    matches!(url.scheme(), "http" | "https") && bare && url.username().is_empty() && url.password().is_none()
}

fn is_queue_prefix(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=40).contains(&text.len()) && text.bytes().all(fine)
}
