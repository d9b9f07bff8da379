//! What is known of classes of plug-ins that many plans have: which of them define no variable, and which write no file.

/// Beginnings of names whose classes define no variable but by a function in their fields.
const DEFINE_NOTHING: [&str; 19] = [
    "kg.apc.jmeter.threads.",
    "kg.apc.jmeter.samplers.DummySampler",
    "kg.apc.jmeter.samplers.HTTPRawSampler",
    "kg.apc.jmeter.samplers.UDPSampler",
    "kg.apc.jmeter.modifiers.DummySubPostProcessor",
    "kg.apc.jmeter.timers.VariableThroughputTimer",
    "kg.apc.jmeter.vizualizers.CorrectedResultCollector",
    "kg.apc.jmeter.listener.GraphsGeneratorListener",
    "kg.apc.jmeter.reporters.",
    "kg.apc.jmeter.perfmon.",
    "kg.apc.jmeter.jmxmon.",
    "kg.apc.jmeter.dbmon.",
    "kg.apc.jmeter.config.LockFile",
    "com.blazemeter.jmeter.threads.",
    "com.blazemeter.jmeter.control.",
    "com.blazemeter.jmeter.controller.Parallel",
    "com.blazemeter.jmeter.http.ParallelHTTPSampler",
    "com.blazemeter.jmeter.reporters.FlushingResultCollector",
    "com.blazemeter.jmeter.RotatingResultCollector",
];
/// Those that define what their fields name, and nothing else.
const DEFINE_THEIR_FIELDS: [&str; 2] =
    ["kg.apc.jmeter.control.ParameterizedController", "kg.apc.jmeter.control.sampler.SetVariablesAction"];
/// Those of the first that write files whatever their fields say.
const WRITE: [&str; 5] = [
    "kg.apc.jmeter.reporters.FlexibleFileWriter",
    "kg.apc.jmeter.reporters.LoadosophiaUploader",
    "kg.apc.jmeter.reporters.bzm.",
    "kg.apc.jmeter.config.LockFile",
    "kg.apc.jmeter.listener.GraphsGeneratorListener",
];

/// Whether a class defines no variable but by a function in its fields.
pub(super) fn defines_nothing(class: &str) -> bool {
    is_one_of(&DEFINE_NOTHING, class)
}

/// Whether a class is of a plug-in, and nobody knows which variables it defines.
pub(super) fn may_define_anything(class: &str) -> bool {
    class.contains('.') && !is_one_of(&DEFINE_NOTHING, class) && !is_one_of(&DEFINE_THEIR_FIELDS, class)
}

/// Whether a class of a plug-in may write files, other than the one that a field of it names.
pub(super) fn may_write(class: &str) -> bool {
    may_define_anything(class) || is_one_of(&WRITE, class)
}

fn is_one_of(list: &[&str], class: &str) -> bool {
    list.iter().any(|beginning| class.starts_with(beginning))
}
