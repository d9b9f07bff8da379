//! A Drain that is a store of points, and answers what it likes.

use crate::random::Random;
use gridnode_core::outbound::delivery::{Answer, HttpAnswer, TransportKind};
use gridnode_core::outbound::pack;
use std::collections::HashMap;

#[derive(Default)]
pub struct Store {
    /// Fields by (measurement and tags, timestamp).
    pub points: HashMap<(String, i64), String>,
    pub is_away: bool,
    pub is_well: bool,
}

impl Store {
    /// What the node hears, and what happened in the words of the statistics.
    pub fn post(&mut self, body: &[u8], points: u32, random: &mut Random) -> (Answer, &'static str) {
        let lost = (Answer::Transport(TransportKind::Timeout), "answer lost");
        if self.is_well {
            self.write(body);
            return (http(204), "stored");
        }
        if self.is_away {
            return (Answer::Transport(TransportKind::Connect), "drain away");
        }
        match random.below(12) {
            0 => lost,
            1 => {
                self.write(body);
                lost
            }
            2 => (http(503), "busy"),
            3 if points > 1 => (http(413), "too large"),
            4 if random.chance(20) => (http(401), "credentials"),
            _ => {
                self.write(body);
                (http(204), "stored")
            }
        }
    }

    fn write(&mut self, body: &[u8]) {
        let text = String::from_utf8(pack::unpack(body).unwrap()).unwrap();
        for line in text.lines() {
            let (series, rest) = line.split_once(' ').unwrap();
            let (fields, time_ns) = rest.rsplit_once(' ').unwrap();
            self.points.insert((series.to_owned(), time_ns.parse().unwrap()), fields.to_owned());
        }
    }
}

fn http(status: u16) -> Answer {
    Answer::Http(HttpAnswer { status, ..HttpAnswer::default() })
}
