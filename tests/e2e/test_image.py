"""The files of `packer/`: each is taken by the tool that it is for, and they agree with each other and with the agent.

Nothing here changes the machine, and nothing is baked: provisioning and booting have a test of their own."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tomllib
import zipfile

import pytest
import yaml

from conftest import BIN_DIR

ROOT = pathlib.Path(__file__).parents[2]
PACKER = ROOT / "packer"
USER_DATA = sorted((PACKER / "user-data").glob("*.yaml"))
POLICIES = sorted((PACKER / "iam").glob("*.json"))
SCRIPTS = [PACKER / "provision", PACKER / "verify", PACKER / "require-imdsv2", PACKER / "deb/build"]
SHELL_SCRIPTS = [PACKER / "deb" / name for name in ("postinst", "prerm", "postrm")]
# A registry's directory in the paths that the compiler leaves in a binary: NAME-VERSION.
COMPILED = re.compile(rb"/registry/src/[^/\0]+/([A-Za-z0-9_-]+?-\d+\.\d+\.\d+[A-Za-z0-9.+-]*)/")
IS_ROOT = os.geteuid() == 0


def tool(name, package):
    return shutil.which(name) or pytest.skip(f"{name} is not there: please install the Debian package {package}")


def ask(*args, **options):
    done = subprocess.run([str(arg) for arg in args], capture_output=True, text=True, timeout=300, **options)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.fixture(scope="module")
def deb(tmp_path_factory):
    """The package, unpacked: (its files, its control directory, its listing)."""
    tool("dpkg-deb", "dpkg")
    place = tmp_path_factory.mktemp("deb")
    code, said = ask(PACKER / "deb/build", "--bill", "--binary", BIN_DIR / "gridnode", "--output", place)
    assert code == 0, said
    (made,) = place.glob("*.deb")
    assert ask("dpkg-deb", "--raw-extract", made, place / "tree") == (0, "")
    return place / "tree", place / "tree/DEBIAN", ask("dpkg-deb", "--contents", made)[1]


# Packer ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def packer(tmp_path):
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "PACKER_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    program = tool("packer", "packer")
    return lambda *args: ask(program, *args, cwd=PACKER, env=environment)


@pytest.mark.parametrize("name", ["gridnode.pkr.hcl", "newer/plugins.pkr.hcl"])
def test_packer_would_write_the_template_no_otherwise(packer, name):
    assert packer("fmt", "-check", "-diff", name) == (0, "")


def test_packer_takes_the_template(packer, tmp_path):
    package = tmp_path / "gridnode.deb"
    package.touch()
    both = ["-var", f"deb_amd64={package}", "-var", f"deb_arm64={package}"]
    assert packer("validate", *both, "gridnode.pkr.hcl") == (0, "")
    # One architecture needs one package.
    assert packer("validate", "-only=amazon-ebs.arm64", *both[2:], "gridnode.pkr.hcl") == (0, "")
    code, said = packer("validate", "-only=amazon-ebs.amd64", *both[2:], "gridnode.pkr.hcl")
    assert code != 0 and "gridnode_0.1.0_amd64.deb" in said, said


def test_the_template_says_what_each_variable_is_and_has_no_secret():
    text = (PACKER / "gridnode.pkr.hcl").read_text()
    variables = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL)
    assert len(variables) > 5
    for name, body in variables:
        assert "description" in body and "default" in body, name
    assert not re.search(r"AKIA|(secret_key|access_key|password|token)\s*=", text)
    assert re.search(r"encrypted\s+= true", text)


def test_images_of_the_last_build_are_told_to_want_imdsv2(tmp_path):
    build = {"packer_run_uuid": "new", "artifact_id": "us-east-1:ami-1,eu-west-1:ami-2"}
    old = {"packer_run_uuid": "old", "artifact_id": "us-east-1:ami-0"}
    (tmp_path / "images.json").write_text(json.dumps({"builds": [old, build], "last_run_uuid": "new"}))
    fakes(tmp_path, "aws")
    code, said = ask(PACKER / "require-imdsv2", tmp_path / "images.json", env=with_fakes(tmp_path))
    assert code == 0, said
    assert calls(tmp_path) == [
        "aws ec2 modify-image-attribute --region us-east-1 --image-id ami-1 --imds-support v2.0",
        "aws ec2 modify-image-attribute --region eu-west-1 --image-id ami-2 --imds-support v2.0",
    ]


def fakes(place, *names):
    """Programs that do nothing but say how they were called."""
    (place / "fakes").mkdir(exist_ok=True)
    for name in names:
        path = place / "fakes" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{place}/calls\n')
        path.chmod(0o755)


def with_fakes(place):
    return {**os.environ, "PATH": f"{place}/fakes:{os.environ['PATH']}"}


def calls(place):
    return (place / "calls").read_text().splitlines() if (place / "calls").exists() else []


# User data ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", USER_DATA, ids=lambda path: path.name)
def test_cloud_init_takes_the_user_data(path):
    code, said = ask(tool("cloud-init", "cloud-init"), "schema", "--config-file", path)
    assert code == 0 and "Valid cloud-config" in said, said


@pytest.mark.parametrize("path", USER_DATA, ids=lambda path: path.name)
def test_the_configuration_is_there_before_the_agent_and_nobody_else_reads_it(path):
    for file in yaml.safe_load(path.read_text())["write_files"]:
        # What is deferred comes after the agent's start.
        assert "defer" not in file, file
        if file["path"].startswith("/etc/gridnode/"):
            wanted = {"config.toml": ("root:gridnode", "0640"), "environment": ("root:root", "0600")}
            assert (file["owner"], file["permissions"]) == wanted[pathlib.Path(file["path"]).name]


@pytest.mark.parametrize("name", ["whole.yaml", "topics-and-grid.yaml"])
def test_the_agent_takes_the_configuration(gridnode, tmp_path, name):
    files = {file["path"]: file["content"] for file in yaml.safe_load((PACKER / "user-data" / name).read_text())["write_files"]}
    variables = dict(line.split("=", 1) for line in files["/etc/gridnode/environment"].splitlines())
    # What the image has where user data does not bring it.
    image = '[drain]\nurl = "http://drain.example.com"\n[tools]\ndir = "/opt/gridnode/tools"\n'
    config = tmp_path / "config.toml"
    config.write_text(files.get("/etc/gridnode/config.toml", image))
    args = ["--set", "metadata.enabled=false", "--node", "node-1"]
    shown = gridnode.run("config", "--config", config, *args, env={"GRIDNODE_TOOLS_DIR": None, **variables})
    assert shown.code == 0, shown
    assert "gridnode-commands" in shown.out and "/opt/gridnode/tools" in shown.out, shown


# Policies -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_a_policy_says_why_and_allows_no_more(path):
    policy = json.loads(path.read_text())
    assert policy["Version"] == "2012-10-17"
    statements = policy["Statement"]
    reasons = [statement["Sid"] for statement in statements]
    assert len(set(reasons)) == len(reasons) and all(re.fullmatch("[A-Za-z0-9]+", reason) for reason in reasons), reasons
    for statement in statements:
        assert "*" not in "".join(actions(statement)), statement
        if statement.get("Resource") == "*":
            assert statement["Sid"].endswith("WhichKnowNoResource"), statement


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


@pytest.mark.parametrize("name", ["node", "operator"])
def test_a_policy_is_the_one_of_the_operators_page(name):
    page = (ROOT / "agent/docs/operate-a-node.md").read_text().split("## IAM", 1)[1]
    pages = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    told = {"node": pages[0], "operator": pages[1]}[name]["Statement"]
    file = json.loads((PACKER / "iam" / f"{name}.json").read_text())["Statement"]
    assert told == [{key: value for key, value in statement.items() if key != "Sid"} for statement in file]


# Scripts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCRIPTS + SHELL_SCRIPTS, ids=lambda path: path.name)
def test_a_shell_can_read_the_script(path):
    assert ask("sh" if path in SHELL_SCRIPTS else "bash", "-n", path) == (0, "")


@pytest.mark.skipif(not IS_ROOT, reason="root's work")
@pytest.mark.parametrize(
    "args, remedy",
    [
        (["--only", "nonsense"], "there are: packages agent"),
        (["--deb", "/not/there.deb"], "no file /not/there.deb"),
        (["--drain", "http://user:password@drain"], "with user data"),
        (["--deb"], "needs a value"),
        (["--nonsense"], "--help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_provision_says_what_is_wrong_before_it_does_anything(args, remedy):
    code, said = ask(PACKER / "provision", *args)
    assert code == 1 and said.count("\n") == 0 and remedy in said, said


def tree_of_an_image(root):
    """As `provision --cleanup` leaves one, as far as `verify --image` looks."""
    for name in ("etc/gridnode", "var/lib/gridnode", "root", "home/admin", "var/log", "opt/gridnode/tools/jmeter"):
        (root / name).mkdir(parents=True)
    for name in ("licences.txt.gz", "gridnode.cdx.json", "tools.cdx.json"):
        (root / "usr/share/doc/gridnode").mkdir(parents=True, exist_ok=True)
        (root / "usr/share/doc/gridnode" / name).write_text("x")
    (root / "etc/machine-id").touch()
    (root / "etc/gridnode/config.toml").write_text('[drain]\nurl = "http://drain"\n')
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "gridnode.service").symlink_to("/lib/systemd/system/gridnode.service")


@pytest.mark.skipif(not IS_ROOT, reason="root's work")
def test_verify_finds_what_does_not_belong_into_an_image(tmp_path):
    tree_of_an_image(tmp_path)
    code, said = ask(PACKER / "verify", "--image", tmp_path)
    assert code == 0 and "✘ " not in said.rpartition("\n")[0], said
    for name, content in {
        "etc/ssh/ssh_host_ed25519_key": "key",
        "home/admin/.ssh/authorized_keys2": "key",
        "home/admin/.bash_history": "ls",
        "root/.netrc": "machine x password y",
        "root/.docker/config.json": "{}",
        "etc/gridnode/config.toml.bak": "a copy",
        "etc/systemd/system/gridnode.service.d/own.conf": "[Service]\nEnvironment=GRIDNODE_DRAIN_PASSWORD=x\n",
        "etc/machine-id": "0123",
        "var/lib/gridnode/nonce": "0123",
        "etc/gridnode/drain.token": "secret",
        "etc/gridnode/config.toml": '[drain]\nurl = "http://user:password@drain"\n',
        "var/log/syslog": "line",
    }.items():
        path = tmp_path / name
        before = path.read_text() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        code, said = ask(PACKER / "verify", "--image", tmp_path)
        assert code == 1 and said.endswith(", 1 ✘, 0 –"), f"{name}: {said}"
        path.unlink() if before is None else path.write_text(before)
        for parent in path.relative_to(tmp_path).parents:
            if not any((tmp_path / parent).iterdir()) and (parent.name.startswith(".") or parent.name.endswith(".d")):
                (tmp_path / parent).rmdir()


# The package ----------------------------------------------------------------------------------------------------------


def test_the_package_has_all_of_systemd_and_a_stripped_binary(deb):
    tree, control, listing = deb
    packed = {path.read_bytes() for path in tree.rglob("*") if path.is_file() and path.name != "gridnode"}
    for path in (ROOT / "systemd").iterdir():
        assert path.name == "README.md" or path.read_bytes() in packed, path
    assert all(" root/root " in line for line in listing.splitlines()), listing
    assert b".symtab" not in (tree / "usr/bin/gridnode").read_bytes()
    assert ask(tree / "usr/bin/gridnode", "--version")[0] == 0
    said = (control / "control").read_text()
    (version,) = re.findall(r"^Version: (.*)$", said, re.MULTILINE)
    assert version == tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    for name in "postinst", "prerm", "postrm":
        assert (control / name).stat().st_mode & 0o777 == 0o755 and "@UNITS@" not in (control / name).read_text()


def test_what_units_name_of_the_package_is_in_it(deb):
    tree, _, _ = deb
    units = [path for path in (tree / "lib/systemd/system").iterdir() if path.is_file()]
    assert units
    for unit in units:
        for named in re.findall(r"/usr/(?:lib/gridnode/|bin/gridnode)[\w./-]*", unit.read_text()):
            assert (tree / named.lstrip("/")).exists(), f"{unit.name}: {named}"


def test_installing_enables_and_starts_nothing(deb, tmp_path):
    _, control, _ = deb
    fakes(tmp_path, "systemd-sysusers", "systemd-tmpfiles", "deb-systemd-helper", "deb-systemd-invoke", "systemctl")
    assert ask("sh", control / "postinst", "configure", "", env=with_fakes(tmp_path))[0] == 0
    made = calls(tmp_path)
    assert made[:2] == ["systemd-sysusers gridnode.conf", "systemd-tmpfiles --create gridnode.conf"], made
    assert "deb-systemd-helper enable gridnode.service" in made, made
    started = re.compile(r"systemctl (\S+ )*(start|restart|reload|try-restart)\b|deb-systemd-invoke")
    assert not [call for call in made if started.search(call)], made
    # An upgrade asks nobody to stop.
    (tmp_path / "calls").unlink()
    assert ask("sh", control / "prerm", "upgrade", "0.2.0", env=with_fakes(tmp_path)) == (0, "")
    assert calls(tmp_path) == []


# The bill of materials ------------------------------------------------------------------------------------------------


def test_the_bill_names_every_crate_that_the_binary_was_compiled_from(deb, gridnode):
    tree, _, _ = deb
    bill = json.loads((tree / "usr/share/doc/gridnode/gridnode.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    billed = {f"{part['name']}-{part['version']}": part for part in bill["components"]}
    locked = {f"{crate['name']}-{crate['version']}" for crate in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]}
    # Paths of sources in the binary's messages: another witness than cargo, for those that can fail.
    compiled = {name.decode() for name in COMPILED.findall(gridnode.binary.read_bytes())} & locked
    assert len(compiled) > 50 and compiled <= set(billed), compiled - set(billed)
    others = {name for name, part in billed.items() if not part["purl"].startswith("pkg:cargo/")}
    assert set(billed) - others <= locked
    # The report's charts are a file in the binary.
    assert [name.split("-")[0] for name in others] == ["uplot"], others
    for name, part in billed.items():
        assert part["licenses"] and ("hashes" in part or part["name"].startswith("gridnode")), name
    code, licences = ask("gzip", "-dc", tree / "usr/share/doc/gridnode/licences.txt.gz")
    assert code == 0 and all(f"{part['name']} {part['version']}: " in licences for part in billed.values())


def test_the_bill_of_the_tools_names_jars_and_python_packages(tmp_path):
    tools, told = tmp_path / "tools", tmp_path / "bill"
    metadata = tools / "selenium/lib/selenium-4.32.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: selenium\nVersion: 4.32.0\nLicense: Apache 2.0\n\nText\n")
    with zipfile.ZipFile(tools / "renamed.jar", "w") as jar:
        jar.writestr("META-INF/maven/org.example/lib/pom.properties", "groupId=org.example\nartifactId=lib\nversion=1.2\n")
    with zipfile.ZipFile(tools / "commons-io-2.11.0.jar", "w") as jar:
        jar.writestr("nothing", "")
    (tools / "broken-1.0.jar").write_text("no archive")
    code, said = ask(PACKER / "bill-of-materials", "tools", "--tools-dir", tools, "--output", told)
    assert code == 0, said
    parts = json.loads((told / "tools.cdx.json").read_text())["components"]
    assert {part["purl"] for part in parts} == {
        "pkg:maven/org.example/lib@1.2", "pkg:generic/commons-io@2.11.0", "pkg:generic/broken@1.0", "pkg:pypi/selenium@4.32.0"
    }  # fmt: skip
