//! JSON on lines of its own, for reading. Nothing of it is changed: order, names that come twice and the digits of numbers stay.

use serde::de::IgnoredAny;

const INDENT: &str = "  ";

/// The same object or array with a line for each member; `None` of anything else.
pub fn indented(json: &str) -> Option<String> {
    let json = json.trim();
    if !json.starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return None;
    }
    let (mut text, mut depth, mut is_quoted, mut is_escaped) = (String::new(), 0_usize, false, false);
    let mut all = json.chars().peekable();
    while let Some(c) = all.next() {
        if is_quoted {
            text.push(c);
            (is_quoted, is_escaped) = (is_escaped || c != '"', !is_escaped && c == '\\');
            continue;
        }
        match c {
            '{' | '[' => {
                text.push(c);
                while all.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(end) = all.next_if(|c| matches!(c, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ if c.is_whitespace() => {}
            _ => {
                is_quoted = c == '"';
                text.push(c);
            }
        }
    }
    Some(text)
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n(INDENT, depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn order_repeated_names_and_digits_stay_as_they_were_sent() {
        let text = r#"{"z":1.50,"a":12345678901234567890123,"z":"{\"not\": [1, 2]}","e":{ },"l":[ ],"n":[1,{"x":null}]}"#;
        let wanted = r#"{
  "z": 1.50,
  "a": 12345678901234567890123,
  "z": "{\"not\": [1, 2]}",
  "e": {},
  "l": [],
  "n": [
    1,
    {
      "x": null
    }
  ]
}"#;
        assert_eq!(indented(text).unwrap(), wanted);
        assert_eq!(indented(wanted).unwrap(), wanted);
    }

    #[test]
    fn what_is_no_object_or_array_is_left_alone() {
        for text in ["", "12", "\"a\"", "null", "{", "{} x", "[1,]", "{'a': 1}", "<p>"] {
            assert_eq!(indented(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_library_prints(texts in prop::collection::vec("\\PC{0,8}", 0..4), number: i32) {
            let value = serde_json::json!({ "a": texts, "b": [[], {}, number], "c": { "d": texts.first() } });
            let got = indented(&value.to_string()).unwrap();
            prop_assert_eq!(&got, &serde_json::to_string_pretty(&value).unwrap());
            prop_assert_eq!(serde_json::from_str::<Value>(&got).unwrap(), value);
        }
    }
}
