//! Result files of the plan's own listeners that JMeter could not write: it only says so in its log, and runs on without them.

/// What JMeter says where it cannot make the directory of such a file.
const NO_DIRECTORY: &str = " WARN o.a.j.r.ResultCollector: Error creating directories for ";
/// Directories that are named.
const NAMED_MAX: usize = 3;
/// Characters that are kept of one.
const CHARS_MAX: usize = 300;

/// Reads JMeter's log.
#[derive(Debug, Clone, Default)]
pub struct OwnResults {
    missing: Vec<String>,
}

impl OwnResults {
    /// A line of it.
    pub fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        // The time before it has no blanks but one; what a script logs has another logger before that text.
        let Some((time, directory)) = line.trim_end().split_once(NO_DIRECTORY) else { return };
        let directory: String = directory.chars().take(CHARS_MAX).collect();
        if time.split(' ').count() == 2
            && self.missing.len() < NAMED_MAX
            && !self.missing.contains(&directory)
        {
            self.missing.push(directory);
        }
    }

    /// What has to be said of it.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let names: Vec<String> = self.missing.iter().map(|directory| format!("`{directory}`")).collect();
        (!names.is_empty()).then(|| {
            format!(
                "a listener of the plan has written no results, because JMeter could not make the directory {}: correct its \
                 file's name in the plan, or make the directory",
                names.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str =
        "2026-11-29 10:49:31,867 WARN o.a.j.r.ResultCollector: Error creating directories for /no/such\n";

    fn doubt(log: &str) -> Option<String> {
        let mut own = OwnResults::default();
        log.lines().for_each(|line| own.line(line.as_bytes()));
        own.doubt()
    }

    #[test]
    fn a_directory_that_could_not_be_made_is_named_once() {
        let said = doubt(&SAID.repeat(2)).unwrap();
        assert!(said.contains("could not make the directory `/no/such`: correct"), "{said}");
        let many: String = (0..9).map(|n| SAID.replace("such", &format!("such{n}"))).collect();
        assert_eq!(doubt(&many).unwrap().matches("such").count(), NAMED_MAX);
    }

    #[test]
    fn nobody_else_says_it() {
        for other in [
            SAID.replace("ResultCollector", "ResultSaver"),
            SAID.replace(" WARN", " ERROR o.a.j.JSR223: x WARN"),
            String::new(),
        ] {
            assert_eq!(doubt(&other), None, "{other}");
        }
    }
}
