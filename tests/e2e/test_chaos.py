"""The way out against a real InfluxDB, while agents, database and network die at random: `soak` does it for longer."""

import pytest

from support.chaos import endure

SECONDS = 75


@pytest.mark.alone
def test_the_store_and_the_accounts_have_every_sample_once(gridnode, influx, note):
    chaos, figures = endure(gridnode, influx, note, SECONDS)
    assert figures["stored"] > 1_000 and chaos.kills["database killed"] and len(chaos.lives) > 3, (figures, chaos.kills)
