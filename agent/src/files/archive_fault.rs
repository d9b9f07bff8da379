//! What can be wrong with an archive, in sentences for whoever made it.

use zip::result::ZipError;

/// The messages complete "`archive` is not unpacked: …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// Not an archive, a cut one, or a kind that is not taken.
    #[error("it is not a zip archive that can be read ({why}); make it anew")]
    Unreadable {
        /// The library's words.
        why: String,
    },
    /// Too many entries.
    #[error(
        "it has {entries} entries; the archives of a run have at most {max}: leave some out (nothing raises this)"
    )]
    Entries {
        /// What it says it has.
        entries: u64,
        /// The cap.
        max: u32,
    },
    /// Too much content.
    #[error(
        "its content is too large (at `{entry}`); the archives of a run have at most {max} bytes: leave some out, or raise files.run_bytes_max"
    )]
    Bytes {
        /// Where the cap was reached.
        entry: String,
        /// The cap.
        max: u64,
    },
    /// Compressed beyond what real files are.
    #[error("`{entry}` would grow from {packed} to {bytes} bytes: no real file does; send it another way")]
    Ratio {
        /// The entry.
        entry: String,
        /// In the archive.
        packed: u64,
        /// Outside.
        bytes: u64,
    },
    /// A name that leads out, or that nobody can read.
    #[error("{why}; rename it in the archive")]
    Name {
        /// Says the name and what is wrong with it.
        why: String,
    },
    /// A link, a device.
    #[error(
        "`{entry}` is {kind}; put files and directories in it only (`zip` follows links unless told otherwise)"
    )]
    Kind {
        /// The entry.
        entry: String,
        /// With an article.
        kind: &'static str,
    },
    /// Protected by a password.
    #[error("`{entry}` is encrypted, and there is nobody to ask for a password; make it without one")]
    Encrypted {
        /// The entry.
        entry: String,
    },
    /// Compressed in a way that is not taken.
    #[error("`{entry}` is compressed with {method}; use deflate, which is what `zip` does by itself")]
    Method {
        /// The entry.
        entry: String,
        /// As the library calls it.
        method: String,
    },
    /// A name that is taken.
    #[error("`{entry}` cannot be placed: {why}")]
    Duplicate {
        /// The entry.
        entry: String,
        /// By what.
        why: String,
    },
    /// Content that belongs to two entries.
    #[error("entries share their content: no tool makes such archives but to do harm")]
    Overlap,
    /// Another size than declared.
    #[error("`{entry}` does not have the {declared} bytes that the archive declares; make it anew")]
    Lie {
        /// The entry.
        entry: String,
        /// The declared size.
        declared: u64,
    },
    /// Content that does not unpack.
    #[error("`{entry}` is damaged ({why}); make it anew")]
    Damaged {
        /// The entry.
        entry: String,
        /// The library's words.
        why: String,
    },
}

pub(super) fn unreadable(error: ZipError) -> ArchiveFault {
    ArchiveFault::Unreadable { why: error.to_string() }
}

/// A name from an archive as it may stand in a sentence: without control characters, and not long.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(80).flat_map(char::escape_debug).collect()
}
