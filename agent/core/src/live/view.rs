//! How the table of labels is looked at: sorted, filtered, scrolled; what each key does.

use super::board::Row;
use super::keys::Key;
use std::cmp::Ordering;

/// Characters of a filter; a text that somebody pastes goes no further.
const FILTER_CHARS_MAX: usize = 60;

/// By what the labels are sorted; names from A on, numbers from the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// The label's text.
    #[default]
    Name,
    /// Samples.
    Count,
    /// Samples a second.
    Rate,
    /// Failed samples.
    Failures,
    /// 95th percentile.
    P95,
}

/// What a key asks for beyond the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Wish {
    /// Nothing.
    Nothing,
    /// The run is to stop, as by Ctrl-C.
    Stop,
}

/// The state of the view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// The order.
    pub sort: Sort,
    /// Only labels with this text in them are shown; empty for all.
    pub filter: String,
    /// Whether the filter is being typed.
    pub is_typing: bool,
    /// Whether the help is shown.
    pub has_help: bool,
    /// Whether nodes are shown instead of labels, where there are any.
    pub has_nodes: bool,
    /// Rows above the first one shown.
    above: usize,
}

impl Sort {
    /// As the head of the table says it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Failures => "failures",
            Self::P95 => "p95",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Name => Self::Count,
            Self::Count => Self::Rate,
            Self::Rate => Self::Failures,
            Self::Failures => Self::P95,
            Self::P95 => Self::Name,
        }
    }

    fn compare(self, a: &Row, b: &Row) -> Ordering {
        let p95 = |row: &Row| row.percentiles_us.map(|[_, p95, _]| p95);
        match self {
            Self::Name => Ordering::Equal,
            Self::Count => b.count.cmp(&a.count),
            Self::Rate => b.rate_per_s.total_cmp(&a.rate_per_s),
            Self::Failures => b.failed.cmp(&a.failed),
            Self::P95 => p95(b).cmp(&p95(a)),
        }
    }
}

impl View {
    /// What a key does. `page`: rows that were shown at last.
    pub fn press(&mut self, key: Key, page: usize) -> Wish {
        if self.is_typing {
            self.type_in(key);
            return Wish::Nothing;
        }
        let was_open = std::mem::take(&mut self.has_help);
        match key {
            Key::Char('q' | 'Q') => return Wish::Stop,
            Key::Char('?' | 'h') => self.has_help = !was_open,
            Key::Char('s') => {
                self.sort = self.sort.next();
                self.above = 0;
            }
            Key::Char('n') => {
                self.has_nodes = !self.has_nodes;
                self.above = 0;
            }
            Key::Char('/') => self.is_typing = true,
            Key::Escape if !was_open => self.set_filter(String::new()),
            Key::Up | Key::Char('k') => self.above = self.above.saturating_sub(1),
            Key::Down | Key::Char('j') => self.above = self.above.saturating_add(1),
            Key::PageUp => self.above = self.above.saturating_sub(page),
            Key::PageDown | Key::Char(' ') => self.above = self.above.saturating_add(page),
            Key::Home => self.above = 0,
            Key::End => self.above = usize::MAX,
            _ => {}
        }
        Wish::Nothing
    }

