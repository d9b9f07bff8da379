"""Hostile plans: what each tries fails, is told where it ends a run, and the node takes the next flood.

Plans report by POST to a port that the rules let them reach, so that a test sees what they got at.
"""

import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import REPORT_PORT, TARGET_PORT, output, slots_are_empty, why
from support import jmx
from support.wait import until


def script(shell):
    """A plan whose only sampler runs a shell script as whoever runs it."""
    quoted = shell.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("$", "\\$")
    groovy = f"def p = ['bash', '-c', '{quoted}'].execute(); def out = new StringBuffer(); p.waitForProcessOutput(out, out); SampleResult.setResponseData(out.toString(), 'UTF-8')"
    return jmx.plan(jmx.threads(jmx.groovy("script", groovy)))


# Whom a process list does not show to a plan: the parent of the JVM that has started the script.
SUPERVISOR = "$(cut -d ' ' -f 4 /proc/$PPID/stat)"


def say(word):
    """At the end of a pipe: reports what comes."""
    return f"python3 -c 'import sys,urllib.request as u; u.urlopen(\"http://127.0.0.1:{REPORT_PORT}/{word}\", sys.stdin.buffer.read() or b\"-\")'"


def run_script(node, events, flood, shell, seconds=120):
    node.start(script(shell), flood=flood, users=1)
    return events.one("flood.finished", flood=flood, seconds=seconds)


@pytest.fixture(autouse=True)
def the_next_flood_runs(node, events, request):
    yield
    flood = f"after-{request.node.name}"[:60]
    page = jmx.plan(jmx.threads(jmx.java("page"), loops=5))
    node.start(page, flood=flood, users=1)
    finished = events.one("flood.finished", flood=flood, seconds=120)
    assert (finished["outcome"], finished["receipt"]["ledger"]["received"]) == ("completed", 5), why(finished)


def test_who_it_is_and_what_it_sees(node, events, reports):
    run_script(
        node, events, "who",
        f"""
        (id; cat /proc/self/status | grep -E 'NoNewPrivs|CapEff|Seccomp:'; ls -A /var/lib/gridnode /var/lib/gridnode/slots; env) 2>&1 | {say("who")}
        (cat /var/lib/gridnode/journal* /etc/gridnode/config.toml /etc/gridnode/environment; ls /etc/gridnode /var/lib/gridnode/slots/2; ls /run/gridnode-run) 2>&1 | {say("files")}
        (for p in /proc/[0-9]*; do echo "$p $(tr '\\0' ' ' < $p/cmdline 2>/dev/null)"; done; cat /proc/1/environ) 2>&1 | {say("processes")}
        """,
    )  # fmt: skip
    who = reports.said("who")
    assert re.search(r"uid=\d+\((gridnode-run-\d)\) gid=\d+\(\1\) groups=\d+\(\1\)\n", who), who
    assert "NoNewPrivs:\t1" in who and "CapEff:\t0000000000000000" in who and "AWS_" not in who, who
    assert "journal" not in who and "spool" not in who, who
    files = reports.said("files")
    assert "aws" not in files and "drain" not in files and files.count("denied") + files.count("No such") >= 5, files
    processes = reports.said("processes")
    assert "gridnode agent" not in processes and "systemd" not in processes, processes


def test_the_metadata_service_is_out_of_reach(node, events, reports):
    code = "import socket\nfor a in [('169.254.169.254',80)]:\n s=socket.socket(); s.settimeout(3)\n try: s.connect(a); print('REACHED')\n except OSError as e: print('refused', e)\n"
    run_script(node, events, "metadata", f"""echo "{code}" | python3 2>&1 | {say("metadata")}""")
    said = reports.said("metadata")
    assert "refused" in said and "REACHED" not in said, said
    # The agent gets there: it knows who it is by it.
    assert node.status()["node"].startswith("i-")


def test_services_of_the_node_are_out_of_reach(node, events, reports):
    code = "import socket\nfor a in [('127.0.0.1',5000),('127.0.0.1',8086),('127.0.0.1',%d)]:\n s=socket.socket(); s.settimeout(3)\n try: s.connect(a); print(a[1],'REACHED')\n except OSError as e: print(a[1],'refused', e)\n" % TARGET_PORT
    run_script(node, events, "services", f"""echo "{code}" | python3 2>&1 | {say("services")}""")
    said = reports.said("services")
    assert "5000 refused" in said and "8086 refused" in said, said


