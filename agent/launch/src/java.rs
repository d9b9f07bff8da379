//! Plans in the languages of the JVM: what their compiled classes say, so that no text of a source has to be understood.
//!
//! | step | module |
//! |---|---|
//! | what a class file says of itself | [`class_file`] |
//! | which of the classes that can be started is meant | [`choice`] |
//! | which sources of a project are needed | [`needed`] |
//! | where a source lies, by its package | [`package`] |

pub mod choice;
pub mod class_file;
pub mod needed;
pub mod package;

/// Source files of a plan that is a directory.
pub const SOURCES_MAX: usize = 2_000;
/// Classes of a plan that are looked at: a jar with all that a simulation needs has some thousands.
pub const CLASSES_MAX: usize = 100_000;
/// The largest class file that is read. The format itself allows little more.
pub const CLASS_BYTES_MAX: usize = 4 << 20;
