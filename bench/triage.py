"""How fast triage is: messages of two lengths, the evidence, a thousand lines by the command, and the memory of `web`.

    python -m bench.triage [--write]

The peer is stock Rasa's own pipeline (the project of `rasa init`) reading the same texts in a process of its own. It has four
intents to tell apart instead of 22 cues, and gives no evidence, so it has less to do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench import handrail, stock
from bench.running import pss, tree
from bot.settings import ROOT, load_settings
from bot.triage.detector import Detector

PAGE = ROOT / "docs" / "benchmarks-triage.md"
WORK = ROOT / "bench" / ".work"
ROUNDS = 60
LINES = 1000
CALM = (
    "we had maths and then sport today and the bus was late again so i walked home with my cousin and we talked about the "
    "football game on saturday. my aunt made rice and we watched a series about cooks. tomorrow there is a test in biology "
    "and i have read most of it but not the part about plants. "
)
TELLS = "he says he will send the pictures to everyone if i do not pay by tonight"
SHORT = CALM + "the teacher said it will be easy, i hope she is right about that this time."  # some 95 tokens
LONG = (CALM * 20)[:1999].strip()
WANTED = {"short": 8.0, "long": 40.0, "evidence": 60.0, "command": 20.0, "memory": 350.0}

# Runs in stock Rasa's own environment; prints one JSON object.
_STOCK = """
import asyncio, json, statistics, sys, time
began = time.perf_counter()
from rasa.core.agent import load_agent
asked = json.load(sys.stdin)
async def main():
    agent = await load_agent(asked["model"])
    async def one(text):
        start = time.perf_counter()
        await agent.parse_message(text)
        return (time.perf_counter() - start) * 1000
    for text in asked["texts"].values():
        await one(text)
    said = {}
    for name, text in asked["texts"].items():
        said[name] = statistics.median([await one(text) for _ in range(asked["rounds"])])
    start = time.perf_counter()
    for _ in range(asked["lines"]):
        await one(asked["line"])
    said["command"] = time.perf_counter() - start + loaded
    print(json.dumps(said))
loaded = time.perf_counter() - began
asyncio.run(main())
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.triage")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    ours = _ours()
    theirs = _theirs()
    page = _page(ours, theirs)
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    late = [name for name, most in WANTED.items() if ours[name] > most]
    if late:
        print(f"Slower or larger than wanted: {', '.join(late)}", file=sys.stderr)
    return 1 if late else 0


def _ours() -> dict[str, float]:
    settings = load_settings()
    one_core = sorted(os.sched_getaffinity(0))[:1]
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, one_core)
    try:
        words = settings.data_dir / "triage" / "words.yml"
        detector = Detector.load(settings.triage_model_dir, settings.encoder_file, words)
        if detector.status != "ok":
            raise SystemExit("The models are missing; run `make setup`.")
        found = {
            "short": _median(lambda: detector.assess(SHORT)),
            "long": _median(lambda: detector.assess(LONG)),
        }
        told = _median(lambda: detector.assess(f"{SHORT} {TELLS}"))
        silent = _median(lambda: detector.assess(f"{SHORT} {SHORT[: len(TELLS)]}"))
        found["evidence"] = max(told - silent, 0.0)
    finally:
        os.sched_setaffinity(0, everywhere)
    found["command"] = _command()
    found["memory"] = _memory_of_web()
    return found


def _median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _command() -> float:
    """Seconds of `handrail triage` on a thousand lines, from its start."""
    lines = "".join(json.dumps({"id": str(number), "text": SHORT[: 20 + number % 200]}) + "\n" for number in range(LINES))
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot.cli", "triage"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT)
    taken = time.perf_counter() - began
    if len(done.stdout.splitlines()) != LINES:
        raise SystemExit("`handrail triage` did not answer every line.")
    return taken


def _memory_of_web() -> float:
    """MiB of the `web` process after its start, each page that it shares with others counted in part."""
    with tempfile.TemporaryDirectory() as folder, handrail.product(Path(folder)) as (running, *_):
        for pid in tree(running.pid):
            if "web" in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                return pss(pid) / 1024
    raise SystemExit("There is no process `web`.")


def _theirs() -> dict[str, float]:
    place = WORK / "stock"
    place.mkdir(parents=True, exist_ok=True)
    try:
        folder, _ = stock.environment(place)
        project = stock.project(place, folder)
    except stock.NoStockRasa as error:
        print(f"Stock Rasa could not be measured: {error}.", file=sys.stderr)
        return {}
    asked = {
        "model": str(max(project.glob("models/*.tar.gz"))),
        "texts": {"short": SHORT, "long": LONG},
        "rounds": ROUNDS,
        "lines": LINES,
        "line": SHORT[:120],
    }
    command = [str(folder / "bin" / "python"), "-c", _STOCK]
    told = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, env={**os.environ, **stock.QUIET}, cwd=project
    )
    if told.returncode:
        raise SystemExit(told.stderr[-2000:])
    said: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return said


def _page(ours: Mapping[str, float], theirs: Mapping[str, float]) -> str:
    rows = [
        ("a message of some 100 tokens, median", "short", "ms"),
        ("a message of 2,000 characters, median", "long", "ms"),
        ("evidence for a cue that fired, on top", "evidence", "ms"),
        (f"{LINES:,} lines by `handrail triage`, start included", "command", "s"),
        ("`web` with the detector", "memory", "MiB"),
    ]
    lines = [
        "# Benchmarks of triage",
        "",
        f"Measured by `python -m bench.triage --write` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores; messages on one core, {ROUNDS} times each after one to warm up.",
        "",
        "| | Handrail | wanted | stock Rasa | times faster |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for what, name, unit in rows:
        peer = theirs.get(name)
        beside = f"{peer:.1f} {unit} | {peer / ours[name]:.1f}" if peer else "– | –"
        lines.append(f"| {what} | {ours[name]:.1f} {unit} | {WANTED[name]:.0f} {unit} | {beside} |")
    lines += [
        "",
        "Stock Rasa: the project of `rasa init`, its default pipeline, on all cores, in a process of its own. It cuts nothing",
        "into windows, tells a few intents apart and gives no evidence. Its thousand lines are a sentence each, with loading.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