def test_a_datagram_to_another_slots_sump_does_not_arrive(node, events, reports):
    code = "import socket\ns=socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nfor p in range(35663, 35671):\n try: s.sendto(b'x', ('127.0.0.1', p)); print(p, 'sent')\n except OSError as e: print(p, 'refused', e)\n"
    run_script(node, events, "sumps", f"""echo "{code}" | python3 2>&1 | {say("sumps")}""")
    said = reports.said("sumps")
    assert (said.count(" sent"), said.count(" refused")) == (1, 7), said


def test_nobody_is_signalled(node, events, reports):
    before = output("systemctl", "show", "-p", "MainPID", "--value", "gridnode")
    run_script(node, events, "signals", f"""(kill -9 -1; for p in $(seq 1 4000); do kill -9 $p; done) 2>/dev/null; true""")
    assert output("systemctl", "show", "-p", "MainPID", "--value", "gridnode") == before


def test_a_plan_that_kills_its_supervisor_ends_with_all_it_has_started(node, events):
    finished = run_script(node, events, "patricide", f"(setsid sleep 600 & setsid setsid sleep 601 &) >/dev/null 2>&1; kill -9 {SUPERVISOR}; sleep 60")
    assert finished["outcome"] == "failed", finished
    nothing_is_left()


def test_a_plan_that_stops_its_supervisor_is_stopped_all_the_same(node, events):
    node.start(script(f"kill -STOP {SUPERVISOR}; sleep 600"), flood="held-up", users=1, max_runtime_s=20)
    finished = events.one("flood.finished", flood="held-up", seconds=120)
    assert finished["outcome"] in ("failed", "expired", "stopped"), finished
    nothing_is_left()


def test_what_leaves_its_session_is_ended(node, events):
    finished = run_script(node, events, "daemons", "(for i in 1 2 3; do (setsid bash -c 'exec -a innocent sleep 600 &' &) ; done; env -i setsid sleep 600 &) >/dev/null 2>&1; true")
    assert finished["receipt"]["tool"]["killed_descendants"] >= 1 if "tool" in finished["receipt"] else True
    nothing_is_left()


@pytest.mark.limits
def test_a_fork_bomb_is_bounded(node, events):
    node.start(script("f() { f | f & }; f; sleep 30"), flood="bomb", users=1, max_runtime_s=40)
    finished = events.one("flood.finished", flood="bomb", seconds=180)
    print("BOMB:", finished["outcome"], finished.get("reason"))
    nothing_is_left()


@pytest.mark.limits
def test_more_memory_than_there_is(node, events):
    finished = run_script(node, events, "hog", "python3 -c 'x=[bytearray(50<<20) for _ in range(100000)]'", seconds=240)
    assert finished["outcome"] == "failed" and "memory" in finished["reason"], finished


def test_a_disk_that_is_filled(node, events):
    finished = run_script(node, events, "filler", "dd if=/dev/zero of=big bs=1M count=100000; sleep 600", seconds=240)
    assert finished["outcome"] == "failed" and "filled more than" in finished["reason"], finished
    nothing_is_left()


def test_rights_that_are_taken_away_keep_nothing_there(node, events):
    run_script(node, events, "hidden", "mkdir -p a/b; touch a/b/c; chmod 0 a/b; chmod 0 a; mkdir ../tool/home/x; touch ../tool/home/x/y; chmod 0 ../tool/home/x; ln -s /var/lib/gridnode l; mkdir -p $(python3 -c 'print(\"d/\"*900)'); true")
    until("nothing of it is left", slots_are_empty, 60)


def test_names_of_the_agent_cannot_be_taken(node, events, reports):
    run_script(node, events, "names", f"(mv ../tool/home ../tool/old; mv ../files ../gone; rmdir ../../*; mv .. ../../other; ln -s /etc ../../link; rm ../tool/stop) 2>&1 | {say('names')}; id > ../tool/mine; true")
    said = reports.said("names")
    assert said.count("denied") + said.count("not permitted") >= 5, said


# Where a plan might leave something for the next one, or for anybody.
HIDEOUTS = "/tmp /var/tmp /dev/shm /dev/mqueue /run /run/lock /var/lock /var/spool /var/lib/gridnode /home /root /opt /etc /usr/local/bin"


def test_a_run_leaves_nothing_for_the_next_one(node, events, reports):
    run_script(
        node, events, "leaves",
        f"""
        (for d in {HIDEOUTS}; do (mkdir -p $d/mark-a && echo made $d) 2>/dev/null; done; ipcmk -M 4096; ipcmk -S 1; ipcmk -Q
         python3 -c 'import socket; s=socket.socket(socket.AF_UNIX); s.bind(chr(0)+"mark-a"); s.listen(); import time; time.sleep(1)'
         echo '* * * * * touch /tmp/mark-cron' | crontab -; echo 'touch /tmp/mark-at' | at now) 2>&1 | {say("leaves")}
        """,
    )  # fmt: skip
    left = reports.said("leaves")
    assert "made /tmp" in left, f"it has a place of its own to write to: {left}"
    run_script(node, events, "finds", f"(for d in {HIDEOUTS}; do ls -d $d/mark-a 2>/dev/null; done; ipcs -a | grep gridnode; cat /proc/net/unix | grep mark-a; echo looked) 2>&1 | {say('finds')}")
    found = reports.said("finds")
    assert found.strip() == "looked", found
    for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/opt", "/usr/local/bin"):
        assert not pathlib.Path(place, "mark-a").exists(), place
    assert not [line for line in output("ipcs", "-a").splitlines() if "gridnode-run" in line]


