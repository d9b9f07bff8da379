"""What our plug-in costs a tool: CPU of its JVM a request, the same test with and without it; and what its error traces cost, where
no request fails and where all do.

Real HTTP against a target that does nothing (`target`), as fast as it answers: a test with think times or a site that is
slower only makes the share smaller. A pair is one run with and one without, which take turns on the first CPU (`turns`); the ratio
is taken within the pair. Two ratios, both of rusage CPU:

    whole  everything, from the start of the JVM to its end
    warm   without the first quarter of the requests, that is without the start and without warming up

The targets and the nodes (`gridnode collect`, there for both runs of a pair) have the last CPU: what moves between CPUs costs more
than any plug-in.
The interval is that of the mean of the ratios' logarithms; what counts is its upper end, the lower end may well be below 0.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import typing

from support.figures import Figure, overhead_with_interval
from support.jmeter import OUR_ELEMENT, installed, installed_tool
from support.process import collect, free_udp_port, http_sink, running
from support.turns import take_turns

HERE = pathlib.Path(__file__).resolve().parents[1]
SIMULATION = HERE / "gatling" / "OverheadSimulation.java"
USERS = 8
LABELS = ["GET /", "GET /search", "GET /cart", "GET /checkout"]
# As `target` has it.
TELL_EVERY = 1_000
PAIR_SECONDS_MAX = 900
# What varies from run to run is when the compiler's threads get their turn on the one CPU, and how often memory is collected: where
# compiling is waited for and the heap is fixed, both are the same in every run.
JVM = ["-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:-BackgroundCompilation"]
# Of no run: it hides nothing.
TRACE_KEY = "00" * 32
LOGBACK = '<configuration><root level="WARN"/></configuration>'


class Pair(typing.NamedTuple):
    """What is measured against what: each is our plug-in (or none) and its traces (or none), with requests that pass or fail."""

    what: str
    ours: tuple
    alternative: tuple
    status: int = 200


PLUGIN = Pair("with our plug-in", (True, False), (False, False))
TRACES = [
    Pair("with error traces on, none failing", (True, True), (True, False)),
    Pair("with error traces on, all failing", (True, True), (True, False), status=500),
]


def gatling(bench):
    home, agent_jar = installed_tool(bench, "gatling", "gridnode-gatling.jar")
    classes = bench.directory / "gatling-classes"
    classes.mkdir()
    (classes / "logback.xml").write_text(LOGBACK)
    compiling = ["javac", "-nowarn", "-cp", f"{home}/lib/*", "-d", classes, SIMULATION]
    subprocess.run(compiling, check=True, capture_output=True, timeout=300)

    def command(directory, with_plugin, requests, port):
        return [
            "java", *JVM, "--add-opens=java.base/java.lang=ALL-UNNAMED", "-Dgatling.data.enableAnalytics=false",
            "-Dgatling.http.warmUpUrl=", f"-Dusers={USERS}", f"-Dloops={_loops(requests)}", f"-Dport={port}",
            *([f"-javaagent:{agent_jar}"] if with_plugin else []),
            "-cp", f"{classes}:{home}/lib/*", "io.gatling.app.Gatling", "-s", "OverheadSimulation", "-rf", "results", "-nr",
        ]  # fmt: skip

    return _measure(bench, "Gatling", command, PLUGIN, bench.effort(full=(20, 1_000_000), quick=(10, 600_000), smoke=(1, 8_000)))


def jmeter(bench):
    # What the compiler happens to do differently is 1 to 1.5 s of CPU a run, however long that is.
    effort = bench.effort(full=(20, 3_000_000), quick=(10, 600_000), smoke=(1, 8_000))
    return _measure(bench, "JMeter", _jmeter(bench), PLUGIN, effort)


def traces(bench):
    effort = bench.effort(full=(10, 1_000_000), quick=(5, 600_000), smoke=(1, 8_000))
    return [figure for pair in TRACES for figure in _measure(bench, "JMeter", _jmeter(bench), pair, effort)]


def _jmeter(bench):
    home, plugin_jar = installed(bench)

    def command(directory, with_plugin, requests, port):
        (directory / "plan.jmx").write_text(_plan(OUR_ELEMENT if with_plugin else "", _loops(requests), port))
        return [
            "java", *JVM, "-Djava.awt.headless=true", "-jar", home / "bin/ApacheJMeter.jar", "-n", "-t", "plan.jmx",
            "-j", "jmeter.log", f"-Jsearch_paths={plugin_jar}", "-Jjmeterengine.force.system.exit=true",
            "-Jjmeterengine.nongui.port=0", "-Jsummariser.interval=3600", "-Jhttpclient.reset_state_on_thread_group_iteration=false",
        ]  # fmt: skip

    return command


def _measure(bench, tool, command, pair, effort):
    pairs, requests = effort
    # Every user does the same number of rounds.
    requests = _loops(requests) * USERS * len(LABELS)
    whole, warm = {pair.ours: [], pair.alternative: []}, {pair.ours: [], pair.alternative: []}
    for n in range(pairs):
        with contextlib.ExitStack() as stack:
            order = (pair.alternative, pair.ours) if n % 2 == 0 else (pair.ours, pair.alternative)
            arms = [_Arm(bench, stack, f"overhead-{tool}-{n}", command, having, pair.status, requests) for having in order]
            take_turns([arm.process for arm in arms], lambda i: arms[i].note(), PAIR_SECONDS_MAX)
            for arm in arms:
                cpu_s, cold_cpu_s, cold = arm.end()
                whole[arm.having].append(cpu_s * 1e6 / requests)
                warm[arm.having].append((cpu_s - cold_cpu_s) * 1e6 / (requests - cold))
        print(f"  pair {n + 1}: {_pair(pair, whole)} µs, warm {_pair(pair, warm)} µs", flush=True)
    return [
        _figure(f"{tool}: CPU a request {pair.what}, whole run of {requests:,}", pair, whole),
        _figure(f"{tool}: CPU a request {pair.what}, warm", pair, warm),
    ]


def _pair(pair, cpu_us):
    return f"{cpu_us[pair.ours][-1]:.2f} against {cpu_us[pair.alternative][-1]:.2f}"


def _figure(what, pair, cpu_us):
    ours, without = cpu_us[pair.ours], cpu_us[pair.alternative]
    mean, low, high = overhead_with_interval(ours, without)
    return Figure(
        what, "µs", [statistics.median(ours)], [statistics.median(without)],
        f"without it; {'' if high <= 0.05 else 'not '}shown to be at most 5 %",
        ratio_text=f"{mean:+.1%}", spread_text=f"{low:+.1%} to {high:+.1%} (95 %, {len(ours)} pairs)",
    )  # fmt: skip


class _Arm:
    """One run, with its site and its node. All of it ends with the stack."""

    def __init__(self, bench, stack, name, command, having, status, requests):
        self.having, self._requests = having, requests
        with_plugin, with_traces = having
        self._cold, self._cold_cpu_s = 0, 0.0
        directory = bench.directory / f"{name}-{with_plugin}-{with_traces}"
        directory.mkdir()
        stack.callback(shutil.rmtree, directory)
        port, elsewhere = free_udp_port(), _pinned_to(os.cpu_count() - 1)
        drain = stack.enter_context(http_sink())
        self._node = stack.enter_context(collect(bench, drain.url, port, directory.name, prefix=elsewhere))
        self._node.says("listening")
        self._target = stack.enter_context(_Target(bench, status))
        env = {
            **os.environ, "FLOOD_SEQUENCE_ID": "7", "FLOOD_SUMP_PORT": str(port), "GRIDNODE_TRACE_DIR": str(directory),
            "GRIDNODE_REPORT_FILE": str(directory / "report"), "GRIDNODE_STOP_FILE": str(directory / "stop"),
        }  # fmt: skip
        if with_traces:
            env["GRIDNODE_TRACE_KEY"] = TRACE_KEY
        pinned = [*_pinned_to(0), *command(directory, with_plugin, requests, self._target.port)]
        self.process = stack.enter_context(running(pinned, directory, "tool", env=env))

    def note(self):
        """Between two turns: what the first quarter of the requests took."""
        served = self._target.served()
        if not self._cold and self._requests // 4 <= served < self._requests:
            self._cold, self._cold_cpu_s = served, _cpu_s(self.process.child.pid)

    def end(self):
        """CPU in s of the JVM, that of the first so many requests, and how many those were. Fails when it did not do what it should, or a
        sample is missing from the receipt."""
        ended = self.process.end()
        receipts = [json.loads(line) for line in self._node.end(by_signal=signal.SIGTERM).out.splitlines() if line.startswith("{")]
        aggregated = sum(receipt["ledger"]["aggregated"] for receipt in receipts)
        served = self._target.served()
        expected = self._requests if self.having[0] else 0
        if ended.code != 0 or served // TELL_EVERY != self._requests // TELL_EVERY or aggregated != expected:
            raise RuntimeError(
                f"exit code {ended.code}, {served} requests served, {aggregated} samples accounted for:\n"
                f"{ended.out[-2000:]}{ended.err[-2000:]}"
            )
        return ended.cpu_s, self._cold_cpu_s, self._cold


def _cpu_s(pid):
    """So far, in the kernel's ticks of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _pinned_to(cpu):
    return ["taskset", "--cpu-list", str(cpu)]


