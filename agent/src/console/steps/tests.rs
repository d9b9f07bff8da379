//! What a log file shows of the steps. The live line is indicatif's.

use super::*;
use gridnode_core::base::time::{Mono, Wall};
use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex};

thread_local! {
    static SECONDS: Cell<u64> = const { Cell::new(0) };
}

/// Every reading is 1.5 s after the one before.
fn stepping_clock() -> Now {
    let s = SECONDS.replace(SECONDS.get() + 1);
    Now { mono: Mono(s * 1_500_000_000), wall: Wall(0) }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(act: impl FnOnce(&mut Steps)) -> String {
    let sink = Sink::default();
    act(&mut Steps::with(Screen::PLAIN, Box::new(sink.clone()), stepping_clock));
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_log_has_a_line_when_a_step_begins_and_one_when_it_ends() {
    let text = shown(|steps| {
        steps.step(1, 2, "Fetching JMeter 5.6.3");
        steps.working("41 files, 12.3 MB");
        steps.note("from https://repo.example");
        steps.done("149 files, 77.0 MB");
        steps.step(2, 2, "Compiling the plug-in");
        steps.done("");
    });
    insta::assert_snapshot!(text, @r"
    [1/2] Fetching JMeter 5.6.3 …
          from https://repo.example
    [1/2] Fetching JMeter 5.6.3 … 149 files, 77.0 MB, 1.5 s
    [2/2] Compiling the plug-in …
    [2/2] Compiling the plug-in … 1.5 s
    ");
}

#[test]
fn a_step_left_open_is_not_finished_but_one_followed_by_another_is() {
    let text = shown(|steps| {
        steps.step(1, 2, "Fetching");
        steps.step(2, 2, "Compiling\x1b[2J");
    });
    insta::assert_snapshot!(text, @r"
    [1/2] Fetching …
    [1/2] Fetching … 1.5 s
    [2/2] Compiling�[2J …
    [2/2] Compiling�[2J … not finished, 1.5 s
    ");
}

#[test]
fn without_a_step_there_is_nothing_to_end() {
    assert_eq!(
        shown(|steps| {
            steps.done("x");
            steps.failed();
            steps.working("x");
            steps.note("a remark");
        }),
        "      a remark\n"
    );
}
