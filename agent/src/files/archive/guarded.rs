//! A reader that gives out only so many bytes until it is told that it may give more.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Guarded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

/// Controls a [`Guarded`].
#[derive(Debug)]
pub(super) struct Guard(Rc<Cell<u64>>);

impl<R> Guarded<R> {
    pub(super) fn new(inner: R, bytes_max: u64) -> (Self, Guard) {
        let left = Rc::new(Cell::new(bytes_max));
        (Self { inner, left: Rc::clone(&left) }, Guard(left))
    }
}

impl Guard {
    /// No bound any more.
    pub(super) fn lift(&self) {
        self.0.set(u64::MAX);
    }

    /// `bytes` more than what is left.
    pub(super) fn extend(&self, bytes: u64) {
        self.0.set(self.0.get().saturating_add(bytes));
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other("its directory is too large"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Guarded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_what_it_may_and_then_an_error() {
        let (mut guarded, guard) = Guarded::new([7_u8; 100].as_slice(), 10);
        let mut buffer = [0; 64];
        assert_eq!(guarded.read(&mut buffer).unwrap(), 10);
        assert!(guarded.read(&mut buffer).is_err());
        guard.extend(5);
        assert_eq!(guarded.read(&mut buffer).unwrap(), 5);
        guard.lift();
        assert_eq!(guarded.read(&mut buffer).unwrap(), 64);
    }
}
