//! How long a plan runs, where it can be read here: the limit of its run follows from that.

use super::files::Source;
use super::named::Named;
use super::plan::ThePlan;
use super::settings::{FloodSettings, StartSettings};
use gridnode_launch::jmeter::{self, PLAN_BYTES_MAX, PropertyFiles};
use gridnode_launch::{Length, Load, ToolKind};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// See the module's head. Whether nodes can run the plan at all is for them to say.
pub fn length(settings: &StartSettings, plan: &ThePlan, sources: &[Source]) -> Length {
    let load = load(&settings.flood);
    if plan.tool.as_str() != ToolKind::Jmeter.as_str() {
        return Length::of(&load);
    }
    let unknown = |why: String| Length { open: vec![why], ..Length::default() };
    let bytes = match read(settings, plan, sources) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return unknown("the plan is not on this machine".to_owned()),
        Err(error) => return unknown(format!("the plan cannot be read here: {error}")),
    };
    // What is in an archive besides is not looked at: there may be a file with properties.
    let has_properties = sources
        .iter()
        .any(|source| source.name().is_archive() || source.name().as_str().ends_with(".properties"));
    let property_files = if has_properties { PropertyFiles::Unknown } else { PropertyFiles::Text("") };
    let read = jmeter::apply(&bytes, &load).map_err(|error| error.to_string()).and_then(|done| {
        jmeter::length(&done.plan, &done.properties, property_files).map_err(|error| error.to_string())
    });
    read.unwrap_or_else(unknown)
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