def test_a_key_cannot_be_left_in_the_users_keyring(node, events, reports):
    """add_key to @u, @us, the session's and a process's keyring; keyctl to get the persistent one."""
    code = "import ctypes\nc=ctypes.CDLL(None, use_errno=True)\nfor r in (-4, -5, -3, -1): print(r, c.syscall(248, b'user', b'mark-a', b'x', 1, r), ctypes.get_errno())\nprint('persistent', c.syscall(250, 22, -1, -4), ctypes.get_errno())"
    run_script(node, events, "keys", f"""echo "{code}" | python3 2>&1 | {say("keys")}""")
    said = reports.said("keys").splitlines()
    assert len(said) == 5 and all(line.endswith(" -1 1") or line.endswith(" -1 38") for line in said), said


def test_sockets_of_the_system_are_not_there(node, events, reports):
    """Whatever hides them leaves something by their names, so they are tried."""
    sockets = "/run/systemd/journal/socket /run/systemd/journal/dev-log /run/systemd/journal/stdout /run/systemd/userdb/io.systemd.DynamicUser /run/systemd/io.system.ManagedOOM /run/systemd/notify /run/systemd/private /run/dbus/system_bus_socket"
    run_script(node, events, "sockets", f"""(for s in {sockets}; do python3 -c "
import socket, sys
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
    try: socket.socket(socket.AF_UNIX, kind).connect('$s')
    except OSError: continue
    print('reached $s')"; done; echo looked) 2>&1 | {say('sockets')}""")
    said = reports.said("sockets")
    assert said.strip() == "looked", said


