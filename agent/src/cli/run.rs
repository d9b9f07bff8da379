//! `gridnode run`: one plan on this machine, by the grid's own path minus the queue.

mod browser;
mod dry_run;
mod finish;
mod fit;
mod install;
mod json;
mod judge;
mod show;
mod watch;

pub use browser::BrowserArgs;
pub use install::{InstallArgs, tool_home, tools_dir_or_default, with_steps};
pub use show::{ShowArgs, Way};

use super::ci;
use super::options::{
    DrainUrlParser, IdentityOptions, TagOptions, TimestampOptions, WindowOptions, addr_port, duration_s,
    key_value, positive_ms, positive_s, secret_name, window_s,
};
use crate::base::aside;
use crate::base::clock;
use crate::base::exit::{Exit, Interrupted};
use crate::base::left_behind::end_soon;
use crate::base::open_files;
use crate::base::real_name;
use crate::base::signals::{Signals, exit_at_next};
use crate::cage::Cage;
use crate::cage::supervise::become_subreaper;
use crate::console::write_note;
use crate::data::drain::DrainUrl;
use crate::data::session::{Session, SessionSettings};
use crate::data::tap::Tap;
use crate::data::udp::{SUMP_PORTS, SumpSocket};
use crate::local::out_dir::OutDir;
use crate::local::run::LocalRun;
use crate::local::run_drain::RunDrain;
use crate::tool::selenium::Packages;
use crate::tool::{
    Around, Home, Options, Plan, Prepared, RunContext, TraceOptions, TraceSettings, TraceTo, kind_of,
    trace_key,
};
use anyhow::Context as _;
use clap::Args;
use gridnode_core::base::ids::Ident;
use gridnode_core::base::run::RunIdentity;
use gridnode_core::base::time::NS_PER_S;
use gridnode_core::judge::Threshold;
use gridnode_core::measure::RunSettings;
use gridnode_core::outbound::delivery::Settings;
use gridnode_core::run::flood::FloodSettings;
use gridnode_core::trace::redact::Redactor;
use gridnode_launch::TraceKey;
use gridnode_launch::{Length, Load, ToolKind};
use judge::JudgeArgs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// Run a plan of JMeter or Gatling, or a browser test, here and account for every sample.
///
/// A plan is a JMeter plan (.jmx); a Gatling simulation in Java or Scala (.java, .scala, a directory of them, a built
/// .jar); or a browser test: a Python script (.py), or a Java program with Flood's FloodSump (.java, a directory of them).
/// Your files are never touched: what runs of a JMeter plan is a copy with our listener in it, otherwise byte for byte the
/// same without changes asked for. The tool is installed on first use.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The tool [default: by what the plan is]
    #[arg(long, value_name = "TOOL", value_parser = tool_kind)]
    pub tool: Option<ToolKind>,
    /// Users: JMeter's threads, spread over the enabled thread groups in proportion; browsers; for Gatling the system
    /// property `users`, which the simulation reads
    #[arg(long, value_name = "N", help_heading = "Load", value_parser = clap::value_parser!(u32).range(1..))]
    pub users: Option<u32>,
    /// Time until all users have started: 30s, 5m (Gatling: the property `rampUp`, s)
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = duration_s)]
    pub ramp_up: Option<u32>,
    /// How long the load lasts, ramp-up included: 90, 5m, 1h (Gatling: the property `duration`, s, and its end at the
    /// latest)
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = positive_s)]
    pub duration: Option<u32>,
    /// Iterations of every user (Gatling: the property `iterations`)
    #[arg(long, value_name = "N", help_heading = "Load", value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: Option<u32>,
    /// End it then, whatever the plan does, which is a failure [default: 2 minutes after what the plan
    /// takes by itself, where that is known]
    #[arg(long, value_name = "TIME", help_heading = "Load", value_parser = positive_s)]
    pub max_runtime: Option<u32>,
    /// A parameter of the plan: a JMeter property, a system property in Java and Scala, `user.param("key")` in Python;
    /// may be given several times
    #[arg(short = 'J', long = "param", value_name = "KEY=VALUE", help_heading = "Load", value_parser = key_value)]
    pub params: Vec<(String, String)>,
    /// Length of a window: 1s, 2s, 5s, 10s, 15s, 20s, 30s or 60s
    #[arg(long, value_name = "LENGTH", default_value = "1s", value_parser = window_s, help_heading = "Aggregation")]
    pub window: u32,
    /// Push rollups to this Drain (InfluxDB 1.x works) [default: one inside of this process]
    #[arg(long, env = "GRIDNODE_DRAIN", value_name = "URL", value_parser = DrainUrlParser, hide_env_values = true)]
    pub drain: Option<DrainUrl>,
    /// Directory for the results [default: gridnode-out/PLAN-TIME]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Let JMeter write its own result file (CSV), too; a file that has results already is refused
    #[arg(long, value_name = "FILE", help_heading = "JMeter")]
    pub jtl: Option<PathBuf>,
    /// Largest heap of a JVM, MiB [default: 1024 for JMeter and Gatling, 256 for each user of a Java browser test]
    #[arg(long, value_name = "MIB", help_heading = "Tools")]
    pub heap_mib: Option<u32>,
    /// An option for the JVM of JMeter or Gatling; may be given several times
    #[arg(long = "jvm-arg", value_name = "OPTION", allow_hyphen_values = true, help_heading = "Tools")]
    pub jvm_args: Vec<String>,
    /// The class to start, where a plan in Java or Scala has several
    #[arg(long, value_name = "NAME", help_heading = "Tools")]
    pub class: Option<String>,
    /// How browsers are run
    #[command(flatten)]
    pub browser: BrowserArgs,
    /// Where the tools are
    #[command(flatten)]
    pub install: InstallArgs,
    /// What is shown
    #[command(flatten)]
    pub show: ShowArgs,
    /// Say what would be done, check what can be checked without the tool, and start nothing; exit code 1 where it could
    /// not run
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
    /// Show a few requests in full that passed and took longer, too: 800ms, 2s
    #[arg(long, value_name = "TIME", help_heading = "Traces", value_parser = positive_ms)]
    pub trace_slower_than: Option<u32>,
    /// A name whose values traces hide, beside passwords, tokens, cookies and the like, wherever it is a part of a name, in whatever case,
    /// without `-`, `_`, `.` (vipcode is in X-Vip-Code and vip_codes; one of less than four letters is looked for as a whole); several with
    /// commas between them, or given several times
    #[arg(long = "trace-secret", value_name = "NAME", help_heading = "Traces", value_parser = secret_name,
          value_delimiter = ',')]
    pub trace_secrets: Vec<String>,
    /// What it must keep to.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// First UDP port to try for the samples
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:35663", value_parser = addr_port)]
    pub listen: SocketAddr,
    /// Name of this load test [default: the name of the plan's file or directory]
    #[arg(long, value_name = "NAME", help_heading = "Identity")]
    pub flood: Option<Ident>,
    /// Account it belongs to
    #[arg(long, value_name = "NAME", help_heading = "Identity")]
    pub account: Option<Ident>,
    /// Project it belongs to
    #[arg(long, value_name = "NAME", help_heading = "Identity")]
    pub project: Option<Ident>,
    /// Number of this execution [default: the time of the start in milliseconds]
    #[arg(long, value_name = "N", help_heading = "Identity")]
    pub run: Option<u64>,
    /// By what it is found later
    #[command(flatten)]
    pub tags: TagOptions,
    /// Who this node is
    #[command(flatten)]
    pub identity: IdentityOptions,
    /// How samples are aggregated
    #[command(flatten)]
    pub aggregation: WindowOptions,
    /// How timestamps are made
    #[command(flatten)]
    pub timestamps: TimestampOptions,
}

