//! Last words of plug-ins, among the files of a directory that belongs to the plan.

use gridnode_core::run::trace_index::TraceIndex;
use gridnode_core::wire::sump::peek_ledger;
use std::path::Path;

/// Characters of a file's name that are said.
const NAME_CHARS_MAX: usize = 60;

/// Whether what is in a file is the last word of the source that it is called after, and nothing else: a source closes its account
/// with a line of the ledger. One that was never heard of counts, too: all that it has sent may have been lost.
pub(super) fn is_last_word(path: &Path, text: &[u8]) -> bool {
    let is_one_line = !text.trim_ascii().contains(&b'\n');
    let source = path.file_stem().map(|stem| stem.as_encoded_bytes());
    is_one_line && peek_ledger(text).is_some_and(|mark| mark.last && Some(mark.source) == source)
}

/// Files that have the names of last words and are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoLastWords {
    count: u64,
    first: String,
}

impl NoLastWords {
    pub(super) fn add(&mut self, path: &Path) {
        if self.count == 0 {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.first = name.chars().take(NAME_CHARS_MAX).collect::<String>().escape_debug().to_string();
        }
        self.count += 1;
    }

    /// What is to be said of them, where there are any.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let Self { count, first } = self;
        let more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        (*count > 0).then(|| {
            format!(
                "{first}{more} among the error traces: called as a plug-in's last word is, and none; it was refused, and nothing is \
                 counted by it"
            )
        })
    }

    /// They lie among the traces, and count there as what is none.
    pub fn enter(&self, index: &mut TraceIndex) {
        index.account.refused += self.count;
        index.doubts.extend(self.said());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_word_is_the_line_of_the_source_that_its_file_is_called_after() {
        let word = "ledger,flood=7,source=12-ab seq=1i,samples=9i,truncated=0i,final=t";
        let is = |name: &str, text: &str| is_last_word(Path::new(name), text.as_bytes());
        assert!(is("/traces/12-ab.final", word) && is("12-ab.final", &format!("{word}\n")));
        let going_on = word.replace("final=t", "final=f");
        let sample = format!("sample,flood=7,label=a rt=1\n{word}");
        for (name, text) in [
            ("x.final", "{}"),
            ("x.final", ""),
            ("x.final", "{}\n{}"),
            ("x.final", word),
            ("12-ab.final", &going_on),
            ("12-ab.final", &sample),
        ] {
            assert!(!is(name, text), "{name}: {text}");
        }
    }

    #[test]
    fn what_is_no_last_word_is_counted_and_the_first_is_named() {
        let mut none = NoLastWords::default();
        let mut index = TraceIndex::default();
        none.enter(&mut index);
        assert_eq!((index.account.refused, index.doubts.len()), (0, 0));
        none.add(Path::new("/traces/x\u{1b}.final"));
        none.add(Path::new("/traces/y.final"));
        none.enter(&mut index);
        assert_eq!(index.account.refused, 2);
        assert!(index.doubts[0].starts_with(r"x\u{1b}.final and 1 more among"), "{:?}", index.doubts);
    }
}
