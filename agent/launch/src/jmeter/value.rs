//! What a property's text is to JMeter: a constant, a property's value with a default, or something only the running
//! tool can compute.

use std::fmt;

/// A number or text of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<T> {
    /// Written in the plan.
    Fixed(T),
    /// `${__P(name,default)}` or `${__property(name,variable,default)}`: settable with `-Jname=…`.
    Property {
        /// The property's name.
        name: String,
        /// The default as it is written; `None` when there is none.
        default: Option<String>,
    },
    /// Any other text with a variable or function in it, as it is written.
    Computed(String),
}

impl<T: fmt::Display> fmt::Display for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(value) => write!(f, "{value}"),
            Self::Property { name, default: Some(default) } => write!(f, "${{__P({name},{default})}}"),
            Self::Property { name, default: None } => write!(f, "${{__P({name})}}"),
            Self::Computed(text) => f.write_str(text),
        }
    }
}

impl Value<i64> {
    /// Reads a number as JMeter does: a constant that is not a number, such as ` 2 ` with blanks, counts as 0.
    pub(super) fn number(text: &str) -> Self {
        Value::text(text).map(|constant| constant.parse().unwrap_or(0))
    }

    /// The number, if it is known before the tool runs: the constant, else what `params` give the property, else its
    /// default.
    #[must_use]
    pub fn known(&self, params: &[(String, String)]) -> Option<i64> {
        match self {
            Self::Fixed(value) => Some(*value),
            Self::Property { name, default } => {
                param(params, name).or(default.as_deref()).and_then(|text| text.parse().ok())
            }
            Self::Computed(_) => None,
        }
    }
}

impl Value<String> {
    /// Reads a text.
    pub(super) fn text(text: &str) -> Self {
        if !text.contains("${") {
            return Self::Fixed(text.to_owned());
        }
        property(text).unwrap_or_else(|| Self::Computed(text.to_owned()))
    }

    /// The text, if it is known before the tool runs.
    #[must_use]
    pub fn known<'a>(&'a self, params: &'a [(String, String)]) -> Option<&'a str> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Property { name, default } => param(params, name).or(default.as_deref()),
            Self::Computed(_) => None,
        }
    }
}

impl<T> Value<T> {
    fn map<U>(self, f: impl FnOnce(T) -> U) -> Value<U> {
        match self {
            Self::Fixed(value) => Value::Fixed(f(value)),
            Self::Property { name, default } => Value::Property { name, default },
            Self::Computed(text) => Value::Computed(text),
        }
    }
}

/// The last value given to a parameter counts, as on JMeter's own command line.
pub(super) fn param<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The name of the variable when `text` is nothing but `${name}`.
pub(super) fn variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.is_empty() && !name.starts_with("__") && !name.contains(['$', '{', '}', '('])).then_some(name)
}

fn property(text: &str) -> Option<Value<String>> {
    let call = text.strip_prefix("${")?.strip_suffix(")}")?;
    let (function, arguments) = call.split_once('(')?;
    if arguments.contains("${") {
        return None;
    }
    let mut arguments = split(arguments)?.into_iter();
    // Blanks belong to a property's name, and a name with blanks cannot be given.
    let name = arguments.next().filter(|name| !name.is_empty() && name.trim() == name)?;
    let default = match function {
        // JMeter's own default of a default.
        "__P" => Some(arguments.next().map_or_else(|| "1".to_owned(), |default| default.trim().to_owned())),
        // The second argument names a variable for the result.
        "__property" => arguments.nth(1),
        _ => return None,
    };
    arguments.next().is_none().then_some(Value::Property { name, default })
}

/// A function's arguments; `\,` is a comma. `None` when a bracket shows that there is more
/// than one function.
fn split(arguments: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut chars = arguments.chars();
    while let Some(c) = chars.next() {
        match c {
            '(' | ')' | '{' | '}' => return None,
            ',' => parts.push(String::new()),
            '\\' => parts.last_mut()?.extend(chars.next()),
            c => parts.last_mut()?.push(c),
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart() {
        let prop = |name: &str, default: Option<&str>| Value::Property {
            name: name.to_owned(),
            default: default.map(str::to_owned),
        };
        for (text, want) in [
            ("10", Value::Fixed(10)),
            ("-1", Value::Fixed(-1)),
            (" 2 ", Value::Fixed(0)),
            ("", Value::Fixed(0)),
            ("ten", Value::Fixed(0)),
            ("${__P(threads,10)}", prop("threads", Some("10"))),
            ("${__P(threads)}", prop("threads", Some("1"))),
            ("${__P(threads, 10 )}", prop("threads", Some("10"))),
            ("${__P( threads,10)}", Value::Computed("${__P( threads,10)}".to_owned())),
            ("${__P(a\\,b,10)}", prop("a,b", Some("10"))),
            ("${__property(threads)}", prop("threads", None)),
            ("${__property(threads,,10)}", prop("threads", Some("10"))),
            ("${__property(threads,T,10)}", prop("threads", Some("10"))),
            ("${users}", Value::Computed("${users}".to_owned())),
            ("1${__P(a,1)}", Value::Computed("1${__P(a,1)}".to_owned())),
            ("${__P(a,1)}${__P(b,1)}", Value::Computed("${__P(a,1)}${__P(b,1)}".to_owned())),
            ("${__P(${n},1)}", Value::Computed("${__P(${n},1)}".to_owned())),
            ("${__P(,1)}", Value::Computed("${__P(,1)}".to_owned())),
            ("${__P()}", Value::Computed("${__P()}".to_owned())),
            ("${__intSum(1,2)}", Value::Computed("${__intSum(1,2)}".to_owned())),
        ] {
            assert_eq!(Value::number(text), want, "{text}");
        }
    }

    #[test]
    fn known_prefers_params() {
        let params = [("n".to_owned(), "3".to_owned()), ("n".to_owned(), "4".to_owned())];
        assert_eq!(Value::number("${__P(n,1)}").known(&params), Some(4));
        assert_eq!(Value::number("${__P(m,1)}").known(&params), Some(1));
        assert_eq!(Value::number("${__property(m)}").known(&params), None);
        assert_eq!(Value::number("${n}").known(&params), None);
    }

    #[test]
    fn variables_are_bare_names() {
        assert_eq!(variable("${users}"), Some("users"));
        for text in ["users", "${__P(a)}", "${}", "${a}${b}", "a${b}"] {
            assert_eq!(variable(text), None, "{text}");
        }
    }
}
