//! A key of the configuration, and the macro that makes keys, sections and their setters from one table.

use super::kind::Kind;
use super::value::Value;

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its dotted name; what stands before the last dot is the section of the file.
    pub name: &'static str,
    /// Its variable where that is not the regular one, because other commands read it, too; or else empty.
    pub(super) env: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What is in effect when nothing is given.
    pub fallback: Fallback,
    /// What it does, in a sentence or two.
    pub help: &'static str,
    /// A value for the example file, as the file has it.
    pub example: &'static str,
}

/// What is in effect when nothing is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// It has to be given.
    Required,
    /// Nothing.
    None,
    /// This number.
    Number(u64),
    /// This.
    Bool(bool),
    /// This text.
    Text(&'static str),
    /// Something that is worked out; says how.
    Derived(&'static str),
}

impl Key {
    /// Its variable in the environment.
    #[must_use]
    pub fn env_name(&self) -> String {
        if self.env.is_empty() { self.regular_env_name() } else { self.env.to_owned() }
    }

    /// The variable that it would have by the rule: `GRIDNODE_` and the name in capitals.
    pub(super) fn regular_env_name(&self) -> String {
        format!("GRIDNODE_{}", self.name.to_ascii_uppercase().replace('.', "_"))
    }

    /// The section of the file, empty at the top.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within the section.
    #[must_use]
    pub fn last(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, last)| last)
    }

    pub(super) fn default_value(&self) -> Option<Value> {
        match self.fallback {
            Fallback::Required | Fallback::None | Fallback::Derived(_) => None,
            Fallback::Number(number) => Some(Value::Number(number)),
            Fallback::Bool(on) => Some(Value::Bool(on)),
            Fallback::Text(text) => self.kind.read(text).ok(),
        }
    }
}

/// Where a section finds the values of its keys.
pub(super) trait Values {
    /// The value of `key`, if it has one.
    fn value(&self, key: &str) -> Option<&Value>;
}

/// What is made of the values of several keys.
pub(super) trait Section: Sized {
    /// It; `None` when a value is missing that has to be there.
    fn of(values: &impl Values) -> Option<Self>;
}

/// Makes [`Key`]s, a struct for each section with a field for each key, and the [`Section`]s that fill them.
///
/// ```text
/// name: Type = kind, fallback, env "VARIABLE", example "as in TOML";
/// ```
///
/// The last two may be missing. The comment above a key is its help, for users as for readers. A section with
/// `(..rest)` fills a struct that somebody else declares.
macro_rules! configuration {
    (
        $root:ident {
            $($(#[doc = $help:literal])+ $key:ident: $type:ty = $kind:expr, $fallback:expr;)+
        }
        $($(#[doc = $about:literal])+ $section:ident: $struct:ident $((..$rest:expr))? {
            $($(#[doc = $sub_help:literal])+ $sub_key:ident: $sub_type:ty = $sub_kind:expr, $sub_fallback:expr
                $(, env $env:literal)? $(, example $example:literal)?;)+
        })+
    ) => {
        /// All keys, section by section.
        pub static KEYS: &[Key] = &[
            $(Key {
                name: stringify!($key),
                env: "",
                kind: $kind,
                fallback: $fallback,
                help: concat!($($help),+).trim_ascii_start(),
                example: "",
            },)+
            $($(Key {
                name: concat!(stringify!($section), ".", stringify!($sub_key)),
                env: concat!($($env)?),
                kind: $sub_kind,
                fallback: $sub_fallback,
                help: concat!($($sub_help),+).trim_ascii_start(),
                example: concat!($($example)?),
            },)+)+
        ];

        /// All of it, checked: plain data, a small struct for each consumer. `Debug` has no secrets.
        #[derive(Debug, Clone)]
        pub struct $root {
            $($(#[doc = $help])+ pub $key: $type,)+
            $($(#[doc = $about])+ pub $section: $struct,)+
        }

        impl Section for $root {
            fn of(values: &impl Values) -> Option<Self> {
                Some(Self {
                    $($key: Typed::of(values.value(stringify!($key)))?,)+
                    $($section: Section::of(values)?,)+
                })
            }
        }

        $(
            configuration! { @unless [$($rest)?]
                $(#[doc = $about])+
                #[derive(Debug, Clone)]
                pub struct $struct {
                    $($(#[doc = $sub_help])+ pub $sub_key: $sub_type,)+
                }
            }

            impl Section for $struct {
                fn of(values: &impl Values) -> Option<Self> {
                    Some(Self {
                        $($sub_key: <$sub_type as Typed>::of(
                            values.value(concat!(stringify!($section), ".", stringify!($sub_key))),
                        )?,)+
                        $(..$rest)?
                    })
                }
            }
        )+
    };
    (@unless [] $($item:tt)+) => { $($item)+ };
    (@unless [$rest:expr] $($item:tt)+) => {};
}
pub(super) use configuration;
