use super::*;
use proptest::prelude::*;

const ELEMENT: &str = r#"<Listener testname="gridnode"/>"#;
const DECOYS: &str = include_str!("../../../tests/data/plans/decoys.jmx");

/// The plan with `|` where the element must appear.
fn check(marked: &str) {
    let at = marked.find('|').unwrap();
    let plan = marked.replacen('|', "", 1);
    let want = format!("{}{ELEMENT}<hashTree/>{}", &marked[..at], &marked[at + 1..]);
    assert_eq!(String::from_utf8(splice(plan.as_bytes(), ELEMENT).unwrap()).unwrap(), want);
}

fn refusal(plan: impl AsRef<[u8]>) -> String {
    splice(plan.as_ref(), ELEMENT).unwrap_err().to_string()
}

#[test]
fn element_becomes_the_last_child() {
    check("<jmeterTestPlan><hashTree><TestPlan/><hashTree>|</hashTree></hashTree></jmeterTestPlan>");
    check(
        "<jmeterTestPlan><hashTree><TestPlan/><hashTree><A/><hashTree/>|</hashTree></hashTree></jmeterTestPlan>",
    );
    check(
        "<?xml version='1.0'?>\r\n<jmeterTestPlan>\r\n<hashTree>\r\n<TestPlan>\r\n</TestPlan>\r\n<hashTree >\r\n|</hashTree></hashTree></jmeterTestPlan>\r\n",
    );
    check(
        "\u{FEFF}<?xml version='1.0'?><jmeterTestPlan><hashTree><TestPlan/><hashTree>|</hashTree></hashTree></jmeterTestPlan>",
    );
    check(
        "<jmeterTestPlan><hashTree><Arguments/><hashTree><TestPlan/><hashTree/></hashTree><TestPlan><hashTree>no</hashTree></TestPlan><hashTree>|</hashTree></hashTree></jmeterTestPlan>",
    );
    check(
        "<jmeterTestPlan><hashTree><TestPlan a='<hashTree>'><x>a & b &nope; &#60;hashTree></x></TestPlan><!--<hashTree>--><hashTree><!-- - -->|</hashTree></hashTree></jmeterTestPlan>",
    );
    check(
        "<jmeterTestPlan><hashTree><TestPlan/><hashTree><A/><hashTree/><B/><hashTree><C/><hashTree/></hashTree><!--</hashTree>--><![CDATA[</hashTree>]]>\n|</hashTree><WorkBench/><hashTree><D/><hashTree/></hashTree></hashTree></jmeterTestPlan>",
    );
}

#[test]
fn decoys_are_passed_over() {
    let end = DECOYS.rfind("</hashTree>\n  </hashTree>").unwrap();
    check(&format!("{}|{}", &DECOYS[..end], &DECOYS[end..]));
}

#[test]
fn an_empty_tree_is_opened() {
    for tree in ["<hashTree/>", "<hashTree />", "<hashTree a=\"b\"\n/>"] {
        let plan = format!("<jmeterTestPlan><hashTree><TestPlan/>{tree}</hashTree></jmeterTestPlan>");
        let open = tree.trim_end_matches("/>");
        let want = format!(
            "<jmeterTestPlan><hashTree><TestPlan/>{open}>{ELEMENT}<hashTree/></hashTree></hashTree></jmeterTestPlan>"
        );
        assert_eq!(splice(plan.as_bytes(), ELEMENT).unwrap(), want.into_bytes());
    }
}

#[test]
fn bytes_that_are_not_utf8_stay_as_they_are() {
    let head = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><jmeterTestPlan><hashTree><TestPlan testname=\"caf\xE9\"/><hashTree>";
    let tail = b"<X n=\"\xFF\x80\"/><hashTree/></hashTree></hashTree></jmeterTestPlan>";
    let spliced = splice(&[&head[..], tail].concat(), ELEMENT).unwrap();
    let (inside, end) = tail.split_at(tail.len() - b"</hashTree></hashTree></jmeterTestPlan>".len());
    assert_eq!(spliced, [&head[..], inside, ELEMENT.as_bytes(), b"<hashTree/>", end].concat());
}

