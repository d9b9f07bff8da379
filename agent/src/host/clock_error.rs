//! What the kernel knows of the wall clock's error, and the size of a page: the unsafe corner of this module.
//!
//! `adjtimex` tells two errors. The *estimate* is the time service's own, as of its last word (chrony sets it; the one
//! of systemd always says 0). The *bound* starts from that word and grows by 500 ppm, whatever the clock really does.

/// State of the clock's discipline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockReading {
    /// A time service keeps the clock.
    pub synchronised: bool,
    /// The service's estimate, ms; 0 from a service that makes none.
    pub estimate_ms: f64,
    /// The bound, ms.
    pub bound_ms: f64,
}

impl ClockReading {
    /// Asks the kernel. None where it does not let us, as some container engines do.
    pub(super) fn read() -> Option<Self> {
        // SAFETY: all-zero is a valid timex; `modes` 0 changes nothing and needs no privilege.
        let mut timex: libc::timex = unsafe { std::mem::zeroed() };
        // SAFETY: a valid pointer to a timex of our own, which the kernel fills in.
        let state = unsafe { libc::adjtimex(&raw mut timex) };
        (state >= 0).then(|| Self {
            synchronised: timex.status & libc::STA_UNSYNC == 0,
            estimate_ms: us_as_ms(timex.esterror),
            bound_ms: us_as_ms(timex.maxerror),
        })
    }

    /// The error to report: the estimate or, from a service that makes none, the bound. None when nobody keeps the clock.
    #[must_use]
    pub fn error_ms(&self) -> Option<f64> {
        let error_ms = if self.estimate_ms > 0.0 { self.estimate_ms } else { self.bound_ms };
        self.synchronised.then_some(error_ms)
    }
}

/// Bytes of a page of memory, the unit of resident sizes in `/proc`.
pub(super) fn page_bytes() -> u64 {
    // SAFETY: takes a number and returns one.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(4_096)
}

fn us_as_ms(us: libc::c_long) -> f64 {
    us.max(0) as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_else_the_bound_else_nothing() {
        let kept = ClockReading { synchronised: true, estimate_ms: 0.25, bound_ms: 12.0 };
        assert_eq!(kept.error_ms(), Some(0.25));
        assert_eq!(ClockReading { estimate_ms: 0.0, ..kept }.error_ms(), Some(12.0));
        assert_eq!(ClockReading { synchronised: false, ..kept }.error_ms(), None);
    }

    #[test]
    fn this_machine_answers() {
        assert!(page_bytes().is_power_of_two());
        // A container may forbid it; what comes is in range.
        if let Some(clock) = ClockReading::read() {
            assert!(clock.bound_ms >= 0.0 && clock.estimate_ms >= 0.0);
        }
    }
}