/// Runs the plan to its end.
///
/// # Errors
/// When it could not run: the plan, JMeter, the port, the output directory.
pub async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let silence = (args.show.way() == Way::Quiet).then(aside::mute);
    let ended = run_and_show(args).await;
    silence.into_iter().for_each(|()| aside::end());
    ended
}

async fn run_and_show(args: RunArgs) -> anyhow::Result<ExitCode> {
    let (tags, (kind, plan, verdict)) = (args.tags.tags()?, check(&args)?);
    if args.dry_run {
        dry_run::say(&args, &plan)?;
        return Ok(Exit::Fine.into());
    }
    ci::check(args.judge.junit.as_deref(), "the JUnit report")?;
    let home = tool_home(kind, &args.install).await?;
    // From here on, for a signal that comes before the run is there.
    let mut signals = Signals::new()?;
    let results = args.out_dir()?;
    let out = results.path().to_owned();
    let identity = args.identity(clock::run_number(clock::now().wall));
    let node = args.identity.node();
    let deadlines = args.say_before(&plan);

    let socket = SumpSocket::bind_first_free(args.listen, SUMP_PORTS)?;
    let sump = socket.local_addr()?;
    socket.buffer_warning().iter().for_each(|warning| write_note(&format!("warning: {warning}")));
    let (key, redactor) = args.hiding()?;
    let context = args.context(kind, &identity, (&node, &key), sump, &out);
    let options = args.options()?;
    let prepared = prepare(&plan, &home, &context, &options)?;
    prepared.warnings.iter().for_each(|warning| write_note(&format!("warning: {warning}")));

    let (drain, warning) = RunDrain::open(args.drain.as_ref(), &node).await?;
    warning.iter().for_each(|warning| write_note(&format!("warning: {warning}")));
    let (tap, rows) = Tap::new();
    let mut session = args.session(&drain.url, &node, &out, tap)?;
    let slot = session.ingest.open_run(socket, args.settings(&identity)?).await?;
    let lines = Some(session.ingest.take_trace_lines(slot)?);
    let traces = TraceSettings { lines, ..into_results(&context, &prepared, &out) };
    let flood = identity.flood.to_string();
    write_note(&format!("running {} as flood {flood}, results in {}", args.plan.display(), out.display()));
    let known = watch::Known { flood, planned_s: planned_s(&plan.length()), kind };
    let mut watch = watch::Console::new(known, args.show, rows);
    let ended = LocalRun {
        session: &mut session,
        slot,
        sump,
        prepared: &prepared,
        signals: &mut signals,
        flood: deadlines,
        node: node.as_str(),
        traces: Some(traces),
        redactor: &redactor,
        judge: args.judge.live(&out, &verdict)?,
        tags,
    };
    let ended = ended.run(&mut watch).await.inspect_err(insisted);
    // The terminal is given back, and what was said meanwhile is printed.
    drop(watch);
    let (ended, judge) = (ended?, &args.judge);
    results.keep();
    exit_at_next()?;
    session.close().await;
    finish::finish(&finish::Finish {
        out: &out,
        thresholds: &verdict,
        judge,
        load_model: plan.load_model(),
        slower_ms: args.trace_slower_than,
        redactor: &redactor,
        files: &prepared.files,
        ended: &ended,
        inside: drain.close().await.as_ref(),
        drain: args.drain.as_ref(),
        way: args.show.way(),
    })
}

