//! Links between pages lead somewhere: pages and their headings move.

use std::fs;
use std::path::{Path, PathBuf};

fn pages(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            pages(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "md") {
            found.push(path);
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    // Where it runs, not where it was built: checkouts may share a build directory.
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..");
    let mut found = Vec::new();
    pages(&root, &mut found);
    assert!(found.len() > 10, "only {} pages: is this the repository?", found.len());
    let mut complaints = Vec::new();
    for page in &found {
        let text = fs::read_to_string(page).unwrap();
        complaints
            .extend(targets(&text).filter_map(|target| {
                Some(format!("{}: {target}: {}", page.display(), fault(page, target)?))
            }));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What stands in `](…)`, but addresses on the web.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let all = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    all.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

fn fault(page: &Path, target: &str) -> Option<&'static str> {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let there = if path.is_empty() { page.to_owned() } else { page.parent()?.join(path) };
    if !there.exists() {
        return Some("there is no such file");
    }
    if heading.is_empty() || there.extension().is_none_or(|ext| ext != "md") {
        return None;
    }
    let text = fs::read_to_string(there).unwrap_or_default();
    let is_there = text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
    (!is_there).then_some("there is no such heading")
}

/// As sites that render the pages name it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let page = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../README.md");
    assert_eq!(fault(&page, "agent/docs/none.md"), Some("there is no such file"));
    assert_eq!(fault(&page, "#no-such-heading"), Some("there is no such heading"));
    assert_eq!(fault(&page, "#two-commands"), None);
    assert_eq!(targets("[a](b) ![c](d#e) [f](https://g)").collect::<Vec<_>>(), ["b", "d#e"]);
    assert_eq!(anchor("## With InfluxDB 1.x"), "with-influxdb-1x");
}
