//! What an error text is without what differs from one time to the next: numbers, ids and hosts.

/// Characters of a number in base 16 that make a word an id.
const HEX_ID_CHARS: usize = 8;
/// The same after an `@`, where the JVM writes an object's identity.
const IDENTITY_CHARS: usize = 4;
/// Characters of any other word that may be an id.
const ID_CHARS: usize = 16;
/// How often such a word changes between letters and digits.
const ID_CHANGES: usize = 4;

/// Writes the fingerprint of `text` over `print`: each number, id and host is one `#`. Two errors of one kind have the same.
pub fn fingerprint(text: &str, print: &mut String) {
    print.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = host(bytes, at) {
            print.push('#');
            at = end;
        } else if is_word(bytes[at]) {
            let end = at + bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
            let after_at = at > 0 && bytes[at - 1] == b'@';
            word(&text[at..end], after_at, print);
            at = end;
        } else {
            let end = at + bytes[at..].iter().take_while(|byte| !is_word(**byte)).count();
            // A word begins at a character: all of its bytes are ASCII.
            print.push_str(&text[at..end]);
            at = end;
        }
    }
}

/// What Java says of a host without an address, before its name.
const UNKNOWN_HOST: &str = "UnknownHostException: ";

/// The part of an error text that tells its kind. Java asks for a host's address once and says why there is none; for a few seconds
/// after that it remembers, and says the name only.
#[must_use]
pub fn telling(text: &str) -> &str {
    let Some(at) = text.find(UNKNOWN_HOST) else { return text };
    let host = at + UNKNOWN_HOST.len();
    text[host..].find([':', ' ']).map_or(text, |end| &text[..host + end])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// One word: an id as a whole, else the numbers in it.
fn word(word: &str, after_at: bool, print: &mut String) {
    let bytes = word.as_bytes();
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let is_hex = || bytes.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let changes =
        || bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    let enough = if after_at { IDENTITY_CHARS } else { HEX_ID_CHARS };
    let is_id = has_digit
        && (bytes.len() >= enough && is_hex() || bytes.len() >= ID_CHARS && changes() >= ID_CHANGES);
    if is_id {
        print.push('#');
        return;
    }
    let mut in_number = false;
    for c in word.chars() {
        let is_digit = c.is_ascii_digit();
        match (is_digit, in_number) {
            (true, false) => print.push('#'),
            (true, true) => {}
            (false, _) => print.push(c),
        }
        in_number = is_digit;
    }
}

/// Where a host that starts at `at` ends: after `://`, or one with a dot before its port or its address
/// (`shop.example.com/10.0.0.7:443`).
fn host(bytes: &[u8], at: usize) -> Option<usize> {
    let is_host =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if bytes[..at].ends_with(b"://") {
        let is_inside = |byte: &u8| is_host(byte) || byte.is_ascii_uppercase();
        let end = at + bytes[at..].iter().take_while(|byte| is_inside(byte)).count();
        return (end > at).then_some(end);
    }
    if at > 0 && (is_word(bytes[at - 1]) || bytes[at - 1] == b'.') || !is_host(&bytes[at]) {
        return None;
    }
    let end = at + bytes[at..].iter().take_while(|byte| is_host(byte)).count();
    let has_place = matches!(bytes.get(end..), Some([b':' | b'/', next, ..]) if next.is_ascii_digit());
    (has_place && bytes[at..end].contains(&b'.')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_host_has_no_address_is_not_what_tells() {
        for (text, want) in [
            (
                "java.net.UnknownHostException: a.b: Name or service not known",
                "java.net.UnknownHostException: a.b",
            ),
            ("UnknownHostException: a.b", "UnknownHostException: a.b"),
            ("UnknownHostException: a.b (try 2)", "UnknownHostException: a.b"),
            ("UnknownHostException", "UnknownHostException"),
            ("ConnectException: a: refused", "ConnectException: a: refused"),
        ] {
            assert_eq!(telling(text), want, "{text}");
        }
    }
    use proptest::prelude::*;

    fn of(text: &str) -> String {
        let mut print = "of the text before".to_owned();
        fingerprint(text, &mut print);
        print
    }

    #[test]
    fn numbers_ids_and_hosts_do_not_count() {
        for (text, want) in [
            ("Script17.groovy: 3: unable to resolve", "Script#.groovy: #: unable to resolve"),
            ("timed out after 1502 ms, 3.5 s", "timed out after # ms, #.# s"),
            ("no order 5f0c1f9e-7a33-4d1b-9b7e-0242ac120002 here", "no order # here"),
            ("java.lang.Object@1b6d3586 is gone", "java.lang.Object@# is gone"),
            ("session aZ3kQ91fLmPq02Xz7 has ended", "session # has ended"),
            (
                "connect to https://Shop-17.example.com:8443/cart/9 failed",
                "connect to https://#:#/cart/# failed",
            ),
            ("shop.example.com/10.0.0.7:443: refused", "#/#:#: refused"),
            (
                "java.net.SocketTimeoutException: Read timed out",
                "java.net.SocketTimeoutException: Read timed out",
            ),
            ("JSR223PostProcessor1 is added to the facade", "JSR#PostProcessor# is added to the facade"),
            ("Käse 12 für 3 €", "Käse # für # €"),
            ("expected: \"a\" but was: \"b\"", "expected: \"a\" but was: \"b\""),
            ("", ""),
        ] {
            assert_eq!(of(text), want);
        }
    }

    proptest! {
        #[test]
        fn any_text_has_one_and_it_is_stable(text in "([a-zA-Z0-9@:/. é€_-]|https?://|[0-9a-f]{8}){0,40}") {
            let print = of(&text);
            prop_assert!(print.len() <= text.len());
            prop_assert!(!print.contains(|c: char| c.is_ascii_digit()));
            prop_assert_eq!(of(&print), print);
        }

        #[test]
        fn other_numbers_are_the_same_error(a in 0_u64.., b in 0_u64.., word in "[a-z]{1,12}") {
            prop_assert_eq!(of(&format!("{word} {a} of {word}")), of(&format!("{word} {b} of {word}")));
        }
    }
}
