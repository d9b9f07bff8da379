//! One number of one label on both sides, and whether it differs.

use super::ratio::{Difference, difference};
use super::side::Side;
use super::{CompareSettings, WINDOWS_MIN};
use serde::Serialize;

/// Samples above a percentile that a side must have, or a few of them decide.
const SAMPLES_ABOVE_MIN: f64 = 10.0;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Failed samples, per cent of all.
    FailedPercent,
    /// Mean response time, ms.
    MeanMs,
    /// Median, ms.
    P50Ms,
    /// ms
    P95Ms,
    /// ms
    P99Ms,
}

/// What is made of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Too few windows or samples.
    CannotTell,
    /// Not more than noise makes.
    Noise,
    /// Beyond noise, and less than what was asked to be worth a word.
    Small,
    /// Beyond noise, and for the better.
    Better,
    /// Beyond noise, and for the worse.
    Worse,
}

/// See the module's head.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What.
    pub measure: Measure,
    /// On side A, in the measure's unit; `None` where nothing was measured.
    pub a: Option<f64>,
    /// On side B.
    pub b: Option<f64>,
    /// B less A.
    pub difference: Option<f64>,
    /// The same, per cent of A; of times only.
    pub difference_percent: Option<f64>,
    /// The interval that has the true difference in 19 of 20 cases, of this number alone.
    pub low: Option<f64>,
    /// Its other end.
    pub high: Option<f64>,
    /// How often noise alone would make any of all compared numbers look so; `None` where nobody can tell.
    pub chance: Option<f64>,
    /// What to make of it.
    pub finding: Finding,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::FailedPercent, Self::MeanMs, Self::P50Ms, Self::P95Ms, Self::P99Ms];

    /// As tables name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FailedPercent => "failed",
            Self::MeanMs => "mean",
            Self::P50Ms => "p50",
            Self::P95Ms => "p95",
            Self::P99Ms => "p99",
        }
    }

    fn permille(self) -> Option<u32> {
        match self {
            Self::FailedPercent | Self::MeanMs => None,
            Self::P50Ms => Some(500),
            Self::P95Ms => Some(950),
            Self::P99Ms => Some(990),
        }
    }
}

impl Change {
    /// Without a word about noise where there are too few windows. The chance is that of this number alone.
    pub(super) fn of(measure: Measure, a: &Side<'_>, b: &Side<'_>) -> Self {
        let value = |side: &Side<'_>| {
            let numbers = side.numbers();
            match measure {
                Measure::FailedPercent => numbers.failed_percent,
                Measure::MeanMs => numbers.mean_ms,
                Measure::P50Ms => numbers.p50_ms,
                Measure::P95Ms => numbers.p95_ms,
                Measure::P99Ms => numbers.p99_ms,
            }
        };
        let mut change = Self::between(measure, value(a), value(b));
        if [a, b].iter().any(|side| side.numbers().windows < WINDOWS_MIN) {
            return change;
        }
        let found = match measure {
            Measure::FailedPercent => difference(&a.failures(), &b.failures(), true)
                .map(|found| (found.chance, around(&found, 100.0))),
            Measure::MeanMs => {
                difference(&a.times(), &b.times(), false).map(|found| (found.chance, around(&found, 1.0)))
            }
            Measure::P50Ms | Measure::P95Ms | Measure::P99Ms => percentile(measure, a, b),
        };
        if let Some((chance, (low, high))) = found.filter(|_| change.difference.is_some()) {
            (change.low, change.high, change.chance) = (Some(low), Some(high), Some(chance));
        }
        change
    }

    /// Once it is known what the chance is among all others.
    pub(super) fn judge(&mut self, chance: f64, settings: &CompareSettings) {
        self.chance = Some(chance);
        let least = match (self.measure, self.difference_percent) {
            (Measure::FailedPercent, _) => {
                self.difference.map_or(0.0, f64::abs) >= settings.least_failed_percent
            }
            // From no time at all, any is much.
            (_, None) => true,
            (_, Some(percent)) => percent.abs() >= settings.least_percent,
        };
        self.finding = match self.difference {
            Some(difference) if chance <= settings.chance_max && difference != 0.0 => match least {
                false => Finding::Small,
                true if difference > 0.0 => Finding::Worse,
                true => Finding::Better,
            },
            _ => Finding::Noise,
        };
    }

    fn between(measure: Measure, a: Option<f64>, b: Option<f64>) -> Self {
        let difference = a.zip(b).map(|(a, b)| b - a);
        let is_time = measure != Measure::FailedPercent;
        let percent = difference.zip(a).filter(|(_, a)| is_time && *a > 0.0);
        Self {
            measure,
            a,
            b,
            difference,
            difference_percent: percent.map(|(difference, a)| difference * 100.0 / a),
            low: None,
            high: None,
            chance: None,
            finding: Finding::CannotTell,
        }
    }
}

fn around(found: &Difference, unit: f64) -> (f64, f64) {
    ((found.value - found.half_width) * unit, (found.value + found.half_width) * unit)
}

/// Percentiles differ where the shares above a time between them do: those are counts, which add up over windows. The interval is
/// Woodruff's of each percentile, put together.
fn percentile(measure: Measure, a: &Side<'_>, b: &Side<'_>) -> Option<(f64, (f64, f64))> {
    let permille = measure.permille()?;
    let share = f64::from(permille) / 1_000.0;
    if [a, b].iter().any(|side| side.measured() as f64 * (1.0 - share) < SAMPLES_ABOVE_MIN) {
        return None;
    }
    // The same time on both sides, whichever is called A.
    let bucket = a.bucket_of(permille)?.midpoint(b.bucket_of(permille)?);
    let found = difference(&a.above(bucket), &b.above(bucket), true)?;
    let ends = |side: &Side<'_>, half_width: f64| {
        let at = side.time_of(share)?;
        let (low, high) = (side.time_of(share - half_width)?, side.time_of(share + half_width)?);
        Some((at, at - low, high - at))
    };
    let (at_a, below_a, above_a) = ends(a, found.half_widths[0])?;
    let (at_b, below_b, above_b) = ends(b, found.half_widths[1])?;
    let value = at_b - at_a;
    Some((found.chance, (value - below_b.hypot(above_a), value + above_b.hypot(below_a))))
}
