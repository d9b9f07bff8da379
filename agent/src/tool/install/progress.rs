//! Who wants to see an installation go on.

/// Who wants to see an installation go on. All calls come from the installing thread; time is the receiver's affair.
pub trait Progress {
    /// Step `number` of `of` begins.
    fn step(&mut self, number: u32, of: u32, what: &str);
    /// A few times a second while a step is under way: what is there by now, for example `41 files, 12.3 MB`.
    fn working(&mut self, state: &str);
    /// What the step has yielded.
    fn done(&mut self, result: &str);
    /// Asked several times a second; `true` ends the installation with nothing left behind.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Says nothing and never cancels.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn step(&mut self, _number: u32, _of: u32, _what: &str) {}
    fn working(&mut self, _state: &str) {}
    fn done(&mut self, _result: &str) {}
}
