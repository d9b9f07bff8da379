//! A Drain that answers what it likes, and the store behind it: it keeps of a point only that it was there and a hash of its
//! fields, and notices at once when one is written over with others.

use super::owed::{Moment, Owed};
use crate::random::Random;
use foldhash::fast::FixedState;
use gridnode_core::merge::Merge;
use gridnode_core::outbound::delivery::{Answer, HttpAnswer, TransportKind};
use gridnode_core::outbound::pack;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

/// Whose a body is.
pub struct From<'a> {
    pub node: u16,
    /// Name of the run on that node, by the process that rendered it.
    pub run: &'a str,
}

#[derive(Default)]
pub struct Store {
    /// By measurement, tags and timestamp: whose, and which fields.
    points: HashMap<u64, u64, FixedState>,
    gauges: BTreeMap<(String, i64), Gauge>,
    /// Of each flood, s.
    longest_windows: BTreeMap<u8, i64>,
    /// What was there first: nothing else may come.
    pub merge: Merge,
    pub is_away: bool,
    pub is_well: bool,
    pub gauges_again: u64,
}

/// A point of `concurrency_max`.
pub struct Gauge {
    node: u16,
    run: String,
    pub fields: String,
}

impl Store {
    /// What the node hears, and what happened in the words of the statistics.
    pub fn post(
        &mut self,
        body: &[u8],
        points: u32,
        random: &mut Random,
        (from, owed): (&From<'_>, &mut Owed),
    ) -> Result<(Answer, &'static str), String> {
        let lost = (Answer::Transport(TransportKind::Timeout), "answer lost");
        if self.is_well {
            self.write(body, from, owed)?;
            return Ok((http(204), "stored"));
        }
        if self.is_away {
            return Ok((Answer::Transport(TransportKind::Connect), "drain away"));
        }
        Ok(match random.below(12) {
            0 => lost,
            1 => {
                self.write(body, from, owed)?;
                lost
            }
            2 => (http(503), "busy"),
            3 if points > 1 => (http(413), "too large"),
            4 if random.chance(20) => (http(401), "credentials"),
            _ => {
                self.write(body, from, owed)?;
                (http(204), "stored")
            }
        })
    }

    pub fn write(&mut self, body: &[u8], from: &From<'_>, owed: &mut Owed) -> Result<(), String> {
        let text = String::from_utf8(pack::unpack(body)?).map_err(|error| error.to_string())?;
        for line in text.lines() {
            let (series, rest) = line.split_once(' ').ok_or("a line without fields")?;
            let (fields, time) = rest.rsplit_once(' ').ok_or("a line without a time")?;
            let time_ns: i64 = time.parse().map_err(|_| "a time that is none".to_owned())?;
            if series.starts_with("concurrency_max,") {
                self.gauge(series, time_ns, fields, from)?;
                continue;
            }
            let hash = self.points.hasher().hash_one(fields);
            let value = u64::from(from.node) << 48 | hash >> 16;
            match self.points.insert(self.points.hasher().hash_one((series, time_ns)), value) {
                Some(old) if old == value => {}
                // Of two nodes it may be chance (contract, section 3), once in many days of a large grid: take another seed.
                Some(old) => {
                    return Err(format!(
                        "{series} at {time_ns} by node {} is written over by {} of node {} with {fields}",
                        old >> 48,
                        from.run,
                        from.node
                    ));
                }
                None => {
                    self.merge.add_line(line.as_bytes()).map_err(|e| format!("{e}: {line}"))?;
                    if series.starts_with("transaction_rate_mean,") {
                        let (moment, samples, period_s) = moment(series, fields, time_ns)
                            .ok_or_else(|| format!("not a count of samples that we know: {line}"))?;
                        let longest = self.longest_windows.entry(moment.flood).or_default();
                        *longest = period_s.max(*longest);
                        owed.stored(from.run, moment, samples)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The one point that may be written over: a gauge is one value a window whatever process has read it (contract, section 3:
    /// part is a literal 0), so the process after a kill or a stop of the machine writes over what the one before had of the
    /// window in which it went. It must be another process of the same node: the same never emits part 0 of a window twice.
    fn gauge(&mut self, series: &str, time_ns: i64, fields: &str, from: &From<'_>) -> Result<(), String> {
        let new = Gauge { node: from.node, run: from.run.to_owned(), fields: fields.to_owned() };
        let Some(old) = self.gauges.insert((series.to_owned(), time_ns), new) else { return Ok(()) };
        if old.fields == fields {
            return Ok(());
        }
        self.gauges_again += 1;
        if old.node != from.node || old.run == from.run {
            return Err(format!(
                "{series} at {time_ns}: {} by {} of node {}, then {fields} by {} of node {}",
                old.fields, old.run, old.node, from.run, from.node
            ));
        }
        Ok(())
    }

    pub fn points(&self) -> usize {
        self.points.len() + self.gauges.len()
    }

    /// The merge, with the gauges as they are at the end.
    pub fn merged(&mut self) -> Result<&Merge, String> {
        for ((series, time_ns), Gauge { fields, .. }) in &self.gauges {
            let line = format!("{series} {fields} {time_ns}");
            self.merge.add_line(line.as_bytes()).map_err(|e| format!("{e}: {line}"))?;
        }
        Ok(&self.merge)
    }

    /// Most users of a flood, naively: in its longest windows, of each node and run the most, added up.
    pub fn users_max(&self, flood: u8) -> Option<f64> {
        let period_s = *self.longest_windows.get(&flood)?;
        let own = format!("flood={flood},");
        let mut most = BTreeMap::<(i64, &str, &str), f64>::new();
        for ((_, time_ns), gauge) in self.gauges.iter().filter(|((series, _), _)| series.contains(&own)) {
            let window = time_ns.div_euclid(period_s * 1_000_000_000);
            let users: f64 = field(&gauge.fields, "value")?.parse().ok()?;
            let of_node = (window, field(&gauge.fields, "node")?, field(&gauge.fields, "run")?);
            let most = most.entry(of_node).or_default();
            *most = users.max(*most);
        }
        let mut sums = BTreeMap::<i64, f64>::new();
        most.into_iter().for_each(|((window, ..), users)| *sums.entry(window).or_default() += users);
        Some(sums.into_values().fold(0.0, f64::max))
    }
}

fn field<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    fields.split(',').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

fn moment(series: &str, fields: &str, time_ns: i64) -> Option<(Moment, u64, i64)> {
    let int = |name: &str| field(fields, name)?.strip_suffix('i')?.parse::<u64>().ok();
    let period_s = field(fields, "window_s")?.parse::<f64>().ok()? as i64;
    let label = field(fields, "label")?.strip_prefix("\"l")?.strip_suffix('"')?.parse().ok()?;
    let moment = Moment {
        flood: field(series, "flood")?.parse().ok()?,
        run: u32::try_from(int("run")?).ok()?,
        label,
        start_s: time_ns.div_euclid(1_000_000_000 * period_s) * period_s,
    };
    Some((moment, int("count")?, period_s))
}

fn http(status: u16) -> Answer {
    Answer::Http(HttpAnswer { status, ..HttpAnswer::default() })
}
