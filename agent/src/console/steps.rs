//! The steps of something that takes a while: `[1/4] Fetching JMeter 5.6.3 … 149 files, 77.0 MB, 4.1 s`.
//!
//! On a terminal the step under way is one live line that shows its latest state; elsewhere a step is a line when it
//! begins and another when it ends, so that a log of a hanging installation says where it hangs.

use super::number::took;
use super::screen::{Screen, Style};
use super::text::clean;
use gridnode_core::base::time::Now;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::Write;
use std::time::Duration;

/// How often the live line moves, ms: fast enough to look alive.
const TICK_MS: u64 = 120;

/// Shows numbered steps on standard error. A step that is still open when this is dropped is shown as not finished.
pub struct Steps {
    screen: Screen,
    out: Box<dyn Write + Send>,
    now: fn() -> Now,
    current: Option<Step>,
}

struct Step {
    heading: String,
    began: Now,
    bar: ProgressBar,
}

impl Steps {
    /// Steps for the terminal, pipe or file that standard error is.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Screen::stderr(), Box::new(crate::base::aside::stderr()), crate::base::clock::now)
    }

    fn with(screen: Screen, out: Box<dyn Write + Send>, now: fn() -> Now) -> Self {
        Self { screen, out, now, current: None }
    }

    /// Step `number` of `of` begins; `what` says what it does. A step that is still open counts as done.
    pub fn step(&mut self, number: u32, of: u32, what: &str) {
        if self.current.is_some() {
            self.done("");
        }
        let heading = format!("[{number}/{of}] {} …", clean(what));
        let bar = if self.screen.live { live_line(&heading) } else { ProgressBar::hidden() };
        if !self.screen.live {
            self.line(&heading);
        }
        self.current = Some(Step { heading, began: (self.now)(), bar });
    }

    /// How far the step is (`41 files, 12.3 MB`): replaces what was there; goes nowhere without a terminal.
    pub fn working(&mut self, state: &str) {
        if let Some(step) = &self.current {
            step.bar.set_message(format!("{} {}", step.heading, clean(state)));
        }
    }

    /// A remark that stays, below what the step shows.
    pub fn note(&mut self, text: &str) {
        let text = format!("      {}", clean(text));
        match self.current.take() {
            Some(step) => {
                step.bar.suspend(|| self.line(&text));
                self.current = Some(step);
            }
            None => self.line(&text),
        }
    }

    /// The step has succeeded; `result` says what it has yielded, the time it took is added. May be empty.
    pub fn done(&mut self, result: &str) {
        self.end(&clean(result), None);
    }

    /// The step has failed, or is not needed any more. What was wrong belongs into the error that follows.
    pub fn failed(&mut self) {
        self.end("not finished", Some(Style::Bad));
    }

    fn end(&mut self, result: &str, style: Option<Style>) {
        let Some(step) = self.current.take() else { return };
        step.bar.finish_and_clear();
        let elapsed_ms = (self.now)().mono.0.saturating_sub(step.began.mono.0) / 1_000_000;
        let separator = if result.is_empty() { "" } else { ", " };
        let result = style.map_or(result.into(), |style| self.screen.paint(style, result));
        self.line(&format!("{} {result}{separator}{}", step.heading, took(elapsed_ms)));
    }

    fn line(&mut self, text: &str) {
        // When standard error is gone there is nobody left to tell.
        let _ = writeln!(self.out, "{text}");
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.failed();
    }
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steps").field("step", &self.current.as_ref().map(|step| &step.heading)).finish()
    }
}

/// A line on standard error that redraws itself, cut to the terminal's width.
fn live_line(heading: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(heading.to_owned());
    bar.set_draw_target(ProgressDrawTarget::stderr());
    // The template is a constant: were it wrong, the default style would do as well.
    if let Ok(style) = ProgressStyle::with_template("{wide_msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(TICK_MS));
    bar
}

#[cfg(test)]
mod tests;
