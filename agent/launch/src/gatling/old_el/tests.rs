//! What is an old expression in a source, and what only looks like one.

use super::*;
use proptest::prelude::*;

fn java(text: &str) -> Vec<(String, usize, bool)> {
    of_source(text, false).into_iter().map(|one| (one.written, one.line, one.is_given)).collect()
}

fn scala(text: &str) -> Vec<String> {
    of_source(text, true).into_iter().map(|one| one.written).collect()
}

fn one(written: &str, line: usize, is_given: bool) -> Vec<(String, usize, bool)> {
    vec![(written.to_owned(), line, is_given)]
}

#[test]
fn an_expression_that_goes_to_gatling_is_sure() {
    for given in [
        "http(\"item\")\n.get(\"/echo?id=${id}\")",
        "http(\"a\").post(\"/x\").header(\"T\", \"b \" +\n\"${id}\")",
        "x.\nbody(StringBody(\"{\\\"a\\\": '${id}'}\"))",
        "\nfoo.foreach(\"${id}\", \"i\")",
        "a(')', '\\''); body(\nStringBody(\"\"\"\n x \"y\" ${id} \"\"\"))",
    ] {
        let found = java(given);
        assert!(found.len() == 1 && found[0].0 == "${id}" && found[0].2, "{given}: {found:?}");
    }
    assert_eq!(java("map.put(\"a\",\n\"${id}\")"), one("${id}", 2, false), "a map has a `put`, too");
    assert_eq!(
        java("String U = \"/a/${ids(0)}\"; x(\"${ids(0)}\")"),
        one("${ids(0)}", 1, false),
        "each once"
    );
    assert_eq!(java("x(\"${a}\");\nhttp(\"b ${a}\")"), one("${a}", 2, true), "the surer one");
}

#[test]
fn what_only_looks_like_one_is_none() {
    for none in [
        "// \"${id}\"\n/* http(\"${id}\") */",
        "http(\"#{id} $id $..a ${} ${0} $${id} ${a:b} {id}\")",
        "String b = body.replace(\"${id}\", id); http(\"a ${id}\")",
        "char c = '\"'; // ${id}\n",
        "\"not closed\n ${id}",
    ] {
        assert_eq!(java(none), [], "{none}");
    }
}

#[test]
fn what_scala_computes_itself_is_none() {
    assert_eq!(scala("http(s\"a ${id} ${m(\"x\")} $id\").get(f\"\"\"${id}\"\"\")"), [] as [&str; 0]);
    assert_eq!(scala("x('sym, s\"a ${m.map { x => x }} b\", \"${id}\")"), ["${id}"]);
    assert_eq!(scala("http(s\"$host/$${id}\")"), ["${id}"], "Scala makes `${{id}}` of it");
    assert_eq!(scala("get(\"\"\"\\d ${id} \"\"\")"), ["${id}"]);
}

#[test]
fn a_sentence_translates_the_first_and_says_where_they_are() {
    let found = |n: usize, is_given| {
        let one = |i| ("S.java".to_owned(), Found { written: format!("${{a{i}}}"), line: i, is_given });
        (1..=n).map(one).collect::<Vec<_>>()
    };
    let (said, is_sure) = of_sources(&found(5, true), "3.15.1").unwrap();
    assert!(
        is_sure && said.starts_with("`${a1}` (S.java, line 1), `${a2}` (S.java, line 2), `${a3}`"),
        "{said}"
    );
    for words in ["and 2 more: ", "goes out as it stands: it is written `#{a1}` since Gatling 3.7", "3.15.1"]
    {
        assert!(said.contains(words), "{said}");
    }
    let mixed = [found(1, false), found(2, true).split_off(1)].concat();
    assert!(of_sources(&mixed, "3.15.1").unwrap().0.starts_with("`${a2}` (S.java, line 2): such"));
    let (said, is_sure) = of_sources(&found(1, false), "3.15.1").unwrap();
    assert!(!is_sure && said.contains("if this is meant"), "{said}");
    assert_eq!(of_sources(&[], "3.15.1"), None);
}

#[test]
fn gatling_up_to_3_10_still_understands_them() {
    for (version, understood) in
        [("3.9.5", true), ("3.10.5", true), ("3.11.5", false), ("3.15.1", false), ("", false)]
    {
        assert_eq!(is_understood(version), understood, "{version}");
    }
}

#[test]
fn names_and_errors_that_show_one_are_translated() {
    let said = of_labels(["home", "item ${id}", "x ${b}"].into_iter()).unwrap();
    assert_eq!(
        said,
        "the name `item ${id}` (and 1 more like it) went out as it stands: `${id}` is written `#{id}` since Gatling 3.7"
    );
    assert_eq!(of_labels(["home", "#{id}", "a ${ }"].into_iter()), None);
    assert_eq!(
        advice("Can't cast '${ids}' of type"),
        Some("`${ids}` is written `#{ids}` since Gatling 3.7".to_owned())
    );
    assert_eq!(advice("No attribute named 'x' is defined"), None);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "[-a-z\"'$\\{}()/*\\\\\n é.]{0,80}", is_scala in any::<bool>()) {
        let _ = of_source(&text, is_scala);
    }
}

#[test]
fn files_that_are_sent_as_templates_are_read_by_their_names() {
    let source = "body(ElFileBody(\"a/b.json\")) // ElFileBody\n  // ElFileBody(\"no.json\")\n\
                  bodyPart(ElFileBodyPart(\"file\", \"c.txt\")).body(ElFileBody( name )) RawFileBody(\"raw.bin\")";
    assert_eq!(templates(source).collect::<Vec<_>>(), ["a/b.json", "c.txt"]);
    let found = of_template("{\"a\": \"${id}\",\n \"b\": \"$${kept} #{x} ${id} ${ a\"}");
    let found: Vec<_> = found.into_iter().map(|one| (one.written, one.line, one.is_given)).collect();
    assert_eq!(found, one("${id}", 1, true));
}
