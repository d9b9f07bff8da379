"""The files of `systemd/`: systemd understands them, they protect as far as they say, and they name what the agent has.

No root and no running systemd is needed; what systemd itself knows about unit files is asked of its own tools."""

import os
import pathlib
import re
import shutil
import subprocess
import tomllib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SYSTEMD = ROOT / "systemd"
UNIT = SYSTEMD / "gridnode.service"
# What `systemd-analyze security` says of the agent, whose tools live in slots of their own, and of a slot.
EXPOSURE_MAX = 1.9
# After `shutdown_ms`, by the operator's page.
MARGIN_S = 15


def tool(name):
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not there: please install the Debian package systemd")
    return found


def ask(*args):
    done = subprocess.run([str(arg) for arg in args], capture_output=True, text=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).strip()


def options(path):
    """`[section, key, value]` of a unit, in order."""
    found, section = [], None
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((section, *line.split("=", 1)))
    return found


def option(name):
    (value,) = [value for _, key, value in options(UNIT) if key == name]
    return value


def lines(name):
    """What is no comment, in words."""
    return [line.split() for line in (SYSTEMD / name).read_text().splitlines() if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def analyze():
    return tool("systemd-analyze")


@pytest.fixture
def unit(gridnode, tmp_path):
    """A copy that starts a program that is there: the rest is the same."""
    text = UNIT.read_text()
    assert "ExecStart=/usr/bin/gridnode agent\n" in text
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/usr/bin/gridnode", str(gridnode.binary)))
    return copy


@pytest.fixture
def example(gridnode):
    printed = gridnode.run("config", "--example")
    assert printed.code == 0, printed
    return printed.out


def test_systemd_has_nothing_to_say_about_the_unit(analyze, unit):
    # Of an option that it does not know it says so and succeeds.
    assert ask(analyze, "verify", "--man=no", unit) == (0, "")


def test_the_unit_is_as_safe_as_it_says(analyze, unit):
    code, said = ask(analyze, "security", "--offline=true", f"--threshold={EXPOSURE_MAX * 10:.0f}", "--no-pager", unit)
    assert code == 0, said
    told = float(re.search(r"exposure level for \S+: ([\d.]+)", said)[1])
    assert told == EXPOSURE_MAX, "say the new number here and in systemd/README.md"
    assert f"{EXPOSURE_MAX}" in (SYSTEMD / "README.md").read_text()


def test_a_stop_is_given_the_time_that_the_agent_takes(example):
    shutdown_ms = int(re.search(r"^#shutdown_ms = ([\d_]+)$", example, re.M)[1])
    source = (ROOT / "agent/src/base/left_behind.rs").read_text()
    left_behind_s = int(re.search(r"LEFT_BEHIND_WAIT: Duration = Duration::from_secs\((\d+)\)", source)[1])
    least_s = shutdown_ms // 1000 + max(MARGIN_S, 2 * left_behind_s)
    assert int(option("TimeoutStopSec")) >= least_s


def test_a_tool_and_a_restart_find_what_they_need():
    """Each of these has cost something: the unit says why it is as it is."""
    set_to = {key: value for _, key, value in options(UNIT)}
    absent = {"ProtectClock", "ProtectProc", "ProcSubset", "PrivateIPC", "PrivateUsers", "DynamicUser", "PrivateNetwork",
              "RootDirectory"}  # fmt: skip
    assert not absent & set_to.keys()
    wanted = {"Type": "notify", "Restart": "always", "RestartPreventExitStatus": "7", "KillMode": "mixed", "OOMPolicy": "continue", "RemoveIPC": "no",
              "User": "gridnode", "NoNewPrivileges": "yes", "CapabilityBoundingSet": ""}  # fmt: skip
    assert {key: set_to.get(key) for key in wanted} == wanted
    filters = [value for _, key, value in options(UNIT) if key == "SystemCallFilter"]
    assert {"@chown", "setrlimit", "adjtimex"} <= set(filters[-1].split()), "the last one counts"
    assert int(set_to["OOMScoreAdjust"]) < 0


def test_what_is_named_is_there(gridnode, example):
    usage = gridnode.run("agent", "--help")
    program, *args = option("ExecStart").split()
    assert usage.code == 0 and args[0] == "agent"
    assert all(arg in usage.out for arg in args[1:] if arg.startswith("--"))
    keys = tomllib.loads(re.sub(r"^#([a-z_]+ = )", r"\1", example, flags=re.M))
    assert option("StateDirectory") == pathlib.Path(keys["state_dir"]).name
    assert f"/etc/{option('ConfigurationDirectory')}/config.toml" in example.splitlines()[0]
    said = "\n".join(path.read_text() for path in SYSTEMD.iterdir())
    variables = set(re.findall(r"\b(?:GRIDNODE_[A-Z_]+|JMETER_HOME)\b", said))
    known = set(re.findall(r"environment: (\w+)", example)) | {"GRIDNODE_LOG"}
    assert variables and variables <= known
    # What the text has in backquotes: keys, files of this room, and a command's type.
    dotted = set(re.findall(r"`([a-z]+\.[a-z_]+)`", said)) - {path.name for path in SYSTEMD.iterdir()} - {"node.stop"}
    assert dotted
    for section, key in (name.split(".") for name in dotted):
        assert key in keys[section], f"{section}.{key}"


def test_the_kernel_grants_what_the_agent_asks_for(example):
    settings = dict("".join(words).split("=") for words in lines("gridnode.sysctl") if words[0] != "net.ipv4.ip_local_port_range")
    source = (ROOT / "agent/src/data/udp.rs").read_text()
    mib = int(re.search(r"RECEIVE_BUFFER_BYTES_WANTED: usize = (\d+) << 20;", source)[1])
    ports = int(re.search(r"SUMP_PORTS: u16 = (\d+);", source)[1])
    first = int(re.search(r'^#listen = "127\.0\.0\.1:(\d+)"$', example, re.M)[1])
    assert int(settings["net.core.rmem_max"]) == mib << 20
    assert settings["net.ipv4.ip_local_reserved_ports"] == f"{first}-{first + ports - 1}"
    for name in settings:
        assert pathlib.Path("/proc/sys", *name.split(".")).exists(), name


def test_the_user_is_made_as_the_unit_wants_it(tmp_path):
    """In a root of its own, for which nobody needs to be root."""
    (tmp_path / "etc").mkdir()
    rules = tmp_path / "gridnode.conf"
    rules.write_text((SYSTEMD / "gridnode.sysusers").read_text())
    code, said = ask(tool("systemd-sysusers"), "--dry-run", f"--root={tmp_path}", rules)
    assert code == 0, said
    assert re.search(rf"Would create user {option('User')}|Creating user '{option('User')}'", said), said
    assert option("User") == option("Group") == lines("gridnode.sysusers")[0][1]


def test_the_directories_are_made_and_what_is_there_is_kept_from_others(tmp_path):
    """As whoever runs this; root's and the agent's names are left out."""
    for place in ("etc/gridnode", "opt"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("config.toml", "drain.token", "drain.password", "sign.key", "environment"):
        (tmp_path / "etc/gridnode" / name).write_text("")
        (tmp_path / "etc/gridnode" / name).chmod(0o666)
    rules = tmp_path / "gridnode.conf"
    rules.write_text("".join(" ".join(line[:3]) + "\n" for line in lines("gridnode.tmpfiles")))
    assert ask(tool("systemd-tmpfiles"), "--create", f"--root={tmp_path}", rules) == (0, "")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "etc/gridnode").iterdir()}
    assert modes.pop("environment") == 0o600
    assert set(modes.values()) == {0o640}, modes
    assert (tmp_path / "opt/gridnode/tools").is_dir()
    own = f"/var/lib/{option('StateDirectory')}"
    user = option("User")
    rules = {words[1]: words[2:] for words in lines("gridnode.tmpfiles")}
    assert rules.pop(own) == [option("StateDirectoryMode"), user, option("Group")]
    # A slot's user is in the group of its own directory and of no other; the directory above shows nobody what is in it.
    assert rules.pop(f"{own}/slots") == ["0711", user, option("Group")]
    slots = int(next(value for _, key, value in options(UNIT) if key == "Environment").removeprefix("GRIDNODE_CAGE_SLOTS="))
    for slot in range(1, slots + 1):
        assert rules.pop(f"{own}/slots/{slot}") == ["0750", user, f"gridnode-run-{slot}"]
    assert all(rule[1:] in ([], ["root", "root"], ["root", option("Group")]) for rule in rules.values()), rules
