//! Events: what a node says about itself, its commands and its runs.
//!
//! An event is made once, with its id, and made durable; it may be published more than once, and every copy is the
//! same. Limits: [`EVENT_BYTES_MAX`] for its JSON; texts in it are cut at [`TEXT_BYTES_MAX`]. A receipt that makes it
//! larger is kept elsewhere and pointed to ([`Event::without_receipt`]), or goes without its list of sources
//! ([`Event::shorten`]).

use crate::base::ids::Ident;
use crate::measure::stated_totals::shorten_json;
use crate::run::progress::Progress;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest event: what SNS takes (256 KiB), less room for the attributes.
pub const EVENT_BYTES_MAX: usize = 256 * 1024 - 1_024;
/// The longest sentence in an event.
pub const TEXT_BYTES_MAX: usize = crate::base::limits::ERROR_BYTES_MAX;
/// Layout that [`Event::version`] names.
pub const VERSION: u32 = 1;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Layout; always [`VERSION`].
    pub version: u32,
    /// The same in every copy; unique over all nodes.
    pub id: String,
    /// When it was made, RFC 3339.
    pub time: String,
    /// Who says it.
    pub node: Ident,
    /// The node's grid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grid: Option<Ident>,
    /// The node's region.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<Ident>,
    /// The load test that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flood: Option<Ident>,
    /// The run that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<u64>,
    /// The command that led to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub command_id: Option<Ident>,
    /// What it says.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What an event says, by type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum EventBody {
    /// The queue is there and subscribed: commands are taken from now on.
    #[serde(rename = "node.ready")]
    NodeReady {
        /// Version of the agent.
        agent_version: String,
        /// How often the agent was started on this node.
        incarnation: u64,
        /// Runs of an earlier start that were found broken.
        recovered_runs: u64,
    },
    /// A command, or what should have been one, has no effect.
    #[serde(rename = "command.refused")]
    CommandRefused {
        /// One fixed word.
        reason: String,
        /// A sentence for a person.
        detail: String,
    },
    /// A start was accepted.
    #[serde(rename = "flood.accepted")]
    FloodAccepted {
        /// The tool will start then at the earliest, RFC 3339.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        start_at: Option<String>,
    },
    /// The tool runs.
    #[serde(rename = "flood.running")]
    FloodRunning {
        /// When it was started, RFC 3339.
        tool_started_at: String,
        /// That less `start_at`, ms.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        start_skew_ms: Option<i64>,
        /// What was changed in the plan, a sentence each; it is known once the plan is here, which is after its start was accepted.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        changes: Vec<String>,
    },
    /// Something that a person should look at.
    #[serde(rename = "flood.warning")]
    FloodWarning {
        /// One fixed word.
        warning: String,
        /// A sentence for a person.
        detail: String,
    },
    /// How a run goes so far: only where its start asked for it. Nobody waits for it, and one that cannot be published is left
    /// out; each says all from the start on.
    #[serde(rename = "flood.progress")]
    FloodProgress(Box<Progress>),
    /// A run is over. Exactly one a run that was accepted.
    #[serde(rename = "flood.finished")]
    FloodFinished {
        /// `completed`, `stopped`, `failed` or `expired`.
        outcome: String,
        /// Why, where it did not complete.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<String>,
        /// The receipt.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        receipt: Option<Value>,
        /// Where the receipt is, when it is too large for a message.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        receipt_location: Option<String>,
        /// Sources that were left out of the receipt to make it fit.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        sources_omitted: Option<u64>,
    },
    /// The node is going away.
    #[serde(rename = "node.stopping")]
    NodeStopping {
        /// A sentence for a person.
        reason: String,
    },
}

impl EventBody {
    /// The value of `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NodeReady { .. } => "node.ready",
            Self::CommandRefused { .. } => "command.refused",
            Self::FloodAccepted { .. } => "flood.accepted",
            Self::FloodRunning { .. } => "flood.running",
            Self::FloodWarning { .. } => "flood.warning",
            Self::FloodProgress(_) => "flood.progress",
            Self::FloodFinished { .. } => "flood.finished",
            Self::NodeStopping { .. } => "node.stopping",
        }
    }
}

