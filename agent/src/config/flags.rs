//! Flags: `--set key=value` for every key, and a few that people type.

use super::error::{ConfigError, Origin, Wrong};
use super::source::{Flag, Given};
use super::suggest::nearest_key;
use super::table::KEYS;

/// All values of the flags; of a key given twice the last one counts.
pub(super) fn read(flags: &[Flag], errors: &mut Vec<ConfigError>) -> Vec<Given> {
    let mut given = Vec::new();
    // Named ones are more particular, wherever they stand.
    let sets = flags.iter().filter(|flag| matches!(flag, Flag::Set(_)));
    for flag in sets.chain(flags.iter().filter(|flag| !matches!(flag, Flag::Set(_)))) {
        match flag {
            Flag::Set(text) => given.extend(set(text.expose(), errors)),
            Flag::Named(flag, name, text) => {
                let key = KEYS.iter().find(|key| key.name == *name);
                given.extend(key.map(|key| Given {
                    key,
                    value: key.kind.read(text.expose()),
                    origin: Origin::Flag(flag),
                }));
            }
        }
    }
    given
}

fn set(text: &str, errors: &mut Vec<ConfigError>) -> Option<Given> {
    let place = Origin::Flag("--set");
    let Some((name, value)) = text.split_once('=') else {
        // It may be a secret: it is not repeated.
        errors.push(Wrong::new("there is no `=`", "write --set key=value").at(place, ""));
        return None;
    };
    let name = name.trim();
    let Some(key) = KEYS.iter().find(|key| key.name == name) else {
        let remedy = match nearest_key(name) {
            Some(key) => format!("did you mean {}?", key.name),
            None => "`gridnode config --example` shows all keys".to_owned(),
        };
        errors.push(Wrong::new("is not a key of this version", remedy).at(place, name));
        return None;
    };
    Some(Given { key, value: key.kind.read(value.trim()), origin: place })
}
