"""What a listener costs JMeter: CPU of its JVM, the same plan without one, with ours, with JMeter's own.

The sampler is the bundled JavaTest without a pause: nothing that a real test does is as cheap, so the percentages are the
worst case and the µs a sample are what carries over. Each round runs every arm once, in turning order; differences are
taken within a round, so that the JVM's start cancels out.
"""

import os
import pathlib
import socket
import statistics
import subprocess
from xml.sax.saxutils import escape

from support.figures import Figure, mean_with_interval, number
from support.process import http_sink, running

ROOT = pathlib.Path(__file__).resolve().parents[3]
USERS = 2
QUEUE_SIZE = 5_000
CLIENTS = "org.apache.jmeter.visualizers.backend"
OUR_ELEMENT = (ROOT / "plugins/jmeter/element.xml").read_text().removesuffix("\n")


class NotInstalled(Exception):
    pass


def jmeter(bench):
    home, plugin_jar = installed(bench)
    rounds, samples = bench.effort(full=(10, 1_500_000), quick=(5, 600_000), smoke=(1, 2_000))
    names = ["without", "ours", "raw", "aggregated"]
    cpu_us = {name: [] for name in names}
    for n in range(rounds):
        for name in names[n % len(names) :] + names[: n % len(names)]:
            cpu_us[name].append(_run(bench, home, plugin_jar, name, samples, n))
    base = statistics.median(cpu_us["without"])
    print(f"without a listener: {number(base)} µs of CPU a sample, the start of the JVM included")
    ours = [a - b for a, b in zip(cpu_us["ours"], cpu_us["without"])]
    notes = {
        "raw": "JMeter's InfluxDB listener, raw, UDP",
        "aggregated": "JMeter's InfluxDB listener, aggregating, HTTP",
    }
    return [_figure(ours, [a - b for a, b in zip(cpu_us[name], cpu_us["without"])], base, notes[name]) for name in notes]


def _figure(ours, alternative, base, note):
    (our_mean, our_half), (mean, half) = mean_with_interval(ours), mean_with_interval(alternative)
    percent = f"({our_mean / base:+.1%} and {mean / base:+.1%} of a sampler that does nothing)"
    return Figure(
        "JMeter listener, added CPU a sample", "µs", [our_mean], [mean], f"{note} {percent}",
        # A cost that may be none has no ratio.
        ratio_text=number(mean / our_mean) if our_mean > our_half else f"> {number(mean / (our_mean + our_half))}",
        spread_text=f"±{number(our_half)} and ±{number(half)} µs (95 %, {len(ours)} rounds)",
    )  # fmt: skip


def installed(bench):
    return installed_tool(bench, "jmeter", "gridnode-jmeter.jar")


def installed_tool(bench, tool, plugin):
    """Its home and the jar of our plug-in for it; of several versions the one that is named last."""
    done = subprocess.run([str(bench.gridnode), "tools", "list"], capture_output=True, text=True, timeout=60)
    found = None
    for line in done.stdout.splitlines():
        words = line.split(maxsplit=2)
        if words[:1] == [tool]:
            home = pathlib.Path(words[2].split("  (")[0])
            jars = sorted(home.parent.glob(f"plugin-*/{plugin}"), key=lambda jar: jar.stat().st_mtime)
            found = (home, jars[-1]) if jars else found
    if found is None:
        raise NotInstalled(f"no {tool} with our plug-in: `gridnode tools install {tool}` makes one")
    return found


