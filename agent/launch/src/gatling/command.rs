//! The command line of a Gatling run: `java @FILE`, and what is in that file.
//!
//! - A parameter may be a secret, and a command line is everybody's to read: every argument is in a file for its owner.
//! - Gatling's own `lib` comes before the plan's jars: a plan that carries another Gatling along must not replace the one
//!   that our plug-in was compiled against.
//! - Users and ramp-up have two names each: ours, and those that Flood has published.
//! - `duration_s` is both a property that a simulation may read and, through our plug-in, the longest that it may run.
//! - A JVM that has run out of memory exits at once, as with JMeter.

use crate::{Environment, LaunchSpec, Load};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Gatling's entry.
const MAIN_CLASS: &str = "io.gatling.app.Gatling";
/// What only Gatling's own loggers write, below a run's directory: a script's text on standard output is none of it.
pub const LOG_FILE: &str = "gatling.log";
/// The configuration of the log that goes with a run: what goes wrong, on standard output for people, and Gatling's own part of it in a
/// file of a line each, by which the run is judged. A message or an exception may have a text of a target's or a script's in it, which
/// must not begin a line there. It is bounded as the outputs are: its last part, and the one before.
pub const LOGBACK_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} [%-5level] %logger{15} - %msg%n%rEx</pattern></encoder>
    <immediateFlush>true</immediateFlush>
  </appender>
  <appender name="GATLING" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>${gridnode.log}</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>${gridnode.log}.%i</fileNamePattern>
      <minIndex>1</minIndex>
      <maxIndex>1</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy"><maxFileSize>64MB</maxFileSize></triggeringPolicy>
    <encoder><pattern>%d{HH:mm:ss.SSS} [%-5level] %logger{15} - %replace(%msg){'[\r\n]+', ' '}%n%nopex</pattern></encoder>
    <immediateFlush>true</immediateFlush>
  </appender>
  <logger name="io.gatling" level="WARN"><appender-ref ref="GATLING"/></logger>
  <root level="WARN"><appender-ref ref="CONSOLE"/></root>
</configuration>
"#;

/// How this node runs Gatling. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatlingLaunch {
    /// The `java` executable.
    pub java: PathBuf,
    /// Gatling's jars.
    pub lib: PathBuf,
    /// Our plug-in.
    pub plugin_jar: PathBuf,
    /// The directory that holds [`LOGBACK_XML`] as `logback.xml`.
    pub conf_dir: PathBuf,
    /// The plan's compiled classes, where it came as source.
    pub classes: Option<PathBuf>,
    /// Its data, its jars.
    pub class_path: Vec<PathBuf>,
    /// The simulation's class.
    pub simulation: String,
    /// Where what its loggers write goes, [`LOG_FILE`].
    pub log: PathBuf,
    /// Where Gatling's own log of the run goes.
    pub results: PathBuf,
    /// The argument file.
    pub arguments_file: PathBuf,
    /// The plan's directory: relative data files are looked up here.
    pub working_dir: PathBuf,
    /// For temporary files; the run's own.
    pub temporary_dir: PathBuf,
    /// Largest heap, MiB.
    pub heap_mib: u32,
    /// Further options for the JVM, from the operator's configuration, never from a command.
    pub jvm_options: Vec<String>,
    /// The load asked for, parameters included; checked by [`check_load`](crate::params::check_load).
    pub load: Load,
    /// What the tool is told through its environment.
    pub environment: Environment,
}

/// Why no command line can be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A path that the JVM could misread.
    #[error("the {what} `{}` cannot be used: {why}", path.display())]
    Path {
        /// Which path.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it and what would do.
        why: &'static str,
    },
    /// Settings that cannot work.
    #[error("Gatling cannot be started: {0}")]
    Settings(&'static str),
}

impl GatlingLaunch {
    /// Makes the command line; [`GatlingLaunch::arguments`] has to be in the argument file.
    ///
    /// # Errors
    /// When a path is relative or has a character with a meaning of its own.
    pub fn spec(&self) -> Result<LaunchSpec, CommandError> {
        self.check()?;
        Ok(LaunchSpec {
            program: self.java.clone(),
            args: vec![join("@", &self.arguments_file)],
            env: self.environment.variables(),
            working_dir: self.working_dir.clone(),
        })
    }

