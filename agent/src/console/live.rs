//! The line a person watches while a run is under way, one a second:
//! `00:12  10 users  143.2/s  ok 1,720  failed 12 (0.7 %)  p95 84 ms`.

use super::number::{clock, count, ms, percent, rate};
use super::screen::{Screen, Style};
use super::text::{fit, pad_start, width};
use gridnode_core::live::Figures;

const CELLS: usize = 6;
const FAILED: usize = 4;
const GAP: &str = "  ";

/// The state of a run at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tick {
    /// Since the run began, s.
    pub elapsed_s: u64,
    /// Users active now.
    pub users: u64,
    /// Requests finished a second, lately.
    pub rate_per_s: f64,
    /// Requests that have passed since the run began.
    pub passed: u64,
    /// Requests that have failed since the run began.
    pub failed: u64,
    /// 95th percentile of the response times, lately; `None` as long as there are none.
    pub p95_ms: Option<f64>,
    /// A remark on this second (`stopping`), or nothing.
    pub note: String,
}

impl Tick {
    /// From the figures of a run.
    #[must_use]
    pub fn of(figures: &Figures, note: String) -> Self {
        Self {
            elapsed_s: figures.elapsed_s,
            users: figures.users,
            rate_per_s: figures.rate_per_s,
            passed: figures.passed,
            failed: figures.failed,
            p95_ms: figures.latest.map(|latest| latest.p95_us as f64 / 1_000.0),
            note,
        }
    }
}

/// Renders ticks into lines that stay in columns: a column that has once been wide stays wide.
#[derive(Debug)]
pub struct Live {
    screen: Screen,
    widths: [usize; CELLS],
}

impl Live {
    /// Lines for `screen`.
    #[must_use]
    pub fn new(screen: Screen) -> Self {
        Self { screen, widths: [0; CELLS] }
    }

    /// The line for one tick. On a narrow screen the note goes first, then cells from the end.
    pub fn line(&mut self, tick: &Tick) -> String {
        let cells = cells(tick);
        let mut line = String::new();
        let mut used = 0;
        for (at, cell) in cells.iter().enumerate() {
            self.widths[at] = self.widths[at].max(width(cell));
            let gap = if at == 0 { "" } else { GAP };
            if used + gap.len() + self.widths[at] > self.screen.width {
                return line;
            }
            let padded = pad_start(cell, self.widths[at]);
            line.push_str(gap);
            line.push_str(&match at {
                0 => self.screen.paint(Style::Faint, &padded),
                FAILED if tick.failed > 0 => self.screen.paint(Style::Bad, &padded),
                _ => padded.as_str().into(),
            });
            used += gap.len() + self.widths[at];
        }
        let room = self.screen.width.saturating_sub(used + GAP.len());
        if !tick.note.is_empty() && room > 3 {
            line.push_str(GAP);
            line.push_str(&self.screen.paint(Style::Warning, &fit(&tick.note, room)));
        }
        line
    }
}

fn cells(tick: &Tick) -> [String; CELLS] {
    let all = tick.passed.saturating_add(tick.failed);
    let share = if tick.failed == 0 { String::new() } else { format!(" ({} %)", percent(tick.failed, all)) };
    [
        clock(tick.elapsed_s),
        format!("{} {}", count(tick.users), if tick.users == 1 { "user " } else { "users" }),
        format!("{}/s", rate(tick.rate_per_s)),
        format!("ok {}", count(tick.passed)),
        format!("failed {}{share}", count(tick.failed)),
        tick.p95_ms.map_or_else(|| "p95 –".to_owned(), |p95| format!("p95 {} ms", ms(p95))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks() -> [Tick; 4] {
        let tick = Tick { elapsed_s: 1, users: 1, ..Tick::default() };
        [
            tick.clone(),
            Tick { elapsed_s: 2, users: 4, rate_per_s: 38.0, passed: 38, p95_ms: Some(71.2), ..tick.clone() },
            Tick {
                elapsed_s: 12,
                users: 10,
                rate_per_s: 143.2,
                passed: 1_720,
                failed: 12,
                p95_ms: Some(84.4),
                ..tick.clone()
            },
            Tick {
                elapsed_s: 13,
                users: 10,
                passed: 1_720,
                failed: 12,
                note: "stop\x07ping".to_owned(),
                ..tick
            },
        ]
    }

    fn lines(screen: Screen) -> String {
        let mut live = Live::new(screen);
        ticks().map(|tick| live.line(&tick)).join("\n")
    }

    #[test]
    fn lines_stay_in_columns() {
        insta::assert_snapshot!(lines(Screen::PLAIN), @r"
        00:01  1 user   0/s  ok 0  failed 0  p95 –
        00:02  4 users  38.0/s  ok 38  failed 0  p95 71 ms
        00:12  10 users  143.2/s  ok 1,720  failed 12 (0.7 %)  p95 84 ms
        00:13  10 users      0/s  ok 1,720  failed 12 (0.7 %)      p95 –  stop�ping
        ");
    }

    #[test]
    fn a_narrow_screen_loses_cells_from_the_end() {
        let narrow = lines(Screen { width: 40, ..Screen::PLAIN });
        assert!(narrow.lines().all(|line| width(line) <= 40), "{narrow}");
        insta::assert_snapshot!(narrow, @r"
        00:01  1 user   0/s  ok 0  failed 0
        00:02  4 users  38.0/s  ok 38  failed 0
        00:12  10 users  143.2/s  ok 1,720
        00:13  10 users      0/s  ok 1,720
        ");
    }

    #[test]
    fn failures_are_red() {
        let colour = Screen { colour: true, ..Screen::PLAIN };
        let line = Live::new(colour).line(&ticks()[2]);
        insta::assert_snapshot!(line.replace('\x1b', "ESC"), @r"
        ESC[2m00:12ESC[0m  10 users  143.2/s  ok 1,720  ESC[31mfailed 12 (0.7 %)ESC[0m  p95 84 ms
        ");
    }
}
