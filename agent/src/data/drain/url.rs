//! `--drain URL`: what it may look like and what becomes of it.
//!
//! ```text
//! http[s]://[user:password@]host[:port][/prefix][/write][?db=name&rp=policy]
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::fmt;

/// The database unless the URL names one.
const DATABASE: &str = "gridnode";

/// A checked Drain URL. `Debug` and [`Self::shown`] have no secrets.
#[derive(Clone)]
pub struct DrainUrl {
    write: Url,
    ping: Url,
    /// Below the path, and without it.
    health: [Url; 2],
    query: Url,
    shown: String,
    auth: Option<Auth>,
}

/// How to prove who we are.
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Token …`
    Token(String),
    /// `Authorization: Bearer …`
    Bearer(String),
    /// `Authorization: Basic …`
    Basic {
        /// User.
        user: String,
        /// Password.
        password: String,
    },
}

/// Why a text is not the URL of a Drain. Never repeats what may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrainUrlError {
    /// Not a URL.
    #[error("the Drain's URL cannot be read ({0}); write it like http://127.0.0.1:8086")]
    Unreadable(String),
    /// Another scheme.
    #[error(
        "the Drain's URL begins with `{0}:`; only http and https are possible, write it like http://127.0.0.1:8086"
    )]
    Scheme(String),
    /// Has a `#…`.
    #[error("the Drain's URL has a part after `#`, which no server would see; encode `#` as %23")]
    Fragment,
    /// A parameter that no store reads, where another one was meant: lines would go elsewhere without a word.
    #[error("the Drain's URL has a parameter `{given}`, which InfluxDB does not know; write it as {meant}")]
    Parameter {
        /// What it is called there.
        given: String,
        /// How it is written.
        meant: &'static str,
    },
    /// Cannot stand in a header.
    #[error("the Drain's credentials hold characters that cannot be sent in an HTTP header")]
    Credentials,
}

/// Others may be meant for whatever is in front of the store, and go along as they are.
fn mistaken(key: &str) -> Option<DrainUrlError> {
    let meant = match key.to_ascii_lowercase().as_str() {
        "database" | "dbname" | "db_name" => "db=NAME",
        "retention" | "retention_policy" | "retentionpolicy" | "policy" => "rp=NAME",
        "user" | "username" | "password" | "pass" => "http://user:password@host",
        "db" | "rp" if !matches!(key, "db" | "rp") => "db=NAME and rp=NAME, in small letters",
        _ => return None,
    };
    Some(DrainUrlError::Parameter { given: key.to_owned(), meant })
}

impl DrainUrl {
    /// Checks `text`; credentials in it become Basic unless `auth` is given.
    ///
    /// # Errors
    /// When it cannot be posted to.
    pub fn parse(text: &str, auth: Option<Auth>) -> Result<Self, DrainUrlError> {
        // `localhost:8086` is a URL with the scheme `localhost` by the letter; say what was meant.
        if !text.contains("://") {
            return Err(DrainUrlError::Unreadable("it does not begin with http:// or https://".to_owned()));
        }
        let mut base = Url::parse(text.trim()).map_err(|e| DrainUrlError::Unreadable(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(DrainUrlError::Scheme(base.scheme().to_owned()));
        }
        if base.fragment().is_some() {
            return Err(DrainUrlError::Fragment);
        }
        let auth = auth.or_else(|| take_credentials(&base));
        if auth.as_ref().is_some_and(|a| HeaderValue::from_str(&a.value()).is_err()) {
            return Err(DrainUrlError::Credentials);
        }
        // Neither fails for a URL with a host, which http and https always have.
        let _ = (base.set_username(""), base.set_password(None));
        let params: Vec<(String, String)> =
            base.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        if let Some(error) = params.iter().find_map(|(key, _)| mistaken(key)) {
            return Err(error);
        }
        base.set_query(None);
        let prefix = base.path().trim_end_matches('/');
        let prefix = prefix.strip_suffix("/write").unwrap_or(prefix).trim_end_matches('/').to_owned();
        let mut write = base.clone();
        write.set_path(&format!("{prefix}/write"));
        let database = params.iter().find(|(k, _)| k == "db").map_or(DATABASE, |(_, v)| v.as_str());
        write.query_pairs_mut().append_pair("db", database).append_pair("precision", "ns");
        // `u` and `p` would be credentials in a place that proxies log.
        let others = params.iter().filter(|(k, _)| !matches!(k.as_str(), "db" | "precision" | "u" | "p"));
        write.query_pairs_mut().extend_pairs(others);
        let mut ping = base.clone();
        ping.set_path(&format!("{prefix}/ping"));
        let health = [prefix.as_str(), ""].map(|prefix| {
            let mut health = base.clone();
            health.set_path(&format!("{prefix}/-/healthy"));
            health
        });
        let mut query = base.clone();
        query.set_path(&format!("{prefix}/query"));
        query.query_pairs_mut().append_pair("db", database);
        query.query_pairs_mut().extend_pairs(params.iter().filter(|(k, _)| k == "rp"));
        base.set_path(&prefix);
        let shown = format!("{} (database {database})", base.as_str().trim_end_matches('/'));
        Ok(Self { write, ping, health, query, shown, auth })
    }

    /// Where to write, for people and logs.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// As a word of a command line, without credentials: database and retention policy included.
    #[must_use]
    pub fn as_argument(&self) -> String {
        let mut url = self.write.clone();
        url.set_path(url.path().strip_suffix("/write").unwrap_or_default().to_owned().as_str());
        let pairs: Vec<(String, String)> =
            self.write.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs.iter().filter(|(key, _)| key != "precision"));
        // No quotation mark is left in what is encoded.
        format!("'{url}'")
    }

