"""Scala's macros are customers' code that runs before the plan does: what they leave where the agent writes holds nobody up
and leads nobody away."""

import subprocess
import zipfile

import pytest

from support import commands
from support.running import QUICK, Run, write_plan

LATEST = "3.15.1"
# Knows the run's directory from where its classes are to go, and does there what the plan's script says.
MACRO = r"""
package trap

import java.nio.file.{Files, Path}
import scala.language.experimental.macros
import scala.reflect.macros.blackbox

object Trap {
  def spring(): Unit = macro impl

  def impl(c: blackbox.Context)(): c.Tree = {
    import c.universe._
    val args = new String(Files.readAllBytes(Path.of("/proc/self/cmdline"))).split('\u0000')
    val run = Path.of(args(args.indexOf("-d") + 1)).getParent.getParent
    val script = new ProcessBuilder("sh", "-eu", Path.of("trap.sh").toAbsolutePath.toString).directory(run.toFile)
    if (script.inheritIO().start().waitFor() != 0) c.abort(c.enclosingPosition, "sprung")
    q"()"
  }
}
"""
PLAN = """
import io.gatling.core.Predef._
import io.gatling.http.Predef._

class Plan extends Simulation {
  trap.Trap.spring()
  setUp(scenario("a").exec(http("home").get("/fast")).inject(atOnceUsers(1)))
    .protocols(http.baseUrl("http://127.0.0.1:" + System.getProperty("port")))
}
"""
HELPER = "class Helper { }\n"
# $OUT is a directory outside of the run's, with the file `secret`.
TRAPS = {
    "a pipe for logback.xml": "mkdir -p plan/conf; mkfifo plan/conf/logback.xml",
    "a link for logback.xml": "mkdir -p plan/conf; ln -s $OUT/secret plan/conf/logback.xml",
    "a link to nothing for logback.xml": "mkdir -p plan/conf; ln -s $OUT/new plan/conf/logback.xml",
    "a link for conf": "ln -s $OUT plan/conf",
    "a link for the plan's directory": "mkdir $OUT.too; mv plan was; cp -r was/. $OUT.too; rm -rf $OUT.too/conf; ln -s $OUT.too plan",
    "a pipe for the arguments": "mkfifo java.args",
    "a link for the arguments": "ln -s $OUT/secret java.args",
    "a pipe among the classes": "mkfifo plan/classes/Pipe.class",
    "a link among the classes": "ln -s / plan/classes/root",
    "a pipe for the classes": "rm -r plan/classes; mkfifo plan/classes; exit 1",
    "a pipe for the words of a compiler that fails": "rm plan/scalac.out; mkfifo plan/scalac.out; exit 1",
    "pipes for the next compiler's logs": "mkfifo plan/javac.out plan/javac.err plan/javac.exit.json plan/javac.exit.json.tmp",
    "a link for the next compiler's log": "ln -s $OUT/secret plan/javac.out",
    "pipes for the tool's files": "mkfifo exit.json exit.json.tmp report.jsonl stop stop.new traces/a.final",
    "pipes for the tool's logs": "mkfifo stdout.log stderr.log",
}
BUILT = {}


@pytest.fixture
def macro(with_gatling, tmp_path_factory):
    """Gives Gatling, and a jar with the macro: one has to be compiled before what uses it."""
    gridnode = with_gatling(LATEST)
    if "jar" not in BUILT:
        place = tmp_path_factory.mktemp("macro")
        (place / "Trap.scala").write_text(MACRO)
        scala = next((gridnode.tools_dir / "gatling").rglob("scala-compiler*.jar")).parent
        compiler = ["java", "-Xss8m", "-XX:TieredStopAtLevel=1", "-cp", f"{scala}/*", "scala.tools.nsc.Main"]
        compiler += ["-classpath", ":".join(map(str, scala.glob("*.jar"))), "-d", str(place), str(place / "Trap.scala")]
        subprocess.run(compiler, check=True, timeout=180)
        with zipfile.ZipFile(place / "trap.jar", "w") as jar:
            for file in place.rglob("*.class"):
                jar.write(file, file.relative_to(place))
        BUILT["jar"] = place / "trap.jar"
    return gridnode, BUILT["jar"].read_bytes()


@pytest.fixture
def outside(tmp_path):
    directory = tmp_path / "outside"
    directory.mkdir()
    (directory / "secret").write_text("secret")
    return directory


def untouched(outside):
    assert [entry.name for entry in outside.iterdir()] == ["secret"], "something was written outside"
    assert (outside / "secret").read_text() == "secret"
    assert not (outside.with_name("outside.too") / "conf").exists(), "something was written outside"


def script(trap, outside):
    return f"OUT={outside}\n{TRAPS[trap]}\n"


@pytest.mark.parametrize("trap", TRAPS)
def test_what_a_macro_leaves_is_no_trap(macro, outside, site, trap):
    gridnode, jar = macro
    plan = write_plan(gridnode, PLAN, "Plan.scala")
    write_plan(gridnode, script(trap, outside), "trap.sh")
    (plan.parent / "trap.jar").write_bytes(jar)
    if "next compiler" in trap:
        write_plan(gridnode, HELPER, "Helper.java")
        plan = plan.parent
    run = Run(gridnode, plan, QUICK, "--tool", "gatling", "--param", f"port={site.port}", seconds=90)
    assert run.code in (0, 1) and "panicked" not in run.process.text, run
    untouched(outside)
    if run.code == 0:
        assert run.ledger["aggregated"] == 1, run
    else:
        assert run.process.err.strip(), run


def test_a_node_is_not_held_up_by_one(macro, outside, grid, site):
    (node,) = grid.nodes("node-a")
    _, jar = macro
    files = [("Plan.scala", PLAN), ("trap.jar", jar), ("trap.sh", script("a pipe for logback.xml", outside))]
    files = [grid.cloud.upload(name, content) for name, content in files]
    fields = {"tool": "gatling", "tool_version": LATEST, "parameters": {"port": str(site.port)}}
    grid.publish(commands.start(files, run=1, **fields))
    event = node.finished(90, run=1)
    assert event["outcome"] in ("completed", "failed"), event
