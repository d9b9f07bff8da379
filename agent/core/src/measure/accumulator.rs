//! What one series collects within one window.

use crate::measure::codes::Codes;
use crate::measure::sketch::Sketch;
use crate::measure::stat::Stat;
use crate::wire::sump::{Code, Kind, MetricValue, Sample};

/// Everything counted for one series in one window. About 250 bytes plus the sketch.
#[derive(Debug, Clone, Default)]
pub struct Accumulator {
    /// Transactions: what the ledger calls samples.
    pub count: u64,
    /// Of them, passed.
    pub passed: u64,
    /// Of them, failed.
    pub failed: u64,
    /// Response time.
    pub rt: Stat,
    /// Sum of squared response times, µs².
    pub rt_squares_us2: u128,
    /// Time to first byte, where measured.
    pub latency: Stat,
    /// Time to connect, where measured.
    pub connect: Stat,
    /// Bytes received, where measured.
    pub rx_bytes: Option<u64>,
    /// Bytes sent, where measured.
    pub tx_bytes: Option<u64>,
    /// Response codes.
    pub codes: Codes,
    /// Distribution of the response time.
    pub sketch: Sketch,
}

impl Accumulator {
    /// Counts one finished sample.
    pub fn add_sample(&mut self, sample: &Sample<'_>) {
        self.count += 1;
        if sample.ok {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
        self.add_response_time(sample.rt_us);
        if let Some(us) = sample.lat_us {
            self.latency.add(us);
        }
        if let Some(us) = sample.conn_us {
            self.connect.add(us);
        }
        add_bytes(&mut self.rx_bytes, sample.rx_bytes);
        add_bytes(&mut self.tx_bytes, sample.tx_bytes);
        if let Some(code) = sample.code {
            self.codes.add(code, 1);
        }
    }

    /// Counts one metric of dialect 1a; gives the number of transactions that it stands for.
    pub fn add_metric(&mut self, value: MetricValue, code: Option<Code>) -> u64 {
        match value {
            MetricValue::ResponseTimeUs(us) => self.add_response_time(us),
            MetricValue::LatencyUs(us) => self.latency.add(us),
            MetricValue::Passed(n) => self.passed += n,
            MetricValue::Failed(n) => self.failed += n,
            MetricValue::RxBytes(n) => add_bytes(&mut self.rx_bytes, Some(n)),
            MetricValue::Concurrency(_) => {}
            MetricValue::Transactions(n) => {
                self.count += n;
                if let Some(code) = code {
                    self.codes.add(code, n);
                }
                return n;
            }
        }
        0
    }

    /// Adds all of another window's numbers for the same series.
    pub fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.passed += other.passed;
        self.failed += other.failed;
        self.rt.absorb(&other.rt);
        self.rt_squares_us2 = self.rt_squares_us2.saturating_add(other.rt_squares_us2);
        self.latency.absorb(&other.latency);
        self.connect.absorb(&other.connect);
        add_bytes(&mut self.rx_bytes, other.rx_bytes);
        add_bytes(&mut self.tx_bytes, other.tx_bytes);
        other.codes.iter().for_each(|(code, n)| self.codes.add(code, n));
        self.sketch.merge(&other.sketch);
    }

    /// Reads from each of its cache lines.
    #[inline]
    #[must_use]
    pub fn touch(&self) -> u64 {
        let Self { count, rt_squares_us2, latency, connect, rx_bytes, codes, .. } = self;
        let first_code = codes.iter().next().map_or(0, |(_, n)| n);
        *count ^ *rt_squares_us2 as u64 ^ latency.count ^ connect.count ^ rx_bytes.unwrap_or(0) ^ first_code
    }

    /// Heap behind this value, bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.codes.heap_bytes() + self.sketch.heap_bytes()
    }

    #[inline]
    fn add_response_time(&mut self, us: u64) {
        self.rt.add(us);
        self.rt_squares_us2 = self.rt_squares_us2.saturating_add(u128::from(us) * u128::from(us));
        self.sketch.record(us);
    }
}

/// What a metric of dialect 1a counts as, unless its tags say otherwise: its senders know one kind only.
pub const METRIC_KIND: Kind = Kind::Request;

#[inline]
fn add_bytes(total: &mut Option<u64>, bytes: Option<u64>) {
    if let Some(bytes) = bytes {
        *total = Some(total.unwrap_or(0).saturating_add(bytes));
    }
}
