//! One open window: a slot table from series to accumulators.

use crate::measure::accumulator::Accumulator;
use crate::measure::series::SeriesIndex;
use crate::measure::users::GaugeWindow;

/// A window, or a late part of one, that still takes samples.
///
/// `slots` maps a series to its accumulator (index + 1; 0 = none): 4 bytes a series, so that several open windows of
/// 50,000 labels stay small while only series that were hit in a window own an accumulator in it.
#[derive(Debug)]
pub struct OpenWindow {
    /// Number of the window since the epoch.
    pub index: i64,
    /// Its start, wall clock, ns.
    pub start_ns: i64,
    /// Which emission of this window it will be, from 0.
    pub part_n: u32,
    /// Whether the window had its regular close before.
    pub late: bool,
    /// Users while the window was current.
    pub users: GaugeWindow,
    slots: Vec<u32>,
    accumulators: Vec<(SeriesIndex, Accumulator)>,
}

impl OpenWindow {
    pub(super) fn new(index: i64, start_ns: i64, part_n: u32, late: bool) -> Self {
        Self {
            index,
            start_ns,
            part_n,
            late,
            users: GaugeWindow::default(),
            slots: Vec::new(),
            accumulators: Vec::new(),
        }
    }

    /// The accumulator of `series`, made on first use.
    #[inline]
    pub fn accumulator(&mut self, series: SeriesIndex) -> &mut Accumulator {
        let at = series.0 as usize;
        if at >= self.slots.len() {
            self.slots.resize(at + 1, 0);
        }
        if self.slots[at] == 0 {
            self.accumulators.push((series, Accumulator::default()));
            self.slots[at] = u32::try_from(self.accumulators.len()).unwrap_or(u32::MAX);
        }
        &mut self.accumulators[self.slots[at] as usize - 1].1
    }

    /// Where the accumulator of `series` is, if it has one.
    #[inline]
    #[must_use]
    pub fn place(&self, series: SeriesIndex) -> Option<usize> {
        (*self.slots.get(series.0 as usize)? as usize).checked_sub(1)
    }

    /// The accumulator at a place that [`Self::place`] gave for `series`.
    #[inline]
    #[must_use]
    pub fn at(&self, series: SeriesIndex, place: usize) -> Option<&Accumulator> {
        self.accumulators.get(place).filter(|(of, _)| *of == series).map(|(_, accumulator)| accumulator)
    }

    /// Everything collected, in order of the series' numbers.
    #[must_use]
    pub fn into_accumulators(mut self) -> Vec<(SeriesIndex, Accumulator)> {
        self.accumulators.sort_unstable_by_key(|(series, _)| series.0);
        self.accumulators
    }

    /// Those from the `from`th on, in the order in which they came; and whether there are no more.
    #[must_use]
    pub fn some(&self, from: usize, max: usize) -> (&[(SeriesIndex, Accumulator)], bool) {
        let end = from.saturating_add(max).min(self.accumulators.len());
        (self.accumulators.get(from..end).unwrap_or_default(), end == self.accumulators.len())
    }

    /// Heap behind this window, bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let own = self.slots.capacity() * size_of::<u32>()
            + self.accumulators.capacity() * size_of::<(SeriesIndex, Accumulator)>();
        own + self.accumulators.iter().map(|(_, accumulator)| accumulator.heap_bytes()).sum::<usize>()
    }
}
