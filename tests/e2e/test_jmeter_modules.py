"""All modules of JMeter's own distribution are there, also where an earlier version has installed fewer of them."""

import csv
import shutil

import pytest

from support import jmx, ports
from support.running import Run, write_plan


def install(gridnode, *what, **options):
    return gridnode.run("tools", "install", "jmeter", *what, seconds=300, **options)


def os_process(name, command):
    arguments = ["SystemSampler.arguments", "SystemSampler.environment"]
    properties = {"SystemSampler.command": command, "SystemSampler.checkReturnCode": "true"}
    return jmx.sampler("SystemSampler", name, properties, arguments=arguments)


def run_all(gridnode, *samplers):
    """The run and JMeter's own rows, by label."""
    jtl = gridnode.directory / "out.jtl"
    run = Run(gridnode, write_plan(gridnode, jmx.plan(jmx.threads(*samplers))), "--jtl", jtl)
    with open(jtl, encoding="utf-8") as file:
        return run, {row["label"]: row for row in csv.DictReader(file)}


def test_samplers_of_every_module_run_as_in_jmeter(with_jmeter):
    port = ports.free_tcp()
    run, rows = run_all(
        with_jmeter,
        os_process("os", "/bin/true"),
        os_process("os fails", "/bin/false"),
        jmx.sampler(
            "FTPSampler",
            "ftp",
            {"FTPSampler.server": "127.0.0.1", "FTPSampler.port": port, "FTPSampler.filename": "a", "FTPSampler.localfilename": ""},
            gui="FtpTestSamplerGui",
        ),
        jmx.sampler(
            "MailReaderSampler",
            "mail reader",
            {"host_type": "pop3", "host": "127.0.0.1", "port": port, "folder": "INBOX", "username": "a", "password": "b"},
        ),
        jmx.sampler(
            "SmtpSampler",
            "smtp",
            {
                "SMTPSampler.server": "127.0.0.1",
                "SMTPSampler.serverPort": port,
                "SMTPSampler.mailFrom": "a@example.org",
                "SMTPSampler.receiverTo": "b@example.org",
            },
            lists=["SMTPSampler.headerFields"],
        ),
        jmx.sampler("LDAPSampler", "ldap", {"servername": "127.0.0.1", "port": port, "rootdn": "dc=a", "test": "search"},
                    gui="LdapTestSamplerGui"),
        jmx.sampler("JUnitSampler", "junit", {"junitSampler.classname": "org.junit.Nothing", "junitsampler.method": "a"},
                    gui="JUnitTestSamplerGui"),
        jmx.sampler("PublisherSampler", "jms", {"jms.provider_url": f"tcp://127.0.0.1:{port}", "jms.topic": "a"},
                    gui="JMSPublisherGui"),
    )  # fmt: skip
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    failed = {label: row["failed"] for (label, _), row in run.labels.items()}
    assert failed.pop("os") == 0 and list(failed.values()) == [1] * 7, (failed, rows)
    for label in ("ftp", "smtp", "mail reader"):
        said = " ".join(rows[label].values())
        assert "refused" in said or "connect" in said.lower(), rows[label]
    assert not any("NoClassDef" in " ".join(row.values()) for row in rows.values()), rows


@pytest.fixture
def earlier(with_jmeter):
    """A tools directory as an earlier version has left it: JMeter without some of its modules."""
    shared, own = with_jmeter.tools_dir, with_jmeter.directory / "tools"
    shutil.copytree(shared / "jmeter", own / "jmeter", symlinks=True)
    for jar in own.glob("jmeter/*/home/lib/ext/*_native-*.jar"):
        jar.unlink()
    with_jmeter.tools_dir = own
    yield with_jmeter
    with_jmeter.tools_dir = shared


def test_a_home_with_fewer_jars_is_completed_by_the_next_run(earlier):
    listed = earlier.run("tools", "list")
    assert listed.code == 0 and "completed on next use" in listed.text, listed
    run, _ = run_all(earlier, os_process("os", "/bin/true"))
    assert (run.code, run.receipt["outcome"]) == (0, "completed"), run
    assert "fetch what is missing of JMeter" in run.process.text, run
    assert install(earlier, "--offline").text.count("fetch") == 0, "there is nothing to do"
