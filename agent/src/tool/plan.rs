//! A plan of whatever tool, and the installed tool that runs it.

use crate::base::open_files;
use crate::host::available_memory_bytes;
use crate::tool::beside::Around;
use crate::tool::context::RunContext;
use crate::tool::gatling::install::GatlingHome;
use crate::tool::jmeter::install::JmeterHome;
use crate::tool::prepared::Prepared;
use crate::tool::selenium::Packages;
use crate::tool::selenium::install::{BrowserPaths, SeleniumHome};
use crate::tool::{gatling, jmeter, selenium};
use gridnode_core::report::LoadModel;
use gridnode_launch::jmeter::Coordinate;
use gridnode_launch::selenium::Profile;
use gridnode_launch::{Length, Load, ToolKind, crowd};
use std::path::{Path, PathBuf};

/// A plan that was found fit to run, before its tool is needed.
#[derive(Debug)]
pub enum Plan {
    /// For JMeter.
    Jmeter(Box<jmeter::CheckedPlan>),
    /// For Gatling.
    Gatling(Box<gatling::CheckedPlan>),
    /// For browsers.
    Selenium(selenium::CheckedPlan),
}

/// An installed tool.
#[derive(Debug, Clone)]
pub enum Home {
    /// JMeter.
    Jmeter(JmeterHome),
    /// Gatling.
    Gatling(GatlingHome),
    /// Selenium.
    Selenium(SeleniumHome),
}

/// What only one of the tools knows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// JMeter's own result file, if one is wanted; absolute.
    pub results: Option<PathBuf>,
    /// Plug-ins of JMeter that have to be installed.
    pub plugins: Vec<Coordinate>,
    /// Where browser and driver are, unless on the path.
    pub browser: BrowserPaths,
    /// Browsers keep their profile from one iteration to the next.
    pub keep_profile: bool,
    /// Whether a browser test's packages may be installed.
    pub packages: Packages,
}

impl Plan {
    /// Checks everything that can be checked without the tool. `class`: the class to start, where a plan has several;
    /// `start`: the directory that relative paths of a JMeter plan start in, before its own.
    ///
    /// # Errors
    /// With a sentence that says what is wrong, where, and what to do.
    pub fn check(
        kind: ToolKind,
        path: &Path,
        load: &Load,
        class: Option<&str>,
        around: Around,
        start: &Path,
    ) -> Result<Self, String> {
        match kind {
            ToolKind::Jmeter if class.is_some() => {
                Err("--class is for plans in Java and Scala; a JMeter plan has one start".to_owned())
            }
            ToolKind::Jmeter => jmeter::check(path, load, start)
                .map(|plan| Self::Jmeter(Box::new(plan)))
                .map_err(|error| error.to_string()),
            ToolKind::Selenium => {
                selenium::check(path, load, class).map(Self::Selenium).map_err(|error| error.to_string())
            }
            ToolKind::Gatling => gatling::check(path, load, class, around)
                .map(|plan| Self::Gatling(Box::new(plan)))
                .map_err(|error| error.to_string()),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn kind(&self) -> ToolKind {
        match self {
            Self::Jmeter(_) => ToolKind::Jmeter,
            Self::Gatling(_) => ToolKind::Gatling,
            Self::Selenium(_) => ToolKind::Selenium,
        }
    }

    /// Whether it has to be compiled, which takes seconds.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        match self {
            Self::Jmeter(_) => false,
            Self::Gatling(plan) => matches!(plan.kind, gatling::PlanKind::Sources { .. }),
            Self::Selenium(plan) => matches!(plan.kind, selenium::PlanKind::Java { .. }),
        }
    }

    /// Whether packages have to be installed for it, which takes a while.
    #[must_use]
    pub fn needs_packages(&self, home: &Home) -> bool {
        matches!((self, home), (Self::Selenium(plan), Home::Selenium(home)) if plan.needs_packages(home))
    }

