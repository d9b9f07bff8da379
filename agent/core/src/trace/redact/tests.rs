//! The examples are the plug-ins' too; their hashes were computed with Python's hmac module.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;

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

/// Each begins something that a rule reads on from.
const REPEATED: &[&str] = &[
    "form-data; name=\"a\"\r\n\r\n",
    "form-data; name=\"pin\"",
    "<Assertion>",
    "password:",
    "\"password\":{",
    "4111 ",
    "bearer ",
    "<input ",
    "<input a='",
    "<input name=pin value=",
    "<meta a=\\\"",
    "<password a>",
    "token&quot;",
    "pin=&#x2F;",
    "a:",
    "\\",
    "[\\",
    "{\"value\":{",
    "{\"a\":'{",
    "<textarea name=token ",
    "<td>pin<td><",
    "<td><b>",
    "%3Ftoken%3D",
    "%25",
    "://a:b@",
    "curl -u '",
    "pin=‹redacted:",
    "=%41",
    "a=%3D%41&",
    "ü",
    "\\u0041",
    "\\u0070in={",
    "[\"pin\",\\\"",
    "-----BEGIN PRIVATE KEY-----",
    "<pin><a>",
    "Bearer++",
    "&lt;password ",
    "&lt;pin&gt;&lt;a&gt;",
    "\\u003cpin\\u003e&lt;",
    "<key>pin</key> ",
    "<key>pin</key><string>",
    "<name>a</name><value><a>",
    "pin:\n\n",
    "pin: |\n ",
    "pin:\n '",
    "pin:\n a: ",
    " - - -",
    "name: pin\nvalue: \"\n",
    "\"name\": pin\n\"value\": {\n",
    "key: pin\nvalue:\n",
    "code=abcdefgh1234&",
    "\"code\":{",
    "<code><a>",
    "pin,a\n\"",
    "pin\t",
    "pin;a\n;",
    "password=a;",
    "a&=",
    "&a=",
    "&amp;",
    "a=b&password=;",
    "\na:",
    "<password><!--",
    "<key a=b>pin</key> ",
    "sk_live_",
    "AKIA",
    "ghp_a-",
    "SG.",
    "hooks.slack.com/services/",
    "jdbc:oracle:thin:a/",
    "{\"path\":\"/",
    "{\"type\":\"",
    "--password ",
    "pin [",
    "pin\t\t",
    "define('pin','",
    "ticket=",
    "ticket=abcdefgh1234&",
    "pin:\"\"\"",
    "pin='''",
    "密码:",
    "X-A-",
    "/x?pin=a;",
    "?a=b&",
    "%22pin%22%3A+",
    "%2522pin%2522%253A%2B",
    "\"pin\":/*",
    "pin:/*pin:/**/",
    "\"pin\":\u{a0}",
    "pin = N'",
    "pin:\n/**/",
    "token: a",
    "token: \\",
    "password: \"",
    "- - token: in it ",
    "\"\"\" ",
    "token:Bearer ",
    "cookie:&a",
    "\"pin\":[\"a b c\",",
    "\"pin\":['a b \"pin\":[\" c',",
    "pin == ",
    "pin = a",
    "tokens=1",
    "code=abcdefgh&",
    "\"assertion\":\"",
    "ticket=ST-",
    "identified by '",
    "with password '",
    "s:3:\"pin\";s:3:\"",
    "text/csv",
    "text/csv\n\npin|a\n--",
    "filename",
    "filename=a.csv\n\n",
    "{\"loc\":[\"pin\",",
    "{\"input\":\"",
    "jsonPath(pin).find",
    "css(a).find(",
    "path 'pin' expected '",
    "`pin` (`",
    "Key (pin)=(",
    "Key (a)=(",
    "Duplicate entry '",
    "pin: rejected value [",
    "put(\"pin\",\"",
    "put(\"pin\",\"a b\",",
    ".setPin(\"",
    "pin in ('",
    "pin like 'a",
    "pin='a''",
    "pin='a''\n",
    "x[\"pin\"]=\"",
    "[\"pin\"]=>string(1) \"",
    "rawHeaders:[\"",
    "\"rawHeaders\":[\"pin\",\"a\",",
    "('pin','",
    "(b\"pin\",",
    "Private-Lines:",
    "---- BEGIN SSH2 PRIVATE KEY ----",
    "/bot123456:",
    "/webhooks/123456/",
    "sk-",
    "1//0",
    "pin:[a",
    "Authorization: Aa ",
    "signature: a,b",
    "Cookie: a;\n ",
    "Cookie:\n",
    "#\n",
    "key=",
    "%3Dkey%3D",
    "form-data; name=\"key\"\r\n\r\n",
    "{\"kty\":\"",
    "pin=a,",
    "pass:a ",
    "pin:hover(",
    "--pin <pin>",
    "code:abcd grant_type\":",
    "cardCvv",
    "[pin=a,",
    "mysql -p",
    "curl -u ",
    "curl -sSu a:",
    "machine a login b ",
    "default login a password ",
    "default",
    "machine ",
    "curl\\\n",
    "sshpass -p a ",
    "http -a ",
    "<th>pin</th>",
    "<tr><th>pin</th></tr><tr><td>a</td></tr>",
    "<tr><td>",
    "<th>",
    "<th>a<th>pin<tr>",
    "|pin|a|\n|--|--|\n",
    "a|b\n---\n",
    "|",
    "| |-",
    "--\n",
    "|pin|\n--\n|a",
    "pin = a b\n",
    "pin=a b c",
    "[a]\npin = a b\nx=y\n",
    "pin=a b=",
    "=\n",
    "pin was: ",
    "pin is: a b ",
    "pin 'a",
    "pin 'a' ",
    "pin: Some(",
    "pin=Some(a",
    "pin</span>: <span>",
    "pin<span a>=\"",
    "pin<",
    "pin</span>",
    "{pin:a ",
    "{Pin:a b Token:c}",
    " Pin:a",
    "{ Pin:a",
    "{pin:a,b:",
    "&lt;pin&gt;<a>",
    "&lt;pin&gt;</span><span>a",
    "<item key=pin><value>a",
    "<item key=pin>\n",
    "<input autocomplete=one-time-code value=a>",
    "4111  ",
    "4111/",
    "4111–",
    "4111111111111111=",
    "4111\t1111\t",
    "4111%2F",
    "pin=a, b",
    "[pin] =&gt; ",
    "'Cookie: a=b",
    "pin==",
];

#[test]
fn a_long_text_of_names_takes_no_time_to_speak_of() {
    let (redactor, _) = examples();
    for word in REPEATED {
        let text = word.repeat((64 << 10) / word.len());
        let _ = redactor.text(&text);
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
