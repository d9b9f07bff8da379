//! What is known of a plan before it is sent, where it can be read here: how long it runs, from which the limit of its run
//! follows, and what `run` would refuse or warn of before its start. Nodes would do the same, one by one.

use super::files::Source;
use super::named::Named;
use super::plan::ThePlan;
use super::settings::{FloodSettings, StartSettings};
use anyhow::Context;
use gridnode_launch::jmeter::inspect::PlanFacts;
use gridnode_launch::jmeter::verdict::not_sent;
use gridnode_launch::jmeter::{PLAN_BYTES_MAX, PropertyFiles, Value, certain, inspect, outlook};
use gridnode_launch::{Length, Load, ToolKind};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Bytes of a data file's first line.
const HEADER_BYTES_MAX: u64 = 64 << 10;

/// See the module's head.
///
/// # Errors
/// When no node could run the plan, or not with this load.
pub fn length(settings: &StartSettings, plan: &ThePlan, sources: &[Source]) -> anyhow::Result<Length> {
    let load = load(&settings.flood);
    if plan.tool.as_str() != ToolKind::Jmeter.as_str() {
        return Ok(Length::of(&load));
    }
    let unknown = |why: String| Length { open: vec![why], ..Length::default() };
    let bytes = match read(settings, plan, sources) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(unknown("the plan is not on this machine".to_owned())),
        Err(error) => return Ok(unknown(format!("the plan cannot be read here: {error}"))),
    };
    let refused = || format!("no node could run {}", plan.name);
    let facts = inspect(&bytes).with_context(refused)?;
    facts.check_runnable().map_err(anyhow::Error::msg).with_context(refused)?;
    // What is in an archive besides is not looked at: there may be a file with properties.
    let has_archive = sources.iter().any(|source| source.name().is_archive());
    let has_properties =
        has_archive || sources.iter().any(|source| source.name().as_str().ends_with(".properties"));
    let files = if has_properties { PropertyFiles::Unknown } else { PropertyFiles::Text("") };
    let first_line = |name: &Value<String>| first_line(certain(name, &load.params, files)?, plan, sources);
    let mut length = outlook(&bytes, &load, files, &first_line).with_context(refused)?.length;
    if !has_archive {
        length.warnings.extend(classes(&facts, sources));
    }
    Ok(length)
}

/// What is said of classes that no jar has that goes along.
fn classes(facts: &PlanFacts, sources: &[Source]) -> Option<String> {
    let mut missing: Vec<&str> =
        facts.plugin_classes.iter().chain(&facts.called_classes).map(String::as_str).collect();
    let jars = sources.iter().filter(|source| source.name().as_str().ends_with(".jar"));
    for jar in jars {
        // What is in one that is not here, nobody knows.
        let jar = ZipArchive::new(BufReader::new(File::open(jar.local_path()?).ok()?)).ok()?;
        missing.retain(|class| jar.index_for_name(&format!("{}.class", class.replace('.', "/"))).is_none());
    }
    not_sent(&missing)
}

/// Of a data file that goes along, where it is text.
fn first_line(name: &str, plan: &ThePlan, sources: &[Source]) -> Option<String> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let beside = plan.name.as_str().rsplit_once('/').map_or("", |(dir, _)| dir);
    let names = [name.to_owned(), format!("{beside}/{name}")];
    let source = sources.iter().find(|source| names.iter().any(|name| name == source.name().as_str()))?;
    let path = source.local_path().filter(|path| path.is_file())?;
    let mut line = Vec::new();
    let mut start = BufReader::new(File::open(path).ok()?.take(HEADER_BYTES_MAX));
    start.read_until(b'\n', &mut line).ok()?;
    let is_whole = (line.len() as u64) < HEADER_BYTES_MAX;
    let line = String::from_utf8(line).ok()?;
    // One of UTF-16 has such.
    (is_whole && !line.contains('\0')).then(|| line.trim_end_matches('\n').to_owned())
}

