//! What a plan will do and what it needs, as far as that can be read before JMeter starts.
//!
//! JMeter ends with exit code 0 and without a sample when a CSV file is missing or no thread group is enabled, so both
//! are looked at here first. Only what JMeter could not do either is refused: what a plan may make by itself, names that
//! are computed and classes are left to it.

use super::classes;
use super::doc::Id;
use super::element::{Item, Plan};
use super::known;
use super::value::param;
use super::{PlanError, Position, Value};

/// The facts of a plan, in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFacts {
    /// All thread groups, disabled ones too.
    pub groups: Vec<ThreadGroup>,
    /// The files that enabled elements name.
    pub files: Vec<FileUse>,
    /// Whether something in it may write files: what is not there yet may come.
    pub writes_files: bool,
    /// Classes of plug-ins that its elements are of, by their full names.
    pub plugin_classes: Vec<String>,
    /// Those that its elements call when they run.
    pub called_classes: Vec<String>,
}

/// One thread group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadGroup {
    /// Its name as people see it.
    pub name: String,
    /// Its class, without the package when it is JMeter's own.
    pub class: String,
    /// What sort of group it is.
    pub kind: GroupKind,
    /// Whether it and the Test Plan around it are enabled.
    pub enabled: bool,
    /// Threads; `None` where the class has no such property or the plan does not set it.
    pub users: Option<Value<i64>>,
    /// Ramp-up, s.
    pub ramp_up_s: Option<Value<i64>>,
    /// Iterations a thread; -1 is without end.
    pub loops: Option<Value<i64>>,
    /// Whether `duration_s` counts at all.
    pub scheduler: bool,
    /// Duration, s.
    pub duration_s: Option<Value<i64>>,
    /// The text of its threads where it is no number and JMeter starts none.
    pub no_users: Option<String>,
    /// Where it starts in the plan.
    pub at: Position,
}

/// Sorts of thread groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// JMeter's own Thread Group: the one whose load can be overridden.
    Ordinary,
    /// Runs before the others.
    SetUp,
    /// Runs after the others.
    TearDown,
    /// JMeter's Open Model Thread Group: its load is a schedule text.
    OpenModel,
    /// Any other class: from a plug-in.
    Plugin,
}

/// A file that an element reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileUse {
    /// What it is read for.
    pub kind: FileKind,
    /// The name of the element.
    pub element: String,
    /// The path as it is written; relative ones start in the working directory or else in the plan's.
    pub path: Value<String>,
    /// Whether JMeter surely comes to the element: no controller around it may leave it out.
    pub is_sure: bool,
    /// Where the element starts in the plan.
    pub at: Position,
}

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// CSV Data Set Config.
    Csv,
    /// Include Controller: a fragment of a plan.
    Include,
    /// JSR223, BeanShell or BSF: a script.
    Script,
    /// An upload of an HTTP Request.
    Upload,
}

/// Reads the facts of a plan.
///
/// # Errors
/// When `plan` is not a JMeter plan that can run.
pub fn inspect(plan: &[u8]) -> Result<PlanFacts, PlanError> {
    Ok(PlanFacts::of(&Plan::parse(plan)?))
}

impl PlanFacts {
    pub(super) fn of(plan: &Plan<'_>) -> Self {
        let (plugin_classes, called_classes) = classes::of_plugins(plan);
        Self {
            groups: groups(plan).map(|(group, _)| group).collect(),
            files: files(plan),
            writes_files: writes_files(plan),
            plugin_classes,
            called_classes,
        }
    }

    /// Refuses a plan that JMeter would run without doing anything.
    ///
    /// # Errors
    /// When no thread group is enabled; the text says what to do.
    pub fn check_runnable(&self) -> Result<(), String> {
        if self.groups.is_empty() {
            return Err(
                "the plan has no thread group, so it would send nothing: add one in JMeter".to_owned()
            );
        }
        if self.groups.iter().any(|group| group.enabled) {
            return Ok(());
        }
        Err(format!(
            "no thread group of the plan is enabled, so it would send nothing: enable {} in JMeter (or the Test Plan \
             itself, if that is disabled)",
            listed(self.groups.iter().map(|group| group.name.as_str()))
        ))
    }