def _run(bench, home, plugin_jar, name, samples, n):
    """CPU µs a sample. Fails when the listener has not sent what it should."""
    directory = bench.directory / f"jmeter-{name}-{n}"
    directory.mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sump, http_sink() as drain:
        sump.bind(("127.0.0.1", 0))
        port = sump.getsockname()[1]
        listeners = {
            "without": "",
            "ours": OUR_ELEMENT,
            "raw": _backend("InfluxDBRawBackendListenerClient", "UdpMetricsSender", f"127.0.0.1:{port}"),
            "aggregated": _backend("InfluxdbBackendListenerClient", "HttpMetricsSender", f"{drain.url}/write?db=jmeter"),
        }
        (directory / "plan.jmx").write_text(_plan(listeners[name], samples))
        env = {**os.environ, "FLOOD_SEQUENCE_ID": "7", "FLOOD_SUMP_PORT": str(port), "GRIDNODE_TRACE_DIR": str(directory)}
        command = [
            "java", "-Xmx512m", "-Djava.awt.headless=true", "-jar", home / "bin/ApacheJMeter.jar", "-n", "-t", "plan.jmx",
            "-j", "jmeter.log", f"-Jsearch_paths={plugin_jar}", "-Jjmeterengine.force.system.exit=true",
            "-Jjmeterengine.nongui.port=0", "-Jsummariser.interval=3600",
        ]  # fmt: skip
        with running(command, directory, "jmeter", env=env) as process:
            ended = process.end(seconds=600)
        _check(name, ended, directory, samples, _something_came(sump), drain.bytes_read)
    return ended.cpu_s * 1e6 / samples


def _check(name, ended, directory, samples, datagrams, posted_bytes):
    if ended.code != 0 or f"summary = {samples:>6}" not in ended.out:
        raise RuntimeError(f"JMeter did not run {samples} samples (exit code {ended.code}):\n{ended.out[-2000:]}{ended.err[-2000:]}")
    if name == "ours":
        final = "".join(path.read_text() for path in directory.glob("*.final"))
        if f"samples={samples}i" not in final:
            raise RuntimeError(f"the plug-in has not sent {samples} samples: {final!r}")
    if (name == "raw" and not datagrams) or (name == "aggregated" and not posted_bytes):
        raise RuntimeError(f"JMeter's own listener ({name}) sent nothing:\n{(directory / 'jmeter.log').read_text()[-2000:]}")


def _something_came(sump):
    """Nobody reads while it runs: a reader would take CPU from what is measured; the kernel drops what is too much."""
    sump.setblocking(False)
    try:
        return len(sump.recv(65_536)) > 0
    except BlockingIOError:
        return False


def _backend(client, sender, url):
    arguments = {
        "influxdbMetricsSender": f"{CLIENTS}.influxdb.{sender}",
        "influxdbUrl": url,
        "influxdbToken": "",
        "application": "bench",
        "measurement": "jmeter",
        "summaryOnly": "false",
        "samplersRegex": ".*",
        "percentiles": "50;95;99",
        "testTitle": "bench",
        "eventTags": "",
    }
    return (
        '<BackendListener guiclass="BackendListenerGui" testclass="BackendListener" testname="backend" enabled="true">'
        f"{_arguments('arguments', arguments)}"
        f'<stringProp name="classname">{CLIENTS}.influxdb.{client}</stringProp>'
        f'<stringProp name="QUEUE_SIZE">{QUEUE_SIZE}</stringProp></BackendListener><hashTree/>'
    )


def _arguments(name, values):
    each = "".join(
        f'<elementProp name="{key}" elementType="Argument"><stringProp name="Argument.name">{key}</stringProp>'
        f'<stringProp name="Argument.value">{escape(value)}</stringProp>'
        '<stringProp name="Argument.metadata">=</stringProp></elementProp>'
        for key, value in values.items()
    )
    return (
        f'<elementProp name="{name}" elementType="Arguments"><collectionProp name="Arguments.arguments">{each}'
        "</collectionProp></elementProp>"
    )


def _plan(listener, samples):
    sampler = {"Sleep_Time": "0", "Sleep_Mask": "0x0", "ResponseCode": "200", "ResponseMessage": "OK", "Status": "OK"}
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="bench" enabled="true"></TestPlan>
<hashTree>{listener}
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="users" enabled="true">
<stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
<elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp>
<stringProp name="LoopController.loops">{samples // USERS}</stringProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{USERS}</stringProp>
<stringProp name="ThreadGroup.ramp_time">0</stringProp></ThreadGroup>
<hashTree><JavaSampler guiclass="JavaTestSamplerGui" testclass="JavaSampler" testname="GET /cart" enabled="true">
{_arguments("arguments", sampler)}
<stringProp name="classname">org.apache.jmeter.protocol.java.test.JavaTest</stringProp></JavaSampler><hashTree/>
</hashTree></hashTree></hashTree></jmeterTestPlan>
"""
