//! The live view of a run: figures on top, a row a label, what was said at the bottom. Drawn from plain values into a frame of
//! any size; where there is no room for a table, it is the plain line.

mod labels;
#[cfg(test)]
mod tests;

use super::live::{Live, Tick};
use super::number::{clock, count, ms, of, percent, rate};
use super::screen::{Screen, Style};
use super::text::{clean, fit, width};
use gridnode_core::live::{Figures, Level, Row, View};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Look};

/// Below either of them a table says nothing, columns and rows.
const COLUMNS_MIN: u16 = 40;
const ROWS_MIN: u16 = 8;
/// Of the screen, at most a so-many-th is for what was said.
const NOTES_SHARE: u16 = 4;
/// Figures of one kind, on a narrow screen, lines.
const SEGMENT_LINES_MAX: u16 = 3;
const GAP: u16 = 2;

/// What follows a grid can leave, and what it follows goes on.
const HELP_GRID: [&str; 9] = [
    "q, Ctrl-C   leave: the load test goes on, `gridnode send stop` ends it",
    "n           nodes, or labels again",
    "s           sort by name, count, rate, failures, p95",
    "/           show only labels or nodes with a text in them; Esc shows all again",
    "arrows, PgUp, PgDn, Home, End   scroll",
    "?           this help",
    "",
    "Counts are of all nodes since the start, as far as each has said something; rates are of the last 5",
    "periods, percentiles of the last 10 to 20. The curve is the p95 of each period.",
];
const HELP: [&str; 8] = [
    "q, Ctrl-C   stop: samples under way may finish; once more, stop at once",
    "s           sort by name, count, rate, failures, p95",
    "/           show only labels with a text in them; Esc shows all again",
    "arrows, PgUp, PgDn, Home, End   scroll",
    "?           this help",
    "",
    "Counts are since the start, rates of the last 5 windows, percentiles of the last 10 to 20.",
    "The curve is the p95 of each window, from the label's own lowest to its own highest.",
];

/// What is shown.
#[derive(Debug)]
pub struct Board<'a> {
    /// The run as a whole.
    pub figures: &'a Figures,
    /// Its labels.
    pub rows: &'a [Row],
    /// The nodes, where it is a run on a grid.
    pub nodes: Option<&'a [Row]>,
    /// The processors of this machine, per cent of all of them.
    pub cpu_percent: Option<f64>,
    /// Its memory.
    pub memory_percent: Option<f64>,
    /// What was said lately, as it came.
    pub notes: &'a [String],
    /// Whether keys are heard.
    pub has_keys: bool,
    /// Whether there are colours.
    pub has_colour: bool,
}

/// Draws it, and gives how many labels there was room for.
pub fn draw(frame: &mut Frame<'_>, board: &Board<'_>, view: &mut View) -> usize {
    let area = frame.area();
    let paper = &mut Paper { buffer: frame.buffer_mut(), has_colour: board.has_colour };
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        plain(paper, area, board);
        return 0;
    }
    let mut above = head(paper, area, board);
    above += segments(paper, below(area, above), &alarms(board));
    let notes_max = usize::from(area.height / NOTES_SHARE);
    let notes = &board.notes[board.notes.len().saturating_sub(notes_max)..];
    let notes_height = rows_of(notes.len()) + u16::from(!notes.is_empty());
    let rest = below(area, above);
    let table = Rect { height: rest.height.saturating_sub(notes_height + 1), ..rest };
    let page = if view.has_help {
        let help = if board.nodes.is_some() { &HELP_GRID[..] } else { &HELP[..] };
        help.iter().zip(table.rows()).for_each(|(line, row)| paper.text(row, line, Style::Faint));
        usize::from(table.height)
    } else {
        match board.nodes.filter(|_| view.has_nodes) {
            Some(nodes) => labels::draw(paper, table, ("node", nodes), view),
            None => labels::draw(paper, table, ("label", board.rows), view),
        }
    };
    said(paper, below(area, above + table.height), notes);
    foot(paper, below(area, area.height - 1), board, view);
    page
}

/// Where text is put; what does not fit into its place is cut.
struct Paper<'a> {
    buffer: &'a mut Buffer,
    has_colour: bool,
}

impl Paper<'_> {
    /// Cleaned, cut by our columns and then by the terminal library's, which may differ in a rare script.
    fn text(&mut self, place: Rect, text: &str, style: Style) {
        self.put(place, text, self.look(style));
    }

    fn put(&mut self, place: Rect, text: &str, look: Look) {
        let columns = usize::from(place.width);
        if place.height > 0 && columns > 0 {
            self.buffer.set_stringn(place.x, place.y, fit(text, columns), columns, look);
        }
    }

    fn look(&self, style: Style) -> Look {
        let colour = |colour: Color| if self.has_colour { Look::new().fg(colour) } else { Look::new() };
        match style {
            Style::Good => colour(Color::Green),
            Style::Bad => colour(Color::Red).add_modifier(Modifier::BOLD),
            Style::Warning => colour(Color::Yellow),
            Style::Strong => Look::new().add_modifier(Modifier::BOLD),
            Style::Faint => Look::new().add_modifier(Modifier::DIM),
        }
    }
}

type Segment = (String, Option<Style>);

