//! The environment of a tool process (contract, section 7): made, not inherited, so nothing of the agent's own
//! environment (credentials above all) can reach a customer's code.

use gridnode_core::base::ids::Ident;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// In base 16. Whoever has it can try which secret a hash stands for: it is in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct TraceKey(pub String);

impl TraceKey {
    /// What it stands for; nothing where it is not in base 16.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let digits: Option<Vec<u8>> =
            self.0.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        digits.unwrap_or_default().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }
}

impl fmt::Debug for TraceKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("TraceKey(…)")
    }
}

/// What a run's tool is told through environment variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Where executables are looked up.
    pub path: OsString,
    /// Time zone, such as `UTC`.
    pub tz: String,
    /// The run's own home directory.
    pub home: PathBuf,
    /// Where results go.
    pub sump: SocketAddr,
    /// The load test: `FLOOD_SEQUENCE_ID`.
    pub flood: Ident,
    /// Whose it is.
    pub account: Ident,
    /// Which of the account's projects.
    pub project: Ident,
    /// The grid this node belongs to.
    pub grid: Ident,
    /// Where the grid is.
    pub region: Ident,
    /// This node.
    pub node: Ident,
    /// Which of the flood's grids this is, from 0.
    pub grid_index: u32,
    /// Which of the grid's nodes this is, from 0.
    pub node_index: u32,
    /// Which execution of the flood.
    pub run: u64,
    /// The flood's files; also where relative data files are.
    pub files_dir: PathBuf,
    /// Duration asked for, s.
    pub duration_s: Option<u32>,
    /// Iterations asked for.
    pub iterations: Option<u32>,
    /// WebDriver's host and port, for browser tests.
    pub webdriver: Option<(String, u16)>,
    /// Where error traces are written.
    pub trace_dir: PathBuf,
    /// Error traces a label, code, fingerprint and window.
    pub traces_per_label: u32,
    /// Error traces a window in all.
    pub traces_per_window: u32,
    /// What these windows are long, s.
    pub trace_window_s: u32,
    /// Keys the hashes that stand for secrets in traces; without it there are no traces.
    pub trace_key: Option<TraceKey>,
    /// Successes slower than this have traces, too.
    pub trace_slower_ms: Option<u32>,
    /// Names of secrets beside the usual ones.
    pub trace_secrets: Vec<String>,
    /// Where a wish to end appears, for plug-ins that look for it.
    pub stop_file: PathBuf,
    /// Where a plug-in says how it fares.
    pub report_file: PathBuf,
}

impl Environment {
    /// The variables, sorted by name. Those for which there is no value are left out; a foreign client then takes its
    /// own default.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, OsString)> {
        let mut variables: Vec<(&str, OsString)> = vec![
            ("PATH", self.path.clone()),
            ("LANG", "C.UTF-8".into()),
            ("TZ", self.tz.clone().into()),
            ("HOME", self.home.clone().into()),
            ("FLOOD_SUMP_HOST", self.sump.ip().to_string().into()),
            ("FLOOD_SUMP_PORT", number(self.sump.port())),
            // The name that published clients fall back to.
            ("FLOOD_SUMP_NAME", "results".into()),
            ("FLOOD_SEQUENCE_ID", text(&self.flood)),
            ("FLOOD_ACCOUNT_ID", text(&self.account)),
            ("FLOOD_PROJECT_ID", text(&self.project)),
            ("FLOOD_GRID_REGION", text(&self.region)),
            ("FLOOD_GRID_SEQUENCE_ID", text(&self.grid)),
            // Published clients read this spelling.
            ("FLOOD_GRID_SQEUENCE_ID", text(&self.grid)),
            ("FLOOD_GRID_INDEX", number(self.grid_index)),
            ("FLOOD_GRID_NODE_SEQUENCE_ID", text(&self.node)),
            ("FLOOD_NODE_INDEX", number(self.node_index)),
            ("FLOOD_LOAD_TEST", "true".into()),
            ("FLOOD_FILES_PATH", self.files_dir.clone().into()),
            ("FLOOD_DATA_ROOT", self.files_dir.clone().into()),
            ("THREAD_ID", number(0)),
            ("NODE_ENV", "production".into()),
            ("GRIDNODE_TRACE_DIR", self.trace_dir.clone().into()),
            ("GRIDNODE_TRACES_PER_LABEL", number(self.traces_per_label)),
            ("GRIDNODE_TRACES_PER_WINDOW", number(self.traces_per_window)),
            ("GRIDNODE_WINDOW_S", number(self.trace_window_s)),
            ("GRIDNODE_RUN", number(self.run)),
            ("GRIDNODE_STOP_FILE", self.stop_file.clone().into()),
            ("GRIDNODE_REPORT_FILE", self.report_file.clone().into()),
        ];
        variables.extend(self.trace_key.iter().map(|key| ("GRIDNODE_TRACE_KEY", (&key.0).into())));
        variables.extend(self.trace_slower_ms.map(|ms| ("GRIDNODE_TRACE_SLOWER_MS", number(ms))));
        if !self.trace_secrets.is_empty() {
            variables.push(("GRIDNODE_TRACE_SECRETS", self.trace_secrets.join(",").into()));
        }
        variables.extend(self.duration_s.map(|s| ("FLOOD_TEST_DURATION", number(s))));
        variables.extend(self.iterations.map(|n| ("FLOOD_TEST_ITERATIONS", number(n))));
        if let Some((host, port)) = &self.webdriver {
            variables.push(("WEBDRIVER_HOST", host.into()));
            variables.push(("WEBDRIVER_PORT", number(port)));
        }
        variables.sort();
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn number(value: impl ToString) -> OsString {
    value.to_string().into()
}

fn text(ident: &Ident) -> OsString {
    ident.as_str().into()
}
/// For tests of command lines.
#[cfg(test)]
pub(super) fn example() -> Environment {
    let id = |text: &str| gridnode_core::base::ids::Ident::near(text);
    Environment {
        path: "/usr/bin:/bin".into(),
        tz: "UTC".to_owned(),
        home: "/runs/7/home".into(),
        sump: ([127, 0, 0, 1], 35663).into(),
        flood: id("7"),
        account: id("1"),
        project: id("5"),
        grid: id("9"),
        region: id("us-east-1"),
        node: id("3"),
        grid_index: 0,
        node_index: 2,
        run: 1,
        files_dir: "/bundle".into(),
        duration_s: Some(600),
        iterations: None,
        webdriver: None,
        trace_dir: "/runs/7/traces".into(),
        traces_per_label: 5,
        traces_per_window: 100,
        trace_window_s: 15,
        trace_key: Some(TraceKey("00ff".to_owned())),
        trace_slower_ms: None,
        trace_secrets: Vec::new(),
        stop_file: "/runs/7/stop".into(),
        report_file: "/runs/7/report.jsonl".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_traces_is_not_shown() {
        let mut environment = example();
        environment.trace_key = Some(TraceKey("c0ffee".to_owned()));
        let shown = format!("{environment:?}");
        assert!(shown.contains("TraceKey(…)") && !shown.contains("c0ffee"), "{shown}");
        assert!(environment.variables().contains(&("GRIDNODE_TRACE_KEY".to_owned(), "c0ffee".into())));
    }
}
