//! What is shown of a run: how, and how much.

use clap::Args;

/// Options of what is shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ShowArgs {
    /// A line a second instead of the live view, which a terminal gets
    #[arg(long, help_heading = "Output", conflicts_with_all = ["json", "quiet"])]
    pub plain: bool,
    /// A JSON object a second on standard output, and one at the end; what is for people goes to standard error
    #[arg(long, help_heading = "Output", conflicts_with = "quiet")]
    pub json: bool,
    /// Nothing but the verdict, and why it failed if it did
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
}

/// Where the table and the account go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To standard output.
    Text,
    /// To standard error, for JSON is on standard output.
    Json,
    /// The verdict alone.
    Quiet,
}

impl ShowArgs {
    /// See [`Way`].
    #[must_use]
    pub fn way(self) -> Way {
        match self {
            Self { quiet: true, .. } => Way::Quiet,
            Self { json: true, .. } => Way::Json,
            _ => Way::Text,
        }
    }

    /// Whether a terminal may be taken for the live view.
    #[must_use]
    pub fn may_take_the_screen(self) -> bool {
        !(self.plain || self.json || self.quiet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        show: ShowArgs,
    }

    fn parsed(words: &[&str]) -> Option<ShowArgs> {
        Line::try_parse_from(["run"].iter().chain(words)).ok().map(|line| line.show)
    }

    #[test]
    fn one_way_at_a_time() {
        assert_eq!(parsed(&[]).map(ShowArgs::way), Some(Way::Text));
        assert_eq!(parsed(&["-q"]).map(ShowArgs::way), Some(Way::Quiet));
        assert_eq!(parsed(&["--json"]).map(ShowArgs::way), Some(Way::Json));
        assert_eq!(parsed(&["--plain"]).map(ShowArgs::may_take_the_screen), Some(false));
        assert_eq!(parsed(&[]).map(ShowArgs::may_take_the_screen), Some(true));
        for two in [["--plain", "--json"], ["-q", "--json"], ["--plain", "--quiet"]] {
            assert!(parsed(&two).is_none(), "{two:?}");
        }
    }
}
