//! Which plug-in a class is in, for those that plans of the field name most.

const COMMON: &str = "kg.apc:jmeter-plugins-cmn-jmeter";

/// The beginning of a class's name, and the Maven artifact that has it.
const KNOWN: [(&str, &str); 10] = [
    ("kg.apc.jmeter.threads.", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.threads.", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.control.VirtualUserController", "kg.apc:jmeter-plugins-casutg"),
    ("com.blazemeter.jmeter.controller.Parallel", "com.blazemeter:jmeter-parallel"),
    ("kg.apc.jmeter.samplers.DummySampler", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.modifiers.DummySubPostProcessor", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.dummy.", "kg.apc:jmeter-plugins-dummy"),
    ("kg.apc.jmeter.control.ParameterizedController", "kg.apc:jmeter-plugins-prmctl"),
    ("kg.apc.jmeter.control.sampler.SetVariablesAction", "kg.apc:jmeter-plugins-prmctl"),
    ("kg.apc.jmeter.JMeterPluginsUtils", COMMON),
];

/// What to do about a class that is not there.
pub(super) fn advice(class: &str) -> String {
    let Some((_, artifact)) = KNOWN.iter().find(|(prefix, _)| class.starts_with(prefix)) else {
        return "put the jar that has it beside the plan".to_owned();
    };
    let jars = match *artifact {
        COMMON => "its jar".to_owned(),
        _ => format!("its jar and the one of {COMMON}"),
    };
    format!(
        "it is in {artifact}: install that with `gridnode tools install jmeter --plugin {artifact}`, or put {jars} beside \
         the plan"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_class_names_its_plug_in_and_what_that_needs() {
        let advised = advice("com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup");
        assert!(advised.contains("kg.apc:jmeter-plugins-casutg") && advised.contains(COMMON), "{advised}");
        assert!(advice("com.blazemeter.jmeter.controller.ParallelSampler").contains("jmeter-parallel"));
        assert!(
            advised.contains("`gridnode tools install jmeter --plugin kg.apc:jmeter-plugins-casutg`"),
            "{advised}"
        );
        assert!(!advice("kg.apc.jmeter.JMeterPluginsUtils").contains("and the one of"));
        assert_eq!(advice("com.example.Own"), "put the jar that has it beside the plan");
    }
}