def _loops(requests):
    return requests // USERS // len(LABELS)


class _Target:
    """The site, within the `with` block. It says when it has served another thousand."""

    def __init__(self, bench, status):
        self._command = [*_pinned_to(os.cpu_count() - 1), str(bench.program("target")), str(status)]
        self._served = 0

    def __enter__(self):
        self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.port = int(self._child.stdout.readline())
        os.set_blocking(self._child.stdout.fileno(), False)
        return self

    def __exit__(self, *_):
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait(10)

    def served(self):
        """Requests until now, in whole thousands."""
        while said := self._child.stdout.read(1 << 16):
            self._served += TELL_EVERY * said.count(b"\n")
        return self._served


def _plan(listener, loops, port):
    samplers = "".join(
        f"""<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="{label}" enabled="true">
<stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">{port}</stringProp>
<stringProp name="HTTPSampler.protocol">http</stringProp><stringProp name="HTTPSampler.path">{label.removeprefix("GET ")}</stringProp>
<stringProp name="HTTPSampler.method">GET</stringProp><boolProp name="HTTPSampler.use_keepalive">true</boolProp>
<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>
</HTTPSamplerProxy><hashTree/>"""
        for label in LABELS
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.3"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="bench" enabled="true"></TestPlan>
<hashTree>{listener}
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="users" enabled="true">
<stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
<elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp>
<stringProp name="LoopController.loops">{loops}</stringProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{USERS}</stringProp>
<stringProp name="ThreadGroup.ramp_time">0</stringProp></ThreadGroup>
<hashTree>{samplers}</hashTree></hashTree></hashTree></jmeterTestPlan>
"""