fn load(asked: &FloodSettings) -> Load {
    Load {
        users: asked.users,
        ramp_up_s: asked.ramp_up_s,
        duration_s: asked.duration_s,
        iterations: asked.iterations.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        params: asked.parameters.clone(),
    }
}

/// The plan's bytes; `None` where it is not here.
fn read(settings: &StartSettings, plan: &ThePlan, sources: &[Source]) -> io::Result<Option<Vec<u8>>> {
    let asked = &settings.files;
    let Ok(named) = Named::read(&asked.plan) else { return Ok(None) };
    match asked.plan_in.as_deref() {
        _ if !named.is_local() => Ok(None),
        None => at_most(File::open(named.place)?).map(Some),
        Some(inner) if named.is_dir => at_most(File::open(Path::new(named.place).join(inner))?).map(Some),
        Some(_) => {
            let archive = sources.iter().find(|source| *source.name() == named.name);
            let Some(path) = archive.and_then(Source::local_path) else { return Ok(None) };
            // An archive is unpacked where it lies.
            let dir = named.name.as_str().rsplit_once('/').map(|(dir, _)| format!("{dir}/"));
            let name = plan.name.as_str();
            let inner = dir.and_then(|dir| name.strip_prefix(dir.as_str())).unwrap_or(name);
            let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(io::Error::from)?;
            at_most(archive.by_name(inner).map_err(io::Error::from)?).map(Some)
        }
    }
}

fn at_most(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(PLAN_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::gather;
    use super::super::news::{Listener, News};
    use super::super::settings::StartSettings;
    use super::super::tests::{GROUP, asked, plan_of};
    use std::path::Path;

    const CONCURRENCY: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";

    /// Keeps what is said of the plan.
    #[derive(Default)]
    struct Ears(Vec<String>);

    impl Listener for Ears {
        fn hear(&mut self, news: News<'_>) -> std::io::Result<()> {
            if let News::OfPlan(sentence) = news {
                self.0.push(sentence.to_owned());
            }
            Ok(())
        }
    }

    fn heard(settings: &StartSettings) -> Result<Vec<String>, String> {
        let mut ears = Ears::default();
        gather(settings, &mut ears).map(|_| ears.0).map_err(|error| format!("{error:#}"))
    }

    /// A start of a plan with a group and one request for `path`, with nothing else said.
    fn start(dir: &Path, group: &str, path: &str) -> StartSettings {
        let request = format!(
            "<HTTPSamplerProxy testname='s'><stringProp name='HTTPSampler.path'>{path}</stringProp></HTTPSamplerProxy><hashTree/>"
        );
        let plan = dir.join("shop.jmx");
        std::fs::write(&plan, plan_of(group, &request)).unwrap();
        let mut settings = asked(plan.to_str().unwrap());
        settings.flood.max_runtime_s = Some(60);
        settings
    }

    #[test]
    fn what_run_refuses_is_not_sent() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = start(dir.path(), &format!("<{CONCURRENCY} testname='conc'/>"), "/");
        settings.flood.users = Some(5);
        let error = heard(&settings).unwrap_err();
        assert!(
            error
                .starts_with("no node could run shop.jmx: --users cannot change the load of `conc`, because"),
            "{error}"
        );
        std::fs::write(&settings.files.plan, "<jmeterTestPlan/>").unwrap();
        assert!(heard(&settings).unwrap_err().starts_with("no node could run shop.jmx: "));
    }

    #[test]
    fn what_run_warns_of_is_said_before_a_plan_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        let said = heard(&start(dir.path(), GROUP, "/${wrod}")).unwrap();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("`${wrod}`, a variable that nothing in the plan defines"), "{said:?}");
        let said = heard(&start(dir.path(), &format!("<{CONCURRENCY} testname='conc'/>"), "/")).unwrap();
        assert!(
            said.iter().any(|one| one.contains("tools.jmeter_plugins = [\"kg.apc:jmeter-plugins-casutg\"]")),
            "{said:?}"
        );
        assert_eq!(heard(&start(dir.path(), GROUP, "/")), Ok(vec![]));
    }
}
