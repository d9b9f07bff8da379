"""Gatling plans as people have them: written for Flood, packed on a Mac, in projects and bundles, for an older Gatling."""

import pathlib
import shutil
import subprocess
import zipfile

import pytest

from support import commands
from support.browsers import url_of
from support.running import QUICK, Run, write_plan

REPOSITORY = pathlib.Path(__file__).parents[2]
LATEST = "3.15.1"
SHOP = """import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;
import io.gatling.javaapi.core.*;

public class ShopSimulation extends Simulation {
    { setUp(scenario("s").exec(http("home").get("/fast")).injectOpen(atOnceUsers(2))).protocols(http.baseUrl(System.getProperty("url"))); }
}
"""
FED = SHOP.replace('scenario("s")', 'scenario("s").feed(csv("%s").circular())').replace('"home"', '"home #{user}"')
# AppleDouble: a resource fork that says where the file was downloaded from.
FORK = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        \x00\x02" + b"\0" * 60 + b"com.apple.quarantine\0" + b"\xff\xfe" * 20
OLD = """import io.gatling.core.Predef._
import io.gatling.http.Predef._
import scala.concurrent.duration._

class Old extends Simulation {
  val protocol = http.baseURL("http://127.0.0.1:1")
  setUp(scenario("a").exec(http("b").get("/")).inject(rampUsers(3) over (10 seconds))).protocols(protocol)
}
"""
SHOP_SCALA = """import io.gatling.core.Predef._
import io.gatling.http.Predef._
%s
class Plan extends Simulation {
  setUp(scenario("s").exec(http("home " + answer).get("/fast")).inject(atOnceUsers(1))).protocols(http.baseUrl(System.getProperty("url")))
}
"""
WITHOUT_IMPORTS = 'class Plan extends Simulation { setUp(scenario("a").exec(http("b").get("/")).inject(atOnceUsers(1))) }\n'


def run_of(with_gatling, plan, site, *args, **options):
    return Run(with_gatling(LATEST), plan, "--param", f"url={url_of(site)}", QUICK, *args, **options, seconds=120)


def counts(run):
    return {label: numbers["count"] for (label, _), numbers in run.labels.items()}


def tree(directory, files):
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def test_floods_properties_carry_the_load(with_gatling, site, plans):
    plan = plans / "gatling" / "flood" / "TestPlan.scala"
    run = run_of(with_gatling, plan, site, "--users", 3, "--ramp-up", "2s", "--duration", "6s")
    assert run.code == 0 and run.receipt["users_max"] == 3, run
    assert "has no effect" not in run.process.err, run


def test_floods_package_is_there(with_gatling, site, plans):
    run = run_of(with_gatling, plans / "gatling" / "flood" / "FloodImport.scala", site)
    assert run.code == 0 and counts(run) == {"Home": 1}, run


def test_floods_package_is_there_for_a_built_jar(with_gatling, site):
    """As sbt's `package` makes one: what the plan was compiled against is not in it."""
    gridnode = with_gatling(LATEST)
    home = gridnode.tools_dir / "gatling" / LATEST / "home"
    text = (SHOP_SCALA % "import flood._\n").replace("answer", '"built"').replace("http.baseUrl", "httpConfigFlood.baseUrl")
    built = tree(gridnode.directory / "built", {"Plan.scala": text})
    (built / "classes").mkdir()
    scala = ["java", "-XX:TieredStopAtLevel=1", "-Xss8m", "-cp", f"{home}/scala/*", "scala.tools.nsc.Main", "-nowarn"]
    package = REPOSITORY / "plugins/gatling/src/flood/scala/flood/package.scala"
    subprocess.run([*scala, "-cp", f"{home}/lib/*", "-d", built / "classes", built / "Plan.scala", package], check=True, timeout=120)
    jar = gridnode.directory / "bundle" / "plan.jar"
    jar.parent.mkdir()
    with zipfile.ZipFile(jar, "w") as file:
        for path in built.glob("classes/Plan*.class"):
            file.write(path, path.name)
    run = run_of(with_gatling, jar, site)
    assert run.code == 0 and counts(run) == {"home built": 1}, run