    /// The argument file's bytes: one quoted argument a line.
    #[must_use]
    pub fn arguments(&self) -> Vec<u8> {
        let mut args: Vec<OsString> = vec![
            format!("-Xmx{}m", self.heap_mib).into(),
            "-XX:+UseG1GC".into(),
            "-XX:+ExitOnOutOfMemoryError".into(),
            // Its file in /tmp would show the arguments, and stay when the JVM is killed.
            "-XX:-UsePerfData".into(),
            // Gatling's own advice: it reads private fields of strings.
            "--add-opens=java.base/java.lang=ALL-UNNAMED".into(),
            "-Djava.awt.headless=true".into(),
            join("-Djava.io.tmpdir=", &self.temporary_dir),
            join("-Duser.home=", &self.environment.home),
        ];
        args.extend(self.jvm_options.iter().map(OsString::from));
        args.extend(self.properties().map(|(name, value)| format!("-D{name}={value}").into()));
        // A run is judged by what Gatling logs, too, whatever a project wants to see of it: Logback takes a `logback-test.xml`
        // before any `logback.xml`, and this before both.
        args.push(join("-Dlogback.configurationFile=", &self.conf_dir.join("logback.xml")));
        args.push(join("-Dgridnode.log=", &self.log));
        // Nothing but the test itself goes over the network.
        args.extend(
            ["-Dgatling.data.enableAnalytics=false", "-Dgatling.http.warmUpUrl="].map(OsString::from),
        );
        args.push(join("-javaagent:", &self.plugin_jar));
        args.extend(["-cp".into(), self.class_path(), MAIN_CLASS.into()]);
        args.extend(["-s".into(), self.simulation.clone().into()]);
        args.extend(["-rf".into(), self.results.clone().into(), "-nr".into()]);
        let mut file = Vec::new();
        args.iter().for_each(|argument| quote(&mut file, argument.as_bytes()));
        file
    }

    /// The last of equal names counts: a plan's own parameter comes after the common ones, ours are last.
    fn properties(&self) -> impl Iterator<Item = (&str, String)> {
        let load = &self.load;
        let Load { users, ramp_up_s, duration_s, iterations, .. } = *load;
        let common = given([
            ("users", users),
            ("threads", users),
            ("rampUp", ramp_up_s),
            ("rampup", ramp_up_s),
            ("duration", duration_s),
            ("iterations", iterations),
        ]);
        let own = given([
            ("gridnode.users", users),
            ("gridnode.ramp_up_s", ramp_up_s),
            ("gridnode.duration_s", duration_s),
            ("gridnode.iterations", iterations),
        ]);
        let longest = duration_s.map(|s| ("gridnode.max_duration_s", s.to_string()));
        let params = load.params.iter().map(|(name, value)| (name.as_str(), value.clone()));
        common.chain(params).chain(own).chain(longest)
    }

    fn class_path(&self) -> OsString {
        let mut class_path = self.conf_dir.clone().into_os_string();
        let lib = self.lib.join("*");
        for path in self.classes.iter().chain([&lib]).chain(&self.class_path) {
            class_path.push(":");
            class_path.push(path);
        }
        class_path
    }

    fn check(&self) -> Result<(), CommandError> {
        let mut paths: Vec<(&'static str, &Path, bool)> = vec![
            ("Java executable", &self.java, false),
            ("argument file", &self.arguments_file, false),
            ("log", &self.log, false),
            ("directory for results", &self.results, false),
            ("working directory", &self.working_dir, false),
            ("temporary directory", &self.temporary_dir, false),
            ("plug-in jar", &self.plugin_jar, false),
            ("directory of Gatling's jars", &self.lib, true),
            ("directory for the log's configuration", &self.conf_dir, true),
        ];
        paths.extend(self.classes.iter().map(|path| ("directory for classes", path.as_path(), true)));
        paths.extend(self.class_path.iter().map(|path| ("plan's path", path.as_path(), true)));
        for (what, path, is_listed) in paths {
            let refuse = |why| Err(CommandError::Path { what, path: path.to_owned(), why });
            let bytes = path.as_os_str().as_bytes();
            if !path.is_absolute() {
                return refuse("it must be an absolute path");
            }
            if bytes.contains(&0) {
                return refuse("it has a NUL character");
            }
            if is_listed && bytes.contains(&b':') {
                return refuse("Java splits lists of paths at `:`: use one without it in its name");
            }
            // The option of the agent and its own arguments are parted by it.
            if what == "plug-in jar" && bytes.contains(&b'=') {
                return refuse("Java ends the path of an agent at `=`: use one without it in its name");
            }
        }
        // Gatling itself takes some 50 MiB to start.
        if self.heap_mib < 64 {
            return Err(CommandError::Settings("the heap is smaller than 64 MiB"));
        }
        Ok(())
    }
}

/// Quoted as the `java` program reads it: a backslash takes the meaning of what follows.
fn quote(file: &mut Vec<u8>, argument: &[u8]) {
    file.push(b'"');
    for byte in argument {
        match byte {
            b'"' | b'\\' => file.extend([b'\\', *byte]),
            b'\n' => file.extend(b"\\n"),
            b'\r' => file.extend(b"\\r"),
            b'\t' => file.extend(b"\\t"),
            0x0c => file.extend(b"\\f"),
            byte => file.push(*byte),
        }
    }
    file.extend(b"\"\n");
}

/// Those that are given.
fn given<const N: usize>(numbers: [(&str, Option<u32>); N]) -> impl Iterator<Item = (&str, String)> {
    numbers.into_iter().filter_map(|(name, value)| Some((name, value?.to_string())))
}

fn join(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}

#[cfg(test)]
mod tests;
