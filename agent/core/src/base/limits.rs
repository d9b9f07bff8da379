//! Every cap of the core with its unit, its value and the reason for it.

/// The largest UDP payload over IPv4: a longer datagram cannot arrive.
pub const DATAGRAM_BYTES_MAX: usize = 65_507;
/// A longer label is cut and marked with a hash (contract, section 1).
pub const LABEL_BYTES_MAX: usize = 512;
/// What is kept of a label that is too long, before `…` and 12 hex digits.
pub const LABEL_BYTES_KEPT: usize = 494;
/// One file of a run, bytes, unless a node's operator says otherwise: what is larger is seldom meant. Senders refuse by the
/// same number what no node would take.
pub const FILE_BYTES_DEFAULT: u64 = 1 << 30;
/// All files of a run together, archives unpacked, bytes, unless a node's operator says otherwise.
pub const RUN_FILES_BYTES_DEFAULT: u64 = 4 << 30;
/// An error text is cut here: it is for a person to read, not an archive.
pub const ERROR_BYTES_MAX: usize = 1_024;
/// A sample that took longer than a day is a clock fault, not a measurement.
pub const RT_US_MAX: u64 = 24 * 3_600 * 1_000_000;
/// Highest trackable value of a sketch, µs (1 h); higher ones are clamped in the sketch only.
pub const SKETCH_US_MAX: u64 = 3_600_000_000;
/// Distinct labels a run unless configured; more fold into `__other__`.
pub const LABELS_DEFAULT: usize = 10_000;
/// The most that `labels_max` may be set to.
pub const LABELS_MAX: usize = 100_000;
/// Late windows open at once a run: a sender that jumps about in time must not multiply the series' memory.
pub const LATE_WINDOWS_MAX: usize = 8;
/// Implicit runs of `collect`: identities in tags come from outside.
pub const IMPLICIT_RUNS_MAX: usize = 64;
/// An implicit run is closed with a receipt after this many idle seconds.
pub const IMPLICIT_RUN_IDLE_S: u64 = 600;
/// Wait after a window's end before it closes, for datagrams on their way.
pub const GRACE_MS_DEFAULT: u64 = 2_000;
/// Window periods a run may choose from, seconds.
pub const WINDOW_S_ALLOWED: [u32; 8] = [1, 2, 5, 10, 15, 20, 30, 60];
/// Points in one batch: what InfluxDB's own guide names as a good size.
pub const BATCH_POINTS_MAX: usize = 5_000;
/// Compressed bytes of one batch.
pub const BATCH_BYTES_MAX: usize = 1 << 20;
/// Sending processes of one run that are accounted for by name: more browsers than a large machine has memory for.
pub const SOURCES_MAX: usize = 256;
/// Those of one run that have closed and made room for others. 20 users with a process for each 5 s need four and a half hours for that.
pub const PAST_SOURCES_MAX: usize = 65_536;
/// Sources that find no room and are told apart, so that a person knows how many they are: 64 KiB a run.
pub const SOURCES_BEYOND_MAX: usize = 4_096;
/// Datagram numbers of a source that are remembered to tell repeated datagrams from new ones.
pub const SEQ_MEMORY: u64 = 1_024;
/// Rejected lines of one reason shown a run between two closes: examples help, a flood of them does not.
pub const REJECTS_SHOWN_MAX: u64 = 2;
/// Distinct reasons of failure a run keeps: more than anybody reads, and with the longest texts and 4-byte characters 160 KiB.
pub const FAILURE_REASONS_MAX: usize = 200;
/// An error text in a receipt is cut here, characters: two lines of a wide terminal, and most messages are one sentence.
pub const FAILURE_TEXT_CHARS_MAX: usize = 200;
/// Reasons of failure in a receipt: with the longest labels and texts, all of it escaped in JSON, below 60 KiB, so that
/// it fits into a message of 256 KiB together with the rest.
pub const FAILURES_STATED_MAX: usize = 20;

/// Error traces a label, code, fingerprint and window: the contract's default.
pub const TRACES_PER_LABEL: u32 = 5;
/// The same a window in all.
pub const TRACES_PER_WINDOW: u32 = 100;
/// What these windows are long, s: the contract's default, whatever the results' own windows are.
pub const TRACES_WINDOW_S: u32 = 15;
