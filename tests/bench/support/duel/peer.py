"""Programs of others, built once through the Go module proxy and kept in the cache, with their versions beside them."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[4]
BUILD_S_MAX = 1_800

TELEGRAF_PLUGINS = "inputs.socket_listener aggregators.basicstats aggregators.quantile outputs.http parsers.influx serializers.influx"
PEERS = {
    # Telegraf's own way of leaving plugins out: all of them take half an hour to compile.
    "telegraf": ("github.com/influxdata/telegraf/cmd/telegraf", "v1.36.4", ",".join(["custom", *TELEGRAF_PLUGINS.split()])),
    "vmagent": ("github.com/VictoriaMetrics/VictoriaMetrics/app/vmagent", "v1.135.0", ""),
}


class NotThere(Exception):
    """Why a peer cannot take part; the others can."""


def program(name):
    """Its path; it is built where there is none of this version."""
    module, version, tags = PEERS[name]
    directory = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gridnode/duel"
    binary, stamp = directory / name, directory / f"{name}.version"
    if binary.exists() and stamp.exists() and stamp.read_text().strip() == version:
        return binary
    directory.mkdir(parents=True, exist_ok=True)
    print(f"building {name} {version} (minutes, once) …", flush=True)
    work = directory / "go.new"
    _build(name, f"{module}@{version}", tags, directory, work)
    stamp.write_text(f"{version}\n")
    shutil.rmtree(work, ignore_errors=True)
    return binary


def _build(name, module, tags, directory, work):
    work.mkdir(exist_ok=True)  # what an interrupted build has compiled is used
    env = {
        **os.environ, "GOBIN": str(directory), "GOPATH": str(work / "path"), "GOCACHE": str(work / "cache"),
        "GOFLAGS": "-modcacherw -buildvcs=false", "CGO_ENABLED": "0",
    }  # fmt: skip
    command = ["nice", "-n", "19", ROOT / "tests/go", "install", "-trimpath", *(["-tags", tags] if tags else []), module]
    log = directory / f"{name}.log"
    try:
        with open(log, "wb") as out:
            done = subprocess.run([str(part) for part in command], env=env, cwd=work, stdout=out, stderr=out, timeout=BUILD_S_MAX)
    except subprocess.TimeoutExpired:
        raise NotThere(f"it took more than {BUILD_S_MAX} s to build; once more goes on where it was") from None
    if done.returncode != 0:
        last = (log.read_text(errors="replace").strip().splitlines() or ["no output"])[-1]
        raise NotThere(f"failed to build it: {last} (all of it is in {log})")
