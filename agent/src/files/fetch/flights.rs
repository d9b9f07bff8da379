//! Which digests are on their way: a lock each, which goes when nobody holds it any more.

use gridnode_core::node::command::Sha256;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// As many as there are files in running fetches.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Sha256, Weak<tokio::sync::Mutex<()>>>>);

impl Flights {
    /// The lock of a digest.
    pub(super) fn of(&self, digest: Sha256) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, flight| flight.strong_count() > 0);
        if let Some(flight) = flights.get(&digest).and_then(Weak::upgrade) {
            return flight;
        }
        let flight = Arc::new(tokio::sync::Mutex::new(()));
        flights.insert(digest, Arc::downgrade(&flight));
        flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_lock_as_long_as_somebody_holds_it() {
        let flights = Flights::default();
        let (one, other) = (Sha256([1; 32]), Sha256([2; 32]));
        let first = flights.of(one);
        assert!(Arc::ptr_eq(&first, &flights.of(one)));
        assert!(!Arc::ptr_eq(&first, &flights.of(other)));
        drop(first);
        let _other = flights.of(other);
        assert_eq!(flights.0.lock().unwrap().len(), 1);
    }
}
