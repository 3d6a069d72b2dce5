"""The report as files: JSON with every figure, and one HTML page that needs nothing but itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bot.triage.evaluation.figures import calibration_chart, handoff_chart, precision_recall_chart
from bot.triage.evaluation.handoffs import CHATS_A_DAY, MINUTES_A_CHAT
from bot.triage.evaluation.rates import Rate
from bot.triage.evaluation.tables import VERDICTS, folded, number, plain, quotes, rate, required, table
from bot.triage.taxonomy import Tier

STYLE = Path(__file__).with_name("report.css")
Report = Mapping[str, Any]
Column = tuple[str, Report]  # a model's name, and its figures of messages or conversations


def write_report(report: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """Writes `report.json` and `report.html` into `folder`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, shown = folder / "report.json", folder / "report.html"
    data.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    shown.write_text(page(report), encoding="utf-8")
    return data, shown


def requirement_lines(report: Report) -> Iterator[str]:
    """What is required, a line each: the figure, the bound, and whether it is kept."""
    for part in ("messages", "conversations"):
        for each in (report[part] or {}).get("requirements", ()):
            verdict = {True: "met", False: "NOT MET", None: "nothing to judge by"}[each["met"]]
            yield f"{each['name']}: {Rate.from_dict(each['rate'])}; wanted {_bound(each)}: {verdict}"


def page(report: Report) -> str:
    """The report as one HTML page."""
    models = _models(report)
    messages = [(name, figures["messages"]) for name, figures in models if figures["messages"]]
    talks = [(name, figures["conversations"]) for name, figures in models if figures["conversations"]]
    files = ", ".join(f'{escape(file["name"])} <small>{file["sha256"][:12]}</small>' for file in report["files"])
    about = "".join(
        f"<li>{escape(name)}: model {escape(figures['model'] or 'none')}, triage {escape(figures['status'])}</li>"
        for name, figures in models
    )
    body = [
        "<h1>Triage evaluation</h1>",
        f"<p>Measured on {files}. Shares are given with 95 % Wilson intervals.</p><ul>{about}</ul>",
        "<h2>What is required</h2>" + _requirements([*talks], [*messages]),
        _differences(report["differences"]) if report["differences"] else "",
        _conversations(talks) if talks else "",
        _messages(messages) if messages else "",
    ]
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Triage evaluation</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{style}</style></head><body><main>{''.join(body)}</main></body></html>"
    )


def _models(report: Report) -> list[Column]:
    if report["against"] is None:
        return [("the model", report)]
    return [("this model", report), ("the other", report["against"])]


def _requirements(*groups: Sequence[Column]) -> str:
    names = next((tuple(name for name, _ in columns) for columns in groups if columns), ())
    rows = []
    for columns in groups:
        by_name = [{each["name"]: each for each in figures["requirements"]} for _, figures in columns]
        for name in dict.fromkeys(name for found in by_name for name in found):
            each = next(found[name] for found in by_name if name in found)
            cells = [cell for found in by_name for cell in _required(found.get(name))]
            rows.append((name, [_bound(each), *cells]))
    heads = ["", "wanted", *(head for name in names for head in (name, ""))]
    return table(heads, rows)


def _required(each: Report | None) -> tuple[str, str]:
    return ("–", "–") if each is None else (required(each), VERDICTS[each["met"]])


def _bound(each: Report) -> str:
    return f"at {'most' if each['at_most'] else 'least'} {each['bound']:g}"


def _conversations(columns: Sequence[Column]) -> str:
    names = [name for name, _ in columns]
    figures = [figures for _, figures in columns]
    load = [
        ("conversations", [str(each["count"]) for each in figures]),
        ("handoffs in 100 chats, mixed as these are", [plain(each["handoffs_per_100"]) for each in figures]),
        (f"counsellor-hours a day at {CHATS_A_DAY} such chats", [plain(each["hours_a_day"]) for each in figures]),
        ("handoffs that nobody asked for, in 100 chats below high", [plain(each["unasked_per_100"]) for each in figures]),
        (f"counsellor-hours a day at {CHATS_A_DAY} chats below high", [plain(each["hours_unasked"]) for each in figures]),
    ]
    kinds = [
        (kind, [rate(each["kinds"][kind][what]) for each in figures for what in ("in_time", "unasked", "opened", "immediate")])
        for kind in figures[0]["kinds"]
    ]
    causes = [
        (cause, [str(each["causes"].get(cause, {}).get(what, 0)) for each in figures for what in ("opened", "unasked")])
        for cause in dict.fromkeys(cause for each in figures for cause in each["causes"])
    ]
    why = table(["why a handoff opened", *(head for _ in names for head in ("opened", "of these unasked"))], causes)
    heads = [head for _ in names for head in ("in time", "opened unasked", "opened", "reached immediate")]
    lists = "".join(
        folded(f"{title}: {len(each[key])}{_of(name, names)}", quotes(_talk(line) for line in each[key]))
        for name, each in columns
        for key, title in TALK_LISTS.items()
    )
    note = (
        f"<p>Each conversation is played through the rules of the chat: every message alone and together with up to three before "
        f"it, folded into the conversation's risk. Questions by the assistant are not played. A handoff takes {MINUTES_A_CHAT} "
        "minutes. The curve counts cues of high or above from a threshold on.</p>"
    )
    charts = _figures(columns, TALK_CHARTS)
    return (
        f"<h2>Conversations</h2>{note}{charts}{table(['', *names], load)}{why}<h3>By kind</h3>{table(['', *heads], kinds)}{lists}"
    )


