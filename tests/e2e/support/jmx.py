"""Small JMeter plans, element by element, in the form in which JMeter's own GUI saves them."""

from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3">\n  <hashTree>\n'
FOOT = "  </hashTree>\n</jmeterTestPlan>\n"


def plan(*children, name="plan"):
    body = _element("TestPlan", "TestPlanGui", name, [_elements("TestPlan.user_defined_variables", "Arguments", [])], children)
    return HEAD + body + FOOT


def threads(*children, users=1, loops=1, name="users", ramp_s=0, enabled=True, kind="ThreadGroup", on_error="continue", duration_s=None):
    properties = [
        _bool("ThreadGroup.scheduler", duration_s is not None),
        _text("ThreadGroup.duration", duration_s or ""),
        _text("ThreadGroup.num_threads", users),
        _text("ThreadGroup.ramp_time", ramp_s),
        _text("ThreadGroup.on_sample_error", on_error),
        '<elementProp name="ThreadGroup.main_controller" elementType="LoopController" guiclass="LoopControlPanel" '
        f'testclass="LoopController">{_text("LoopController.loops", loops)}'
        f'{_bool("LoopController.continue_forever", False)}</elementProp>',
    ]
    return _element(kind, f"{kind}Gui", name, properties, children, enabled)


def http(
    name, path, *children, port="${__P(port)}", follow=True, embedded=False, timeout_ms=None, method="GET", body=None, form=None, headers=None
):
    """`body`: sent as it is; `form`: fields of a form; `headers`: beside the client's own."""
    arguments = [_http_argument("", body)] if body else [_http_argument(key, value) for key, value in (form or {}).items()]
    if headers:
        children = (header_manager(headers), *children)
    properties = [
        _text("HTTPSampler.domain", "127.0.0.1"),
        _text("HTTPSampler.port", port),
        _text("HTTPSampler.protocol", "http"),
        _text("HTTPSampler.path", path),
        _text("HTTPSampler.method", method),
        _bool("HTTPSampler.postBodyRaw", body is not None),
        _bool("HTTPSampler.follow_redirects", follow),
        _bool("HTTPSampler.use_keepalive", True),
        _bool("HTTPSampler.image_parser", embedded),
        _text("HTTPSampler.response_timeout", timeout_ms or ""),
        _elements("HTTPsampler.Arguments", "Arguments", arguments),
    ]
    return _element("HTTPSamplerProxy", "HttpTestSampleGui", name, properties, children)


def header_manager(headers, name="headers"):
    """Headers of the sampler that it stands in."""
    items = "".join(
        f'<elementProp name="" elementType="Header">{_text("Header.name", key)}{_text("Header.value", value)}</elementProp>'
        for key, value in headers.items()
    )
    properties = [f'<collectionProp name="HeaderManager.headers">{items}</collectionProp>']
    return _element("HeaderManager", "HeaderPanel", name, properties, ())


def regex_extractor(variable, regex, default=""):
    """A post-processor of the sampler that it stands in."""
    values = {"refname": variable, "regex": regex, "template": "$1$", "default": default, "match_number": 1, "useHeaders": "false"}
    properties = [_text(f"RegexExtractor.{key}", value) for key, value in values.items()]
    return _element("RegexExtractor", "RegexExtractorGui", variable, properties, ())


def java(name, *children, sleep_ms=0, mask="0x0", status="OK", code="200"):
    """JMeter's own sampler without a network: sleeps `sleep_ms` + now % `mask`."""
    values = {"Sleep_Time": sleep_ms, "Sleep_Mask": mask, "ResponseCode": code, "Status": status, "ResultData": "x" * 10}
    properties = [
        _elements("arguments", "Arguments", [_argument(key, value) for key, value in values.items()]),
        _text("classname", "org.apache.jmeter.protocol.java.test.JavaTest"),
    ]
    return _element("JavaSampler", "JavaTestSamplerGui", name, properties, children)


def transaction(name, *children, parent):
    properties = [_bool("TransactionController.parent", parent), _bool("TransactionController.includeTimers", False)]
    return _element("TransactionController", "TransactionControllerGui", name, properties, children)


def simple(*children, name="simple"):
    return _element("GenericController", "LogicControllerGui", name, [], children)


def fragment(name, *children):
    return _element("TestFragmentController", "TestFragmentControllerGui", name, [], children)