    /// A sentence for each enabled group whose threads are no number: JMeter takes 0 for it, and says nothing.
    ///
    /// # Errors
    /// With these sentences when there is no other group.
    pub fn groups_without_users(&self) -> Result<Vec<String>, String> {
        let enabled = || self.groups.iter().filter(|group| group.enabled);
        let sentence = |group: &ThreadGroup| {
            let ThreadGroup { name, at, no_users, .. } = group;
            let text = no_users.as_ref()?;
            let why = if text.contains("${") {
                "a variable that the plan does not define"
            } else {
                "which is no number"
            };
            Some(format!(
                "the Thread Group `{name}` ({at}) has `{text}` as its number of threads, {why}, so it starts none"
            ))
        };
        let found: Vec<String> = enabled().filter_map(sentence).collect();
        if found.is_empty() || found.len() < enabled().count() {
            return Ok(found);
        }
        Err(format!("{}: correct it in JMeter, or give --users", found.join("; ")))
    }

    /// The files without which JMeter does nothing: fragments, which it reads before the test begins, and data that nothing
    /// in the plan can make, where no controller may keep it from being read. A default may be replaced by a file of properties, so it is no name. What a sampler reads or
    /// sends is missing to that sampler alone.
    pub fn needed_files<'a>(
        &'a self,
        params: &'a [(String, String)],
    ) -> impl Iterator<Item = (&'a FileUse, &'a str)> {
        self.known_files(params).filter(|(file, _)| {
            let is_named = match &file.path {
                Value::Property { name, .. } => param(params, name).is_some(),
                Value::Fixed(_) | Value::Computed(_) => true,
            };
            is_named
                && match file.kind {
                    FileKind::Include => true,
                    FileKind::Csv => !self.writes_files && file.is_sure,
                    FileKind::Script | FileKind::Upload => false,
                }
        })
    }

    /// The files whose paths are known once `params` are given.
    pub fn known_files<'a>(
        &'a self,
        params: &'a [(String, String)],
    ) -> impl Iterator<Item = (&'a FileUse, &'a str)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.path.known(params).filter(|path| !path.is_empty())?)))
    }
}

impl FileUse {
    /// The sentence for a file that is not where the plan says. `directory` is where the plan lies.
    #[must_use]
    pub fn missing(&self, path: &str, directory: &str) -> String {
        let Self { kind, element, at, .. } = self;
        let what = match kind {
            FileKind::Csv => "CSV Data Set",
            FileKind::Include => "Include Controller",
            FileKind::Script => "script element",
            FileKind::Upload => "HTTP Request",
        };
        let bytes = path.as_bytes();
        let windows =
            path.contains('\\') || matches!(bytes, [drive, b':', ..] if drive.is_ascii_alphabetic());
        let remedy = if windows {
            "it is a Windows path: put the file beside the plan and name it without a directory"
        } else if path.starts_with('/') {
            "put the file beside the plan and name it without a directory"
        } else {
            "put it there, or correct the name in the plan (upper and lower case count)"
        };
        let place = if path.starts_with('/') || windows { String::new() } else { format!(" in {directory}") };
        format!("the {what} `{element}` ({at}) reads `{path}`, which cannot be read{place}: {remedy}")
    }
}

/// The thread groups with their elements.
pub(super) fn groups<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (ThreadGroup, Id)> + 'p {
    plan.items.iter().filter_map(|item| {
        let kind = group_kind(plan, item.id)?;
        let controller = plan.property(item.id, "ThreadGroup.main_controller");
        let scheduler = plan.text(item.id, "ThreadGroup.scheduler");
        let group = ThreadGroup {
            name: plan.label(item.id),
            class: plan.class(item.id).to_owned(),
            kind,
            enabled: item.enabled,
            users: plan.number(item.id, "ThreadGroup.num_threads"),
            no_users: no_users(plan, item.id, kind),
            ramp_up_s: plan.number(item.id, "ThreadGroup.ramp_time"),
            loops: controller.and_then(|id| plan.number(id, "LoopController.loops")),
            scheduler: scheduler
                .is_some_and(|v| v.known(&[]).is_some_and(|v| v.eq_ignore_ascii_case("true"))),
            duration_s: plan.number(item.id, "ThreadGroup.duration"),
            at: plan.doc.position(item.id),
        };
        Some((group, item.id))
    })
}

/// The text of a group's threads that is no number, or a variable that nothing in the plan defines.
fn no_users(plan: &Plan<'_>, group: Id, kind: GroupKind) -> Option<String> {
    if !matches!(kind, GroupKind::Ordinary | GroupKind::SetUp | GroupKind::TearDown) {
        return None;
    }
    match plan.text(group, "ThreadGroup.num_threads")? {
        Value::Fixed(text) => text.parse::<i64>().is_err().then_some(text),
        Value::Computed(text) => {
            let is_undefined = plan.undefined(&text).is_some();
            is_undefined.then_some(text)
        }
        Value::Property { .. } => None,
    }
}

