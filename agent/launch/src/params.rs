//! Load and parameters as they may be given from outside to Gatling and to browser tests. A Python plan reads parameters
//! from its context, everything in Java or Scala as system properties (`-Dname=value` of its JVM). JMeter has rules of its
//! own, see [`super::jmeter`].

use super::Load;
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
    #[error("{users} users on one node are too many: at most {users_max} are started")]
    Users {
        /// How many were asked for.
        users: u32,
        /// How many there may be.
        users_max: u32,
    },
}

/// Checks a load, its parameters included.
///
/// # Errors
/// When a number is 0, when there are more than `users_max` users, or at the first parameter that cannot be passed.
pub fn check_load(load: &Load, users_max: u32) -> Result<(), ParamError> {
    let numbers =
        [("--users", load.users), ("--duration", load.duration_s), ("--iterations", load.iterations)];
    if let Some((what, _)) = numbers.into_iter().find(|(_, value)| *value == Some(0)) {
        return Err(ParamError::Zero { what });
    }
    match load.users {
        Some(users) if users > users_max => Err(ParamError::Users { users, users_max }),
        _ => check_all(&load.params),
    }
}

fn check_all(params: &[(String, String)]) -> Result<(), ParamError> {
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
        let load = |users, duration_s| Load { users, duration_s, iterations: Some(1), ..Load::default() };
        assert_eq!(check_load(&load(Some(9), None), 9), Ok(()));
        assert_eq!(check_load(&load(None, Some(0)), 9), Err(ParamError::Zero { what: "--duration" }));
        assert_eq!(check_load(&load(Some(10), None), 9), Err(ParamError::Users { users: 10, users_max: 9 }));
        let params = Load { params: pair("-x", "1"), ..Load::default() };
        assert!(check_load(&params, 9).is_err());
    }
}
