//! The files of a start: what each is called, and where it is. A directory goes as an archive.

use super::named::Named;
use super::news::{Listener, News};
use super::settings::FileSettings;
use crate::base::advice::Advice;
use crate::files::archive::Judge;
use crate::files::archive::pack::{Caps, Packed, pack};
use crate::files::fetch::FetchSettings;
use anyhow::{Context, bail};
use gridnode_core::node::command::{FileName, FileUri, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// One file, before it is known what it hashes to.
#[derive(Debug)]
pub struct Source {
    pub(super) name: FileName,
    pub(super) place: Place,
}

/// A file of this machine.
#[derive(Debug)]
pub(super) struct Local {
    /// As it was named.
    pub(super) shown: PathBuf,
    /// Where it can be read.
    pub(super) path: PathBuf,
    /// Keeps `path` alive where a directory was named.
    _packed: Option<Packed>,
}

/// Where a file is.
#[derive(Debug)]
pub(super) enum Place {
    /// Of this machine, to be uploaded below `s3://bucket/prefix`.
    Local { file: Local, bucket: String, prefix: String },
    /// Where nodes can fetch it already, and its digest where that was given.
    There { uri: FileUri, sha256: Option<Sha256> },
}

impl Local {
    /// A plain file.
    pub(super) fn of(place: PathBuf) -> Self {
        Self { path: place.clone(), shown: place, _packed: None }
    }
}

impl Source {
    /// What it is called in the run's directory.
    #[must_use]
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// Where it can be read, if it is of this machine.
    #[must_use]
    pub fn local_path(&self) -> Option<&Path> {
        match &self.place {
            Place::Local { file, .. } => Some(&file.path),
            Place::There { .. } => None,
        }
    }
}

/// All files that were named, the plan's first. Blocks while it packs directories.
///
/// # Errors
/// When a name or place cannot be used, a directory cannot be packed, or a digest belongs to no file.
pub fn sources(asked: &FileSettings, listener: &mut dyn Listener) -> anyhow::Result<Vec<Source>> {
    let upload = asked.upload.as_deref().map(upload_place).transpose()?;
    let mut digests: BTreeMap<&str, Sha256> =
        asked.sha256.iter().map(|(name, digest)| (name.as_str(), *digest)).collect();
    let named = std::iter::once(&asked.plan).chain(&asked.further);
    let mut sources = Vec::new();
    for text in named {
        let named = Named::read(text)?;
        let name = named.file_name()?;
        let place = if named.is_local() {
            let Some((bucket, prefix)) = upload.clone() else {
                let place = named.place;
                return Err(anyhow::anyhow!(
                    "{place} is of this machine, and nodes cannot fetch it from here"
                ))
                .context(Advice::new("say where it can be uploaded to: --upload s3://bucket/prefix"));
            };
            Place::Local { file: local(&named, listener)?, bucket, prefix }
        } else {
            Place::There { uri: FileUri::parse(named.place)?, sha256: digests.remove(name.as_str()) }
        };
        sources.push(Source { name, place });
    }
    if let Some(name) = digests.keys().next() {
        bail!("--sha256 {name}=…: no s3:// file of this run is called `{name}`");
    }
    Ok(sources)
}

fn local(named: &Named<'_>, listener: &mut dyn Listener) -> anyhow::Result<Local> {
    let shown = PathBuf::from(named.place);
    if !named.is_dir {
        return Ok(Local::of(shown));
    }
    let own = named.name.as_str();
    let packed = pack(&shown, own.rsplit('/').next().unwrap_or(own), caps_of_a_node())?;
    if !packed.left_out.is_empty() {
        listener.hear(News::LeftOut { dir: &shown, names: &packed.left_out })?;
    }
    let files = packed.files as u64;
    listener.hear(News::Packed { dir: &shown, files, name: &named.file_name()? })?;
    Ok(Local { shown, path: packed.path(), _packed: Some(packed) })
}

/// Judges the archives of this machine as a node does: what it would refuse need not be uploaded first.
///
/// # Errors
/// When a node would not unpack one of them.
pub fn judge_archives(sources: &[Source]) -> anyhow::Result<()> {
    let node = FetchSettings::new(PathBuf::new());
    let mut judge = Judge::new(node.unpacked_bytes_max, node.unpacked_files_max);
    for source in sources.iter().filter(|source| source.name.is_archive()) {
        let Some(path) = source.local_path() else { continue };
        let file = File::open(path).with_context(|| format!("failed to read {}", path.display()))?;
        let bytes = file.metadata().with_context(|| format!("failed to read {}", path.display()))?.len();
        if bytes > node.file_bytes_max {
            let (name, max) = (&source.name, node.file_bytes_max);
            bail!(
                "no node would take {name}: it has {bytes} bytes, and a file may have {max} unless a node's \
                   files.file_bytes_max says otherwise; leave out what the plan does not need"
            );
        }
        let dir =
            source.name.as_str().rsplit_once('/').map_or_else(String::new, |(dir, _)| format!("{dir}/"));
        judge.judge(file, &dir).with_context(|| format!("no node would unpack {}", source.name))?;
    }
    Ok(())
}

/// What a node takes unless its operator says otherwise.
fn caps_of_a_node() -> Caps {
    let node = FetchSettings::new(PathBuf::new());
    Caps { bytes: node.file_bytes_max, files: node.unpacked_files_max as usize }
}

/// Bucket and prefix, without slashes around it; a prefix may be empty.
pub(super) fn upload_place(text: &str) -> anyhow::Result<(String, String)> {
    if !text.starts_with("s3://") {
        bail!("--upload {text}: it should be s3://bucket/prefix");
    }
    let as_key = format!("{}/x", text.trim_end_matches('/'));
    let FileUri::S3 { bucket, key } =
        FileUri::parse(&as_key).map_err(|error| anyhow::anyhow!("--upload {text}: {}", error.why()))?
    else {
        bail!("--upload {text}: it should be s3://bucket/prefix");
    };
    let prefix = key.strip_suffix('x').unwrap_or_default().trim_matches('/');
    Ok((bucket, prefix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_go_below_a_prefix_or_none() {
        let place = |text: &str| upload_place(text).map_err(|error| format!("{error:#}"));
        assert_eq!(place("s3://my-bucket/plans/"), Ok(("my-bucket".to_owned(), "plans".to_owned())));
        assert_eq!(place("s3://my-bucket"), Ok(("my-bucket".to_owned(), String::new())));
        assert!(place("file:///tmp").unwrap_err().contains("s3://bucket/prefix"));
        assert!(place("my-bucket").unwrap_err().contains("--upload"));
        // What is said is about what was named.
        let short = "--upload s3://b/p: a bucket's name has 3 to 63 of a-z 0-9 . -".to_owned();
        assert_eq!(place("s3://b/p"), Err(short));
    }
}
