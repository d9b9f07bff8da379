//! The `trace` point: where the object of a failed request is.

use super::timestamp::Stamper;
use super::{RollupSettings, RunTags};
use crate::base::time::NS_PER_S;
use crate::trace::{Pointer, Why};
use crate::wire::encode::PointWriter;

/// One line; `location` is the object's, as `s3://…`. The same pointer gives the same point, however often it is made.
#[must_use]
pub fn trace_point(settings: &RollupSettings, pointer: &Pointer, location: &str) -> Vec<u8> {
    let Pointer { identity, id, label, code, error, .. } = pointer;
    let label_id = pointer.label_id();
    let mut stamper = Stamper::new(
        &settings.timestamp_key,
        settings.node.as_str(),
        Some(identity.flood.as_str()),
        Some(identity.run),
    );
    let period_ns = u64::from(pointer.window_s.max(1)) * NS_PER_S;
    let into_ns = pointer.time_ns.rem_euclid(i64::try_from(period_ns).unwrap_or(i64::MAX));
    // The time is what a plug-in's file says, which a plan may have written.
    let start_ns = pointer.time_ns.saturating_sub(into_ns);
    let stamp_ns = stamper.stamp_by_ns(Some(label_id), start_ns, period_ns, id);
    let mut out = PointWriter::default();
    out.start("trace", RunTags::new(identity).with_label(label_id, None));
    for (key, value) in
        [("id", id.as_str()), ("location", location), ("label", label), ("code", code), ("error", error)]
    {
        out.text(key, value);
    }
    out.integer("time_ns", pointer.time_ns);
    out.int("suppressed", pointer.suppressed);
    out.int("run", identity.run);
    if pointer.why == Why::Slow {
        out.text("why", "slow");
    }
    for (key, value) in [("traceparent", &pointer.traceparent), ("request_id", &pointer.request_id)] {
        if let Some(value) = value {
            out.text(key, value);
        }
    }
    out.end(stamp_ns);
    out.body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{Ident, LabelId};
    use crate::base::run::RunIdentity;

    fn pointer(id: &str) -> Pointer {
        let ident = |text: &str| Ident::new(text).unwrap();
        let identity = RunIdentity {
            account: Some(ident("1")),
            flood: ident("7"),
            project: None,
            grid: Some(ident("9")),
            region: None,
            run: 5,
        };
        Pointer {
            identity,
            window_s: 15,
            id: id.to_owned(),
            label_id: None,
            label: "GET /cart".to_owned(),
            code: "500".to_owned(),
            error: "b\"oom\nsecond line".to_owned(),
            time_ns: 1_700_000_012_000_000_000,
            suppressed: 3,
            why: Why::Failed,
            traceparent: None,
            request_id: Some("r-1".to_owned()),
        }
    }

    fn settings(node: &str) -> RollupSettings {
        RollupSettings {
            node: Ident::new(node).unwrap(),
            incarnation: 1,
            timestamp_key: b"k".to_vec(),
            label_tag: false,
        }
    }

    #[test]
    fn says_all_that_the_contract_lists() {
        let line = String::from_utf8(trace_point(&settings("n"), &pointer("ab"), "s3://b/k")).unwrap();
        let (point, stamp) = line.trim_end().rsplit_once(' ').unwrap();
        let label_id = LabelId::of("GET /cart");
        assert_eq!(
            point,
            format!(
                "trace,account=1,flood=7,grid=9,label_id={label_id} id=\"ab\",location=\"s3://b/k\",label=\"GET /cart\",\
                 code=\"500\",error=\"b\\\"oom second line\",time_ns=1700000012000000000i,suppressed=3i,run=5i,\
                 request_id=\"r-1\""
            )
        );
        let in_window = 1_700_000_010_000_000_000..1_700_000_025_000_000_000;
        assert!(in_window.contains(&stamp.parse::<i64>().unwrap()), "{stamp}");
    }

    #[test]
    fn a_label_whose_secret_is_hidden_has_the_id_of_its_samples() {
        let label_id = LabelId::of("GET /?token=abc");
        let pointer = Pointer { label_id: Some(label_id), ..pointer("ab") };
        let line = String::from_utf8(trace_point(&settings("n"), &pointer, "s3://b/k")).unwrap();
        assert!(line.contains(&format!(",label_id={label_id} ")), "{line}");
    }

    #[test]
    fn a_second_try_is_the_same_point_and_another_trace_is_another() {
        let point = |node: &str, id: &str| trace_point(&settings(node), &pointer(id), "s3://b/k");
        let stamp = |line: Vec<u8>| String::from_utf8(line).unwrap().rsplit_once(' ').unwrap().1.to_owned();
        assert_eq!(point("n", "ab"), point("n", "ab"));
        assert_ne!(stamp(point("n", "ab")), stamp(point("n", "ac")));
        assert_ne!(stamp(point("n", "ab")), stamp(point("m", "ab")));
    }
}
