//! Which plug-in a class is in, for those that plans of the field name most.

/// The beginning of a class's name, and what Maven calls the plug-in that has it: with a version where none is pinned.
const KNOWN: [(&str, &str); 47] = [
    ("kg.apc.jmeter.threads.", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.threads.", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.control.VirtualUserController", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.reporters.FlushingResultCollector", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.controller.Parallel", "com.blazemeter:jmeter-parallel"),
    ("com.blazemeter.jmeter.http.ParallelHTTPSampler", "com.blazemeter:jmeter-parallel"),
    ("kg.apc.jmeter.samplers.DummySampler", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.modifiers.DummySubPostProcessor", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.dummy.", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.control.ParameterizedController", "kg.apc:jmeter-plugins-prmctl"),
    ("kg.apc.jmeter.control.sampler.SetVariablesAction", "kg.apc:jmeter-plugins-prmctl"),
    ("kg.apc.jmeter.JMeterPluginsUtils", COMMON),
    ("kg.apc.jmeter.vizualizers.CorrectedResultCollector", COMMON),
    ("kg.apc.jmeter.reporters.AutoStop", "kg.apc:jmeter-plugins-autostop:0.3"),
    ("kg.apc.jmeter.reporters.ConsoleStatusLogger", "kg.apc:jmeter-plugins-csl:0.1"),
    ("kg.apc.jmeter.reporters.FlexibleFileWriter", "kg.apc:jmeter-plugins-ffw:2.0"),
    ("kg.apc.jmeter.reporters.LoadosophiaUploader", "com.blazemeter:jmeter-plugins-senseuploader:3.5"),
    ("kg.apc.jmeter.reporters.bzm.", "com.blazemeter:jmeter-plugins-senseuploader:3.5"),
    ("kg.apc.jmeter.config.VariablesFromCSV", "kg.apc:jmeter-plugins-csvars:0.2"),
    ("kg.apc.jmeter.config.LockFile", "kg.apc:jmeter-plugins-lockfile:0.1"),
    ("kg.apc.jmeter.config.redis.", "kg.apc:jmeter-plugins-redis:0.7"),
    ("kg.apc.jmeter.dbmon.", "kg.apc:jmeter-plugins-dbmon:0.1"),
    ("kg.apc.jmeter.jmxmon.", "kg.apc:jmeter-plugins-jmxmon:0.3"),
    ("kg.apc.jmeter.perfmon.", "kg.apc:jmeter-plugins-perfmon:2.1"),
    ("kg.apc.jmeter.listener.GraphsGeneratorListener", "kg.apc:jmeter-plugins-graphs-ggl:2.0"),
    ("kg.apc.jmeter.modifiers.Fifo", "kg.apc:jmeter-plugins-fifo:0.2"),
    ("kg.apc.jmeter.modifiers.RawRequestSourcePreProcessor", "kg.apc:jmeter-plugins-httpraw:0.1"),
    ("kg.apc.jmeter.samplers.HTTPRawSampler", "kg.apc:jmeter-plugins-httpraw:0.1"),
    ("kg.apc.jmeter.samplers.UDPSampler", "kg.apc:jmeter-plugins-udp:0.4"),
    ("kg.apc.jmeter.timers.VariableThroughputTimer", "kg.apc:jmeter-plugins-tst:2.6"),
    ("com.atlantbh.jmeter.plugins.json", "kg.apc:jmeter-plugins-json:2.7"),
    ("com.atlantbh.jmeter.plugins.jmstools.", "kg.apc:jmeter-plugins-jms:0.2"),
    ("com.atlantbh.jmeter.plugins.oauth.", "kg.apc:jmeter-plugins-oauth:0.1"),
    ("com.atlantbh.jmeter.plugins.xmlformatter.", "kg.apc:jmeter-plugins-xml:0.1"),
    ("com.googlecode.jmeter.plugins.webdriver.", "kg.apc:jmeter-plugins-webdriver:4.13.0.2"),
    ("org.jmeterplugins.assertions.ExtractorSuccessAssertion", "kg.apc:jmeter-plugins-esa:0.1"),
    ("com.blazemeter.jmeter.DirectoryListingConfig", "com.blazemeter:jmeter-plugins-directory-listing:0.3"),
    ("com.blazemeter.jmeter.RandomCSVDataSetConfig", "com.blazemeter:jmeter-plugins-random-csv-data-set:0.8"),
    ("com.blazemeter.jmeter.RotatingResultCollector", "com.blazemeter:jmeter-plugins-rotating-listener:0.2"),
    ("com.blazemeter.jmeter.control.WeightedSwitchController", "com.blazemeter:jmeter-plugins-wsc:0.7"),
    ("com.blazemeter.jmeter.http2.", "com.blazemeter:jmeter-bzm-http2:1.4"),
    ("com.blazemeter.jmeter.xmpp.", "kg.apc:jmeter-plugins-xmpp:1.5.1"),
    ("eu.luminis.jmeter.", "net.luminis.jmeter:jmeter-websocket-samplers:1.3.2"),
    (
        "io.github.delirius325.jmeter.backendlistener.elasticsearch.",
        "io.github.delirius325:jmeter.backendlistener.elasticsearch:2.5.1",
    ),
    (
        "io.github.rahulsinghai.jmeter.backendlistener.kafka.",
        "io.github.rahulsinghai:jmeter.backendlistener.kafka:1.0.0",
    ),
    ("cloud.testload.jmeter.", "cloud.testload:jmeter.pack-listener:1.7"),
    ("io.perfana.jmeter.timescaledb.", "io.perfana:perfana-jmeter-timescaledb:1.0.4"),
];

/// Plug-ins that are in no Maven repository, by what the plug-ins manager calls them.
const ELSEWHERE: [(&str, &str); 8] = [
    ("net.xmeter.", "mqtt-xmeter"),
    ("vn.zalopay.benchmark.", "jmeter-grpc-request"),
    ("com.di.jmeter.kafka.", "di-kafkameter"),
    ("co.signal.kafkameter.", "kafkameter"),
    ("com.github.johrstrom.", "jmeter-prometheus"),
    ("com.blazemeter.jmeter.hls.", "bzm-hls"),
    ("JMeter.plugins.functional.samplers.websocket.", "websocket-sampler"),
    ("com.ubikingenierie.jmeter.plugin.", "ulp-jmeter-videostreaming-plugin"),
];

const COMMON: &str = "kg.apc:jmeter-plugins-cmn-jmeter";
/// More classes are not named; their plug-ins are.
const CLASSES_SHOWN_MAX: usize = 8;

/// What has to be said before the start of classes that no jar has: those of the plan's elements, and those that these call.
/// Without the latter JMeter runs what is around them, which is a warning.
///
/// # Errors
/// With all of them where one is an element's, be it disabled: JMeter could not read the plan.
pub fn absent(elements: &[&str], called: &[&str]) -> Result<Option<String>, String> {
    let all: Vec<&str> = elements.iter().chain(called).copied().collect();
    match (elements.is_empty(), called.is_empty()) {
        (true, true) => Ok(None),
        (true, false) => Ok(Some(sentence(&all, "was found in no jar", "were found in no jar", advice))),
        (false, _) => Err(missing(&all)),
    }
}

/// What has to be said of classes that are in no jar that goes to nodes with a plan: these may have it.
#[must_use]
pub fn not_sent(classes: &[&str]) -> Option<String> {
    let is_absent = |are: &str| format!("{are} in no jar that is sent");
    (!classes.is_empty()).then(|| sentence(classes, &is_absent("is"), &is_absent("are"), advice_for_nodes))
}

/// The sentence for classes that are not there: each with the plug-in that has it, and one command for all.
pub(super) fn missing(classes: &[&str]) -> String {
    let is_absent = "this JMeter does not have";
    sentence(classes, is_absent, is_absent, advice)
}

/// What to do about artifacts, where other classes are missing, too, and how many in all.
type Advice = fn(&[&str], bool, usize) -> String;

fn sentence(classes: &[&str], one_is_absent: &str, are_absent: &str, advice: Advice) -> String {
    let mut artifacts: Vec<&str> = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    let mut is_elsewhere = false;
    for class in classes {
        let found = |list: &[(&str, &'static str)]| {
            list.iter().find(|(prefix, _)| class.starts_with(prefix)).map(|(_, name)| *name)
        };
        let place = match (found(&KNOWN), found(&ELSEWHERE)) {
            (Some(artifact), _) => {
                if !artifacts.contains(&artifact) {
                    artifacts.push(artifact);
                }
                format!(" (in {artifact})")
            }
            (None, Some(name)) => format!(" (in the plug-in {name}, which is in no Maven repository)"),
            (None, None) => String::new(),
        };
        is_elsewhere |= found(&KNOWN).is_none();
        parts.push(format!("{class}{place}"));
    }
    let more = parts.len().saturating_sub(CLASSES_SHOWN_MAX);
    parts.truncate(CLASSES_SHOWN_MAX);
    let (noun, are) = if classes.len() == 1 { ("class", one_is_absent) } else { ("classes", are_absent) };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (named, advice) = (parts.join(", "), advice(&artifacts, is_elsewhere, classes.len()));
    format!("the plan needs the {noun} {named}{more}, which {are}: {advice}")
}

fn advice(artifacts: &[&str], is_elsewhere: bool, classes: usize) -> String {
    let remove =
        if classes == 1 { "remove the element from the plan" } else { "remove the elements from the plan" };
    if artifacts.is_empty() {
        let jar = if classes == 1 { "the jar that has it" } else { "the jars that have them" };
        return format!("put {jar} beside the plan, or {remove}");
    }
    let plugins: String = artifacts.iter().map(|artifact| format!(" --plugin {artifact}")).collect();
    let own = if artifacts.len() == 1 { "its jar" } else { "their jars" };
    let jars = if artifacts == [COMMON] { own.to_owned() } else { format!("{own} and the one of {COMMON}") };
    let others = if is_elsewhere { "; put the jars with the other classes beside the plan" } else { "" };
    format!(
        "install what has {} with `gridnode tools install jmeter{plugins}`, or put {jars} beside the plan{others}, or {remove}",
        if classes == 1 { "it" } else { "them" }
    )
}

/// A plug-in that gridnode does not know may be in a JMeter of the node's own.
fn advice_for_nodes(artifacts: &[&str], is_elsewhere: bool, classes: usize) -> String {
    let it = if classes == 1 { "it" } else { "them" };
    let along = format!("put the jars that have {it} beside the plan, and they go along");
    let listed: Vec<String> = artifacts.iter().map(|artifact| format!("\"{artifact}\"")).collect();
    let installed = format!("tools.jmeter_plugins = [{}]", listed.join(", "));
    match (artifacts.is_empty(), is_elsewhere) {
        (true, _) => {
            format!("only nodes whose own JMeter (tools.jmeter_home) has {it} can run it; or {along}")
        }
        (false, false) => {
            format!("only nodes that have {it} ({installed} in their configuration) run it; or {along}")
        }
        (false, true) => format!(
            "only nodes that have {it} ({installed} in their configuration, and the others in a JMeter of their own) run it; or \
             {along}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jmeter::Coordinate;

    #[test]
    fn a_known_class_names_its_plug_in_and_what_that_needs() {
        let said = missing(&["com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup"]);
        assert!(said.contains("(in kg.apc:jmeter-plugins-casutg)") && said.contains(COMMON), "{said}");
        assert!(
            said.contains("`gridnode tools install jmeter --plugin kg.apc:jmeter-plugins-casutg`"),
            "{said}"
        );
        assert!(missing(&["com.blazemeter.jmeter.controller.ParallelSampler"]).contains("jmeter-parallel"));
        assert!(!missing(&["kg.apc.jmeter.JMeterPluginsUtils"]).contains("and the one of"));
        let own = missing(&["com.example.Own"]);
        assert!(
            own.ends_with("put the jar that has it beside the plan, or remove the element from the plan"),
            "{own}"
        );
        assert!(
            missing(&["net.xmeter.samplers.PubSampler"]).contains("the plug-in mqtt-xmeter, which is in no")
        );
    }

    #[test]
    fn several_classes_are_named_with_one_command_for_all() {
        let said = missing(&[
            "kg.apc.jmeter.reporters.AutoStop",
            "kg.apc.jmeter.threads.UltimateThreadGroup",
            "kg.apc.jmeter.threads.SteppingThreadGroup",
            "com.example.Own",
        ]);
        let command =
            "jmeter --plugin kg.apc:jmeter-plugins-autostop:0.3 --plugin kg.apc:jmeter-plugins-casutg`";
        assert!(said.contains(command) && said.contains("com.example.Own, which"), "{said}");
        assert!(said.contains("put the jars with the other classes beside the plan"), "{said}");
        let many: Vec<String> = (0..20).map(|n| format!("com.example.C{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(missing(&many).contains("com.example.C7 and 12 more, which"));
    }

    #[test]
    fn before_the_start_an_element_is_refused_and_what_one_calls_is_a_warning() {
        const GROUP: &str = "kg.apc.jmeter.threads.UltimateThreadGroup";
        const CLIENT: &str = "io.github.rahulsinghai.jmeter.backendlistener.kafka.KafkaBackendClient";
        assert_eq!(absent(&[], &[]), Ok(None));
        let refused = absent(&["com.example.Own", GROUP], &[CLIENT]).unwrap_err();
        assert_eq!(refused, missing(&["com.example.Own", GROUP, CLIENT]));
        assert!(absent(&["net.xmeter.samplers.PubSampler"], &[]).is_err());
        assert_eq!(absent(&["com.example.Own"], &[]), Err(missing(&["com.example.Own"])));
        // JMeter runs what is around it.
        let warned = absent(&[], &["com.example.Own"]).unwrap().unwrap();
        assert!(
            warned.starts_with("the plan needs the class com.example.Own, which was found in no jar: put")
        );
        assert!(
            absent(&[], &["a.B", CLIENT]).unwrap().unwrap().contains("which were found in no jar: install")
        );
    }

    #[test]
    fn whoever_sends_a_plan_hears_which_key_of_a_nodes_configuration_has_the_plug_in() {
        assert_eq!(not_sent(&[]), None);
        let said = not_sent(&["kg.apc.jmeter.threads.UltimateThreadGroup"]).unwrap();
        assert!(said.contains("which is in no jar that is sent: only nodes that have it"), "{said}");
        assert!(said.contains("(tools.jmeter_plugins = [\"kg.apc:jmeter-plugins-casutg\"] in"), "{said}");
        let own = not_sent(&["com.example.Own", "com.example.Other"]).unwrap();
        assert!(own.contains("which are in no jar that is sent: only nodes whose own JMeter"), "{own}");
    }

    #[test]
    fn every_plug_in_is_called_as_maven_calls_it_and_no_class_is_in_two() {
        for (at, (prefix, artifact)) in KNOWN.iter().enumerate() {
            assert!(artifact.parse::<Coordinate>().is_ok(), "{artifact}");
            let before = KNOWN[..at].iter().find(|(other, _)| prefix.starts_with(other));
            assert_eq!(before, None, "{prefix}");
        }
    }
}
