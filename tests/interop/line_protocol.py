"""The corpus of InfluxDB's own line-protocol package for Go, against our parser and our encoder."""

import base64
import json
import os
import pathlib
import shutil

MODULE = "github.com/influxdata/line-protocol/v2@v2.2.1"
# Go's own digest of the module: what is tested is what was tested before.
MODULE_SUM = "h1:EAPkqJ9Km4uAxtMRgUubJyqAr6zgWM0dznKMLRauQRE="
CASES = 6_615 + 115
GO = pathlib.Path(__file__).resolve().parent.parent / "go"
PRECISIONS_NS = {"1ns": 1, "1µs": 1_000, "1ms": 1_000_000, "1s": 1_000_000_000}

# Where we differ, and mean to. A case that no longer does is a failure, too.
DIFFERENCES = {
    # Datagrams are split before quotes are looked at, so that a torn line cannot swallow its neighbours.
    "a line break in a text": [
        "03587a8601548738fc042dd58b543b18", "1920631063070dc5f130912501e2bda7", "3a9555c366b44647917f719905a7c24a",
        "729d6399404d2f6cfe3fd8684805e608", "e5b9b752996fda7a9b83071e56e40c4e",
    ],
    # For the same reason we write a space for it, where the package writes `\n`.
    "a line break in a text, written": ["65a52922c8cba2673eff7194628cc1e0"],
    # The package makes a line break of `\n` in a text. InfluxDB itself does not, nor do we: texts are error messages, and
    # Windows paths in them are more frequent than escaped line breaks.
    "an escape that only this package knows": [
        "0d72bd69a58fa1a3399cf61fc9fdc67c", "909116df4d304c2e9ad8a57300bc08d7", "ea7ad6289581283d56af6d43c72c2664",
    ],
    # The first counts. To look for another costs time on every line, and to lose the sample helps nobody.
    "the same tag twice": [
        "03cb61144c5d18c16ca105d3628fff10", "1b46b50f3a1e511a79bb8da489a6f271", "5b0c63be7f1c61c604d5cc6ba71f870d",
        "a3bc78c1ced770be6ce39186be1a8150", "a82631a07f2a383141237660c16e8eb9", "d5b58f107168aa24d21b1d0eab550a9a",
    ],
    # Labels may be anything: U+FFFD is shown for what is not UTF-8.
    "not UTF-8": [
        "50917f6de7ce19a6f15354d48aee8d21", "64c16c43d454d8dac6818c3d4e01d2b1", "b5a8f4acd99818316ee5aff62f48736c",
        "e2c746c7bfdf0bb33d4057f12eb0b665", "f3d59e84ee332a0adf44e86ecf087b59", "127e424b571696adac1af55717a2d78c",
        "53f8b9adeeacb11a6ce86ad6abcefb73", "f25cb5b15db0cd52e611a7f6d8f85ce3",
    ],
    # The same, for control characters in a tag's value; in names they are refused.
    "a control character in a tag's value": ["d2968e6b9b0b309f305736677940b36c"],
    # Lines are indented with tabs as well as with spaces.
    "a tab before a line": [
        "2be024ca70163a7068b08f5e8ef57ffa", "a02aab4c616a523b89c419dc100e70fd", "c0ce359f018a4255f4152ca2bc156ca7",
    ],
    # Nobody reads comments.
    "a control character in a comment": ["dfa6432a639651d02910c4527badb15c"],
}
MEANT = {key: why for why, keys in DIFFERENCES.items() for key in keys}


def corpus(cache, output):
    """The corpus from the cache, or from the module proxy by way of Go."""
    kept = cache / f"line-protocol-{MODULE.rpartition('@v')[2]}-corpus.json"
    if not kept.exists():
        work = cache / "line-protocol.new"
        shutil.rmtree(work, ignore_errors=True)
        go = {"GOPATH": str(work), "GOCACHE": str(work / "cache"), "GOFLAGS": "-modcacherw"}
        environment = [f"{key}={value}" for key, value in go.items()]
        module = json.loads(output(["env", *environment, str(GO), "mod", "download", "-json", MODULE]))
        if module["Sum"] != MODULE_SUM:
            raise SystemExit(f"{MODULE} has the digest {module['Sum']}, not {MODULE_SUM}")
        new = kept.with_suffix(".new")
        shutil.copyfile(pathlib.Path(module["Dir"]) / "lineprotocol" / "testdata" / "corpus.json", new)
        os.replace(new, kept)
        shutil.rmtree(work)
    return json.loads(kept.read_text(encoding="utf-8"))