def test_a_plan_may_have_a_package_of_floods_name(with_gatling, site):
    own = "package object flood { def answer = 42 }\n"
    text = SHOP_SCALA % "import flood._\n"
    plan = tree(with_gatling(LATEST).directory / "own", {"Plan.scala": text, "Flood.scala": own})
    run = run_of(with_gatling, plan, site)
    assert run.code == 0 and counts(run) == {"home 42": 1}, run


def test_what_a_mac_leaves_on_a_foreign_disk_is_nobodys(with_gatling, site):
    files = {"ShopSimulation.java": SHOP, "._ShopSimulation.java": FORK, ".DS_Store": b"\0\0\0\1Bud1", "._help.jar": FORK}
    run = run_of(with_gatling, tree(with_gatling(LATEST).directory / "exfat", files), site)
    assert run.code == 0 and counts(run) == {"home": 2}, run


def test_a_macs_archive_unpacked(with_gatling, site):
    directory = with_gatling(LATEST).directory
    files = {"shop/ShopSimulation.java": FED % "users.csv", "shop/users.csv": "user\nann\nbob\n", "shop/.DS_Store": b"\0"}
    tree(directory / "unpacked", {**files, "__MACOSX/shop/._ShopSimulation.java": FORK, "__MACOSX/._shop": FORK})
    run = run_of(with_gatling, directory / "unpacked", site)
    assert run.code == 0 and counts(run) == {"home ann": 1, "home bob": 1}, run


def test_a_project_has_more_than_simulations(with_gatling, site, plans):
    """Two languages, an application with libraries that are not here, other tests, and the recorder of Gatling's own template."""
    project = with_gatling(LATEST).directory / "library"
    shutil.copytree(plans / "gatling" / "library", project)
    run = run_of(with_gatling, project, site, "--class", "LoansSimulation", "--users", 2)
    assert run.code == 0 and counts(run) == {"Loans ann": 1, "Loans bob": 1}, run
    run = run_of(with_gatling, project, site, "--class", "Evening")
    assert run.code == 0 and counts(run)["Evening"] >= 1, run
    run = run_of(with_gatling, project / "src/test/java/library/LoansSimulation.java", site)
    assert run.code == 0 and counts(run) == {"Loans ann": 1}, run
    run = run_of(with_gatling, project / "src/gatling/scala/Evening.scala", site)
    assert run.code == 0 and counts(run)["Evening"] >= 1, run


def test_a_part_of_a_project_and_a_project_of_projects(with_gatling, site, plans):
    top = with_gatling(LATEST).directory / "top"
    shutil.copytree(plans / "gatling" / "library", top / "library")
    tree(top, {"settings.gradle": "include 'library'", "other/src/test/java/OtherTest.java": "import org.junit.Test;"})
    run = run_of(with_gatling, top / "library" / "src" / "test", site)
    assert run.code == 0 and counts(run) == {"Loans ann": 1}, run
    run = run_of(with_gatling, top, site, "--class", "LoansSimulation")
    assert run.code == 0 and counts(run) == {"Loans ann": 1}, run


BUNDLES = {
    "bundle": ("simulations", "resources", "users.csv", ""),
    "user-files": ("user-files/simulations", "user-files/resources", "users.csv", ""),
    "inside": ("user-files/simulations", "user-files/resources", "user-files/resources/users.csv", "user-files"),
    "Gatling 2": ("user-files/simulations/shop", "user-files/data", "users.csv", "user-files"),
    "one file": ("simulations", "data", "users.csv", "simulations/ShopSimulation.java"),
}


