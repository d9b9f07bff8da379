//! The tools directory: where the load-generation tools live that the agent installs for itself.
//!
//! Layout, all below one directory that belongs to the user:
//!
//! ```text
//! jmeter/5.6.3/home/                    a pristine JMeter, every jar checked against a pinned checksum
//! jmeter/5.6.3/plugin-<hash>/           our plug-in for it; the hash is of the plug-in's sources
//!     gridnode-jmeter.jar
//!     classes-<hash>.jsa                class archive of one JDK: JMeter starts faster with it
//! jmeter/plugin-<hash>-<hash>/          our plug-in compiled for a JMeter of the user's own
//! jmeter/plugins/<group>+<artifact>/    a plug-in of others: its jars, and installed.sha256 with what they were
//! gatling/3.15.1/home/lib/               Gatling's jars
//! gatling/3.15.1/home/scala/             the compiler for simulations in Scala
//! gatling/3.15.1/plugin-<hash>/          our plug-in (gridnode-gatling.jar)
//! gatling/asm-<hash>/                    what the plug-in has of ASM, under a name of its own, for all versions
//! selenium/4.32.0/home/python/          private Python environment with Selenium
//! selenium/4.32.0/home/java/            Selenium's jars for Java plans
//! selenium/4.32.0/plugin-<hash>/        our runner (python/) and `FloodSump` (gridnode-selenium.jar)
//! .lock                                 held by whoever installs; the others wait
//! .tmp-…                                work in progress; removed by the next install when its owner died
//! ```
//!
//! Whatever has its final name is complete: it was assembled under a temporary name and renamed.

pub(crate) mod access;
pub(crate) mod compile;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod installed;
pub(crate) mod java;
pub(crate) mod maven;
pub(crate) mod options;
pub(crate) mod process;
pub(crate) mod progress;
pub(crate) mod tools_dir;
pub(crate) mod workspace;

pub use error::InstallError;
pub use installed::Installed;
pub use options::InstallOptions;
pub use progress::{Progress, Silent};
pub use tools_dir::{can_install, default_dir};