    /// The rows to look at, filtered and sorted, ties by name.
    #[must_use]
    pub fn table<'r>(&self, rows: &'r [Row]) -> Vec<&'r Row> {
        let filter = self.filter.to_lowercase();
        let fits = |row: &&Row| filter.is_empty() || row.label.to_lowercase().contains(&filter);
        let mut table: Vec<&Row> = rows.iter().filter(fits).collect();
        table.sort_by(|a, b| {
            let by_name = || a.label.cmp(&b.label).then((a.kind as u8).cmp(&(b.kind as u8)));
            self.sort.compare(a, b).then_with(by_name)
        });
        table
    }

    /// The first row that is shown of `rows`, where a page has `page`: the last page is full.
    pub fn first(&mut self, rows: usize, page: usize) -> usize {
        self.above = self.above.min(rows.saturating_sub(page));
        self.above
    }

    fn type_in(&mut self, key: Key) {
        match key {
            Key::Enter => self.is_typing = false,
            Key::Escape => {
                self.is_typing = false;
                self.set_filter(String::new());
            }
            Key::Backspace => {
                let mut filter = std::mem::take(&mut self.filter);
                filter.pop();
                self.set_filter(filter);
            }
            Key::Char(c) if self.filter.chars().count() < FILTER_CHARS_MAX => {
                self.set_filter(format!("{}{c}", self.filter));
            }
            _ => {}
        }
    }

    fn set_filter(&mut self, filter: String) {
        self.filter = filter;
        self.above = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::recent::SLOTS;
    use super::*;
    use crate::wire::sump::Kind;
    use proptest::prelude::*;

    fn row(label: &str, count: u64, failed: u64, p95_us: Option<u64>) -> Row {
        Row {
            label: label.into(),
            kind: Kind::Request,
            count,
            failed,
            rate_per_s: 100.0 / count as f64,
            percentiles_us: p95_us.map(|p95| [0, p95, p95]),
            curve_us: [0; SLOTS],
        }
    }

    fn rows() -> Vec<Row> {
        vec![row("Cart", 5, 0, Some(9)), row("add", 9, 3, None), row("Buy", 2, 1, Some(7))]
    }

    fn shown(view: &View) -> Vec<String> {
        view.table(&rows()).iter().map(|row| row.label.to_string()).collect()
    }

    fn press(view: &mut View, keys: &str) {
        keys.chars().for_each(|c| assert_eq!(view.press(Key::Char(c), 2), Wish::Nothing));
    }

    #[test]
    fn s_goes_round_the_orders() {
        let mut view = View::default();
        for order in [
            ("name", ["Buy", "Cart", "add"]),
            ("count", ["add", "Cart", "Buy"]),
            ("rate", ["Buy", "Cart", "add"]),
            ("failures", ["add", "Buy", "Cart"]),
            ("p95", ["Cart", "Buy", "add"]),
            ("name", ["Buy", "Cart", "add"]),
        ] {
            assert_eq!((view.sort.name(), shown(&view)), (order.0, order.1.map(str::to_owned).to_vec()));
            press(&mut view, "s");
        }
    }

    #[test]
    fn a_filter_is_typed_and_keys_are_letters_meanwhile() {
        let mut view = View::default();
        press(&mut view, "/Aq");
        assert!(view.is_typing && shown(&view).is_empty());
        let _ = view.press(Key::Backspace, 2);
        assert_eq!(shown(&view), ["Cart", "add"], "whatever its case");
        let _ = view.press(Key::Enter, 2);
        assert_eq!(view.press(Key::Char('q'), 2), Wish::Stop);
        let _ = view.press(Key::Escape, 2);
        assert_eq!((view.filter.as_str(), shown(&view).len()), ("", 3));
        press(&mut view, "/");
        press(&mut view, &"x".repeat(10_000));
        assert_eq!(view.filter.len(), FILTER_CHARS_MAX);
    }

    #[test]
    fn scrolling_ends_with_a_full_page() {
        let mut view = View::default();
        let first = |view: &mut View, key| {
            let _ = view.press(key, 10);
            view.first(25, 10)
        };
        let moves =
            [Key::Up, Key::Down, Key::PageDown, Key::PageDown, Key::Down, Key::Up, Key::Home, Key::End];
        assert_eq!(moves.map(|key| first(&mut view, key)), [0, 1, 11, 15, 15, 14, 0, 15]);
        assert_eq!(view.first(3, 10), 0, "the table became short");
        assert_eq!((view.first(0, 0), first(&mut view, Key::PageUp)), (0, 0));
    }

    #[test]
    fn help_comes_and_goes() {
        let mut view = View::default();
        press(&mut view, "?");
        assert!(view.has_help);
        press(&mut view, "?");
        assert!(!view.has_help);
        press(&mut view, "?x");
        assert!(!view.has_help, "any key closes it");
    }

    proptest! {
        #[test]
        fn any_keys(text in "\\PC{0,40}", rows in 0_usize..30, page in 0_usize..40) {
            let mut view = View::default();
            for c in text.chars() {
                let _ = view.press(Key::Char(c), page);
                prop_assert!(view.first(rows, page) <= rows);
            }
        }
    }
}