@pytest.mark.parametrize("kind", BUNDLES)
def test_bundles(with_gatling, site, kind):
    simulations, data, name, named = BUNDLES[kind]
    files = {f"{simulations}/ShopSimulation.java": FED % name, f"{data}/users.csv": "user\nann\nbob\n"}
    # What the download has besides: another Gatling.
    files["lib/gatling-core-2.3.1.jar"] = b"none"
    plan = tree(with_gatling(LATEST).directory / "it", files) / named
    run = run_of(with_gatling, plan, site)
    assert run.code == 0 and counts(run) == {"home ann": 1, "home bob": 1}, run


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(OLD, ["Gatling 3.15.1", "`baseUrl`", "rampUsers(n).during(t)"], id="Gatling 2"),
        pytest.param(WITHOUT_IMPORTS, ["import io.gatling.core.Predef._"], id="no imports"),
    ],
)
def test_an_older_language_is_translated(with_gatling, text, words):
    run = Run(with_gatling(LATEST), write_plan(with_gatling(LATEST), text, "Plan.scala"), seconds=120)
    assert run.code == 1, run
    said = " ".join(run.process.err.split())
    for word in [*words, "Plan.scala:"]:
        assert word in said, (word, str(run))


def test_postfix_operators_as_in_gatlings_own_builds(with_gatling, site):
    text = SHOP_SCALA.replace("answer", "(1 second).toMillis") % "import scala.concurrent.duration._\n"
    run = run_of(with_gatling, write_plan(with_gatling(LATEST), text, "Plan.scala"), site)
    assert run.code == 0 and counts(run) == {"home 1000": 1}, run


def test_a_macs_archive_on_a_node(with_gatling, grid):
    """Unpacked without what is nobody's, whatever that is called."""
    with_gatling(LATEST)
    (node,) = grid.nodes("node-a")
    path = with_gatling(LATEST).directory / "finder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shop/ShopSimulation.java", SHOP.replace('System.getProperty("url")', '"http://127.0.0.1:9"'))
        archive.writestr("__MACOSX/shop/._ShopSimulation.java", FORK)
        archive.writestr("__MACOSX/a\tb", b"no name that a node takes")
    file = grid.cloud.upload("finder.zip", path.read_bytes())
    plan = "shop/ShopSimulation.java"
    grid.publish(commands.start([file], tool="gatling", tool_version=LATEST, plan=plan))
    assert node.finished(run=1)["outcome"] == "completed"


NAMELESS = SHOP.replace('http("home").get("/fast")', 'http("home").get("/fast"), http("order #{nothing}").get("/fast")')
LOGBACK = """<configuration>
  <appender name="A" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%msg%n</pattern></encoder></appender>
  <root level="OFF"><appender-ref ref="A"/></root>
</configuration>
"""


@pytest.mark.parametrize("name", ["logback-test.xml", "logback.xml"])
def test_a_projects_own_logging_does_not_blind_the_verdict(with_gatling, site, name):
    files = {"pom.xml": "<project/>", "src/test/java/ShopSimulation.java": NAMELESS, f"src/test/resources/{name}": LOGBACK}
    run = run_of(with_gatling, tree(with_gatling(LATEST).directory / "logs", files), site)
    assert run.code == 5 and "a request whose name cannot be built was never sent, twice" in run.receipt["reason"].replace("2 times", "twice"), run
    assert run.process.err.count(f"the project's `{name}` is not used") == 1, run


def test_an_assertion_about_what_is_not_there_is_named(with_gatling, site):
    text = SHOP.replace("; }\n}", '.assertions(details("nothing").failedRequests().count().is(0L)); }\n}')
    assert text != SHOP
    run = run_of(with_gatling, write_plan(with_gatling(LATEST), text, "ShopSimulation.java"), site)
    assert run.code == 6 and "Could not find stats matching assertion path" in run.receipt["reason"], run


