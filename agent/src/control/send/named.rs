//! What is named: `PLACE` or `NAME=PLACE`, a file or directory of this machine, or a file that nodes can fetch.

use crate::base::advice::Advice;
use anyhow::Context;
use gridnode_core::node::command::FileName;
use std::path::Path;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'a> {
    /// What it is called in the run's directory.
    pub name: FileName,
    /// Where it is.
    pub place: &'a str,
    /// A directory of this machine: it is sent as an archive.
    pub is_dir: bool,
}

impl<'a> Named<'a> {
    /// Reads one of them.
    ///
    /// # Errors
    /// When it cannot be called so.
    pub fn read(text: &'a str) -> anyhow::Result<Self> {
        let (name, place) = split(text);
        let is_dir = !is_elsewhere(place) && Path::new(place).is_dir();
        let name = match name {
            Some(name) => name,
            None if is_dir => real_name(Path::new(place))?,
            None => last(place).to_owned(),
        };
        // As shells complete it.
        let name = FileName::new(without_dot(&name))?;
        if is_dir && name.is_archive() {
            return Err(anyhow::anyhow!("the directory {place} is called like an archive"))
                .context(Advice::new("send it under another name: NAME=DIR"));
        }
        Ok(Self { name, place, is_dir })
    }

    /// Whether it is of this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        !is_elsewhere(self.place)
    }

    /// # Errors
    /// When nothing of this machine is called so.
    pub fn must_be_there(&self) -> anyhow::Result<()> {
        match self.is_local().then(|| std::fs::metadata(self.place)) {
            Some(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(anyhow::anyhow!("{} does not exist", self.place)).context(Advice::new(
                    "look at the name; it is relative to the directory that this command runs in",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether the plan may be in it.
    #[must_use]
    pub fn holds_others(&self) -> bool {
        self.is_dir || self.name.is_archive()
    }

    /// The file that is sent.
    ///
    /// # Errors
    /// When its name is too long.
    pub fn file_name(&self) -> anyhow::Result<FileName> {
        match self.is_dir {
            true => Ok(FileName::new(&format!("{}.zip", self.name))?),
            false => Ok(self.name.clone()),
        }
    }

    /// What is called `path` in it, by its name in the run's directory: an archive is unpacked where it lies.
    ///
    /// # Errors
    /// When that is no name of a file.
    pub fn inside(&self, path: &str) -> anyhow::Result<FileName> {
        let path = match without_dot(path).trim_end_matches('/') {
            "." => "",
            path => path,
        };
        let own = self.name.as_str();
        let dir = if self.is_dir { own } else { own.rsplit_once('/').map_or("", |(dir, _)| dir) };
        if path.is_empty() {
            return Ok(FileName::new(dir)?);
        }
        let joined = if dir.is_empty() { path.to_owned() } else { format!("{dir}/{path}") };
        Ok(FileName::new(&joined)?)
    }
}

/// `./a` is `a`, however often.
pub(super) fn without_dot(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path
}

fn is_elsewhere(place: &str) -> bool {
    place.contains("://")
}

/// `NAME=PLACE`, unless a file of just this name is there.
fn split(text: &str) -> (Option<String>, &str) {
    match text.split_once('=') {
        Some((name, place))
            if !name.is_empty()
                && !place.is_empty()
                && !name.contains("://")
                && !Path::new(text).exists() =>
        {
            (Some(name.to_owned()), place)
        }
        _ => (None, text),
    }
}

/// Also of `.` and `..`.
fn real_name(dir: &Path) -> anyhow::Result<String> {
    let name = crate::base::real_name::of(dir);
    name.with_context(|| format!("{} has no name", dir.display()))
        .context(Advice::new("send it under a name: NAME=DIR"))
}

fn last(place: &str) -> &str {
    place.trim_end_matches('/').rsplit('/').next().unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_places_unless_given() {
        for (text, name, place) in [
            ("plans/checkout.jmx", None, "plans/checkout.jmx"),
            ("data/users.csv=other/u.csv", Some("data/users.csv"), "other/u.csv"),
            ("s3://bucket/a=b.csv", None, "s3://bucket/a=b.csv"),
            ("u.csv=s3://bucket/a=b.csv", Some("u.csv"), "s3://bucket/a=b.csv"),
            ("=x", None, "=x"),
        ] {
            assert_eq!(split(text), (name.map(str::to_owned), place), "{text}");
        }
        assert_eq!(["a/b.jmx", "b.jmx", "s3://bucket/k/e.y"].map(last), ["b.jmx", "b.jmx", "e.y"]);
    }

    #[test]
    fn a_directory_goes_as_an_archive_under_its_own_name() {
        let dir = tempfile::tempdir().unwrap();
        let shop = dir.path().join("shop");
        std::fs::create_dir_all(shop.join("src")).unwrap();
        for place in [shop.clone(), shop.join("."), shop.join("src/..")] {
            let named = Named::read(place.to_str().unwrap()).unwrap();
            assert_eq!((named.name.as_str(), named.is_dir), ("shop", true), "{}", place.display());
            assert_eq!(named.file_name().unwrap().as_str(), "shop.zip");
            assert_eq!(named.inside("./plans/a.jmx").unwrap().as_str(), "shop/plans/a.jmx");
            assert!(named.inside("../a.jmx").is_err());
            for all in [".", "./", "././."] {
                assert_eq!(named.inside(all).unwrap().as_str(), "shop", "{all}");
            }
        }
        for text in [format!("lib/data={}", shop.display()), format!("./lib/data={}", shop.display())] {
            assert_eq!(Named::read(&text).unwrap().file_name().unwrap().as_str(), "lib/data.zip");
        }
        let text = format!("a.zip={}", shop.display());
        assert!(Named::read(&text).unwrap_err().to_string().contains("another name"));
    }

    #[test]
    fn an_archive_is_unpacked_where_it_lies() {
        let named = Named::read("sub/b.zip=s3://bucket/x").unwrap();
        assert!(named.holds_others() && !named.is_local());
        assert_eq!(named.inside("a.jmx").unwrap().as_str(), "sub/a.jmx");
        assert_eq!(Named::read("s3://b/shop.zip").unwrap().inside("shop/").unwrap().as_str(), "shop");
    }
}
