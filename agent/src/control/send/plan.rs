//! Which of the files a node gets is the plan, and for which tool it is.

use super::files::Source;
use super::named::{Named, without_dot};
use super::settings::{Detect, FileSettings};
use crate::base::advice::Advice;
use anyhow::{Context, bail};
use gridnode_core::base::ids::Ident;
use gridnode_core::node::command::FileName;
use gridnode_launch::ToolKind;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Entries of an archive that are looked at to tell the tool, and what of each.
const LOOKS_MAX: usize = 10_000;
const HEAD_BYTES: u64 = 64 << 10;
/// How many names of an archive a sentence lists.
const LISTED_MAX: usize = 8;

/// The plan of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThePlan {
    /// Its name in the run's directory; perhaps that of a directory.
    pub name: FileName,
    /// Whose it is.
    pub tool: Ident,
}

impl ThePlan {
    /// By what is asked for.
    ///
    /// # Errors
    /// When it cannot be told what the plan is, or whose.
    pub fn of(asked: &FileSettings) -> anyhow::Result<Self> {
        let named = Named::read(&asked.plan)?;
        let name = match asked.plan_in.as_deref() {
            Some(path) if named.holds_others() => named.inside(path)?,
            Some(_) => {
                bail!("--plan names the plan in a directory or an archive, and {} is neither", named.place)
            }
            None if named.name.is_archive() => {
                let place = named.place;
                return Err(anyhow::anyhow!(
                    "{place} is an archive, and nodes cannot know what in it is the plan"
                ))
                .context(Advice::new("name the file or directory in it: --plan PATH"));
            }
            None => named.name.clone(),
        };
        let tool = match &asked.tool {
            Some(tool) => tool.clone(),
            None => Ident::near(tool_of(asked.detect, &named, &name, asked.plan_in.as_deref())?.as_str()),
        };
        if named.is_dir && name == named.name && tool.as_str() == ToolKind::Jmeter.as_str() {
            return Err(anyhow::anyhow!("{} is a directory, and a JMeter plan is a file", named.place))
                .context(Advice::new("name the plan in it: --plan PATH"));
        }
        Ok(Self { name, tool })
    }

    /// Looks for it in what is sent. Archives that are not here are not looked into.
    ///
    /// # Errors
    /// When it is nowhere.
    pub fn check(&self, sources: &[Source]) -> anyhow::Result<()> {
        if sources.iter().any(|source| *source.name() == self.name) {
            return Ok(());
        }
        let mut there = Vec::new();
        for source in sources.iter().filter(|source| source.name().is_archive()) {
            let Some(path) = source.local_path() else { return Ok(()) };
            let dir = source.name().as_str().rsplit_once('/').map_or("", |(dir, _)| dir);
            there.extend(
                names_in(path, dir).with_context(|| format!("failed to look into {}", source.name()))?,
            );
        }
        let below = format!("{}/", self.name);
        if there.iter().any(|name| name == self.name.as_str() || name.starts_with(&below)) {
            return Ok(());
        }
        let listed: Vec<&str> = there.iter().take(LISTED_MAX).map(String::as_str).collect();
        let more = if there.len() > listed.len() { ", …" } else { "" };
        bail!("the plan {} is in nothing that is sent; there are {}{more}", self.name, listed.join(", "))
    }
}

fn names_in(archive: &Path, dir: &str) -> anyhow::Result<Vec<String>> {
    let archive = ZipArchive::new(BufReader::new(File::open(archive)?))?;
    let dir = if dir.is_empty() { String::new() } else { format!("{dir}/") };
    let mut names: Vec<String> = archive.file_names().flatten().map(|name| format!("{dir}{name}")).collect();
    names.sort();
    Ok(names)
}

/// By what is there, where it is here, or else by its name.
fn tool_of(
    detect: Detect,
    named: &Named<'_>,
    plan: &FileName,
    inner: Option<&str>,
) -> anyhow::Result<ToolKind> {
    let by_name = || (detect.by_name)(Path::new(plan.as_str()));
    let place = PathBuf::from(named.place);
    let here = match inner {
        _ if !named.is_local() => None,
        None => Some(place),
        Some(inner) if named.is_dir => Some(place.join(inner)),
        // In an archive.
        Some(inner) => match by_name() {
            Some(kind) => return Ok(kind),
            None => return in_archive(detect, &place, without_dot(inner).trim_end_matches('/')),
        },
    };
    match here {
        Some(path) if named.is_dir => (detect.by_content)(&path)
            .map_err(anyhow::Error::msg)
            .context(Advice::new("name the plan in it with --plan PATH, or the tool with --tool")),
        Some(path) => {
            (detect.by_content)(&path).or_else(|why| by_name().ok_or(why)).map_err(anyhow::Error::msg)
        }
        None => by_name()
            .with_context(|| format!("which tool {plan} is for cannot be told from its name"))
            .context(Advice::new("name the tool with --tool")),
    }
}