TALK_CHARTS: dict[str, Callable[[Report], str]] = {
    "Conversations handed over by the message that tells, against the desk's load": handoff_chart,
}
MESSAGE_CHARTS: dict[str, Callable[[Report], str]] = {
    "Precision against recall; a line ends where the detector stops telling probabilities": lambda figures: (
        precision_recall_chart(figures["precision_recall"])
    ),
    "How often what is told to be this probable is so, with intervals": lambda figures: calibration_chart(figures["calibration"]),
}
TALK_LISTS = {
    "not_opened": "Reach high, not handed over by the message that tells",
    "opened_unasked": "Below high, handed over though nobody asked",
    "reached_immediate": "Below high, reached immediate",
    "labels_to_check": "Labels and kind are on different sides of high",
}


def _talk(line: Report) -> tuple[str, str]:
    cues = f"labelled {', '.join(line['labelled']) or 'nothing'}; told {', '.join(line['told']) or 'nothing'}"
    opened = f"opened at {line['opened']} ({line['cause']})" if line["opened"] else "not opened"
    before = " / ".join(line["before"])
    where = f"{line['kind']}, {line['voice']}, message {line['message']}: {cues}; {opened}"
    return line["text"], f"{where}; before it: {before}" if before else where


def _messages(columns: Sequence[Column]) -> str:
    names = [name for name, _ in columns]
    figures = [figures for _, figures in columns]
    heads = ["", *(head for _ in names for head in ("recall", "precision", "F1"))]
    slices = "".join(_slices(name, columns) for name in figures[0]["slices"])
    alarms = [
        (_alarm(group, tier), [number(each["false_alarms_per_1000"][group][tier], 1) for each in figures])
        for group, tiers in figures[0]["false_alarms_per_1000"].items()
        for tier in tiers
    ]
    times = [(what, [f"{plain(each['latency'][what])} ms" for each in figures]) for what in ("median", "p95")]
    parts = [
        f"<h2>Messages</h2><p>{figures[0]['count']} messages, each by itself.</p>",
        _figures(columns, MESSAGE_CHARTS),
        f"<h3>Tiers (each or above)</h3>{table(heads, _figure_rows(figures, 'tiers'))}",
        f"<h3>Cues</h3>{table(heads, _figure_rows(figures, 'cues'))}",
        slices,
        f"<h3>False alarms in 1,000</h3>{table(['', *names], alarms)}",
        "<h3>Labelled (rows), told (columns)</h3>",
        *(_confusion(each["confusion"], _of(name, names)) for name, each in columns),
        f"<h3>Time for a message</h3>{table(['', *names], times)}",
        "<h3>Immediate messages that were told to be less</h3>",
        *(_missed(each["missed_immediate"], _of(name, names)) for name, each in columns),
    ]
    return "".join(parts)


def _figure_rows(figures: Sequence[Report], key: str) -> list[tuple[str, list[str]]]:
    """Recall, precision and F1 of each cue or tier, model by model."""
    return [(row, [cell for each in figures for cell in _three(each[key][row])]) for row in figures[0][key]]


def _three(each: Report) -> tuple[str, str, str]:
    return rate(each["recall"]), rate(each["precision"]), number(each["f1"])


def _slices(name: str, columns: Sequence[Column]) -> str:
    heads = ["", *(head for _ in columns for head in ("immediate or high, heard", "harmless, called high or above"))]
    slices = [figures["slices"][name] for _, figures in columns]
    rows = ((row, [rate(each[row][key]) for each in slices for key in ("heard", "false_alarms")]) for row in slices[0])
    return f"<h3>By {escape(name)}</h3>{table(heads, rows)}"


def _alarm(group: str, tier: str) -> str:
    return f"{group.replace('_', ' ')}, called {tier}{'' if tier == Tier.IMMEDIATE.id else ' or above'}"


def _confusion(counts: Mapping[str, Mapping[str, int]], of: str) -> str:
    tiers = list(counts)
    title = f"<p>{escape(of.strip(' ()'))}</p>" if of else ""
    return title + table(["", *tiers], ((true, [str(counts[true][told]) for told in tiers]) for true in tiers))


def _missed(missed: Sequence[Report], of: str) -> str:
    notes = (f"{each['voice']}, {each['style']}; {', '.join(each['cues'])}; told {each['told']}" for each in missed)
    return f"<p>{len(missed)}{escape(of)}</p>{quotes(zip((each['text'] for each in missed), notes, strict=True))}"


def _differences(differences: Mapping[str, Report]) -> str:
    rows = [
        (name, [str(each["of"]), str(len(each["only_this"])), str(len(each["only_other"])), f"{each['chance']:.3f}"])
        for name, each in differences.items()
    ]
    lists = "".join(
        folded(f"{name}: only {who} ({len(each[key])})", quotes((text, "") for text in each[key]))
        for name, each in differences.items()
        for key, who in (("only_this", "this model"), ("only_other", "the other"))
        if each[key]
    )
    heads = ["right", "of", "only this model", "only the other", "chance of such a split"]
    return f"<h2>This model and the other</h2>{table(heads, rows)}{lists}"


def _figures(columns: Sequence[Column], charts: Mapping[str, Callable[[Report], str]]) -> str:
    """Every chart for each model, side by side where there is room."""
    names = [name for name, _ in columns]
    drawn = [(f"{caption}{_of(name, names)}", draw(each)) for caption, draw in charts.items() for name, each in columns]
    shown = "".join(f"<figure>{svg}<figcaption>{escape(words)}</figcaption></figure>" for words, svg in drawn if svg)
    return f'<div class="figures">{shown}</div>'


def _of(name: str, names: Sequence[str]) -> str:
    """Which model is meant, where there are two."""
    return f" ({name})" if len(names) > 1 else ""