def checked(cases, answers):
    """One `ok …` or `FAILED …` a case. `answers(mode, questions)` asks our side, a line a question."""
    return [*decoded(list(cases["decode"].values()), answers), *encoded(list(cases["encode"].values()), answers)]


def decoded(cases, answers):
    questions = "".join(coded(raw(case["input"]["text"])) + "\n" for case in cases)
    for case, ours in zip(cases, answers("decode", questions)):
        key, theirs = case["input"]["key"], points_of(case["output"].get("result"))
        if "error" in case["output"]:
            same = "error" in ours
        else:
            same = "error" not in ours and ours_of(ours, case["input"]) == theirs
        yield verdict(key, same, f"{raw(case['input']['text'])!r}: wanted {case['output']}, got {ours}")


def encoded(cases, answers):
    """The same text, but for floats: ours have a decimal point always. What has one is read back."""
    points = [case["input"]["point"] for case in cases]
    texts = list(answers("encode", "".join(json.dumps(point) + "\n" for point in points)))
    again = answers("decode", "".join(coded(text.get("text", "").encode()) + "\n" for text in texts))
    for case, point, text, read in zip(cases, points, texts, again):
        key, wanted = case["input"]["key"], case["output"].get("result")
        floats = any("float" in field["value"] for field in point["fields"])
        if unwritable(point):
            fine = "error" in text
        elif wanted is None:
            # An empty tag is left out by us, not an error: the point without it is what we promise.
            fine = "error" not in read and len(read["points"]) == 1
        else:
            fine = "error" not in text and "error" not in read and ours_of(read, case["input"]) == points_of([point])
            fine = fine and (floats or text["text"].encode() == raw(wanted))
        yield verdict(key, fine, f"wanted {case['output']}, got {text}")


def verdict(key, same, what):
    if same and key in MEANT:
        return f"FAILED {key}: {MEANT[key]} is no longer a difference"
    return f"ok {key}" if same or key in MEANT else f"FAILED {key}: {what[:600]}"


def unwritable(point):
    """What our encoder has no way to say: our measurements and keys are constants, our integers counts."""
    names = [point["name"], *(part["key"] for part in [*(point["tags"] or []), *point["fields"]])]
    counts = [field["value"]["int"] for field in point["fields"] if "int" in field["value"]]
    return any(char in name for name in names for char in ",= ") or any(count < 0 for count in counts)


def points_of(points):
    """Points of the corpus in a form that compares."""
    return [
        (
            raw(point["name"]),
            sorted((raw(tag["key"]), raw(tag["value"])) for tag in point["tags"] or []),
            [(raw(field["key"]), *value_of(field["value"], raw)) for field in point["fields"]],
            point["time"],
        )
        for point in points or []
    ]


def ours_of(answer, given):
    """The same of an answer of ours. Tags are in order, as the corpus has them; what has no time has the given one."""
    unit = PRECISIONS_NS[given["precision"]]
    arrival = given.get("defaultTime", 0) // unit * unit
    return [
        (
            plain(point["name"]),
            sorted((plain(key), plain(value)) for key, value in point["tags"]),
            [(plain(key), *value_of(value, plain)) for key, value in point["fields"]],
            arrival if point["time"] is None else point["time"] * unit,
        )
        for point in answer["points"]
    ]


def value_of(value, text):
    (kind, of), = value.items()
    return kind, text(of) if kind == "string" else of


def raw(text):
    """Texts that are not UTF-8 are base64 in the corpus."""
    return plain(text["binary"]) if isinstance(text, dict) else text.encode()


def coded(raw_bytes):
    return base64.b64encode(raw_bytes).decode()


def plain(code):
    return base64.b64decode(code)
