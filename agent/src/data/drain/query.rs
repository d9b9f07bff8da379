//! Reads a Drain that can be asked, which is an InfluxDB 1.x: its points as the lines that were written.

use super::{DrainClient, excerpt};
use gridnode_core::base::ids::Ident;
use gridnode_core::wire::encode::{PointWriter, push_tag};
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Points of a chunk of an answer: of sketches, each is some 10 MiB.
const CHUNK_POINTS: &str = "500";
/// What a chunk may have at most: more is no answer of an InfluxDB that was asked for so many points.
const CHUNK_BYTES_MAX: usize = 64 << 20;

/// Why a Drain could not be read.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// No answer, or one that breaks off.
    #[error("failed to read {url}: {why}")]
    Http {
        /// The Drain, without secrets.
        url: String,
        /// The system's words.
        why: String,
    },
    /// It refuses.
    #[error("{url} does not answer the query: {why}")]
    Refused {
        /// The Drain, without secrets.
        url: String,
        /// Its status and words.
        why: String,
    },
    /// No answer of an InfluxDB.
    #[error("{url} does not answer as InfluxDB 1.x: {why}")]
    NotInflux {
        /// The Drain, without secrets.
        url: String,
        /// What is wrong.
        why: String,
    },
}

/// Which points of a measurement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// Of this flood.
    pub flood: Option<&'a Ident>,
    /// Of this time, wall clock, ns, both ends included.
    pub span_ns: Option<(i64, i64)>,
}

impl Selection<'_> {
    /// As InfluxQL has it; an [`Ident`] has no character that means anything there.
    fn clause(&self) -> String {
        let flood = self.flood.map(|flood| format!("\"flood\" = '{flood}'"));
        let span = self.span_ns.map(|(first, last)| format!("time >= {first} AND time <= {last}"));
        let all: Vec<String> = flood.into_iter().chain(span).collect();
        if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
    }
}

