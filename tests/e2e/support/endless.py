"""Plans of the tools that run until somebody ends them: what is needed to give one to `run`, as a parameter of a test."""

from support import plans
from support.running import QUICK, write_plan

LATEST = "3.15.1"


def jmeter(request):
    gridnode = request.getfixturevalue("with_jmeter")
    return gridnode, (write_plan(gridnode, plans.endless()),)


def gatling(request):
    gridnode, site = request.getfixturevalue("with_gatling")(LATEST), request.getfixturevalue("site")
    plan = request.getfixturevalue("plans") / "gatling" / "EndlessSimulation.java"
    return gridnode, (plan, QUICK, "--param", f"port={site.port}")
