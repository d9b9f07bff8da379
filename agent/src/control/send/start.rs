//! A start, from what was asked for to the message that goes out.

use super::build;
use super::files::{Source, judge_archives, sources, upload_place};
use super::length::length;
use super::message::Message;
use super::named::Named;
use super::news::{Listener, News};
use super::packages::misplaced;
use super::plan::ThePlan;
use super::settings::{SendSettings, StartSettings};
use super::upload::{Hashed, hashed, refs, upload};
use super::{beside, data_files};
use crate::base::clock;
use crate::control::aws::Aws;
use gridnode_core::node::command::Action;
use gridnode_launch::Length;

/// A start whose files are found and fit, before anything is asked of the cloud.
#[derive(Debug)]
pub struct Gathered {
    plan: ThePlan,
    length: Length,
    sources: Vec<Source>,
}

/// A start whose files are known by their digests.
#[derive(Debug)]
pub struct Start {
    settings: StartSettings,
    plan: ThePlan,
    length: Length,
    files: Vec<Hashed>,
}

/// Finds the plan and all files. Blocks while it packs directories.
///
/// # Errors
/// When it cannot be told what the plan is, or a file cannot be used.
pub fn gather(settings: &StartSettings, listener: &mut dyn Listener) -> anyhow::Result<Gathered> {
    for text in std::iter::once(&settings.files.plan).chain(&settings.files.further) {
        Named::read(text)?.must_be_there()?;
    }
    let plan = ThePlan::of(&settings.files)?;
    let mut sources = sources(&settings.files, listener)?;
    judge_archives(&sources)?;
    plan.check(&sources)?;
    if let Some(upload) = settings.files.upload.as_deref() {
        let named = Named::read(&settings.files.plan)?;
        let (bucket, prefix) = upload_place(upload)?;
        let (asked, place) = ((&settings.files, &settings.flood), (bucket.as_str(), prefix.as_str()));
        let read = data_files::of_plan(&named, asked, &sources, place)?;
        read.iter().try_for_each(|source| listener.hear(News::GoesAlong { name: source.name() }))?;
        sources.extend(read);
        let used = beside::of_plan((&named, &plan), asked, &sources, place)?;
        used.iter().try_for_each(|source| listener.hear(News::LiesBeside { name: source.name() }))?;
        sources.extend(used);
    }
    for source in &misplaced(&sources) {
        listener.hear(News::Misplaced(source))?;
    }
    let length = length(settings, &plan, &sources)?;
    for warning in length.warnings.iter().chain(&build::limit(&settings.flood, &length).note) {
        listener.hear(News::OfPlan(warning))?;
    }
    Ok(Gathered { plan, length, sources })
}

impl Gathered {
    /// What the files are called on a node, the plan's first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.name().as_str())
    }

    /// Hashes what has to be hashed.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn hash(self, aws: &Aws, settings: StartSettings) -> anyhow::Result<Start> {
        let Self { plan, length, sources } = self;
        Ok(Start { settings, plan, length, files: hashed(aws, sources).await? })
    }
}

impl Start {
    /// The command, made now. It is made once before anything is uploaded, so that a mistake costs nothing; and once more
    /// after it, for the times in it.
    ///
    /// # Errors
    /// When no node would take it.
    pub fn message(&self, send: &SendSettings) -> anyhow::Result<Message> {
        let now = clock::now().wall;
        let flood = build::flood(&self.settings.flood, &self.plan, &self.length, refs(&self.files), now);
        let action = Action::Start { flood: Box::new(flood) };
        Message::write(build::command(action, send)?, send.sign_key.as_deref())
    }

    /// Uploads the files of this machine that are not there yet.
    ///
    /// # Errors
    /// When one cannot be uploaded.
    pub async fn upload(&self, aws: &Aws, listener: &mut dyn Listener) -> anyhow::Result<()> {
        upload(aws, &self.files, listener).await
    }

    /// The longest that nodes may wait before they start the tool, s.
    #[must_use]
    pub fn ahead_s(&self) -> u64 {
        self.settings.flood.starts.ahead_s()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Deaf, asked};
    use super::*;

    #[test]
    fn a_plan_that_is_not_there_is_not_asked_for_its_tool() {
        let mut settings = asked("nope.py");
        settings.files.further = vec!["s3://bucket/users.csv".to_owned()];
        let error = format!("{:#}", gather(&settings, &mut Deaf).map(drop).unwrap_err());
        assert!(error.ends_with("nope.py does not exist"), "{error}");
    }
}