/// One chunk of an answer.
#[derive(Debug, Deserialize)]
struct Chunk {
    #[serde(default)]
    results: Vec<Statement>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Statement {
    #[serde(default)]
    series: Vec<Series>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Series {
    #[serde(default)]
    tags: BTreeMap<String, String>,
    columns: Vec<String>,
    #[serde(default)]
    values: Vec<Vec<Value>>,
}

impl DrainClient {
    /// Hands every selected point of a measurement to `take`, as a line.
    ///
    /// # Errors
    /// When the Drain cannot be reached or does not answer as InfluxDB 1.x.
    pub async fn read_lines(
        &self,
        measurement: &str,
        selection: Selection<'_>,
        take: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<(), QueryError> {
        let mut types = BTreeMap::new();
        self.query(&format!("SHOW FIELD KEYS FROM \"{measurement}\""), &mut |series| {
            let pairs =
                series.values.iter().filter_map(|row| Some((row.first()?.as_str()?, row.get(1)?.as_str()?)));
            types.extend(pairs.map(|(field, kind)| (field.to_owned(), kind.to_owned())));
        })
        .await?;
        if types.is_empty() {
            return Ok(());
        }
        let all = format!("SELECT * FROM \"{measurement}\"{} GROUP BY *", selection.clause());
        self.query(&all, &mut |series| lines(measurement, &series, &types, take)).await
    }

    /// The floods that a measurement has points of, by name.
    ///
    /// # Errors
    /// As of [`Self::read_lines`].
    pub async fn floods(&self, measurement: &str) -> Result<BTreeSet<String>, QueryError> {
        let mut floods = BTreeSet::new();
        let asked = format!("SHOW TAG VALUES FROM \"{measurement}\" WITH KEY = \"flood\"");
        self.query(&asked, &mut |series| floods.extend(tag_values(&series))).await?;
        Ok(floods)
    }

    async fn query(&self, text: &str, each: &mut (dyn FnMut(Series) + Send)) -> Result<(), QueryError> {
        let url = || self.shown_url().to_owned();
        let http =
            |error: reqwest::Error| QueryError::Http { url: url(), why: super::failure::innermost(&error) };
        let mut asked = self.url.query();
        asked.query_pairs_mut().append_pair("q", text).append_pair("epoch", "ns");
        asked.query_pairs_mut().append_pair("chunked", "true").append_pair("chunk_size", CHUNK_POINTS);
        // However long it takes: what comes is read as it comes.
        let mut request = self.http.get(asked).timeout(std::time::Duration::from_secs(3_600));
        if let Some(auth) = self.url.auth() {
            request = request.header(AUTHORIZATION, auth.header());
        }
        let mut response = request.send().await.map_err(http)?;
        let status = response.status().as_u16();
        let mut rest = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(http)? {
            for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
                rest.extend_from_slice(piece);
                if rest.len() > CHUNK_BYTES_MAX {
                    return Err(QueryError::NotInflux { url: url(), why: "a chunk is too large".to_owned() });
                }
                if status == 200 && piece.ends_with(b"\n") {
                    self.chunk(&rest, each)?;
                    rest.clear();
                }
            }
        }
        if status != 200 {
            let why = format!("answer {status}: {}", excerpt(&String::from_utf8_lossy(&rest)));
            return Err(QueryError::Refused { url: url(), why });
        }
        self.chunk(&rest, each)
    }

    fn chunk(&self, text: &[u8], each: &mut (dyn FnMut(Series) + Send)) -> Result<(), QueryError> {
        let url = || self.shown_url().to_owned();
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(text)
            .map_err(|error| QueryError::NotInflux { url: url(), why: error.to_string() })?;
        let said = chunk.error.or_else(|| chunk.results.iter().find_map(|one| one.error.clone()));
        if let Some(why) = said {
            return Err(QueryError::Refused { url: url(), why: excerpt(&why) });
        }
        chunk.results.into_iter().flat_map(|one| one.series).for_each(each);
        Ok(())
    }
}

/// Of an answer that has keys and their values.
fn tag_values(series: &Series) -> Vec<String> {
    series.values.iter().filter_map(|row| Some(row.get(1)?.as_str()?.to_owned())).collect()
}

/// The points of one series, as they were written.
fn lines(
    measurement: &str,
    series: &Series,
    types: &BTreeMap<String, String>,
    take: &mut (dyn FnMut(&[u8]) + Send),
) {
    let mut tags = Vec::new();
    for (key, value) in &series.tags {
        push_tag(&mut tags, key, Some(value));
    }
    for row in &series.values {
        let mut point = PointWriter::default();
        point.start(measurement, &tags);
        let mut time_ns = None;
        for (column, value) in series.columns.iter().zip(row) {
            match (column.as_str(), types.get(column).map(String::as_str), value) {
                ("time", _, value) => time_ns = value.as_i64(),
                // JSON has one kind of numbers, and a whole one looks like an integer.
                (key, Some("integer"), value) => {
                    value.as_i64().into_iter().for_each(|n| point.integer(key, n))
                }
                (key, Some("float"), value) => value.as_f64().into_iter().for_each(|n| point.float(key, n)),
                (key, _, Value::String(text)) => point.text(key, text),
                (key, _, Value::Bool(on)) => point.bool(key, *on),
                _ => {}
            }
        }
        if let Some(time_ns) = time_ns {
            point.end(time_ns);
            take(point.body.trim_ascii_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_a_clause() {
        assert_eq!(Selection::default().clause(), "");
        let flood = Ident::near("shop");
        let both = Selection { flood: Some(&flood), span_ns: Some((-5, 7)) };
        assert_eq!(both.clause(), " WHERE \"flood\" = 'shop' AND time >= -5 AND time <= 7");
    }

    #[test]
    fn values_of_a_tag_are_read() {
        let answer =
            r#"{"name":"m","columns":["key","value"],"values":[["flood","7"],["flood","shop"],["flood"]]}"#;
        assert_eq!(tag_values(&serde_json::from_str(answer).unwrap()), ["7", "shop"]);
    }

    #[test]
    fn a_point_comes_back_as_it_was_written() {
        let series: Series = serde_json::from_str(
            r#"{"name":"m","tags":{"flood":"7","grid":"","label_id":"00,1"},"columns":["time","value","count","label","saturated","gone"],
                "values":[[5,3,4,"a \"b\" c",true,null],[null,1,1,"x",false,null]]}"#,
        )
        .unwrap();
        let types = [
            ("value", "float"),
            ("count", "integer"),
            ("label", "string"),
            ("saturated", "boolean"),
            ("gone", "float"),
        ];
        let types = types.map(|(field, kind)| (field.to_owned(), kind.to_owned())).into();
        let mut read = Vec::new();
        lines("m", &series, &types, &mut |line| read.push(String::from_utf8(line.to_vec()).unwrap()));
        assert_eq!(
            read,
            [r#"m,flood=7,label_id=00\,1 value=3.0,count=4i,label="a \"b\" c",saturated=true 5"#]
        );
    }
}
