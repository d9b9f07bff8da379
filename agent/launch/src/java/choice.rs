//! Which of the classes that can be started is meant.

/// Names that a sentence lists.
const NAMED_MAX: usize = 20;

/// What is looked for, in words for a person.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// One.
    pub one: &'static str,
    /// Several.
    pub several: &'static str,
    /// The sentence where there is none.
    pub none: &'static str,
}

/// Chooses among `found`, which are sorted. `wanted` is a class's full or, where that is enough, last name; `likely` is the last
/// name of the one that is meant where nothing is wanted.
///
/// # Errors
/// With half a sentence, when there is none, several, or not the one that is wanted.
pub fn choose(
    of: &Kind,
    found: &[String],
    wanted: Option<&str>,
    likely: Option<&str>,
) -> Result<String, String> {
    match (wanted, found) {
        (Some(wanted), found) => meant(of, found, wanted),
        (None, [only]) => Ok(only.clone()),
        (None, []) => Err(of.none.to_owned()),
        (None, several) => match likely.map(|likely| meant(of, several, likely)) {
            Some(Ok(only)) => Ok(only),
            _ => Err(format!(
                "it has several {} ({}): name one with --class, in a command with the parameter `gridnode.class`",
                of.several,
                list(several)
            )),
        },
    }
}

fn meant(of: &Kind, found: &[String], wanted: &str) -> Result<String, String> {
    if let Some(exact) = found.iter().find(|name| *name == wanted || name.replace('$', ".") == wanted) {
        return Ok(exact.clone());
    }
    let last = |name: &&String| name.rsplit(['.', '$']).next() == Some(wanted);
    match found.iter().filter(last).collect::<Vec<_>>().as_slice() {
        [only] => Ok((*only).clone()),
        _ if found.is_empty() => Err(format!("it has no {} `{wanted}`, nor any other", of.one)),
        _ => Err(format!("it has no {} `{wanted}`; those that it has: {}", of.one, list(found))),
    }
}

fn list(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED_MAX)].join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
