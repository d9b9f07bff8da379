//! The examples are the plug-ins' too; their hashes were computed with Python's hmac module.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::time::{Duration, Instant};

#[derive(Deserialize)]
struct Examples {
    key: String,
    names: Vec<String>,
    texts: Vec<Example>,
    headers: Vec<Example>,
    cuts: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    #[serde(default)]
    name: String,
    r#in: String,
    out: String,
}

fn examples() -> (Redactor, Examples) {
    let text = include_str!("../../../../../plugins/sump/src/test/resources/trace/redaction.json");
    let examples: Examples = serde_json::from_str(text).unwrap();
    let key: Vec<u8> = (0..examples.key.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&examples.key[at..at + 2], 16).unwrap())
        .collect();
    (Redactor::new(&key, &examples.names), examples)
}

#[test]
fn the_examples_of_both_sides_hold() {
    let (redactor, examples) = examples();
    for Example { r#in, out, .. } in &examples.texts {
        assert_eq!(redactor.text(r#in), *out, "{in}");
        assert_eq!(redactor.text(out), *out, "what is hidden already stays");
    }
    for Example { name, r#in, out } in &examples.headers {
        assert_eq!(redactor.header(name, r#in), *out, "{name}: {in}");
        assert_eq!(redactor.header(name, out), *out, "{name}: {out}");
    }
    for Example { r#in, out, .. } in &examples.cuts {
        assert_eq!(cut::whole(r#in), *out);
    }
}

/// Bytes of a text, and how much longer it may take than a shorter one: eight times as much is linear, 64 times quadratic.
const SHORT_BYTES: usize = 4 << 10;
const BYTES: usize = 16 << 10;
const LONG_BYTES: usize = 128 << 10;
const GROWTH_MAX: u32 = 24;

/// Of each word that begins something that a rule reads on from, many times.
#[test]
#[expect(clippy::disallowed_methods, reason = "what is tested is the time that it takes")]
fn a_long_text_of_names_takes_no_time_to_speak_of() {
    let (redactor, _) = examples();
    let text = include_str!("../../../../../plugins/sump/src/test/resources/trace/repeated.json");
    let words: Vec<String> = serde_json::from_str(text).unwrap();
    let took = |word: &str, bytes: usize| {
        let text = word.repeat(bytes / word.len());
        let start = Instant::now();
        let _ = redactor.text(&text);
        start.elapsed()
    };
    let mut grown = Vec::new();
    for word in &words {
        let little = (0..3).map(|_| took(word, SHORT_BYTES)).min().unwrap();
        // Of those that are to fail a long text takes more than five times as much as this.
        if 2 * took(word, BYTES) < 9 * little {
            continue;
        }
        let some = took(word, BYTES).min(took(word, BYTES));
        let has_grown = |much: Duration| much > GROWTH_MAX * some && much > Duration::from_secs(1);
        // Others use the machine, too.
        let much = took(word, LONG_BYTES);
        let much = if has_grown(much) { much.min(took(word, LONG_BYTES)) } else { much };
        if has_grown(much) {
            grown.push(format!("{word:?}: {some:?} of {BYTES} bytes, {much:?} of {LONG_BYTES}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

/// Texts of 64 KiB as bodies are, and as somebody may make them who means no good.
fn bodies() -> Vec<(&'static str, String)> {
    const BODY_BYTES: usize = 64 << 10;
    let fill = |part: &str| part.repeat(BODY_BYTES / part.len());
    let fields = (0..2_000).map(|at| format!("\"field_{at}\":\"value {at}\",")).collect::<String>();
    let row = "<tr class=\"row\"><td>Keyboard</td><td>29.90</td><td><a href=\"/p?id=7\">more</a></td></tr>\n";
    vec![
        ("JSON", format!("{{{fields}\"a\":1}}")),
        ("page", format!("<html><body><table>{}</table></body></html>", fill(row))),
        ("base64", fill("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ")),
        ("a", fill("a")),
        ("password=", fill("password=")),
        ("{\"", fill("{\"")),
        ("cards", fill("4111 1111 1111 1112 ")),
        ("lines", format!("{}a=b", fill("a\n"))),
        ("prose", fill("The quick brown fox jumps over the lazy dog, and the token is late. ")),
    ]
}

/// `cargo test --release -p gridnode-core --lib what_a_body_costs -- --ignored --nocapture`
#[test]
#[ignore = "a measurement, which means something in a release and on an idle machine alone"]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "what is measured is time")]
fn what_a_body_costs() {
    let redactor = Redactor::new(b"key", &[]);
    let best = |run: &dyn Fn() -> usize| {
        let took = |_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed()
        };
        (0..5).map(took).min().unwrap_or_default().as_secs_f64() * 1e3
    };
    for (name, body) in bodies() {
        let (read, lower) = (best(&|| redactor.text(&body).len()), best(&|| body.to_lowercase().len()));
        eprintln!("{name:>10} {read:8.2} ms {:8.0} × to_lowercase", read / lower);
    }
}

fn around() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("password=", "&a=b"),
        ("\"password\":\"", "\",\"a\":1"),
        ("\\\"password\\\":\\\"", "\\\""),
        ("<password>", "</password>"),
        ("form-data; name=\"secret\"\r\n\r\n", "\r\n--x"),
        ("Authorization: Bearer ", "\r\n"),
        ("X-Api-Key: ", "\n"),
    ])
}

/// What the text of a trace is made of, where it is hardest to read.
const PIECES: &str = "(password=|&scope=|&amp;a=|ghp_|AKIA|hooks.slack.com/services/|jdbc:oracle:thin:a/|--password |pin \\[|pin	|define\\('|ticket=|\\{\"path\":\"/|\"type\":\"|\"\"\"|<!--|-->|X-Key|пароль|\
    &lt;|&gt;|\\\\u003c|\\\\u003e|&amp;lt;|<key>pin</key>|<name>|</name>|<string>|\r\n  |\n- |: |\n|- name: pin|value: |\\|-|\
    code=|code: |abcdefgh1234|&state=|grant_type|pin,a\n|password|token|name|key|value|content|textarea|input|td|th|dt|dd|curl -u |eyJ|4111|Bearer |‹redacted:39b5›|‹redacted:|›|\
    %3Ftoken%3D|%253D|%26|%22|%3A|://|user|@|&quot;|&lt;|u0022|\\\\\"|<td>pin</td><td>|\\{\"name\":\"password\",|\"value\":\"|<textarea name=pin>|</|<|>|/|:|=|%3A|\\+|%2B|/\\*|\\*/|\u{a0}|N'|@\"|token: |session: in |Cookie: |x-a-token: |Authorization: Digest |abc |\\n|•|YES\\)|null|17|IDENTIFIED BY |WITH PASSWORD |s:3:\"pin\";s:3:\"|text/csv|filename=\"a.csv\"|a\\|pin
|sep=;
|# a
|pw=|\"assertion\":\"|ticket=ST-|grant_type=authorization_code&|tokens|\\[\"a b c\"|create\\(|\
    \"|'|\\\\|[{}\\[\\],;&]|\\PC|[ \r\n]){0,60}";

#[test]
fn a_forged_place_holder_hides_nothing() {
    let (redactor, _) = examples();
    for forged in ["‹redacted:abcd›", "‹redacted:ABCD›", "‹redacted:", "‹redacted:abcd", "‹redacted:abcde›"]
    {
        for (open, close) in [
            ("password=", "&a=b"),
            ("Cookie: ", "\n"),
            ("{\"pin\":\"", "\"}"),
            ("Bearer ", " "),
            ("<token>", "</token>"),
        ] {
            let shown = redactor.text(&format!("{open}{forged}s3cretS3cret{close}"));
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_shown_as_it_is(text in PIECES) {
        let (redactor, _) = examples();
        let shown = redactor.text(&text);
        prop_assert_eq!(redactor.text(&shown), shown);
        for name in ["Cookie", "Set-Cookie", "Authorization", "Location"] {
            let shown = redactor.header(name, &text);
            prop_assert_eq!(redactor.header(name, &shown), shown, "{}", name);
        }
    }

    #[test]
    fn a_secret_is_gone_wherever_it_stands(
        before in "[a-z <>{}=&:;\"\n]{0,20}", (open, close) in around(), secret in "[A-Za-z0-9+/]{9,40}", after in "[a-z <>{}\n]{0,20}",
    ) {
        let (redactor, _) = examples();
        // What comes before may be a name of its own, whose value this is then: gone either way.
        let shown = redactor.text(&format!("{before}\n{open}{secret}{close}{after}"));
        prop_assert!(!shown.contains(&secret), "{shown}");
        prop_assert_eq!(redactor.text(&shown), shown);
    }

    #[test]
    fn any_text_is_survived(text in "(password|name|<|>|/|:|=|\"|'|\\\\|[{}\\[\\]]|eyJ|4111|\\PC|[ \r\n]){0,60}") {
        let (redactor, _) = examples();
        let _ = redactor.text(&text);
        let _ = redactor.header(&text, &text);
    }
}