#[test]
fn what_cannot_run_is_refused_with_place_and_remedy() {
    let utf16: Vec<u8> = "<?xml version='1.0'?>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(
        [
            refusal(""),
            refusal("\u{FEFF} \r\n"),
            refusal("users,duration\n10,60\n"),
            refusal("{\"a\": 1}"),
            refusal(utf16),
            refusal("<html>\n  <body/></html>"),
            refusal("<jmeterTestPlan>\n  <hashTree>\n    <TestPlan>\n</hashTree></jmeterTestPlan>"),
            refusal("<jmeterTestPlan>\n  <hashTree><TestPlan/><hashTree>"),
            refusal("<jmeterTestPlan>\n  <hashTree><TestPlan test"),
            refusal("<jmeterTestPlan/><jmeterTestPlan/>"),
            refusal("<jmeterTestPlan/>"),
            refusal("<jmeterTestPlan>\n <hashTree>\n  <TestFragmentController/><hashTree/></hashTree></jmeterTestPlan>"),
            refusal("<jmeterTestPlan>\n <hashTree>\n  é<TestPlan/></hashTree></jmeterTestPlan>"),
            splice(DECOYS.as_bytes(), "<a/> ").unwrap_err().to_string(),
            splice(DECOYS.as_bytes(), "<a>é</a>").unwrap_err().to_string(),
            splice(DECOYS.as_bytes(), "<a>").unwrap_err().to_string(),
        ]
        .join("\n"),
        @r#"
    the plan is empty: give the .jmx file that JMeter saved
    the plan is empty: give the .jmx file that JMeter saved
    the plan is not well-formed XML at line 1, column 1: it does not start with `<`, so it cannot be a .jmx file; open it in JMeter, correct it and save it again
    the plan is not well-formed XML at line 1, column 1: it does not start with `<`, so it cannot be a .jmx file; open it in JMeter, correct it and save it again
    the plan is encoded as UTF-16LE, but JMeter reads plans as UTF-8: convert it (`iconv -f UTF-16LE -t UTF-8`) and correct the encoding in its first line
    this is not a JMeter plan: its outermost element, at line 1, column 1, is <html> and not <jmeterTestPlan>; give the .jmx file that JMeter saved
    the plan is not well-formed XML at line 4, column 1: expected `</TestPlan>`, but `</hashTree>` was found; open it in JMeter, correct it and save it again
    the plan is not well-formed XML at line 2, column 24: <hashTree> is never closed; open it in JMeter, correct it and save it again
    the plan is not well-formed XML at line 2, column 13: tag not closed: `>` not found before end of input; open it in JMeter, correct it and save it again
    the plan is not well-formed XML at line 1, column 18: there is a second outermost element; open it in JMeter, correct it and save it again
    the <jmeterTestPlan> at line 1, column 1 has no <hashTree> for what belongs to it: open the plan in JMeter and save it again
    there is no <TestPlan> in the tree that starts at line 2, column 2: a test fragment cannot run alone, include it from a plan; a plan of JMeter 2.1 or older must be opened in a current JMeter and saved again
    the <TestPlan> at line 3, column 4 has no <hashTree> for what belongs to it: open the plan in JMeter and save it again
    what was to be spliced into the plan is not one well-formed ASCII element: there is something before or after it
    what was to be spliced into the plan is not one well-formed ASCII element: it is not ASCII
    what was to be spliced into the plan is not one well-formed ASCII element: the plan is not well-formed XML at line 1, column 1: <a> is never closed; open it in JMeter, correct it and save it again
    "#
    );
}

#[test]
fn depth_and_size_are_no_danger() {
    let deep = "<a>".repeat(300_000) + &"</a>".repeat(300_000);
    check(&format!(
        "<jmeterTestPlan><hashTree><TestPlan>{deep}</TestPlan><hashTree>|</hashTree></hashTree></jmeterTestPlan>"
    ));
    assert!(refusal("<a>".repeat(300_000)).ends_with("open it in JMeter, correct it and save it again"));
    assert_eq!(
        refusal("<".repeat(crate::jmeter::PLAN_BYTES_MAX + 1)),
        "the plan is too large (67108865 bytes, at most 67108864 are read): move large bodies and data into files \
         beside the plan"
    );
    let many = "<a/>".repeat(crate::jmeter::PLAN_ELEMENTS_MAX);
    assert!(
        refusal(format!("<b>{many}</b>")).starts_with("the plan is too large (more than 4000000 elements)")
    );
}

/// Fragments of plans, well nested or not.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    const PARTS: [&[u8]; 20] = [
        b"<jmeterTestPlan>",
        b"</jmeterTestPlan>",
        b"<hashTree>",
        b"</hashTree>",
        b"<hashTree/>",
        b"<TestPlan/>",
        b"<TestPlan>",
        b"</TestPlan>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE a [",
        b"]>",
        b"<?x",
        b"?>",
        b"\xEF\xBB\xBF",
        b"\xFF",
        b"&amp;",
        b" a='<'",
    ];
    prop::collection::vec(prop::sample::select(&PARTS[..]), 0..14).prop_map(|parts| parts.concat())
}

/// A good plan with some bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((0..DECOYS.len(), any::<u8>()), 0..6).prop_map(|changes| {
        let mut plan = DECOYS.as_bytes().to_vec();
        for (at, byte) in changes {
            plan[at] = byte;
        }
        plan
    })
}

proptest! {
    #[test]
    fn whatever_comes_in_only_the_insertion_is_new(
        plan in prop_oneof![soup(), mutated(), prop::collection::vec(any::<u8>(), 0..64)]
    ) {
        let Ok(spliced) = splice(&plan, ELEMENT) else { return Ok(()) };
        let inserted = format!("{ELEMENT}<hashTree/>");
        let at = spliced.windows(inserted.len()).position(|w| w == inserted.as_bytes()).unwrap();
        let (head, tail) = (&spliced[..at], &spliced[at + inserted.len()..]);
        let plain = [head, tail].concat();
        // An empty tree was opened: close it again.
        let reopened = tail.strip_prefix(b"</hashTree>").map(|tail| [&head[..at - 1], b"/>", tail].concat());
        prop_assert!(plain == plan || reopened.as_ref() == Some(&plan));
    }
}