    /// The command that makes its database, where no character of the name means anything to a shell or the store.
    pub(super) fn creation(&self) -> Option<String> {
        let (_, database) = self.query.query_pairs().find(|(key, _)| key == "db")?;
        let mut url = self.query.clone();
        url.set_query(None);
        database
            .chars()
            .all(is_plain)
            .then(|| format!("curl -X POST '{url}' --data-urlencode 'q=CREATE DATABASE \"{database}\"'"))
    }

    /// What to do where InfluxDB 2 does not know the database.
    pub(super) fn bucket(&self) -> String {
        let database =
            self.query.query_pairs().find(|(key, _)| key == "db").map(|(_, name)| name.into_owned());
        let database =
            database.filter(|name| name.chars().all(is_plain)).unwrap_or_else(|| "NAME".to_owned());
        format!(
            "make a bucket of that name (influx bucket create --name {database}) and give the token write access to it, or map the \
             database to a bucket (influx v1 dbrp create)"
        )
    }

    pub(super) fn write(&self) -> Url {
        self.write.clone()
    }

    pub(super) fn ping(&self) -> Url {
        self.ping.clone()
    }

    /// Where VictoriaMetrics says what it is.
    pub(super) fn health(&self) -> [Url; 2] {
        self.health.clone()
    }

    /// Where an InfluxDB is asked, with the database and the retention policy.
    pub(super) fn query(&self) -> Url {
        self.query.clone()
    }

    pub(super) fn auth(&self) -> Option<&Auth> {
        self.auth.as_ref()
    }

    pub(super) fn is_https(&self) -> bool {
        self.write.scheme() == "https"
    }

    pub(super) fn is_loopback(&self) -> bool {
        let host = self.write.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    }
}

/// Whether it means nothing to a shell or a store.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.".contains(c)
}

impl Auth {
    /// The header, marked so that nobody prints it.
    pub(super) fn header(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&self.value()).unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    fn value(&self) -> String {
        match self {
            Self::Token(token) => format!("Token {token}"),
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(…)",
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic { .. } => "Basic(…)",
        })
    }
}

impl fmt::Debug for DrainUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainUrl").field("url", &self.shown).field("auth", &self.auth).finish()
    }
}

/// `user:password@` of the URL or `?u=…&p=…`, as InfluxDB's own clients write them.
fn take_credentials(url: &Url) -> Option<Auth> {
    if url.username().is_empty() && url.password().is_none() {
        let find = |name: &str| url.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
        return Some(Auth::Basic { user: find("u")?, password: find("p").unwrap_or_default() });
    }
    let password = percent_decode(url.password().unwrap_or_default());
    Some(Auth::Basic { user: percent_decode(url.username()), password })
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        if let Some(value) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