/// The first lines; gives how many.
fn head(paper: &mut Paper<'_>, area: Rect, board: &Board<'_>) -> u16 {
    let figures = board.figures;
    let left = match figures.remaining_s() {
        Some(left_s) => format!("{} gone, {} left", clock(figures.elapsed_s), clock(left_s)),
        None => clock(figures.elapsed_s),
    };
    let columns = area.width.saturating_sub(rows_of(width(&left)) + 2);
    paper.text(Rect { width: columns, height: 1, ..area }, &figures.flood, Style::Strong);
    let x = area.x + area.width.saturating_sub(rows_of(width(&left)));
    paper.put(Rect { x, y: area.y, width: area.width, height: 1 }, &left, Look::new());
    let lines = 1 + segments(paper, below(area, 1), &totals(figures));
    lines + segments(paper, below(area, lines), &lately(board))
}

fn totals(figures: &Figures) -> Vec<Segment> {
    let all = figures.passed.saturating_add(figures.failed);
    let share = match figures.failed {
        0 => String::new(),
        failed => format!(" ({} %)", percent(failed, all)),
    };
    let mut segments = vec![
        (format!("{} {}", count(figures.users), if figures.users == 1 { "user" } else { "users" }), None),
        (format!("{}/s", rate(figures.rate_per_s)), None),
        (format!("ok {}", count(figures.passed)), None),
        (format!("failed {}{share}", count(figures.failed)), (figures.failed > 0).then_some(Style::Bad)),
    ];
    if !figures.note.is_empty() {
        segments.push((figures.note.clone(), Some(Style::Warning)));
    }
    segments
}

fn lately(board: &Board<'_>) -> Vec<Segment> {
    let times = board.figures.latest.map(|latest| [latest.p50_us, latest.p95_us, latest.p99_us]);
    let times = times.map_or(["–".to_owned(), "–".to_owned(), "–".to_owned()], |all| {
        all.map(|us| format!("{} ms", ms(us as f64 / 1_000.0)))
    });
    let mut segments: Vec<Segment> = ["p50", "p95", "p99"]
        .iter()
        .zip(times)
        .map(|(name, time)| (format!("{name} {time}"), None))
        .collect();
    segments.extend(board.nodes.map(|nodes| (of(nodes.len() as u64, "node", "nodes"), None)));
    for (name, used) in [("cpu", board.cpu_percent), ("memory", board.memory_percent)] {
        segments.extend(used.map(|used| (format!("{name} {used:.0} %"), alert(Level::of(used)))));
    }
    segments
}

fn alert(level: Level) -> Option<Style> {
    match level {
        Level::Calm => None,
        Level::Tight => Some(Style::Warning),
        Level::Full => Some(Style::Bad),
    }
}

fn alarms(board: &Board<'_>) -> Vec<Segment> {
    board.figures.alarms().into_iter().map(|alarm| (alarm, Some(Style::Bad))).collect()
}

/// Texts one after the other, in up to [`SEGMENT_LINES_MAX`] lines; gives how many.
fn segments(paper: &mut Paper<'_>, place: Rect, segments: &[Segment]) -> u16 {
    let (mut x, mut line) = (place.x, 0);
    for (text, style) in segments {
        let columns = rows_of(width(&clean(text)));
        if x > place.x && columns > place.right().saturating_sub(x) {
            (x, line) = (place.x, line + 1);
        }
        let room = below(place, line);
        if line == SEGMENT_LINES_MAX || room.height == 0 {
            return line;
        }
        let room = Rect { x, width: place.right().saturating_sub(x), ..room };
        paper.put(room, text, style.map_or_else(Look::new, |style| paper.look(style)));
        x = x.saturating_add(columns).saturating_add(GAP).min(place.right());
    }
    line + u16::from(!segments.is_empty())
}

fn said(paper: &mut Paper<'_>, place: Rect, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    paper.text(place, &"─".repeat(usize::from(place.width)), Style::Faint);
    for (note, row) in notes.iter().zip(below(place, 1).rows()) {
        let note = without_colours(note);
        let is_warning = ["warning", "error", "WARN", "ERROR"].iter().any(|word| note.contains(word));
        let look = if is_warning { paper.look(Style::Warning) } else { Look::new() };
        paper.put(row, &note, look);
    }
}

fn foot(paper: &mut Paper<'_>, place: Rect, board: &Board<'_>, view: &View) {
    if view.is_typing {
        return paper.text(place, &format!("/{}▏", view.filter), Style::Strong);
    }
    let (quit, signal) = match board.nodes {
        Some(_) => ("q leave  n nodes", "Ctrl-C leaves; the load test goes on"),
        None => ("q stop", "Ctrl-C stops"),
    };
    let keys = match board.has_keys {
        true if view.filter.is_empty() => format!("? help  {quit}  s sort  / filter  ↑↓ scroll"),
        true => format!("only “{}”: Esc for all  {quit}  s sort  ? help", view.filter),
        false => signal.to_owned(),
    };
    paper.text(place, &keys, Style::Faint);
}

/// The line that is printed where there is no terminal, broken where it must be, and the latest note.
fn plain(paper: &mut Paper<'_>, area: Rect, board: &Board<'_>) {
    let figures = board.figures;
    let tick = Tick::of(figures, String::new());
    let line = Live::new(Screen::PLAIN).line(&tick);
    let alarms = figures.alarms().into_iter();
    let texts =
        std::iter::once(line).chain(alarms).chain(board.notes.last().map(|note| without_colours(note)));
    let mut rows = area.rows();
    for text in texts {
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let Some(row) = rows.next() else { return };
            let columns = usize::from(row.width);
            let end = rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at);
            paper.put(row, &rest[..end], Look::new());
            rest = &rest[end..];
        }
    }
}

/// What is left of `area` below so many rows.
fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

fn rows_of(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Logs on a terminal have colours, which mean nothing in here.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut kept, part| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        kept.push_str(digits.strip_prefix('m').unwrap_or(part));
        kept
    })
}
