//! The Drain of a run: the one that was named, or one inside of this process that takes the very same writes.

use super::drain_server::{DrainOptions, DrainServer};
use crate::data::drain::{DrainClient, DrainUrl};
use anyhow::Context;
use gridnode_core::base::ids::Ident;
use gridnode_core::merge::Summary;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a run waits to hear whether its Drain is there, s.
const PING_S: u64 = 5;

/// Where a run's rollups go.
pub struct RunDrain {
    /// Its URL.
    pub url: DrainUrl,
    inside: Option<DrainServer>,
}

impl RunDrain {
    /// Looks whether `named` is there, with a warning if it is not: a run is worth having all the same, for what cannot be
    /// delivered waits on disk. Without a name, starts one inside.
    ///
    /// # Errors
    /// When the one inside cannot be started.
    pub async fn open(named: Option<&DrainUrl>, node: &Ident) -> anyhow::Result<(Self, Option<String>)> {
        if let Some(url) = named {
            let client = DrainClient::new(url.clone(), node.as_str())?;
            let warning = match tokio::time::timeout(Duration::from_secs(PING_S), look_at(&client)).await {
                Ok(Ok(limits)) => limits,
                Ok(Err(why)) => Some(waits(&why)),
                Err(_) => Some(waits(&format!("{} does not answer within {PING_S} s", client.shown_url()))),
            };
            return Ok((Self { url: url.clone(), inside: None }, warning));
        }
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let started = DrainServer::start(listen, DrainOptions::default()).await;
        let inside = started.context("failed to start the Drain inside of this process")?;
        Ok((Self { url: DrainUrl::parse(&inside.url(), None)?, inside: Some(inside) }, None))
    }

    /// Ends the one inside; what it has got.
    pub async fn close(self) -> Option<Summary> {
        match self.inside {
            Some(inside) => Some(inside.shutdown().await),
            None => None,
        }
    }
}

fn waits(why: &str) -> String {
    format!("{why}. The run goes on, its results wait on disk meanwhile")
}

/// What of our points it cannot keep, if anything.
async fn look_at(client: &DrainClient) -> Result<Option<String>, String> {
    let store = client.ping().await.map_err(|error| error.to_string())?;
    client.try_write().await.map_err(|refused| format!("{refused}; {}", refused.remedy))?;
    Ok(store.limits().map(|(what, _)| format!("the Drain is {store}: {what}")))
}
