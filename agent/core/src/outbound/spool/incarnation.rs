//! Which start of the agent this is. Timestamps of points come from it: a number that was used before overwrites points
//! that the Drain already has.

use super::recover::FileText;

/// No number that is certainly new.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the number of starts cannot be read ({why}), and no other file here says it. A number that was used before would \
     overwrite points in the Drain: write one that is certainly higher into it (a guess that is too high does no harm, at \
     most 4,000,000,000), or begin anew with an empty state directory"
)]
pub struct BadIncarnation {
    /// What is wrong with the file.
    pub why: String,
}

/// The number of this start, from 1: one more than the last. `stated` is the file's content; `saved` what `counters.json`
/// says (0: nothing), `spooled` the highest in the names of batches (0: none). `is_new` where the state directory was not
/// there before: only then is nothing to be afraid of.
///
/// # Errors
/// When the last number is not known.
pub fn next_incarnation(
    stated: &FileText,
    saved: u32,
    spooled: u32,
    is_new: bool,
) -> Result<u32, BadIncarnation> {
    let (last, why) = match stated {
        FileText::Absent => (is_new.then_some(0), "the file is gone".to_owned()),
        FileText::Unreadable(why) => (None, why.clone()),
        FileText::Text(bytes) => {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            (text.trim().parse().ok(), "it is not a number".to_owned())
        }
    };
    let last = match (last, saved) {
        (Some(last), _) => last,
        // `counters.json` is written after every start, before anything is rendered.
        (None, 1..) => saved,
        (None, 0) => return Err(BadIncarnation { why }),
    };
    let last = last.max(saved).max(spooled);
    last.checked_add(1).ok_or_else(|| BadIncarnation { why: "it is the highest there is".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> FileText {
        FileText::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn only_a_directory_that_was_not_there_begins_at_1() {
        assert_eq!(next_incarnation(&FileText::Absent, 0, 0, true), Ok(1));
        assert_eq!(next_incarnation(&text("7\n"), 7, 3, false), Ok(8));
        assert_eq!(next_incarnation(&text("7"), 0, 9, false), Ok(10));
        for bad in
            [FileText::Absent, text(""), text("\u{ff}"), text("-1"), FileText::Unreadable("EIO".into())]
        {
            assert_eq!(next_incarnation(&bad, 5, 2, false), Ok(6), "{bad:?}");
            assert!(
                next_incarnation(&bad, 0, 2, false).is_err(),
                "{bad:?}: batches that were delivered are unknown"
            );
        }
        assert!(next_incarnation(&text("4294967295"), 0, 0, false).is_err());
    }
}
