//! JMeter properties as they may be given from outside: by a person, a command or a plan.

use thiserror::Error;

/// Parameters of one start: bounds the file that they are passed in.
pub const PARAMS_MAX: usize = 256;
/// Bytes of a parameter's name.
pub const PARAM_NAME_BYTES_MAX: usize = 128;
/// Bytes of a parameter's value.
pub const PARAM_BYTES_MAX: usize = 8 << 10;

/// Why something cannot be passed to JMeter as a property.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the parameter `{name}` cannot be passed: {why}")]
pub struct ParamError {
    /// Its name, shortened and escaped.
    pub name: String,
    /// What is wrong and what is allowed.
    pub why: String,
}

/// Checks all parameters of a start.
///
/// # Errors
/// At the first that cannot be passed, or when there are more than [`PARAMS_MAX`].
pub fn check_all(params: &[(String, String)]) -> Result<(), ParamError> {
    if let Some((name, _)) = params.get(PARAMS_MAX) {
        return Err(refusal(name, format!("at most {PARAMS_MAX} are taken")));
    }
    params.iter().try_for_each(|(name, value)| check(name, value))
}

/// Checks one parameter. A value may be anything, for it is escaped; a name is one that people use with `-J`, too, and must
/// not be one by which the agent controls the run.
///
/// # Errors
/// When it cannot be passed.
pub fn check(name: &str, value: &str) -> Result<(), ParamError> {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    let name_fine = (1..=PARAM_NAME_BYTES_MAX).contains(&name.len())
        && name.chars().all(fine)
        && !name.starts_with(['-', '.', ':']);
    let why = if !name_fine {
        format!(
            "a name is 1 to {PARAM_NAME_BYTES_MAX} letters, digits and _ . : - and starts with a letter, a digit or _"
        )
    } else if reserved(name) {
        "this JMeter property is set by the agent itself".to_owned()
    } else if value.len() > PARAM_BYTES_MAX {
        format!("its value is longer than {PARAM_BYTES_MAX} bytes")
    } else if value.contains('\0') {
        "its value has a NUL character".to_owned()
    } else if value.is_empty() || value.trim() != value {
        "JMeter takes an empty value for none and drops blanks at the ends of one".to_owned()
    } else {
        return Ok(());
    };
    Err(refusal(name, why))
}

fn refusal(name: &str, why: String) -> ParamError {
    ParamError { name: name.chars().take(80).flat_map(char::escape_debug).collect(), why }
}

/// Properties by which a parameter could undo how a run is controlled. Those with jars are none: what `search_paths` has comes behind
/// the agent's own, and the other two hide nothing of it.
fn reserved(name: &str) -> bool {
    name.starts_with("jmeterengine.")
        // Of our listener: where the samples go and whose they are.
        || name.starts_with("gridnode.")
        || name == "beanshell.server.port"
}