/// Names, quoted, at most five of them.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    match names.len() {
        0..=5 => names.join(", "),
        more => format!("{} and {} more", names[..5].join(", "), more - 5),
    }
}

fn group_kind(plan: &Plan<'_>, id: Id) -> Option<GroupKind> {
    Some(match plan.class(id) {
        "ThreadGroup" => GroupKind::Ordinary,
        "SetupThreadGroup" => GroupKind::SetUp,
        "PostThreadGroup" => GroupKind::TearDown,
        "OpenModelThreadGroup" => GroupKind::OpenModel,
        class if class.ends_with("ThreadGroup") => GroupKind::Plugin,
        // What every thread group has by its base class, whatever its name.
        _ => {
            plan.property(id, "ThreadGroup.main_controller")?;
            GroupKind::Plugin
        }
    })
}

/// Whether an enabled element runs code of somebody's, saves something, or is of a class that is not known here.
fn writes_files(plan: &Plan<'_>) -> bool {
    const WRITERS: [&str; 5] =
        ["SystemSampler", "ResultSaver", "JUnitSampler", "IncludeController", "FTPSampler"];
    const FUNCTIONS: [&str; 6] = ["StringToFile", "groovy", "BeanShell", "javaScript", "jexl2", "jexl3"];
    let writes = |class: &str, id: Id| {
        known::may_write(class)
            || (class == "ResultCollector" || class.contains('.')) && names_a_file(plan, id)
            || WRITERS.contains(&class)
            || ["JSR223", "BeanShell", "BSF"].iter().any(|prefix| class.starts_with(prefix))
            || class == "JavaSampler" && !is_jmeters_own(plan, id)
    };
    let enabled = plan.items.iter().filter(|item| item.enabled);
    enabled.map(|item| item.id).any(|id| writes(plan.class(id), id))
        || FUNCTIONS.iter().any(|name| plan.doc.mentions(&format!("${{__{name}(")))
}

/// Whether a listener or a plug-in's thread group has the name of a file to write.
fn names_a_file(plan: &Plan<'_>, id: Id) -> bool {
    let mut files = ["filename", "LogFilename"].into_iter().filter_map(|name| plan.property(id, name));
    files.any(|file| !plan.doc.text(file).trim().is_empty())
}

/// JMeter's two samplers without a network only sleep.
pub(super) fn is_jmeters_own(plan: &Plan<'_>, sampler: Id) -> bool {
    let class = plan.text(sampler, "classname");
    class.is_some_and(|class| {
        class.known(&[]).is_some_and(|name| name.starts_with("org.apache.jmeter.protocol.java.test."))
    })
}

fn files(plan: &Plan<'_>) -> Vec<FileUse> {
    let enabled = plan.items.iter().filter(|item: &&Item| item.enabled);
    enabled.flat_map(|item| element_files(plan, item)).collect()
}

fn element_files(plan: &Plan<'_>, item: &Item) -> Vec<FileUse> {
    let Item { id, is_sure, .. } = *item;
    let class = plan.class(id);
    let (kind, paths): (_, Vec<_>) = match class {
        "CSVDataSet" => (FileKind::Csv, plan.text(id, "filename").into_iter().collect()),
        "IncludeController" => {
            (FileKind::Include, plan.text(id, "IncludeController.includepath").into_iter().collect())
        }
        "HTTPSamplerProxy" => (FileKind::Upload, uploads(plan, id)),
        _ if ["JSR223", "BeanShell", "BSF"].iter().any(|prefix| class.starts_with(prefix)) => {
            let names = [
                "filename",
                "BeanShellSampler.filename",
                "BeanShellAssertion.filename",
                "BSFSampler.filename",
            ];
            (FileKind::Script, names.iter().filter_map(|name| plan.text(id, name)).collect())
        }
        _ => return Vec::new(),
    };
    let blank = Value::Fixed(String::new());
    let written = |path: &Value<String>| *path != blank;
    paths
        .into_iter()
        .filter(written)
        .map(|path| FileUse { kind, element: plan.label(id), path, is_sure, at: plan.doc.position(id) })
        .collect()
}

fn uploads(plan: &Plan<'_>, sampler: Id) -> Vec<Value<String>> {
    let files = plan.property(sampler, "HTTPsampler.Files");
    let list = files.and_then(|files| plan.property(files, "HTTPFileArgs.files"));
    let arguments = list.into_iter().flat_map(|list| plan.doc.children(list));
    arguments.filter_map(|argument| plan.text(argument, "File.path")).collect()
}

#[cfg(test)]
mod tests;
