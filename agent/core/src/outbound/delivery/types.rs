//! What goes into the machine and what comes out of it.

use crate::base::run::RunName;
use crate::base::time::{Mono, Wall};
use std::fmt;

/// Names a batch for good: the same on a retry and after a restart, so the Drain can recognise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BatchId {
    /// Which start of the agent wrote it; durably incremented once a start.
    pub incarnation: u32,
    /// Number within the incarnation, from 1.
    pub number: u64,
    /// Which start of which agent wrote it, as far as it said so: whoever brings two spools together, or restores a state directory,
    /// has two of a number.
    pub writer: u32,
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.incarnation, self.number)
    }
}

/// One durable batch; the file itself stays with the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpooledBatch {
    /// Its name.
    pub batch: BatchId,
    /// Whose it is.
    pub run: RunName,
    /// Compressed size, bytes.
    pub bytes: u64,
    /// Lines.
    pub points: u32,
    /// Samples that travel with it (`count` of its `transaction_rate_mean` points).
    pub samples: u64,
    /// When it was written.
    pub created: Wall,
}

/// What can wake the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A batch has just become durable.
    Spooled(SpooledBatch),
    /// The scan at the start has found one; what of them goes is said with the next input.
    Found {
        /// It.
        batch: SpooledBatch,
        /// How old it is.
        age_ns: u64,
    },
    /// What became of a [`Output::Post`]; the shell owes exactly one. Further ones are ignored and counted.
    Answer {
        /// The batch posted.
        batch: BatchId,
        /// What was heard.
        answer: Answer,
    },
    /// [`Output::Split`] is done: the parent's file is gone, these are durable.
    SplitDone {
        /// The parent.
        batch: BatchId,
        /// Its parts: the same lines.
        into: Vec<SpooledBatch>,
    },
    /// [`Output::Split`] could not be done, for example because the disk is full: the parent stays.
    SplitFailed {
        /// The parent.
        batch: BatchId,
    },
    /// The batch's file was read, and is not a batch: it is to be set aside.
    Corrupt {
        /// The batch.
        batch: BatchId,
    },
    /// The batch's file could not be read now, so that nothing was posted: in place of an answer.
    ReadFailed {
        /// The batch.
        batch: BatchId,
    },
    /// The disk is full: evict the oldest until `bytes` are free.
    MakeRoom {
        /// Bytes wanted.
        bytes: u64,
    },
    /// It can be kept no longer: evicted, or uncertain if a post of it is under way.
    GiveUp {
        /// The batch.
        batch: BatchId,
    },
    /// It is none of ours any longer, and in no account: somebody else has it.
    Withdraw {
        /// The batch.
        batch: BatchId,
    },
    /// Everything that waits is to be tried at once.
    Hurry,
    /// Shutdown: no phase, quick retries, until `deadline`; ends with [`Output::Flushed`].
    Flush {
        /// When to give up.
        deadline: Mono,
    },
    /// The flush, over or not, is called off: everything goes on as before it.
    Resume,
    /// Nothing but time has passed.
    Tick,
}

/// What was heard after a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The Drain answered.
    Http(HttpAnswer),
    /// It did not.
    Transport(TransportKind),
}

/// A response, as far as it matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// The first bytes of the body, as text.
    pub body: String,
    /// `Retry-After`, seconds from now.
    pub retry_after_s: Option<u64>,
    /// Whether there is a header that only a store sends (`X-Influxdb-…`).
    pub has_store_header: bool,
    /// The body broke off: what it was to say is not known.
    pub is_cut: bool,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TransportKind {
    /// The name does not resolve.
    Dns,
    /// Refused or unreachable.
    Connect,
    /// The TLS handshake failed, for example because of the certificate.
    Tls,
    /// The certificate's issuer is not trusted.
    TlsIssuer,
    /// The certificate is an authority's.
    TlsAuthority,
    /// The certificate is another host's.
    TlsName,
    /// The certificate has expired, or is not valid yet.
    TlsTime,
    /// No TLS is spoken there.
    TlsNone,
    /// No connection or no answer in time.
    Timeout,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// This process has no descriptor left.
    Descriptors,
}

/// What the shell has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// POST the batch's file; answer with [`Input::Answer`].
    Post {
        /// The batch.
        batch: BatchId,
    },
    /// Stored by the Drain: delete the file.
    Delete {
        /// The batch.
        batch: BatchId,
    },
    /// Write the same lines as two batches, then delete this one; answer with [`Input::SplitDone`].
    Split {
        /// The batch.
        batch: BatchId,
    },
    /// Move the file to the quarantine with the reason beside it.
    Quarantine {
        /// The batch.
        batch: BatchId,
        /// Why.
        reason: QuarantineReason,
    },
    /// Make the counters durable, then delete the file undelivered.
    Evict {
        /// The batch.
        batch: BatchId,
    },
    /// Log as a warning: an operator must do something. Rate-limited already.
    Warn {
        /// What is wrong and what to do.
        sentence: String,
    },
    /// Log as information.
    Notice {
        /// What happened.
        sentence: String,
    },
    /// The flush is over: the spool is empty, or trying on is hopeless, or its deadline is here.
    Flushed {
        /// Batches still spooled, for the next start.
        spooled_batches: usize,
    },
}

/// Why a batch is set aside for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuarantineReason {
    /// 413 for a batch that cannot be split any more.
    #[error("the Drain finds a single line too large (413): {0}")]
    LineTooLarge(String),
    /// 400 `partial write`: an unknown part of it is stored.
    #[error("the Drain stored an unknown part of it (partial write): {0}")]
    PartialWrite(String),
    /// Any other 400.
    #[error("the Drain cannot read it (400): {0}")]
    BadRequest(String),
}

impl QuarantineReason {
    /// How the sentence of [`Self::PartialWrite`] begins, by which a file's reason is told from others.
    pub const UNCERTAIN: &str = "the Drain stored an unknown part of it";

    /// Whether some of its samples may have been stored.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::PartialWrite(_))
    }
}