def module(fragment_name, plan_name="plan", name="module"):
    """Runs a fragment of the same plan."""
    path = "".join(_text(str(number), part) for number, part in enumerate(["root", plan_name, fragment_name]))
    properties = [f'<collectionProp name="ModuleController.node_path">{path}</collectionProp>']
    return _element("ModuleController", "ModuleControllerGui", name, properties, ())


def include(filename, name="include"):
    """Runs the fragment of another file."""
    return _element("IncludeController", "IncludeControllerGui", name, [_text("IncludeController.includepath", filename)], ())


def file_of(*elements):
    """A file that is included: no plan around it."""
    return HEAD + "".join(elements) + FOOT


def parallel(name, *children, parent):
    """The controller of the plug-in jmeter-parallel."""
    properties = [_text("MAX_THREAD_NUMBER", 6), _bool("PARENT_SAMPLE", parent), _bool("LIMIT_MAX_THREAD_NUMBER", False)]
    kind = "com.blazemeter.jmeter.controller.ParallelSampler"
    return _element(kind, "com.blazemeter.jmeter.controller.ParallelControllerGui", name, properties, children)


def concurrency(*children, users=1, ramp_s=0, steps=1, hold_s=1, name="users", on_error="continue", iterations=""):
    """The Concurrency Thread Group of the plug-in casutg."""
    return _dynamic("concurrency.ConcurrencyThreadGroup", children, name, on_error, users, ramp_s, steps, hold_s, iterations)


def arrivals(*children, per_s=1, ramp_s=0, hold_s=1, name="users", on_error="continue"):
    """The Arrivals Thread Group of the plug-in casutg."""
    return _dynamic("arrivals.ArrivalsThreadGroup", children, name, on_error, per_s, ramp_s, 1, hold_s, "")


def _dynamic(kind, children, name, on_error, target, ramp_s, steps, hold_s, iterations):
    kind = f"com.blazemeter.jmeter.threads.{kind}"
    values = {
        "TargetLevel": target, "RampUp": ramp_s, "Steps": steps, "Hold": hold_s, "LogFilename": "", "Iterations": iterations, "Unit": "S",
    }  # fmt: skip
    controller = "com.blazemeter.jmeter.control.VirtualUserController"
    properties = [
        f'<elementProp name="ThreadGroup.main_controller" elementType="{controller}"/>',
        _text("ThreadGroup.on_sample_error", on_error),
        *(_text(key, value) for key, value in values.items()),
    ]
    return _element(kind, f"{kind}Gui", name, properties, children)


def ultimate(*children, rows, name="users", on_error="continue"):
    """The Ultimate Thread Group of the plug-in casutg; a row is users, delay, start-up, hold and shutdown, the last four in seconds."""
    kind = "kg.apc.jmeter.threads.UltimateThreadGroup"
    rows = (
        f'<collectionProp name="{n}">{"".join(_text(str(column), value) for column, value in enumerate(row))}</collectionProp>'
        for n, row in enumerate(rows)
    )
    table = f'<collectionProp name="ultimatethreadgroupdata">{"".join(rows)}</collectionProp>'
    return _element(kind, f"{kind}Gui", name, [table, _endless(), _text("ThreadGroup.on_sample_error", on_error)], children)


def stepping(*children, users=1, flight_s=1, name="users", on_error="continue"):
    """The Stepping Thread Group of the plug-in casutg: a user more each second, and at the end one less."""
    kind = "kg.apc.jmeter.threads.SteppingThreadGroup"
    values = {"ThreadGroup.num_threads": users, "Threads initial delay": 0, "Start users count": 1, "Start users count burst": 0,
              "Start users period": 1, "Stop users count": 1, "Stop users period": 1, "flighttime": flight_s, "rampUp": 0}  # fmt: skip
    properties = [_endless(), _text("ThreadGroup.on_sample_error", on_error), *(_text(key, value) for key, value in values.items())]
    return _element(kind, f"{kind}Gui", name, properties, children)


def _endless():
    return (
        '<elementProp name="ThreadGroup.main_controller" elementType="LoopController" guiclass="LoopControlPanel" '
        f'testclass="LoopController">{_bool("LoopController.continue_forever", False)}'
        '<intProp name="LoopController.loops">-1</intProp></elementProp>'
    )


def auto_stop(name):
    """The listener of the plug-in autostop, with limits that are never reached."""
    kind = "kg.apc.jmeter.reporters.AutoStop"
    values = {"avg_response_time": 0, "avg_response_time_length": 10, "error_rate": 0, "error_rate_length": 10,
              "avg_response_latency": 0, "avg_response_latency_length": 10}  # fmt: skip
    return _element(kind, f"{kind}Gui", name, [_text(key, value) for key, value in values.items()], ())