    /// What was changed in it or left out, a sentence each.
    #[must_use]
    pub fn changes(&self) -> &[String] {
        match self {
            Self::Jmeter(plan) => plan.changes(),
            Self::Gatling(plan) => &plan.notes,
            Self::Selenium(_) => &[],
        }
    }

    /// How long it runs.
    #[must_use]
    pub fn length(&self) -> Length {
        match self {
            Self::Jmeter(plan) => plan.length().clone(),
            Self::Gatling(plan) => Length::of(&plan.load).within(plan.longest_s()),
            Self::Selenium(plan) => Length::of(&plan.load),
        }
    }

    /// Whether its users wait for their answers. Browsers do.
    #[must_use]
    pub fn load_model(&self) -> LoadModel {
        match self {
            Self::Jmeter(plan) => plan.load_model(),
            Self::Gatling(plan) => plan.load_model(),
            Self::Selenium(_) => LoadModel::Closed,
        }
    }

    /// Makes it ready to start. Blocks, for seconds where something has to be compiled.
    ///
    /// # Errors
    /// With a sentence that says what is wrong, where, and what to do; a compiler's words as it said them.
    pub fn prepare(
        &self,
        home: &Home,
        context: &RunContext<'_>,
        options: &Options,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Prepared, String> {
        let tight = open_files::judge(open_files::limit(), self.users().map(u64::from))?;
        let mut prepared = self.make_ready(home, context, options, is_cancelled)?;
        prepared.warnings.extend(tight);
        let available_mib = available_memory_bytes().map(|bytes| bytes >> 20);
        let users = self.users();
        prepared.warnings.extend(users.and_then(|n| crowd(self.kind(), n, context.heap_mib, available_mib)));
        Ok(prepared)
    }

    /// Users that were asked for; what the plan itself says is known only for some of them.
    fn users(&self) -> Option<u32> {
        match self {
            Self::Jmeter(plan) => plan.users(),
            Self::Gatling(plan) => plan.load.users,
            Self::Selenium(plan) => plan.load.users,
        }
    }

    fn make_ready(
        &self,
        home: &Home,
        context: &RunContext<'_>,
        options: &Options,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Prepared, String> {
        match (self, home) {
            (Self::Jmeter(plan), Home::Jmeter(home)) => {
                let results = options.results.clone();
                let request = jmeter::RunRequest { plan, home, context, plugins: &options.plugins, results };
                jmeter::prepare(&request).map_err(|error| error.to_string())
            }
            (Self::Gatling(plan), Home::Gatling(home)) => {
                let request = gatling::RunRequest { plan, home, context };
                gatling::prepare(&request, is_cancelled).map_err(|error| error.to_string())
            }
            (Self::Selenium(plan), Home::Selenium(home)) => {
                let profile = if options.keep_profile { Profile::Kept } else { Profile::Fresh };
                let browser = &options.browser;
                let request = selenium::RunRequest {
                    plan,
                    home,
                    browser,
                    context,
                    profile,
                    packages: options.packages,
                };
                selenium::prepare(&request, is_cancelled).map_err(|error| error.to_string())
            }
            (plan, home) => Err(format!("a plan for {} cannot be run by {}", plan.kind(), home.kind())),
        }
    }
}

impl Home {
    /// Which tool it is.
    #[must_use]
    pub fn kind(&self) -> ToolKind {
        match self {
            Self::Jmeter(_) => ToolKind::Jmeter,
            Self::Gatling(_) => ToolKind::Gatling,
            Self::Selenium(_) => ToolKind::Selenium,
        }
    }

    /// Its version; `None` for a home of the user's own.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Jmeter(home) => home.version.as_deref(),
            Self::Gatling(home) => Some(&home.version),
            Self::Selenium(home) => Some(&home.version),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn dir(&self) -> &Path {
        match self {
            Self::Jmeter(home) => &home.home,
            Self::Gatling(home) => &home.home,
            Self::Selenium(home) => &home.home,
        }
    }
}
