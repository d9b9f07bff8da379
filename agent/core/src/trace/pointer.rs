//! Where a trace's object is, and what its `trace` point says of it. While the object waits for the store, both lie in one file:
//! the pointer as a line of JSON, then the object.

use super::model::{Trace, Why};
use super::object::TraceObject;
use crate::base::ids::LabelId;
use crate::base::run::RunIdentity;
use serde::{Deserialize, Serialize};

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    /// Whose.
    pub identity: RunIdentity,
    /// Length of the run's windows, s.
    pub window_s: u32,
    /// Of the object, 32 hex digits.
    pub id: String,
    /// Of the label as the rollups have it; absent in what an older agent has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_id: Option<LabelId>,
    /// The sample's label, without secrets.
    pub label: String,
    /// Its code, as the tool says it.
    pub code: String,
    /// Its error text, without secrets.
    pub error: String,
    /// Its start, ns since 1970.
    pub time_ns: i64,
    /// Failures of this kind since the last one that was shown.
    pub suppressed: u64,
    /// Why it is shown.
    pub why: Why,
    /// Of the request, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The target's own number of the request: `x-request-id`, or else `x-amzn-trace-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Bytes of each of its texts: the object has them whole.
const TEXT_BYTES_MAX: usize = 1_024;
/// In the year 2255.
const TIME_NS_MAX: i64 = 9_000_000_000_000_000_000;

impl Pointer {
    /// To the object of a trace.
    #[must_use]
    pub fn new(identity: RunIdentity, window_s: u32, trace: &Trace, object: &TraceObject) -> Self {
        let cut = |text: &String| text[..text.floor_char_boundary(TEXT_BYTES_MAX)].to_owned();
        let told = |name: &str| trace.correlation.get(name).map(cut);
        Self {
            identity,
            window_s,
            id: object.id.clone(),
            label_id: Some(object.label_id),
            label: cut(&trace.label),
            code: cut(&trace.code),
            error: cut(&trace.error),
            // A plan may have written it, and no store has times that are far off.
            time_ns: trace.time_ns.clamp(0, TIME_NS_MAX),
            suppressed: trace.suppressed,
            why: trace.why,
            traceparent: told("traceparent"),
            request_id: told("x-request-id").or_else(|| told("x-amzn-trace-id")),
        }
    }

    /// Of its label, as the rollups have it.
    #[must_use]
    pub fn label_id(&self) -> LabelId {
        self.label_id.unwrap_or_else(|| LabelId::of(&self.label))
    }

    /// The object's key below the store's prefix: `{account}/{flood}/{run}/{label_id}/{id}.json.gz`; `0` for no account.
    #[must_use]
    pub fn key(&self) -> String {
        let RunIdentity { account, flood, run, .. } = &self.identity;
        let account = account.as_ref().map_or("0", |account| account.as_str());
        let label_id = self.label_id();
        format!("{account}/{flood}/{run}/{label_id}/{}.json.gz", self.id)
    }

    /// What waits: this, and the object's JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn with_object(&self, json: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(json);
        Ok(bytes)
    }

    /// Reads what waits: the pointer, and the object's JSON.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), String> {
        let end = bytes.iter().position(|&byte| byte == b'\n').ok_or("it is no trace: it has one line")?;
        let pointer =
            serde_json::from_slice(&bytes[..end]).map_err(|error| format!("it is no trace: {error}"))?;
        Ok((pointer, &bytes[end + 1..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::Ident;

    fn pointer() -> (Pointer, Vec<u8>) {
        of(&serde_json::json!({
            "label": "GET /cart", "code": "500", "error": "b\"oom", "time_ns": 7, "rt_ms": 0.1,
            "correlation": { "x-request-id": "r-1", "traceparent": "00-1" },
        }))
    }

    fn of(json: &serde_json::Value) -> (Pointer, Vec<u8>) {
        let trace = Trace::read(json.to_string().as_bytes()).unwrap();
        let object = TraceObject::new("n", 5, &trace).unwrap();
        let ident = |text: &str| Some(Ident::new(text).unwrap());
        let flood = Ident::new("7").unwrap();
        let identity =
            RunIdentity { account: ident("1"), flood, project: None, grid: ident("9"), region: None, run: 5 };
        (Pointer::new(identity, 15, &trace, &object), object.json)
    }

    #[test]
    fn what_waits_is_read_as_it_was_written() {
        let (pointer, json) = pointer();
        let bytes = pointer.with_object(&json).unwrap();
        assert_eq!(Pointer::read(&bytes).unwrap(), (pointer.clone(), &json[..]));
        assert_eq!(
            (pointer.traceparent.as_deref(), pointer.request_id.as_deref()),
            (Some("00-1"), Some("r-1"))
        );
        for cut in [0, 1, 30] {
            assert!(Pointer::read(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn its_texts_are_cut_at_a_character() {
        let long = "ä".repeat(5_000);
        let (pointer, json) = of(&serde_json::json!({
            "label": long, "code": long, "error": format!("a{long}"), "time_ns": 7, "rt_ms": 0.1,
            "correlation": { "x-request-id": long, "traceparent": long },
        }));
        let texts = [
            Some(&pointer.label),
            Some(&pointer.code),
            pointer.traceparent.as_ref(),
            pointer.request_id.as_ref(),
        ];
        assert_eq!(texts.map(|text| text.unwrap().len()), [1_024; 4]);
        assert_eq!(pointer.error.len(), 1_023);
        assert!(json.len() > 20_000, "the object has all");
    }

    #[test]
    fn the_key_has_the_id_of_the_label_as_its_samples_have_it() {
        let id = LabelId::of("GET /?token=abc");
        let (pointer, json) = of(&serde_json::json!({
            "label": "GET /?token=‹redacted:0123›", "label_id": id.to_string(), "time_ns": 7, "rt_ms": 0.1,
        }));
        assert!(pointer.key().starts_with(&format!("1/7/5/{id}/")), "{}", pointer.key());
        let bytes = pointer.with_object(&json).unwrap();
        assert_eq!(Pointer::read(&bytes).unwrap().0, pointer);
        let old = String::from_utf8(bytes).unwrap().replacen(&format!("\"label_id\":\"{id}\","), "", 1);
        assert_eq!(
            Pointer::read(old.as_bytes()).unwrap().0.label_id(),
            LabelId::of(&pointer.label),
            "an older agent's"
        );
    }

    #[test]
    fn an_object_has_one_key() {
        let (pointer, _) = pointer();
        let label_id = LabelId::of("GET /cart");
        assert_eq!(pointer.key(), format!("1/7/5/{label_id}/{}.json.gz", pointer.id));
        let identity = RunIdentity { account: None, ..pointer.identity.clone() };
        assert!(Pointer { identity, ..pointer }.key().starts_with("0/7/5/"));
    }
}
