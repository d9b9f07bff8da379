//! What a file of properties has for a name, as `java.util.Properties` reads it.

/// The last value of a property in the text of such files; `None` where there is none, or an empty one.
#[must_use]
pub fn property_of(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    let mut lines = text.split(['\n', '\r']);
    while let Some(line) = lines.next() {
        let mut line = trimmed(line).to_owned();
        if line.starts_with(['#', '!']) {
            continue;
        }
        while is_continued(&line) {
            line.pop();
            line.push_str(lines.next().map(trimmed).unwrap_or_default());
        }
        let (key, value) = split(&line);
        if unescaped(key) == name {
            found = Some(unescaped(value));
        }
    }
    found.filter(|value| !value.is_empty())
}

fn trimmed(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\u{c}'])
}

/// An odd number of backslashes at its end escapes the line break.
fn is_continued(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}

/// At the first `=`, `:` or blank that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = line.find(|c: char| {
        let ends = !is_escaped && matches!(c, '=' | ':' | ' ' | '\t' | '\u{c}');
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = trimmed(rest);
    (key, trimmed(rest.strip_prefix(['=', ':']).unwrap_or(rest)))
}

fn unescaped(text: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        let c = match escaped {
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                units.extend(u16::from_str_radix(&digits, 16).ok());
                continue;
            }
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some(other) => other,
            None if c == '\\' => continue,
            None => c,
        };
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_is_read_as_java_reads_it() {
        for (text, want) in [
            ("paths=a", Some("a")),
            ("  paths : a;b\\\\c \nother=x", Some("a;b\\c ")),
            ("paths a=b", Some("a=b")),
            ("#paths=a\n!paths=b", None),
            ("paths=a\r\npaths=b", Some("b")),
            ("paths=a;\\\n   b", Some("a;b")),
            ("x=1\\\npaths=a", None),
            ("x=1\\\\\npaths=a", Some("a")),
            ("path\\u0073=\\u0061\\:b", Some("a:b")),
            ("pa\\=ths=a\nmypaths=b\npaths.more=c", None),
            ("paths=", None),
        ] {
            assert_eq!(property_of(text, "paths").as_deref(), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a=: \\\\\nu0#é]{0,40}") {
            let _ = property_of(&text, "a");
        }
    }
}