def flow_action(action):
    """JMeter's Flow Control Action, by the number of what it does to its thread."""
    numbers = {"action": action, "target": 0}
    properties = [f'<intProp name="ActionProcessor.{key}">{number}</intProp>' for key, number in numbers.items()]
    return _element("TestAction", "TestActionGui", "flow", [*properties, _text("ActionProcessor.duration", 0)], ())


def result_action(action):
    """JMeter's Result Status Action Handler, by the number of what it does when a sample fails."""
    return _element("ResultAction", "ResultActionGui", "on failure", [f'<intProp name="OnError.action">{action}</intProp>'], ())


def loop(count, *children, name="loop"):
    return _element("LoopController", "LoopControlPanel", name, [_text("LoopController.loops", count)], children)


def once(*children, name="once"):
    return _element("OnceOnlyController", "OnceOnlyControllerGui", name, [], children)


def condition(expression, *children, name="if"):
    properties = [
        _text("IfController.condition", expression),
        _bool("IfController.evaluateAll", False),
        _bool("IfController.useExpression", True),
    ]
    return _element("IfController", "IfControllerPanel", name, properties, children)


def cookie(name, value):
    """A Cookie Manager with one of the plan's own, for 127.0.0.1."""
    values = {"value": value, "domain": "127.0.0.1", "path": "/"}
    properties = "".join(_text(f"Cookie.{key}", value) for key, value in values.items())
    one = f'<elementProp name={quoteattr(name)} elementType="Cookie" testname={quoteattr(name)}>{properties}</elementProp>'
    cookies = f'<collectionProp name="CookieManager.cookies">{one}</collectionProp>'
    return _element("CookieManager", "CookiePanel", "cookies", [cookies], ())


def csv(filename, variables, name="data"):
    properties = [
        _text("filename", filename),
        _text("fileEncoding", "UTF-8"),
        _text("variableNames", variables),
        _text("delimiter", ";"),
        _bool("ignoreFirstLine", True),
        _bool("quotedData", False),
        _bool("recycle", True),
        _bool("stopThread", False),
        _text("shareMode", "shareMode.all"),
    ]
    return _element("CSVDataSet", "TestBeanGUI", name, properties, ())


def counter(variable, name="counter"):
    properties = [
        _text("CounterConfig.start", 1),
        _text("CounterConfig.incr", 1),
        _text("CounterConfig.name", variable),
        _bool("CounterConfig.per_user", True),
    ]
    return _element("CounterConfig", "CounterConfigGui", name, properties, ())


def contains(text, name="assertion"):
    """Fails the sample unless the answer contains `text`."""
    properties = [
        f'<collectionProp name="Asserion.test_strings">{_text("1", text)}</collectionProp>',
        _text("Assertion.custom_message", ""),
        _text("Assertion.test_field", "Assertion.response_data"),
        _bool("Assertion.assume_success", False),
        '<intProp name="Assertion.test_type">16</intProp>',
    ]
    return _element("ResponseAssertion", "AssertionGui", name, properties, ())


def results_xml(filename, name="results"):
    """JMeter's own result file, as XML with sub-results and the sizes."""
    saved = ["time", "latency", "timestamp", "success", "label", "code", "message", "threadName", "dataType", "assertions",
             "subresults", "xml", "bytes", "sentBytes", "url", "threadCounts", "idleTime", "connectTime"]  # fmt: skip
    left_out = ["encoding", "responseData", "samplerData", "fieldNames", "responseHeaders", "requestHeaders",
                "responseDataOnError", "saveAssertionResultsFailureMessage"]  # fmt: skip
    flags = "".join(f"<{key}>true</{key}>" for key in saved) + "".join(f"<{key}>false</{key}>" for key in left_out)
    properties = [
        _bool("ResultCollector.error_logging", False),
        '<objProp><name>saveConfig</name><value class="SampleSaveConfiguration">'
        f"{flags}<assertionsResultsToSave>0</assertionsResultsToSave></value></objProp>",
        _text("filename", filename),
    ]
    return _element("ResultCollector", "SimpleDataWriter", name, properties, ())


def pause(ms, name="pause"):
    return _element("ConstantTimer", "ConstantTimerGui", name, [_text("ConstantTimer.delay", ms)], ())


def random_pause(ms, more_ms, name="random pause"):
    properties = [_text("ConstantTimer.delay", ms), _text("RandomTimer.range", more_ms)]
    return _element("UniformRandomTimer", "UniformRandomTimerGui", name, properties, ())


