//! What lies beside a plan for JMeter itself: jars with samplers and functions of the user's own, and properties.

use crate::cage::foreign_file::head;
use crate::tool::beside::{Used, jars_beside};
use gridnode_launch::jmeter::command::SEARCH_PATHS;
use gridnode_launch::jmeter::{PropertyFiles, property_of};
use std::fs;
use std::path::{Path, PathBuf};

/// Files that JMeter finds in its working directory by itself.
const FOUND: [&str; 2] = [USER, "system.properties"];
const USER: &str = "user.properties";
/// JMeter takes its own from its home and none else: one of the user's goes on top of that.
const OF_JMETER: &str = "jmeter.properties";

/// Properties with jars and directories of jars, and what JMeter splits each at.
pub(super) const PLACES: [(&str, char); 3] =
    [(SEARCH_PATHS, ';'), ("user.classpath", ':'), ("plugin_dependency_paths", ';')];
/// Jars of one directory; of more, JMeter alone knows.
const JARS_MAX: usize = 1_000;

/// Bytes of one: JMeter's own has some 50 KB.
const PROPERTIES_BYTES_MAX: u64 = 1 << 20;
/// Names of a place that are shown.
const SHOWN_MAX: usize = 5;
/// More are counted by nobody.
const UNREAD_MAX: usize = 1_000;

/// See the module's head.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// For the class path: beside the plan and in the directory `lib` there.
    pub jars: Vec<PathBuf>,
    /// JMeter's properties.
    pub properties: Vec<PathBuf>,
    /// The JVM's.
    pub system_properties: Vec<PathBuf>,
    /// What JMeter finds in its working directory by itself.
    pub found: Vec<PathBuf>,
    /// Names of other files with properties beside the plan, which are not read.
    pub unread: Vec<String>,
    /// Names of those beside the plan in whose place JMeter finds one in its working directory.
    pub replaced: Vec<&'static str>,
    /// What is in those of JMeter's, also where it finds them by itself; `None` where it cannot be read here.
    pub properties_text: Option<String>,
}

impl Beside {
    /// Looks for it. In its working directory JMeter finds `user.properties` and `system.properties` by itself, and takes
    /// no others then. The user's own come last of all, so that they count.
    pub fn of(plan: &Path, directory: &Path, working_dir: &Path) -> Self {
        let jars = jars_beside(plan, &[directory.to_owned(), directory.join("lib")]);
        let jars = jars.unwrap_or_else(|error| {
            // A heap of jars is nobody's class path, and the plan may do without.
            tracing::warn!("the jars beside the plan are left out: {error}");
            Vec::new()
        });
        // JMeter and the JVM split lists of jars at these.
        let is_listed = |jar: &PathBuf| !jar.as_os_str().as_encoded_bytes().iter().any(|b| b";:".contains(b));
        let own = |name: &str| {
            let (there, here) = (directory.join(name), working_dir.join(name));
            (there.is_file() && !here.is_file()).then_some(there)
        };
        let found: Vec<PathBuf> =
            FOUND.iter().map(|name| working_dir.join(name)).filter(|path| path.is_file()).collect();
        let of_jmeter = Some(directory.join(OF_JMETER)).filter(|path| path.is_file());
        let again = found.iter().find(|path| of_jmeter.is_some() && path.ends_with(USER)).cloned();
        let properties: Vec<PathBuf> = of_jmeter.into_iter().chain(own(USER).or(again)).collect();
        let by_itself = found.iter().filter(|path| path.ends_with(USER));
        Self {
            jars: jars.into_iter().filter(is_listed).collect(),
            properties_text: properties.iter().chain(by_itself).map(|path| text_of(path)).collect(),
            properties,
            system_properties: own("system.properties").into_iter().collect(),
            unread: unread(directory),
            replaced: FOUND.into_iter().filter(|name| is_replaced(name, directory, working_dir)).collect(),
            found,
        }
    }

