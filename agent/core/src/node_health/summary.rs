//! What is kept of the windows that a run lived through.

use super::{NodeHealth, Reason};
use serde::Serialize;
use std::collections::BTreeMap;

/// Health over several windows: counts and the worst of each value that an operator asks for first.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct HealthSummary {
    /// Windows seen.
    pub windows: u64,
    /// Of them, saturated.
    pub saturated_windows: u64,
    /// Of those, by the reason that was told.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<Reason, u64>,
    /// Busiest window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent_max: Option<f64>,
    /// Most stolen time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_steal_percent_max: Option<f64>,
    /// Fullest memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_used_percent_max: Option<f64>,
    /// Largest clock error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_error_ms_max: Option<f64>,
}

impl HealthSummary {
    /// Takes a window in.
    pub fn add(&mut self, health: &NodeHealth) {
        self.windows += 1;
        if let Some(reason) = health.reason {
            self.saturated_windows += 1;
            *self.reasons.entry(reason).or_default() += 1;
        }
        raise(&mut self.cpu_percent_max, health.cpu_percent);
        raise(&mut self.cpu_steal_percent_max, health.cpu_steal_percent);
        raise(&mut self.memory_used_percent_max, health.memory_used_percent);
        raise(&mut self.clock_error_ms_max, health.clock_error_ms);
    }
}

fn raise(max: &mut Option<f64>, value: Option<f64>) {
    if let Some(value) = value {
        *max = Some(max.map_or(value, |max| max.max(value)));
    }
}
