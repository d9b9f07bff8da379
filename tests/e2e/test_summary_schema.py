"""The schema of `summary.json`, against what runs leave."""

import json

import jsonschema

from support import jmx
from support.running import Run, write_plan


def test_a_runs_summary_is_what_the_schema_says(with_jmeter):
    printed = with_jmeter.run("report", "--schema")
    assert printed.code == 0, printed
    schema = json.loads(printed.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    good, bad = jmx.java("good", sleep_ms=5), jmx.java("bad", status="NOK")
    plan = write_plan(with_jmeter, jmx.plan(jmx.threads(good, bad, users=2, loops=10)))
    for options in ((), ("--fail-if", "p95(good) > 600s", "--fail-if", "failures > 1% over 2s")):
        run = Run(with_jmeter, plan, *options)
        jsonschema.validate(run.summary, schema, jsonschema.Draft202012Validator)
        assert bool(options) == ("thresholds" in run.summary)