impl Event {
    /// The message.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and maps with texts for keys: there is nothing that JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The message's attributes, by which subscribers filter; absent ones are left out.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, &str)> {
        let mut attributes = vec![("type", self.body.kind())];
        attributes.extend(self.grid.as_ref().map(|grid| ("grid", grid.as_str())));
        attributes.extend(self.flood.as_ref().map(|flood| ("flood", flood.as_str())));
        attributes
    }

    /// Whether it is a run's last word, which must not get lost.
    #[must_use]
    pub fn is_receipt(&self) -> bool {
        matches!(self.body, EventBody::FloodFinished { .. })
    }

    /// Whether it can be published as it is.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.to_json().len() <= EVENT_BYTES_MAX
    }

    /// Takes the receipt out, for it to be kept elsewhere.
    #[must_use]
    pub fn without_receipt(mut self) -> (Self, Option<Value>) {
        let taken = match &mut self.body {
            EventBody::FloodFinished { receipt, .. } => receipt.take(),
            _ => None,
        };
        (self, taken)
    }

    /// Says where the receipt is.
    pub fn point_to(&mut self, location: String) {
        if let EventBody::FloodFinished { receipt_location, .. } = &mut self.body {
            *receipt_location = Some(location);
        }
    }

    /// Makes the receipt smaller until it fits: the less busy labels go to the others, then its sources are left out and it
    /// is said how many there were.
    pub fn shorten(&mut self) {
        while !self.fits() {
            let EventBody::FloodFinished { receipt: Some(receipt), .. } = &mut self.body else { break };
            if !shorten_json(receipt) {
                break;
            }
        }
        if self.fits() {
            return;
        }
        if let EventBody::FloodFinished { receipt: Some(Value::Object(receipt)), sources_omitted, .. } =
            &mut self.body
            && let Some(Value::Array(sources)) =
                receipt.insert("sources".to_owned(), Value::Array(Vec::new()))
        {
            *sources_omitted = Some(sources.len() as u64);
        }
    }
}

/// A sentence cut to what an event may carry.
#[must_use]
pub fn clip(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = if end < text.len() { "…" } else { "" };
    format!("{}{cut}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: EventBody) -> Event {
        Event {
            version: VERSION,
            id: "n1-1-0".into(),
            time: "2026-03-01T09:30:00.000Z".into(),
            node: Ident::near("n1"),
            grid: Some(Ident::near("9")),
            region: None,
            flood: Some(Ident::near("7")),
            run: Some(1),
            command_id: None,
            body,
        }
    }

    fn finished(receipt: Value) -> Event {
        event(EventBody::FloodFinished {
            outcome: "completed".into(),
            reason: None,
            receipt: Some(receipt),
            receipt_location: None,
            sources_omitted: None,
        })
    }

    #[test]
    fn an_event_in_json() {
        let event = event(EventBody::CommandRefused { reason: "busy".into(), detail: "one run".into() });
        insta::assert_snapshot!(event.to_json(), @r#"{"version":1,"id":"n1-1-0","time":"2026-03-01T09:30:00.000Z","node":"n1","grid":"9","flood":"7","run":1,"type":"command.refused","reason":"busy","detail":"one run"}"#);
        assert_eq!(event.attributes(), [("type", "command.refused"), ("grid", "9"), ("flood", "7")]);
        assert_eq!(serde_json::from_str::<Event>(&event.to_json()).unwrap(), event);
    }

    #[test]
    fn a_receipt_that_is_too_large_is_taken_out_or_loses_its_sources() {
        let large = serde_json::json!({"ledger": {"sent": 1}, "sources": ["x".repeat(EVENT_BYTES_MAX), "y"]});
        let mut event = finished(large.clone());
        assert!(!event.fits());
        let (mut pointing, taken) = event.clone().without_receipt();
        assert_eq!(taken, Some(large));
        pointing.point_to("s3://bucket/receipt.json".into());
        assert!(pointing.fits());
        assert!(pointing.to_json().contains("s3://bucket/receipt.json"));

        event.shorten();
        assert!(event.fits());
        assert!(event.to_json().contains("\"sources_omitted\":2"));
        assert!(event.to_json().contains("\"sent\":1"));
    }

    #[test]
    fn texts_are_cut_at_a_character() {
        assert_eq!(clip("short"), "short");
        let long = clip(&"é".repeat(TEXT_BYTES_MAX));
        assert_eq!(long.len(), TEXT_BYTES_MAX + "…".len());
    }
}
