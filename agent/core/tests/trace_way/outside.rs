//! A store of objects and a Drain, that answer what they like; the Drain looks whether a pointer's object is there.

use crate::random::Random;
use gridnode_core::outbound::delivery::{Answer, HttpAnswer, TransportKind};
use gridnode_core::outbound::pack;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Outside {
    /// Key → what was put there.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// Of points: the key of the object, and the whole line.
    pub points: BTreeMap<String, BTreeSet<String>>,
    pub store_is_away: bool,
    pub drain_is_away: bool,
    pub is_well: bool,
}

impl Outside {
    /// What the node hears, and what happened in the words of the statistics.
    pub fn put(&mut self, key: &str, json: &[u8], random: &mut Random) -> (Result<(), Answer>, &'static str) {
        if self.is_well {
            self.objects.insert(key.to_owned(), json.to_vec());
            return (Ok(()), "object stored");
        }
        if self.store_is_away {
            return (Err(http(503)), "store away");
        }
        match random.below(10) {
            0 => (Err(http(503)), "busy"),
            1 => (Err(http(403)), "denied"),
            2 => {
                self.objects.insert(key.to_owned(), json.to_vec());
                (Err(Answer::Transport(TransportKind::Timeout)), "object's answer lost")
            }
            _ => {
                let again = self.objects.insert(key.to_owned(), json.to_vec()).is_some();
                (Ok(()), if again { "twice" } else { "object stored" })
            }
        }
    }

    /// A batch of pointers.
    pub fn post(&mut self, body: &[u8], random: &mut Random) -> Result<(Answer, &'static str), String> {
        if self.drain_is_away && !self.is_well {
            return Ok((Answer::Transport(TransportKind::Connect), "drain away"));
        }
        match if self.is_well { 9 } else { random.below(10) } {
            0 => return Ok((http(503), "busy")),
            1 => {
                self.write(body)?;
                return Ok((Answer::Transport(TransportKind::Timeout), "answer lost"));
            }
            _ => self.write(body)?,
        }
        Ok((http(204), "point stored"))
    }

    fn write(&mut self, body: &[u8]) -> Result<(), String> {
        let text = String::from_utf8(pack::unpack(body)?).map_err(|error| error.to_string())?;
        for line in text.lines() {
            let location = line.split("location=\"s3://b/").nth(1).and_then(|rest| rest.split('"').next());
            let key = location.ok_or("a line without a location")?;
            if !self.objects.contains_key(key) {
                return Err(format!("a pointer to what is not there: {line}"));
            }
            self.points.entry(key.to_owned()).or_default().insert(line.to_owned());
        }
        Ok(())
    }
}

pub fn http(status: u16) -> Answer {
    Answer::Http(HttpAnswer { status, ..HttpAnswer::default() })
}
