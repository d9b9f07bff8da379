//! Parameters of a browser test as they may be given from outside. A Python plan reads them from its context, a Java
//! plan as system properties (`-Dname=value` of its JVM).

use super::USERS_MAX;
use thiserror::Error;

/// Parameters of one start: bounds the options file and a JVM's command line.
pub const PARAMS_MAX: usize = 256;
/// Bytes of a parameter's name.
pub const PARAM_NAME_BYTES_MAX: usize = 128;
/// Bytes of a parameter's value.
pub const PARAM_BYTES_MAX: usize = 8 << 10;

/// Why a load or a parameter cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParamError {
    /// A parameter.
    #[error("the parameter `{name}` cannot be passed: {why}")]
    Param {
        /// Its name, shortened and escaped.
        name: String,
        /// What is wrong and what is allowed.
        why: String,
    },
    /// A number that makes no test.
    #[error("{what} must be at least 1; leave it out for the default")]
    Zero {
        /// Which number.
        what: &'static str,
    },
    /// Too many of them.
    #[error("{users} users on one node are too many: at most {USERS_MAX} browsers are started")]
    Users {
        /// How many were asked for.
        users: u32,
    },
}

/// Checks the numbers of a load.
///
/// # Errors
/// When one is 0, or when there are more than [`USERS_MAX`] users.
pub fn check_load(
    users: Option<u32>,
    duration_s: Option<u32>,
    iterations: Option<u32>,
) -> Result<(), ParamError> {
    for (what, value) in [("--users", users), ("--duration", duration_s), ("--iterations", iterations)] {
        if value == Some(0) {
            return Err(ParamError::Zero { what });
        }
    }
    match users {
        Some(users) if users > USERS_MAX => Err(ParamError::Users { users }),
        _ => Ok(()),
    }
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

fn check(name: &str, value: &str) -> Result<(), ParamError> {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    let name_fine = (1..=PARAM_NAME_BYTES_MAX).contains(&name.len())
        && name.chars().all(fine)
        && !name.starts_with(['-', '.', ':']);
    let why = if !name_fine {
        format!(
            "a name is 1 to {PARAM_NAME_BYTES_MAX} letters, digits and _ . : - and starts with a letter, a digit or _"
        )
    } else if reserved(name) {
        "this system property is set by the agent itself".to_owned()
    } else if value.len() > PARAM_BYTES_MAX {
        format!("its value is longer than {PARAM_BYTES_MAX} bytes")
    } else if value.contains('\0') {
        "its value has a NUL character".to_owned()
    } else {
        return Ok(());
    };
    Err(refusal(name, why))
}

fn refusal(name: &str, why: String) -> ParamError {
    ParamError::Param { name: name.chars().take(80).flat_map(char::escape_debug).collect(), why }
}

/// Properties by which a parameter could undo how a run is controlled or what is loaded into it.
fn reserved(name: &str) -> bool {
    ["java.", "jdk.", "sun.", "gridnode.", "webdriver.", "user."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn ordinary_parameters_pass() {
        for (name, value) in [("host", "https://shop"), ("a.b-c:1", ""), ("_x", " two  words ")] {
            assert_eq!(check_all(&pair(name, value)), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_passed_is_refused_by_name() {
        let long = "v".repeat(PARAM_BYTES_MAX + 1);
        for (name, value) in
            [("", "1"), ("-x", "1"), ("a=b", "1"), ("java.io.tmpdir", "/"), ("nul", "a\0b"), ("long", &long)]
        {
            let error = check_all(&pair(name, value)).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
        let many: Vec<_> = (0..=PARAMS_MAX).map(|i| (format!("p{i}"), String::new())).collect();
        assert!(check_all(&many).is_err() && check_all(&many[1..]).is_ok());
    }

    #[test]
    fn a_load_of_nothing_or_of_too_much_is_refused() {
        assert_eq!(check_load(Some(1), None, Some(1)), Ok(()));
        assert_eq!(check_load(None, Some(0), None), Err(ParamError::Zero { what: "--duration" }));
        assert_eq!(
            check_load(Some(USERS_MAX + 1), None, None),
            Err(ParamError::Users { users: USERS_MAX + 1 })
        );
    }
}