def test_it_has_a_dev_shm_of_its_own(node, events, reports):
    marks = sorted(path.name for path in pathlib.Path("/dev/shm").iterdir())
    run_script(node, events, "shm", f"(ls /dev/shm; echo x >/dev/shm/mark-shm && echo made; df -k --output=size /dev/shm | tail -1) 2>&1 | {say('shm')}")
    made, size_kib = reports.said("shm").split()[-2:]
    assert made == "made" and not set(marks) & set(reports.said("shm").split()), (marks, reports.said("shm"))
    memory_kib = int(re.search(r"MemTotal: *([0-9]+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
    assert int(size_kib) <= memory_kib * 0.26, (size_kib, memory_kib)
    assert not pathlib.Path("/dev/shm/mark-shm").exists()


def test_it_can_write_to_its_own_places_only(node, events, reports):
    run_script(node, events, "writes", f"find / -not -path '/proc/*' \\( -type d -o -type f \\) -writable 2>/dev/null | grep -v -E '^/(tmp|var/tmp|dev/shm|dev/mqueue|var/lib/gridnode/slots/[0-9]+)(/|$)' | head -c 4000 | {say('writes')}")
    # Of the cgroup what is delegated to it.
    others = [path for path in reports.said("writes").splitlines() if path != "-" and "/gridnode-run@" not in path]
    assert others == [], others


def test_ways_to_more_rights_are_closed(node, events, reports):
    """Each line says what it tried and, if that went, `WENT`."""
    tries = {
        "sudo": "sudo -n true || su -c true </dev/null || pkexec true </dev/null",
        "bus": "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StopUnit ss gridnode.service replace",
        "systemctl": "systemctl stop gridnode || systemctl start gridnode-run@2 || systemd-run --user true || systemd-run true",
        "linger": "loginctl enable-linger",
        "mount": "unshare -Urm mount -t tmpfs none /mnt",
        "cgroup": "echo max > /sys/fs/cgroup/gridnode.slice/memory.max || echo $$ > /sys/fs/cgroup/cgroup.procs",
        "sysctl": "echo 1 > /proc/sys/kernel/sysrq || echo 1 > /proc/sys/net/ipv4/ip_forward",
        "raw": "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
        "packet": "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
        "ptrace": f"python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).ptrace(16, {SUPERVISOR}, 0, 0) != 0)'",
        "memory": f"head -c 1 /proc/{SUPERVISOR}/mem || head -c 1 /proc/{SUPERVISOR}/environ",
        "module": "modprobe dummy || insmod /dev/null",
        "device": "mknod d b 254 0 || head -c 1 /dev/vda || head -c 1 /dev/mem",
        "setuid": "cp /bin/bash b && chmod 4755 b && ./b -p -c 'test $(id -u) != $(id -ru)'",
        "nft": "nft flush ruleset",
        "journal": "journalctl -u gridnode -n 1 --no-pager | grep -q gridnode",
        "socket": "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"/run/gridnode-run/2.sock\")'",
    }
    lines = "\n".join(f"({command}) >/dev/null 2>&1 && echo {name} WENT || echo {name} no" for name, command in tries.items())
    run_script(node, events, "rights", f"({lines}) 2>&1 | {say('rights')}")
    said = reports.said("rights")
    assert "WENT" not in said and said.count(" no") == len(tries), said


def test_a_user_namespace_does_not_lead_past_the_rules(node, events, reports):
    """Browsers need them; what is made in one has no more rights outside."""
    code = "import socket\\nfor a in [('169.254.169.254',80),('127.0.0.1',5000)]:\\n s=socket.socket(); s.settimeout(3)\\n try: s.connect(a); print('REACHED', a)\\n except OSError as e: print('refused', e)\\n"
    run_script(node, events, "namespaces", f"""printf "{code}" > t.py; (unshare -Ur python3 t.py; unshare -Urn python3 t.py; python3 t.py) 2>&1 | {say("namespaces")}""")
    said = reports.said("namespaces")
    assert "REACHED" not in said and said.count("refused") >= 2, said


def nothing_is_left():
    until("the slots are free", lambda: not processes_in_slots(), 30)


def processes_in_slots():
    lines = output("ps", "-eo", "user:20,stat,args").splitlines()
    return [line for line in lines if line.startswith("gridnode-run-") and line.split()[1][0] != "Z"]


def test_without_the_network_rules_nothing_is_run(node, events):
    """Somebody else's firewall flushes all rules; systemd's own filter alone still hides the metadata service."""
    output("nft", "flush", "ruleset")
    try:
        node.start(jmx.plan(jmx.threads(jmx.java("page"), loops=5)), flood="no-rules", users=1)
        finished = events.one("flood.finished", flood="no-rules", seconds=120)
        assert finished["outcome"] == "failed" and "the rules of the network are not there" in finished["reason"], finished
    finally:
        output("systemctl", "reload", "gridnode-nft")


def concerns():
    """What `gridnode status` says under "needs attention", but that a machine which is emulated is busy."""
    said = subprocess.run(["gridnode", "status"], capture_output=True, text=True).stdout
    lines = said.partition("needs attention")[2].partition("latest warnings")[0].splitlines()
    return "\n".join(line for line in lines if line.startswith("  - ") and "saturated" not in line)


def test_a_slot_that_is_broken_is_left_out(node, events):
    output("systemctl", "stop", "gridnode-run@1.socket")
    plan = jmx.plan(jmx.threads(jmx.java("page"), loops=5))
    try:
        node.start(plan, flood="broken-slot", users=1)
        events.one("flood.finished", flood="broken-slot", seconds=120)
        node.start(plan, flood="other-slot", users=1)
        finished = events.one("flood.finished", flood="other-slot", seconds=120)
        assert finished["outcome"] == "completed", finished
        assert "slot 1 takes no run: slot 1 cannot be reached" in concerns(), concerns()
    finally:
        output("systemctl", "start", "gridnode-run@1.socket")
    # The next run has it looked at again, and the one after that may be in it.
    node.start(plan, flood="mended-slot", users=1)
    events.one("flood.finished", flood="mended-slot", seconds=120)
    until("nothing needs a person", lambda: not concerns(), 30)


def test_what_cannot_be_removed_keeps_the_next_run_out(node, events):
    """A file of root's in a slot stands for whatever a run may leave that neither the agent nor the slot's user can remove."""
    left = pathlib.Path("/var/lib/gridnode/slots/1/left@1/files")
    left.mkdir(parents=True)
    (left / "secret").write_text("of an earlier run")
    left.parent.chmod(0o700)
    try:
        ready = len(events.of("node.ready"))
        output("systemctl", "restart", "gridnode")
        events.wait("node.ready", ready + 1, 60)
        node.start(jmx.plan(jmx.threads(jmx.java("page"), loops=5)), flood="beside", users=1)
        finished = events.one("flood.finished", flood="beside", seconds=120)
        assert finished["outcome"] == "completed", finished
        assert left.exists() and "slot 1 takes no run" in concerns(), concerns()
    finally:
        shutil.rmtree(left.parent)
