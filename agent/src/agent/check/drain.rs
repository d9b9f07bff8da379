//! The Drain.

use super::Subject;
use super::finding::Finding;
use crate::data::drain::DrainClient;
use std::net::IpAddr;
use std::sync::Arc;

const NAME: &str = "drain";

pub(super) async fn ping(subject: Arc<Subject>) -> Vec<Finding> {
    let client = match DrainClient::new(subject.config.drain.url.clone(), subject.config.node.id.as_str()) {
        Ok(client) => client,
        Err(error) => return vec![Finding::fail(NAME, error.to_string(), "mend drain.url")],
    };
    let shown = client.shown_url();
    let store = match client.ping().await {
        Ok(store) => store,
        Err(error) => {
            let remedy = "start it, or correct drain.url; what is measured waits on disk";
            return vec![Finding::fail(NAME, error.to_string(), remedy)];
        }
    };
    if let Err(refused) = client.try_write().await {
        return vec![Finding::fail(NAME, refused.to_string(), refused.remedy)];
    }
    let mut found = vec![if is_in_the_open(shown) && has_credentials(&subject) {
        Finding::warn(
            NAME,
            format!("{shown} answers, but credentials travel to it unencrypted"),
            "use https:// in drain.url",
        )
    } else {
        Finding::ok(NAME, format!("{shown} takes writes ({store})"))
    }];
    found
        .extend(store.limits().map(|(what, remedy)| Finding::warn(NAME, format!("{store}: {what}"), remedy)));
    found
}

fn has_credentials(subject: &Subject) -> bool {
    ["drain.token", "drain.password", "drain.url"]
        .iter()
        .any(|key| subject.effective.get(key).is_some_and(|value| value.has_secret()))
}

/// Whether what is sent to `url` can be read on its way.
fn is_in_the_open(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', ' ']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host != "localhost" && !host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_may_be_unencrypted() {
        for url in
            ["http://drain.example.com:8086 (database gridnode)", "http://10.0.0.1/x", "http://[fe80::1]:1"]
        {
            assert!(is_in_the_open(url), "{url}");
        }
        for url in
            ["https://drain.example.com", "http://127.0.0.1:8086", "http://localhost/x", "http://[::1]:1"]
        {
            assert!(!is_in_the_open(url), "{url}");
        }
    }
}