/// By what is called `inner` in an archive: the beginnings of the sources in it say whose it is.
fn in_archive(detect: Detect, archive: &Path, inner: &str) -> anyhow::Result<ToolKind> {
    let looked = || format!("failed to look into {}", archive.display());
    let mut zip =
        ZipArchive::new(BufReader::new(File::open(archive).with_context(looked)?)).with_context(looked)?;
    let dir = tempfile::tempdir().with_context(looked)?;
    for at in 0..zip.len().min(LOOKS_MAX) {
        let entry = zip.by_index(at).with_context(looked)?;
        let Some(name) = entry.enclosed_name().filter(|name| entry.is_file() && name.starts_with(inner))
        else {
            continue;
        };
        let path = dir.path().join(name);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| File::create(&path));
        std::io::copy(&mut entry.take(HEAD_BYTES), &mut made.with_context(looked)?).with_context(looked)?;
    }
    (detect.by_content)(&dir.path().join(inner)).map_err(|_| {
        anyhow::anyhow!("which tool {inner} in {} is for cannot be told", archive.display())
            .context(Advice::new("name the tool with --tool"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::files::sources;
    use super::super::tests::{Deaf, asked};
    use super::*;
    use crate::files::archive::pack::{Caps, pack};
    use gridnode_core::node::command::Sha256;
    use std::fs;

    fn files(place: &str) -> FileSettings {
        asked(place).files
    }

    fn files_in(place: &str, plan_in: &str) -> FileSettings {
        FileSettings { plan_in: Some(plan_in.to_owned()), ..files(place) }
    }

    fn for_tool(tool: &str, files: FileSettings) -> FileSettings {
        FileSettings { tool: Some(Ident::near(tool)), ..files }
    }

    fn plan(files: &FileSettings) -> Result<(String, String), String> {
        let plan = ThePlan::of(files).and_then(|plan| plan.check(&sources(files, &mut Deaf)?).map(|()| plan));
        plan.map(|plan| (plan.name.to_string(), plan.tool.to_string())).map_err(|error| format!("{error:#}"))
    }

    fn project() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("shop/src/test/java/Checkout.java", "import io.gatling.javaapi.core.*;"),
            ("shop/jmeter/checkout.jmx", "<jmeterTestPlan/>"),
            ("shop/target/built.jar", ""),
            ("data/users.csv", "1"),
            ("Odd.java", "class Odd {}"),
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn a_directory_is_a_plan_or_has_one() {
        let dir = project();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let (shop, data) = (path("shop"), path("data"));
        let is = |name: &str, tool: &str| Ok((name.to_owned(), tool.to_owned()));
        assert_eq!(plan(&files(&shop)), is("shop", "gatling"));
        assert_eq!(plan(&files_in(&shop, "jmeter/checkout.jmx")), is("shop/jmeter/checkout.jmx", "jmeter"));
        assert_eq!(plan(&files(&format!("other={shop}"))), is("other", "gatling"));
        let refused = |files: FileSettings, why: &str| {
            let error = plan(&files).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        refused(
            for_tool("gatling", files_in(&shop, "target/built.jar")),
            "is in nothing that is sent; there are shop/jmeter",
        );
        refused(files(&data), "--plan PATH");
        refused(for_tool("jmeter", files(&data)), "a JMeter plan is a file");
        refused(files_in(&path("shop/jmeter/checkout.jmx"), "x"), "is neither");
    }

    #[test]
    fn a_plan_in_an_archive_is_named_and_looked_for() {
        let dir = project();
        let zip = dir.path().join("all.zip");
        let packed = pack(&dir.path().join("shop"), "shop", Caps { bytes: 1_000, files: 9 });
        fs::copy(packed.unwrap().path(), &zip).unwrap();
        let zip = zip.to_str().unwrap();
        let expected = ("shop/jmeter/checkout.jmx".to_owned(), "jmeter".to_owned());
        assert_eq!(plan(&files_in(zip, "shop/jmeter/checkout.jmx")), Ok(expected));
        let expected = ("shop".to_owned(), "gatling".to_owned());
        assert_eq!(plan(&for_tool("gatling", files_in(zip, "shop"))), Ok(expected));
        assert!(plan(&files(zip)).unwrap_err().contains("--plan PATH"));
        assert!(plan(&files_in(zip, "no.jmx")).unwrap_err().contains("there are shop/jmeter/checkout.jmx"));
        assert_eq!(plan(&files_in(zip, "./shop/")), Ok(("shop".to_owned(), "gatling".to_owned())));
        assert!(plan(&files_in(zip, "shop/jmeter")).unwrap_err().contains("--tool"));
        // Nobody here can look into that one.
        let sha256 = vec![("all.zip".to_owned(), Sha256([0; 32]))];
        assert!(plan(&FileSettings { sha256, ..files_in("s3://bucket/all.zip", "a.jmx") }).is_ok());
    }

    #[test]
    fn a_tool_that_cannot_be_told_is_asked_for() {
        let dir = project();
        let odd = dir.path().join("Odd.java");
        assert!(plan(&files(odd.to_str().unwrap())).unwrap_err().contains("--tool"));
        assert!(plan(&files("s3://bucket/Checkout.java")).unwrap_err().contains("--tool"));
        assert_eq!(plan(&files("s3://bucket/p.jmx")).unwrap().1, "jmeter");
    }
}
