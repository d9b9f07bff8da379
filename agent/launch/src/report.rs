//! What a plug-in or a runner has to say about itself: one JSON object a line, `{"level":"info","text":"…"}`, appended to
//! a file that the agent reads while the tool runs and once more at its end.
//!
//! The file belongs to a customer's process, so nothing in it is trusted: at most [`REMARKS_MAX`] remarks of
//! [`TEXT_CHARS_MAX`] characters are kept, lines that are no remark are counted and skipped.

use serde::Deserialize;

/// Remarks that are kept; a plug-in has a handful to make.
pub const REMARKS_MAX: usize = 256;
/// Characters of a remark that are kept.
pub const TEXT_CHARS_MAX: usize = 1_000;
/// Bytes of the file that are worth reading.
pub const REPORT_BYTES_MAX: u64 = 1 << 20;

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// For whoever looks closely.
    Info,
    /// For whoever watches the run.
    Warning,
    /// Does not fail the run and has to be said of it at its end.
    Doubt,
    /// The tool ended before its plan did: a failure, unless the end was asked for.
    CutShort,
    /// The run is no good, for this reason.
    Fatal,
    /// A request was never sent, so often, for this reason.
    Unsent,
    /// The plan has told its tool to end the load, after so many users.
    EndedItself,
    /// The plan has sent so many users home before the end of their way.
    LeftEarly,
    /// The tool has ended before any load.
    NotBegun,
    /// The plan has ended the tool itself when its load was over, with so many assertions that were not judged.
    ExitedAfter,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Remark {
    /// How much it matters.
    pub level: Level,
    /// A sentence, without control characters.
    pub text: String,
    /// Which request, where it is about one.
    pub label: Option<String>,
    /// How often, or how many.
    #[serde(default)]
    pub count: u64,
    /// Of so many.
    #[serde(default)]
    pub of: u64,
    /// How long the load had run then, s.
    #[serde(default)]
    pub ran_s: u64,
}

/// All of them, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    remarks: Vec<Remark>,
    skipped: u64,
}

impl Report {
    /// Reads a file's bytes. A last line without its end is not yet whole, and is left out.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut report = Self::default();
        let whole = if bytes.ends_with(b"}") {
            bytes
        } else {
            &bytes[..bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1)]
        };
        for line in whole.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Remark>(line) {
                Ok(remark) if report.remarks.len() < REMARKS_MAX => report.remarks.push(remark.clipped()),
                _ => report.skipped += 1,
            }
        }
        report
    }

    /// The remarks.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Lines that are no remark, or one too many.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Why the run is no good: the first reason counts.
    #[must_use]
    pub fn fatal(&self) -> Option<&str> {
        self.first(Level::Fatal)
    }

    /// Why the plan cannot have run to its end.
    #[must_use]
    pub fn cut_short(&self) -> Option<&str> {
        self.first(Level::CutShort)
    }

    /// Its remarks of a level.
    pub fn of(&self, level: Level) -> impl Iterator<Item = &Remark> {
        self.remarks.iter().filter(move |remark| remark.level == level)
    }

    fn first(&self, level: Level) -> Option<&str> {
        self.of(level).next().map(|remark| remark.text.as_str())
    }
}

impl Remark {
    fn clipped(self) -> Self {
        // Lines are kept: a compiler's or an interpreter's words have several.
        let clip = |text: String| {
            let kept = text.chars().take(TEXT_CHARS_MAX);
            kept.map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
        };
        Self { text: clip(self.text), label: self.label.map(clip), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_fatal_remark_is_the_reason() {
        let report = Report::read(
            b"{\"level\":\"info\",\"text\":\"patched\"}\nnoise\n{\"level\":\"fatal\",\"text\":\"no\\u0007 hook\"}\n{\"level\":\"fatal\",\"text\":\"b\"}\n",
        );
        assert_eq!((report.fatal(), report.skipped(), report.remarks().len()), (Some("no  hook"), 1, 3));
    }

    #[test]
    fn a_line_that_is_being_written_is_left_for_later() {
        let text = b"{\"level\":\"warning\",\"text\":\"a\"}\n{\"level\":\"warning\",\"te";
        assert_eq!((Report::read(text).remarks().len(), Report::read(text).skipped()), (1, 0));
    }

    #[test]
    fn a_flood_of_remarks_is_cut_off() {
        let line = format!("{{\"level\":\"warning\",\"text\":\"{}\"}}\n", "x".repeat(5_000));
        let report = Report::read(line.repeat(300).as_bytes());
        assert_eq!((report.remarks().len(), report.skipped()), (REMARKS_MAX, 44));
        assert_eq!(report.remarks()[0].text.len(), TEXT_CHARS_MAX);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            let _ = Report::read(&bytes);
        }
    }
}
