"""`demo`: the first thing that a new user tries."""

import re
import shutil
import signal

from support.process import descendants
from support.wait import until

NOWHERE = "http://127.0.0.1:9"


def test_the_demo_from_nothing_to_the_summary_and_again_offline(with_jmeter):
    gridnode = with_jmeter
    ended = gridnode.run("demo", "--out", gridnode.directory / "demo-1", seconds=300)
    assert ended.code == 0, ended
    # Without the tick where the machine, which others use too, was saturated.
    assert "every sample is accounted for" in ended.out or "every sample that was sent is accounted for" in ended.out, ended
    assert "gridnode" in ended.text.splitlines()[-1] or "gridnode run" in ended.text, "it names the next command to try"

    # Nothing of the network is needed once JMeter is there: no proxy works, and Maven does not even exist.
    bin_dir = gridnode.directory / "bin"
    bin_dir.mkdir()
    for tool in ("java", "javac", "jar"):
        (bin_dir / tool).symlink_to(shutil.which(tool))
    offline = {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "https_proxy": NOWHERE, "http_proxy": NOWHERE, "PATH": str(bin_dir)}
    again = gridnode.run("demo", "--out", gridnode.directory / "demo-2", env=offline, seconds=300)
    assert again.code == 0, again


def test_ctrl_c_ends_the_demo(with_jmeter):
    demo = with_jmeter.start("demo", "--out", with_jmeter.directory / "demo")
    until("samples are shown", lambda: re.search(r"[1-9]\d* users .* ok [1-9]", demo.text), 90)
    assert descendants(demo.pid, "java")
    demo.signal(signal.SIGINT)
    demo.wait(60)
    assert demo.code == 130, demo
    assert "sent " in demo.out, "a demo that was stopped shows what it has"
