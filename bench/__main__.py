"""Runs the benchmark: the product, then stock Rasa, the same load on each.

    python -m bench [--quick] [--only handrail|stock] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import aiohttp

from bench import handrail, report, stock
from bench.load import QUICK, Measured, Sizes, measure
from bot.settings import ROOT

WORK = ROOT / "bench" / ".work"
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    options = _options()
    sizes = QUICK if options.quick else Sizes(turns=options.turns)
    WORK.mkdir(exist_ok=True)
    ours = theirs = None
    notes: list[str] = []
    if options.only != "stock":
        ours, said = _handrail(sizes)
        notes += said
    if options.only != "handrail":
        try:
            theirs, said = _stock(sizes)
            notes += said
        except stock.NoStockRasa as error:
            notes.append(f"Stock Rasa could not be measured: {error}.")
    if ours is None:
        print(theirs, *notes, sep="\n")
        return 0
    lines = report.rows(ours, theirs, sizes)
    print(report.table(lines), "", *notes, sep="\n")
    if options.write:
        PAGE.write_text(report.page(lines, notes), encoding="utf-8")
    behind = [row.what for row in lines if row.ratio is not None and row.ratio < 1]
    if behind:
        print(f"Behind stock Rasa in: {', '.join(behind)}", file=sys.stderr)
    return 1 if behind else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="a few messages only, to see that it works; no figures for anybody")
    parser.add_argument("--turns", type=int, default=Sizes().turns, help="turns of the long conversations")
    parser.add_argument("--only", choices=["handrail", "stock"])
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _handrail(sizes: Sizes) -> tuple[report.Result, list[str]]:
    place = _folder("handrail")
    with handrail.product(place) as (running, url, helps, all_up):

        async def load() -> Measured:
            async with _client() as http:
                return await measure(handrail.Handrail(url, http), sizes)

        measured = asyncio.run(load())
        memory = running.memory()
    net = handrail.answered_by_net(place)
    notes = [
        "Handrail: `handrail run`, web and engine, on SQLite with every message encrypted, assessed and committed to disk. "
        "A latency is from the POST of a message until its answer is on the event stream. A message that ends with . or ? is "
        "answered at once; one that looks unfinished waits for more, which is not measured here.",
        f"Handrail serves help {helps:.1f} s after its start, and with the engine {all_up:.1f} s after it.",
        f"Of {measured.messages} messages to Handrail {measured.unanswered} had no answer, and {net} were answered by the safety "
        "net because the engine was late.",
    ]
    return report.Result(all_up, memory, measured), notes


def _stock(sizes: Sizes) -> tuple[report.Result, list[str]]:
    place = _folder("stock")
    folder, what = stock.environment(place)
    with stock.product(place, folder) as (running, url, up):

        async def load() -> Measured:
            async with _client() as http:
                return await measure(stock.Stock(url, http), sizes)

        measured = asyncio.run(load())
        memory = running.memory()
    notes = [
        f"Stock Rasa: {what}; the project of `rasa init` with its default configuration, `rasa run --enable-api`, in memory, "
        "without encryption. A latency is from the POST to its REST channel until the response is read.",
        f"Of {measured.messages} messages to stock Rasa {measured.unanswered} had no answer.",
    ]
    return report.Result(up, memory, measured), notes


def _folder(name: str) -> Path:
    place = WORK / name
    place.mkdir(parents=True, exist_ok=True)
    return place


def _client() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


if __name__ == "__main__":
    sys.exit(main())
