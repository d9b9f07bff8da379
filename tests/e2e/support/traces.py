"""Error traces in a run's results."""

import base64
import json

CUT_BYTES = 64 << 10


def traces_of(run):
    """The traces of a run's results; all of their text. Nothing is left where the plug-in wrote them."""
    assert not [path for path in (run.out / "traces").iterdir() if path.suffix != ".final"], run
    files = sorted((run.out / "failures").glob("*.json"))
    assert run.receipt["traces"]["captured"] == len(files) and run.receipt["traces"]["refused"] == 0, run.receipt
    return [json.loads(file.read_text(encoding="utf-8")) for file in files], "".join(file.read_text(encoding="utf-8") for file in files)


def by_label(run):
    traces, _ = traces_of(run)
    found = {trace["label"]: trace for trace in traces}
    assert len(found) == len(traces) and run.receipt["traces"]["suppressed"] == 0, (list(found), run.receipt)
    return found


def shown_as_answered(trace, status, kind, body):
    response = trace["response"]
    assert response["status"] == status
    assert ["Content-Type", kind] in response["headers"]
    assert response["body_bytes"] == len(body)
    if "octet" in kind:
        assert response["body_encoding"] == "base64" and base64.b64decode(response["body"]) == body[:CUT_BYTES]
        return
    shown = response["body"].encode()
    # At a cut what is not blank is dropped: it may be part of a secret.
    dropped_max = 4 if len(body) <= CUT_BYTES else 4 + 4_096
    assert body.startswith(shown) and len(body[:CUT_BYTES]) - len(shown) < dropped_max, (len(shown), len(body))
