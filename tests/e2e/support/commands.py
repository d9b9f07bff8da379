"""Commands as an operator's tool would write them (version 1)."""

import datetime
import secrets

UTC = datetime.timezone.utc


def start(files, flood="7", run=1, route=None, valid_s=600, command_id=None, issued_at=None, **more):
    """A start; the first file is the plan. `more` are fields of `flood`."""
    body = {
        "id": flood, "run": run, "account": "1", "project": "5", "tool": "jmeter",
        "plan": files[0]["name"], "files": files, "users": 2, "window_s": 1, "max_runtime_s": 300,
    }  # fmt: skip
    return _command("flood.start", route, valid_s, command_id, issued_at) | {"flood": body | more}


def stop(flood="7", run=1, grace_s=15, route=None, valid_s=600, command_id=None, issued_at=None):
    fields = {"flood": {"id": flood, "run": run}, "grace_s": grace_s}
    return _command("flood.stop", route, valid_s, command_id, issued_at) | fields


def node_stop(route, valid_s=600, command_id=None, issued_at=None):
    return _command("node.stop", route, valid_s, command_id, issued_at)


def grid(*ids):
    return {"grids": list(ids), "regions": [], "nodes": []}


def nodes(*ids):
    return {"grids": [], "regions": [], "nodes": list(ids)}


def in_s(seconds):
    """A time for `start_at`."""
    return _text(datetime.datetime.now(UTC) + datetime.timedelta(seconds=seconds))


def ago_s(seconds):
    """A time for `issued_at`."""
    return datetime.datetime.now(UTC) - datetime.timedelta(seconds=seconds)


def _command(kind, route, valid_s, command_id, issued_at):
    issued_at = issued_at or datetime.datetime.now(UTC)
    return {
        "version": 1,
        "id": command_id or f"cmd-{secrets.token_hex(8)}",
        "type": kind,
        "issued_at": _text(issued_at),
        "valid_until": _text(issued_at + datetime.timedelta(seconds=valid_s)),
        "route": route or grid("9"),
    }


def _text(when):
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
