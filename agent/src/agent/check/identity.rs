//! The configuration, and who it says this node is.

use super::Subject;
use super::finding::Finding;
use crate::config::{MetadataMode, Origin};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Readable by everybody.
const OTHERS_READ: u32 = 0o004;

pub(super) fn configuration(subject: &Subject) -> Finding {
    const NAME: &str = "configuration";
    let given = subject.effective.values().iter().filter(|value| {
        matches!(value.origin, Origin::File { .. } | Origin::Environment(_) | Origin::Flag(_))
    });
    let secret_file = subject.effective.values().iter().find_map(|value| match &value.origin {
        Origin::File { path, .. } if value.has_secret() => Some(path),
        _ => None,
    });
    let mode = |path: &Path| std::fs::metadata(path).map(|file| file.permissions().mode()).unwrap_or(0);
    if let Some(path) = secret_file.filter(|path| mode(path) & OTHERS_READ != 0) {
        let detail = format!("{} holds a secret, and everybody on this machine can read it", path.display());
        let remedy = format!("chmod o-rwx {}, or move the secret to a file of its own", path.display());
        return Finding::warn(NAME, detail, remedy);
    }
    Finding::ok(NAME, format!("{} keys are given, all fine", given.count()))
}

pub(super) fn node(subject: &Subject) -> Finding {
    const NAME: &str = "identity";
    let node = &subject.config.node;
    let origin = subject.effective.get("node.id").map(|value| format!(" ({})", value.origin));
    let mut detail = format!("node {}{}", node.id, origin.unwrap_or_default());
    if let Some(region) = &node.region {
        detail.push_str(&format!(", region {region}"));
    }
    match &node.grid {
        Some(grid) => Finding::ok(NAME, format!("{detail}, grid {grid}")),
        None => {
            let detail = format!("{detail}, in no grid: commands that name grids are not for it");
            Finding::warn(NAME, detail, "set node.grid, or tag the instance with gridnode:grid")
        }
    }
}

pub(super) fn metadata(subject: &Subject) -> Finding {
    const NAME: &str = "instance metadata";
    let section = &subject.config.metadata;
    match (section.enabled, subject.has_metadata) {
        (MetadataMode::Off, _) => Finding::skipped(NAME, "turned off by metadata.enabled"),
        (_, true) if section.spot => Finding::ok(NAME, "it answers; the instance's end will be noticed"),
        (_, true) => Finding::ok(NAME, "it answers"),
        (_, false) => Finding::skipped(NAME, format!("none at {}", section.endpoint)),
    }
}