    /// What these files may have of properties.
    pub fn property_files(&self) -> PropertyFiles<'_> {
        self.properties_text.as_deref().map_or(PropertyFiles::Unknown, PropertyFiles::Text)
    }

    /// Where these files let JMeter look for jars: ours would count in its place.
    pub fn search_paths(&self) -> Option<String> {
        property_of(self.properties_text.as_deref()?, SEARCH_PATHS)
    }

    /// Jars and directories of classes elsewhere that the plan's properties name: `params`, or else these files, as JMeter does. It
    /// loads them with its own classes, so they belong on the class path as the jars beside the plan do. What is not in the first of
    /// `dirs` is looked for in the next.
    pub fn elsewhere(&self, params: &[(String, String)], dirs: [&Path; 2]) -> Vec<PathBuf> {
        let of_files = |name: &str| property_of(self.properties_text.as_deref()?, name);
        let value = |name: &str| {
            let given = params.iter().rev().find(|(key, _)| key == name);
            given.map(|(_, value)| value.clone()).or_else(|| of_files(name)).unwrap_or_default()
        };
        let mut all = Vec::new();
        for (name, between) in PLACES {
            for part in value(name).split(between).filter(|part| !part.is_empty()) {
                let path = dirs.iter().map(|dir| dir.join(part)).find(|path| path.exists());
                all.extend(path.into_iter().flat_map(|path| jars_of(&path).into_iter().chain([path])));
            }
        }
        // The JVM splits its class path at these.
        all.retain(|path| !path.as_os_str().as_encoded_bytes().contains(&b':'));
        all
    }

    /// Every file of it, as a node needs it: its name, and whether that begins where JMeter works and not beside the plan.
    pub fn files(&self, directory: &Path, working_dir: &Path) -> Vec<Used> {
        let beside = self.jars.iter().chain(&self.properties).chain(&self.system_properties);
        let beside = beside.filter(|path| !self.found.contains(path)).map(|path| (path, directory, false));
        let found = self.found.iter().map(|path| (path, working_dir, true));
        beside.chain(found).filter_map(|(path, dir, is_of_start)| Used::of(path, dir, is_of_start)).collect()
    }

    /// What other files with properties are for, where `mentions` does not know them: a plan may read its own.
    pub fn unread_note(&self, mentions: impl Fn(&str) -> bool) -> Option<String> {
        let names: Vec<&str> =
            self.unread.iter().map(String::as_str).filter(|name| !mentions(name)).collect();
        let (first, more) = (names.first()?, names.len() - 1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!(
            "note: `{first}`{more} beside the plan is not read, as by JMeter without -q: call it `user.properties`, or give what it \
             has with --param"
        ))
    }

    /// Which of the plan's own do not count, for the working directory has one of the name.
    pub fn replaced_note(&self) -> Option<String> {
        let names = self.replaced.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let (is, one) = if self.replaced.len() == 1 { ("is", "the one") } else { ("are", "those") };
        (!names.is_empty()).then(|| {
            format!("note: {names} beside the plan {is} not read: {one} in the working directory {is} read instead, as by JMeter")
        })
    }

    /// What of it is used, if anything is.
    pub fn note(&self) -> Option<String> {
        let beside = self.jars.iter().chain(&self.properties).chain(&self.system_properties);
        let beside = beside.filter(|path| !self.found.contains(path));
        let places = [
            (listed(beside), "from beside the plan"),
            (listed(self.found.iter()), "from the working directory"),
        ];
        let parts: Vec<String> = places
            .into_iter()
            .filter_map(|(names, place)| names.map(|names| format!("{names} {place}")))
            .collect();
        (!parts.is_empty()).then(|| format!("note: JMeter gets {}", parts.join(", and ")))
    }
}

/// Their names, the first five of them.
fn listed<'p>(files: impl Iterator<Item = &'p PathBuf>) -> Option<String> {
    let names: Vec<_> =
        files.filter_map(|path| path.file_name()).map(|name| name.to_string_lossy()).collect();
    let shown = names.iter().take(SHOWN_MAX).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN_MAX) {
        _ if names.is_empty() => None,
        0 => Some(shown),
        more => Some(format!("{shown} and {more} more")),
    }
}

/// Its lines; what is no UTF-8 in them is in values and comments, for names are written in ASCII.
fn text_of(path: &Path) -> Option<String> {
    // It may be a link.
    let bytes = head(&fs::canonicalize(path).ok()?, PROPERTIES_BYTES_MAX + 1).ok()?;
    let is_whole = bytes.len() as u64 <= PROPERTIES_BYTES_MAX;
    is_whole.then(|| format!("{}\n", String::from_utf8_lossy(&bytes)))
}

/// Whether the working directory has another file of this name than the plan's, by whatever way that is reached.
fn is_replaced(name: &str, directory: &Path, working_dir: &Path) -> bool {
    let (there, here) = (directory.join(name), working_dir.join(name));
    there.is_file() && here.is_file() && fs::canonicalize(there).ok() != fs::canonicalize(here).ok()
}

/// Those in a directory, sorted.
fn jars_of(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_jar = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jar");
    let mut jars: Vec<PathBuf> = entries.filter(is_jar).take(JARS_MAX).collect();
    jars.sort();
    jars
}