impl RunArgs {
    fn session(&self, drain: &DrainUrl, node: &Ident, out: &Path, tap: Tap) -> anyhow::Result<Session> {
        let (session, remarks) = Session::start(SessionSettings {
            node: node.clone(),
            drain: drain.clone(),
            state_dir: out.join("state"),
            timestamp_key: self.timestamps.key(),
            label_tag: self.aggregation.label_tag,
            copy: Some(out.join("rollups.lp")),
            delivery: Settings::default(),
            snapshots: true,
            tap: Some(tap),
            totals: false,
        })?;
        remarks.iter().for_each(|remark| write_note(remark));
        Ok(session)
    }
}

/// How long it takes by its plan, where that is certain.
fn planned_s(length: &Length) -> Option<u64> {
    (length.open.is_empty() && length.known_s > 0).then_some(length.known_s)
}

/// What can be checked without the tool.
fn check(args: &RunArgs) -> anyhow::Result<(ToolKind, Plan, Vec<Threshold>)> {
    // Before the tool is installed, which takes files, too.
    open_files::raise_enough().map_err(anyhow::Error::msg)?;
    // Should the supervisor be killed, what it leaves comes to this process and not to nobody.
    if let Err(error) = become_subreaper() {
        tracing::debug!(%error, "not a subreaper");
    }
    let kind = args.tool.map_or_else(|| kind_of(&args.plan), Ok).map_err(anyhow::Error::msg)?;
    fit::check(args, kind)?;
    let here = std::env::current_dir().context("failed to find the working directory")?;
    let plan = Plan::check(kind, &args.plan, &args.load(), args.class.as_deref(), Around::Anything, &here);
    let plan = plan.map_err(anyhow::Error::msg)?;
    Ok((kind, plan, args.judge.all()?))
}

fn into_results(context: &RunContext<'_>, prepared: &Prepared, out: &Path) -> TraceSettings {
    let (whose, to) = ((context.identity, context.node), TraceTo::Dir(out.join("failures")));
    TraceSettings::of(&context.traces, whose, &prepared.files, to)
}

/// Somebody has asked for the third time: the results' file system may be what hangs.
fn insisted(error: &anyhow::Error) {
    if error.is::<Interrupted>() {
        end_soon(Exit::of(error).code());
    }
}

/// How often somebody who waits for packages is told so, s.
const INSTALL_NOTE_S: u64 = 10;

/// Seconds, for a plan that has to be compiled; a signal ends that.
fn prepare(
    plan: &Plan,
    home: &Home,
    context: &RunContext<'_>,
    options: &Options,
) -> anyhow::Result<Prepared> {
    let came = Arc::new(AtomicI32::new(0));
    let (noted, mut signals) = (Arc::clone(&came), Signals::new()?);
    let listening = tokio::spawn(async move { noted.store(signals.next().await, Ordering::Relaxed) });
    if plan.is_compiled() {
        write_note("compiling the plan");
    }
    let since = clock::now().mono;
    let said_s = AtomicU64::new(0);
    let installs = plan.needs_packages(home);
    if installs {
        write_note("the plan's requirements.txt: its packages are installed once, and kept for further runs");
    }
    let is_cancelled = || {
        let s = clock::now().mono.since_ns(since) / NS_PER_S;
        if installs && s >= said_s.load(Ordering::Relaxed) + INSTALL_NOTE_S {
            said_s.store(s, Ordering::Relaxed);
            write_note(&format!("still installing packages, {s} s"));
        }
        came.load(Ordering::Relaxed) != 0
    };
    let prepared = tokio::task::block_in_place(|| plan.prepare(home, context, options, &is_cancelled));
    listening.abort();
    match came.load(Ordering::Relaxed) {
        0 => prepared.map_err(anyhow::Error::msg),
        signal => Err(Interrupted { signal }.into()),
    }
}