def chained(with_gatling, site, steps, files=(), more=""):
    """The shop with other steps, and with more members."""
    text = SHOP.replace('.exec(http("home").get("/fast"))', steps).replace("    { setUp", f"    {more}\n    {{ setUp")
    directory = tree(with_gatling(LATEST).directory / "chained", {"ShopSimulation.java": text, **dict(files)})
    return run_of(with_gatling, directory / "ShopSimulation.java", site)


def test_an_expression_of_an_older_gatling_is_said_before_and_after(with_gatling, site):
    run = chained(with_gatling, site, '.feed(csv("u.csv").circular())\n.exec(http("item").get("/fast?id=${id}"))', {"u.csv": "id\n1\n2\n"})
    assert run.code == 0 and "✔" not in run.process.text, run
    words = "goes out as it stands: it is written `#{id}` since Gatling 3.7"
    assert words in run.process.err and any(words in text for text in run.receipt["warnings"]), run


def test_an_older_expression_that_is_computed_by_scala_or_replaced_by_the_plan_is_none(with_gatling, site):
    run = chained(with_gatling, site, '.exec(http("home").get("/fast?${id}".replace("${id}", "1")))')
    assert run.code == 0 and "as it stands" not in run.process.text + run.process.err, run


def test_what_a_script_prints_is_no_finding(with_gatling, site):
    line = "10:16:32.787 [ERROR] i.g.h.a.HttpRequestAction - Failed to build request name: No attribute named 'x' is defined"
    run = chained(with_gatling, site, f'.exec(x -> {{ System.out.println("{line}"); return x; }}).exec(http("home").get("/fast"))')
    assert run.code == 0 and "was never sent" not in run.process.text, run


def test_two_findings_are_both_said(with_gatling, site):
    run = chained(with_gatling, site, '.exec(http("home").get("/fast"), http("b #{x}").get("/fast"), http("c").get("/fast?#{x}"))')
    reason = run.receipt["reason"]
    assert run.code == 5 and "`c` was never sent, 2 times" in reason, run
    assert "besides, a request whose name cannot be built was never sent, 2 times" in reason, run


@pytest.mark.parametrize(("asserts", "code", "words"), [(False, 0, "it has no assertions"), (True, 5, "its assertions were not judged")])
def test_an_exit_after_the_load_is_said(with_gatling, site, asserts, code, words):
    text = SHOP.replace("    { setUp", "    @Override public void after() { System.exit(0); }\n    { setUp")
    if asserts:
        text = text.replace("; }\n}", ".assertions(global().failedRequests().count().is(0L)); }\n}")
    run = run_of(with_gatling, write_plan(with_gatling(LATEST), text, "ShopSimulation.java"), site)
    told = str(run.receipt.get("reason")) + str(run.receipt.get("warnings"))
    assert run.code == code and "✔" not in run.process.text, run
    assert "the plan ended the JVM itself when its load was over" in told and "ShopSimulation.after" in told and words in told, run


def test_a_feeder_that_runs_out_says_what_to_do(with_gatling, site):
    run = chained(with_gatling, site, '.exec(http("home").get("/fast")).feed(csv("u.csv").queue())', {"u.csv": "n\n1\n"})
    assert run.code in (1, 5) and "more rows, or write `.circular()`" in run.receipt["reason"], run


def test_a_simulations_own_maximum_is_the_runs_limit(with_gatling, gridnode, site):
    text = SHOP.replace('System.getProperty("url")))', 'System.getProperty("url"))).maxDuration(%s)')
    for written, is_read in [("java.time.Duration.ofMinutes(1)", True), ('Integer.getInteger("longest", 60)', False)]:
        run = run_of(with_gatling, write_plan(gridnode, text % written, "ShopSimulation.java"), site)
        assert run.code == 0 and counts(run) == {"home": 2}, run
        said = "so it has no time limit: see --max-runtime" in " ".join(run.process.text.split())
        assert said != is_read, run
