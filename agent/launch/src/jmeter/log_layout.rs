//! How JMeter's log is written: in the layout of its own `log4j2.xml`, in which a line that begins a record is always
//! the beginning of one.
//!
//! A run is judged by this log, and a target's answer, an element's name or a script's message may have line breaks with
//! something behind them that looks like a record of JMeter's. So further lines of a head (its message, its logger with the name
//! of an element in it) are indented, and of a stack trace those that begin with a digit.
//!
//! Limits: a script may take any logger by its name (`LoggerFactory.getLogger("org.apache.jmeter.JMeter")`), write into the file
//! itself, or configure Log4j anew: it runs inside JMeter and has all of its rights. Who does that deceives themselves; nobody
//! who only answers a request, names an element or logs a text can do it.

/// The file's name among what is made out of a plan.
pub const LOG_CONFIGURATION_FILE: &str = "log4j2.xml";

/// For Log4j 2. Levels are those of JMeter's own file.
pub const LOG_CONFIGURATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Appenders>
    <File name="jmeter-log" fileName="${sys:jmeter.logfile:-jmeter.log}" append="false">
      <PatternLayout charset="UTF-8" alwaysWriteExceptions="false">
        <pattern>%replace{%d %p %c{1.}: %m}{\n}{$0    }%n%replace{%xEx}{(?m)^(?=\d)}{  }</pattern>
      </PatternLayout>
    </File>
  </Appenders>
  <Loggers>
    <Root level="info">
      <AppenderRef ref="jmeter-log" />
    </Root>
    <Logger name="org.apache.jmeter.junit" level="debug" />
    <Logger name="org.apache.jorphan" level="info" />
  </Loggers>
</Configuration>
"#;