/// What a plan may take beyond its own length, s: for the tool's start, and for samples and browsers under way.
const OVERTIME_S: u64 = 120;

/// JMeter has all users in one JVM, a Java browser test one JVM a user.
fn heap_mib_default(kind: ToolKind) -> u32 {
    if kind == ToolKind::Selenium { 256 } else { 1_024 }
}

fn tool_kind(text: &str) -> Result<ToolKind, String> {
    text.parse()
}

impl RunArgs {
    fn load(&self) -> Load {
        Load {
            users: self.users,
            ramp_up_s: self.ramp_up,
            duration_s: self.duration,
            iterations: self.iterations,
            params: self.params.clone(),
        }
    }

    /// Says what a person should know before the start. A plan that does not end when it should is ended: the deadlines.
    fn say_before(&self, plan: &Plan) -> FloodSettings {
        plan.changes().iter().for_each(|change| write_note(change));
        let limit = plan.length().limit(self.max_runtime.map(u64::from), OVERTIME_S, None);
        limit.note.iter().for_each(|note| write_note(&format!("note: {note}")));
        FloodSettings {
            runtime_max_ms: limit.limit_s.map(|s| s.saturating_mul(1_000)),
            ..FloodSettings::default()
        }
    }

    /// One key, so that a value has one mark in the traces and in what is said of the run.
    fn hiding(&self) -> anyhow::Result<(TraceKey, Redactor)> {
        let key = trace_key().context("failed to get random bytes from the system")?;
        let redactor = Redactor::new(&key.bytes(), &self.trace_secrets);
        Ok((key, redactor))
    }

    fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            results: self.jtl.as_ref().map(std::path::absolute).transpose()?,
            plugins: Vec::new(),
            browser: self.browser.paths(),
            keep_profile: self.browser.keep_profile,
            packages: Packages::Install,
        })
    }

    fn context<'a>(
        &self,
        kind: ToolKind,
        identity: &'a RunIdentity,
        (node, key): (&'a Ident, &TraceKey),
        sump: SocketAddr,
        out: &'a Path,
    ) -> RunContext<'a> {
        RunContext {
            identity,
            node,
            sump,
            dir: out,
            heap_mib: self.heap_mib.unwrap_or(heap_mib_default(kind)),
            jvm_options: self.jvm_args.clone(),
            cage: Cage::here(format!("{}-{}-{}", identity.flood, identity.run, std::process::id())),
            grid_index: 0,
            node_index: 0,
            traces: TraceOptions {
                are_taken: true,
                slower_ms: self.trace_slower_than,
                secrets: self.trace_secrets.clone(),
                key: Some(key.clone()),
                ..TraceOptions::default()
            },
        }
    }

    fn settings(&self, identity: &RunIdentity) -> anyhow::Result<RunSettings> {
        Ok(RunSettings {
            identity: identity.clone(),
            window: self.aggregation.settings(self.window),
            labels_max: usize::try_from(self.aggregation.labels_max)?,
        })
    }

    fn identity(&self, run: u64) -> RunIdentity {
        RunIdentity {
            account: self.account.clone(),
            flood: self.flood.clone().unwrap_or_else(|| Ident::near(&self.stem())),
            project: self.project.clone(),
            grid: self.identity.grid.clone(),
            region: self.identity.region.clone(),
            run: self.run.unwrap_or(run),
        }
    }

    fn stem(&self) -> String {
        let stem = if self.plan.is_dir() {
            real_name::of(&self.plan)
        } else {
            self.plan.file_stem().map(|stem| stem.to_string_lossy().into_owned())
        };
        stem.unwrap_or_else(|| "plan".to_owned())
    }

    /// The directory for the results, made and absolute.
    fn out_dir(&self) -> anyhow::Result<OutDir> {
        if let Some(out) = &self.out {
            return OutDir::named(out);
        }
        OutDir::new_one(&self.new_out())
    }

    /// Where results go without `--out`.
    fn new_out(&self) -> PathBuf {
        let seconds = clock::now().wall.0 / 1_000_000_000;
        Path::new("gridnode-out").join(format!("{}-{seconds}", Ident::near(&self.stem())))
    }
}
