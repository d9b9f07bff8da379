//! A Drain that keeps every point once, and answers what it likes.

use super::random::Random;
use flate2::read::GzDecoder;
use gridnode_core::outbound::delivery::{Answer, HttpAnswer, TransportKind};
use std::collections::BTreeMap;
use std::io::Read;

#[derive(Debug, Default)]
pub struct Drain {
    /// Samples by run and timestamp.
    pub points: BTreeMap<(String, i64), u64>,
    pub is_well: bool,
    pub is_away: bool,
}

impl Drain {
    /// What the node hears, and what happened in the words of the statistics.
    pub fn post(&mut self, body: &[u8], random: &mut Random) -> (Answer, &'static str) {
        let lost = (Answer::Transport(TransportKind::Timeout), "answer lost");
        if self.is_away && !self.is_well {
            return (Answer::Transport(TransportKind::Connect), "drain away");
        }
        match if self.is_well { 99 } else { random.below(40) } {
            0 => lost,
            1 => {
                self.store(body);
                lost
            }
            2 => (http(503, "busy"), "busy"),
            3 if random.chance(30) => (http(400, "{\"error\":\"unable to parse\"}"), "refused"),
            4 if random.chance(30) => {
                self.store(body);
                (http(400, "{\"error\":\"partial write: field type conflict dropped=1\"}"), "partial write")
            }
            5 | 7 | 8 => (http(413, ""), "too large"),
            6 => (http(401, ""), "credentials"),
            _ => {
                self.store(body);
                (http(204, ""), "stored")
            }
        }
    }

    fn store(&mut self, body: &[u8]) {
        let mut text = String::new();
        GzDecoder::new(body).read_to_string(&mut text).unwrap();
        for line in text.lines() {
            let (run, rest) =
                line.strip_prefix("transaction_rate_mean,run=").unwrap().split_once(' ').unwrap();
            let (count, at) = rest.strip_prefix("count=").unwrap().split_once("i ").unwrap();
            self.points.insert((run.to_owned(), at.parse().unwrap()), count.parse().unwrap());
        }
    }

    pub fn samples(&self, run: &str) -> u64 {
        self.points.iter().filter(|((of, _), _)| of == run).map(|(_, n)| n).sum()
    }
}

fn http(status: u16, body: &str) -> Answer {
    let body = body.to_owned();
    Answer::Http(HttpAnswer { status, body, ..HttpAnswer::default() })
}
