//! What all commands have in common: whom they are for and how they are sent.

use crate::base::advice::Advice;
use crate::cli::options::positive_s;
use crate::control::aws::{AwsSettings, Endpoints, TopicArn};
use crate::control::send::SendSettings;
use anyhow::Context;
use clap::Args;
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::Route;
use std::path::PathBuf;

/// Whom a command is for. Nothing is the default: a command for everybody has to say so.
#[derive(Debug, Args)]
#[group(id = "route", required = true, multiple = true)]
pub struct RouteOptions {
    /// Nodes of this grid; may be given several times
    #[arg(long = "grid", value_name = "NAME", help_heading = "Route", group = "route")]
    pub grids: Vec<Ident>,
    /// Nodes in this region; may be given several times
    #[arg(long = "region", value_name = "NAME", help_heading = "Route", group = "route")]
    pub regions: Vec<Ident>,
    /// This node; may be given several times
    #[arg(long = "node", value_name = "NAME", help_heading = "Route", group = "route")]
    pub nodes: Vec<Ident>,
    /// Every node that hears the topic
    #[arg(long, help_heading = "Route", group = "route", conflicts_with_all = ["grids", "regions", "nodes"])]
    pub all: bool,
}

/// How a command is sent, and whether its events are followed.
#[derive(Debug, Args)]
pub struct SendOptions {
    /// SNS topic of the commands; may be given several times (a topic a region): nodes take a command once
    #[arg(
        long = "topic",
        env = "GRIDNODE_CONTROL_COMMAND_TOPICS",
        value_name = "ARN",
        value_delimiter = ',',
        required = true,
        help_heading = "Sending"
    )]
    pub topics: Vec<TopicArn>,
    /// Until when a node may still obey: 5m for a start (15m at most), 1h for a stop (24h at most)
    #[arg(long, value_name = "TIME", value_parser = positive_s, help_heading = "Sending")]
    pub valid_for: Option<u32>,
    /// Sign with this Ed25519 key (PKCS#8 as of openssl genpkey, or the 32 bytes of the seed, raw or in base64)
    #[arg(long, env = "GRIDNODE_SEND_SIGN_KEY", value_name = "FILE", help_heading = "Sending")]
    pub sign_key: Option<PathBuf>,
    /// Id of the command: sent again, for the same, it is obeyed once only; a start needs --run N then [default: a new one]
    #[arg(long, value_name = "ID", help_heading = "Sending")]
    pub id: Option<Ident>,
    /// Show the message, upload and send nothing
    #[arg(long, help_heading = "Sending", conflicts_with = "wait")]
    pub dry_run: bool,
    /// Follow the events until all nodes that answered are done
    #[arg(long, help_heading = "Waiting")]
    pub wait: bool,
    /// SNS topic of the events
    #[arg(long, env = "GRIDNODE_CONTROL_EVENT_TOPIC", value_name = "ARN", help_heading = "Waiting")]
    pub events_topic: Option<TopicArn>,
    /// So many nodes have to answer, and nobody else is waited for
    #[arg(long, value_name = "N", help_heading = "Waiting", requires = "wait",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub expect: Option<u32>,
    /// Give up waiting then; the run goes on [default: as long as the run may take]
    #[arg(long, value_name = "TIME", value_parser = positive_s, help_heading = "Waiting", requires = "wait")]
    pub timeout: Option<u32>,
    /// Show events as JSON, one a line
    #[arg(long, help_heading = "Waiting", requires = "wait")]
    pub json: bool,
    /// Region of buckets and of the queue for events [default: the topic's]
    #[arg(long, env = "GRIDNODE_AWS_REGION", value_name = "NAME", help_heading = "AWS")]
    pub aws_region: Option<String>,
    /// Endpoint of all AWS services, for tests
    #[arg(long, env = "GRIDNODE_AWS_ENDPOINT_URL", value_name = "URL", help_heading = "AWS")]
    pub endpoint_url: Option<String>,
    /// Endpoint of SQS
    #[arg(long, env = "GRIDNODE_AWS_SQS_ENDPOINT_URL", value_name = "URL", hide = true)]
    pub sqs_endpoint_url: Option<String>,
    /// Endpoint of SNS
    #[arg(long, env = "GRIDNODE_AWS_SNS_ENDPOINT_URL", value_name = "URL", hide = true)]
    pub sns_endpoint_url: Option<String>,
    /// Endpoint of S3
    #[arg(long, env = "GRIDNODE_AWS_S3_ENDPOINT_URL", value_name = "URL", hide = true)]
    pub s3_endpoint_url: Option<String>,
}

impl RouteOptions {
    /// As a command carries it.
    #[must_use]
    pub fn route(&self) -> Route {
        Route {
            all: self.all,
            grids: self.grids.clone(),
            regions: self.regions.clone(),
            nodes: self.nodes.clone(),
        }
    }
}

impl SendOptions {
    /// For the command.
    #[must_use]
    pub fn settings(&self, route: &RouteOptions) -> SendSettings {
        self.settings_of(&route.route())
    }

    /// The same for a route that is known.
    #[must_use]
    pub fn settings_of(&self, route: &Route) -> SendSettings {
        SendSettings {
            route: route.clone(),
            id: self.id.clone(),
            valid_for_s: self.valid_for,
            sign_key: self.sign_key.clone(),
        }
    }

    /// Whether everything is there that is needed later.
    ///
    /// # Errors
    /// When events are to be followed and nobody said where they are.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.wait { self.the_events_topic().map(drop) } else { Ok(()) }
    }

    /// Where the events are that are to be followed.
    ///
    /// # Errors
    /// When nobody said it.
    pub fn the_events_topic(&self) -> anyhow::Result<&TopicArn> {
        self.events_topic
            .as_ref()
            .context("--wait needs the topic of the events")
            .context(Advice::new("name it with --events-topic, or set GRIDNODE_CONTROL_EVENT_TOPIC"))
    }

    /// For the clients.
    #[must_use]
    pub fn aws_settings(&self) -> AwsSettings {
        let topic = self.events_topic.as_ref().filter(|_| self.wait).or(self.topics.first());
        let endpoint = |own: &Option<String>| own.clone().or_else(|| self.endpoint_url.clone());
        AwsSettings {
            region: self.aws_region.clone().or_else(|| topic.map(|topic| topic.region().to_owned())),
            endpoints: Endpoints {
                sqs: endpoint(&self.sqs_endpoint_url),
                sns: endpoint(&self.sns_endpoint_url),
                s3: endpoint(&self.s3_endpoint_url),
            },
        }
    }
}