def pace(per_minute, name="pace"):
    """Of each user, as JMeter's Constant Throughput Timer keeps it."""
    properties = ["<intProp name=\"calcMode\">0</intProp>", _double("throughput", per_minute)]
    return _element("ConstantThroughputTimer", "TestBeanGUI", name, properties, ())


def precise_pace(count, every_s, name="precise pace"):
    """Of all users, as JMeter's Precise Throughput Timer keeps it."""
    properties = [
        _double("throughput", count),
        f"<intProp name=\"throughputPeriod\">{every_s}</intProp>",
        f"<longProp name=\"duration\">{every_s}</longProp>",
        "<intProp name=\"exactLimit\">10000</intProp>" + _double("allowedThroughputSurplus", 1.0),
        "<intProp name=\"batchSize\">1</intProp><intProp name=\"batchThreadDelay\">0</intProp><longProp name=\"randomSeed\">7</longProp>",
    ]
    return _element("PreciseThroughputTimer", "TestBeanGUI", name, properties, ())


def together(users, timeout_ms=0, name="together"):
    properties = [f"<intProp name=\"groupSize\">{users}</intProp>", f"<longProp name=\"timeoutInMs\">{timeout_ms}</longProp>"]
    return _element("SyncTimer", "TestBeanGUI", name, properties, ())


def open_model(*children, schedule, name="users", on_error="continue"):
    properties = [
        '<elementProp name="ThreadGroup.main_controller" elementType="OpenModelThreadGroupController"/>',
        _text("ThreadGroup.on_sample_error", on_error),
        _text("OpenModelThreadGroup.schedule", schedule),
    ]
    return _element("OpenModelThreadGroup", "OpenModelThreadGroupGui", name, properties, children)


def groovy(name, script, *children):
    properties = [_text("scriptLanguage", "groovy"), _text("cacheKey", "true"), _text("script", script)]
    return _element("JSR223Sampler", "TestBeanGUI", name, properties, children)


def groovy_listener(name, script):
    properties = [_text("scriptLanguage", "groovy"), _text("cacheKey", "true"), _text("script", script)]
    return _element("JSR223Listener", "TestBeanGUI", name, properties, ())


def sampler(kind, name, properties, gui=None, arguments=(), lists=()):
    """Any sampler of JMeter's own, by its class; `arguments` and `lists` are properties that it has empty."""
    inside = [_text(key, value) for key, value in properties.items()]
    inside += [_elements(key, "Arguments", []) for key in arguments]
    inside += [f"<collectionProp name={quoteattr(key)}/>" for key in lists]
    return _element(kind, gui or f"{kind}Gui", name, inside, ())


def unknown_element():
    return _element("com.example.NoSuchElement", "com.example.NoSuchGui", "unknown", [], ())


def _element(testclass, guiclass, name, properties, children, enabled=True):
    inside = "".join(f"  {line}\n" for line in properties)
    flag = "true" if enabled else "false"
    return (
        f"<{testclass} guiclass={quoteattr(guiclass)} testclass={quoteattr(testclass)} testname={quoteattr(name)} "
        f'enabled="{flag}">\n{inside}</{testclass}>\n<hashTree>\n{"".join(children)}</hashTree>\n'
    )


def _text(name, value):
    return f"<stringProp name={quoteattr(name)}>{escape(str(value))}</stringProp>"


def _double(name, value):
    return f"<doubleProp><name>{escape(name)}</name><value>{value}</value></doubleProp>"


def _bool(name, value):
    return f"<boolProp name={quoteattr(name)}>{'true' if value else 'false'}</boolProp>"


def _elements(name, kind, items):
    inside = "".join(items)
    return (
        f'<elementProp name={quoteattr(name)} elementType="{kind}"><collectionProp name="Arguments.arguments">{inside}'
        "</collectionProp></elementProp>"
    )


def _http_argument(name, value):
    return (
        f'<elementProp name={quoteattr(name)} elementType="HTTPArgument">{_bool("HTTPArgument.always_encode", bool(name))}'
        f'{_text("Argument.value", value)}{_text("Argument.metadata", "=")}{_bool("HTTPArgument.use_equals", True)}'
        f'{_text("Argument.name", name)}</elementProp>'
    )


def _argument(name, value):
    return (
        f'<elementProp name={quoteattr(name)} elementType="Argument">{_text("Argument.name", name)}'
        f'{_text("Argument.value", value)}{_text("Argument.metadata", "=")}</elementProp>'
    )