/// `*.properties` beside the plan that JMeter never looks for.
fn unread(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let is_read = |name: &str| name == OF_JMETER || FOUND.contains(&name);
    let names = entries
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter(|name| name.ends_with(".properties") && !is_read(name)).take(UNREAD_MAX).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jars_elsewhere_are_named_by_a_parameter_or_else_by_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("exts")).unwrap();
        for name in ["a.jar", "b.jar", "exts/c.jar", "exts/c.txt"] {
            fs::write(root.join(name), "").unwrap();
        }
        let text = "user.classpath=a.jar:none.jar\nsearch_paths=exts;b.jar\n".to_owned();
        let beside = Beside { properties_text: Some(text), ..Beside::default() };
        let paths = |names: &[&str]| -> Vec<PathBuf> { names.iter().map(|name| root.join(name)).collect() };
        assert_eq!(
            beside.elsewhere(&[], [&root.join("exts"), root]),
            paths(&["exts/c.jar", "exts", "b.jar", "a.jar"])
        );
        let given = [("user.classpath".to_owned(), root.join("b.jar").display().to_string())];
        assert_eq!(beside.elsewhere(&given, [root, root]), paths(&["exts/c.jar", "exts", "b.jar", "b.jar"]));
        assert!(Beside::default().elsewhere(&[], [root, root]).is_empty());
    }

    #[test]
    fn what_jmeter_finds_by_itself_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let plans = root.join("plans");
        fs::create_dir_all(plans.join("lib")).unwrap();
        for name in
            ["plans/lib/own.jar", "plans/user.properties", "plans/system.properties", "system.properties"]
        {
            fs::write(root.join(name), "").unwrap();
        }
        let beside = Beside::of(&plans.join("a.jmx"), &plans, root);
        assert_eq!(beside.jars, [plans.join("lib/own.jar")]);
        assert_eq!(beside.properties, [plans.join("user.properties")]);
        assert!(beside.system_properties.is_empty(), "the working directory has its own");
        assert_eq!(
            beside.note().unwrap(),
            "note: JMeter gets `own.jar`, `user.properties` from beside the plan, and `system.properties` from the working directory"
        );
        let names = |beside: &Beside, dir: &Path| -> Vec<(String, bool)> {
            beside.files(&plans, dir).into_iter().map(|used| (used.name, used.is_of_start)).collect()
        };
        let all = [("lib/own.jar", false), ("user.properties", false), ("system.properties", true)];
        assert_eq!(names(&beside, root), all.map(|(name, of_start)| (name.to_owned(), of_start)));
        let here = Beside::of(&plans.join("a.jmx"), &plans, &plans);
        assert!(here.properties.is_empty());
        // One of JMeter's own counts wherever it lies, and the user's after it.
        fs::write(plans.join("jmeter.properties"), "").unwrap();
        let here = Beside::of(&plans.join("a.jmx"), &plans, &plans);
        assert_eq!(here.properties, ["jmeter.properties", "user.properties"].map(|name| plans.join(name)));
        let all = [
            ("lib/own.jar", false),
            ("jmeter.properties", false),
            ("user.properties", true),
            ("system.properties", true),
        ];
        assert_eq!(names(&here, &plans), all.map(|(name, of_start)| (name.to_owned(), of_start)));
        let bare = root.join("plans/lib");
        assert!(Beside::of(&bare.join("a.jmx"), &plans.join("none"), &plans.join("none")).note().is_none());
        for name in ["shop.properties", "own.properties"] {
            fs::write(plans.join(name), "").unwrap();
        }
        assert_eq!(here.unread, [""; 0]);
        let here = Beside::of(&plans.join("a.jmx"), &plans, &plans);
        assert_eq!(here.unread, ["own.properties", "shop.properties"]);
        let said = here.unread_note(|name| name == "own.properties").unwrap();
        assert!(
            said.contains("`shop.properties` beside the plan is not read") && said.contains("--param"),
            "{said}"
        );
        assert_eq!(here.unread_note(|_| true), None);
        assert_eq!(here.replaced_note(), None);
        let elsewhere = Beside::of(&plans.join("a.jmx"), &plans, root);
        assert_eq!(elsewhere.unread, here.unread, "it has the right name already");
        assert_eq!(
            elsewhere.replaced_note().unwrap(),
            "note: `system.properties` beside the plan is not read: the one in the working directory is read instead, as by JMeter"
        );
        fs::write(root.join("user.properties"), "").unwrap();
        let both = Beside::of(&plans.join("a.jmx"), &plans, root).replaced_note().unwrap();
        assert!(
            both.contains("`user.properties` and `system.properties` beside the plan are not read: those in")
        );
    }
}
