"""The operator's policy: who runs this, when people are there, who may read, what is promised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from bot.content.opening import OpeningHours, read_hours, read_zone
from bot.content.problem import Problem
from bot.content.source import Block, Source, read

FILE = "policy.yml"
DEFAULT_EXIT = "https://www.bbc.co.uk/weather"
_KEYS = (
    "helpline_name", "home_countries", "timezone", "timezone_spoken", "opening_hours", "signed", "signed_by", "signed_role",
    "signed_on", "exit_url", "safe_word", "on_call", "retention_days", "deadlines", "who_can_read", "when_we_tell", "version",
    "ask_about_suicide", "told",
)  # fmt: skip
SHORTEST_SAFE_WORD = 4  # letters
TOLD = ("cost", "family", "police", "name", "person", "wait")
# Seconds. Claimed without a word, by tier; a live chat unanswered, by tier; the holder's stream gone.
_DEADLINES = {
    "claim_immediate": 60, "claim_high": 300, "claim_elevated": 1800,
    "live_unanswered": 180, "live_unanswered_immediate": 60, "stream_gone": 45,
}  # fmt: skip
_RETENTION = {"conversations": 90, "handoffs": 365, "audit": 730}
# An exit to a search engine or a social home page shows the reader's own history or name.
_NO_EXIT = re.compile(
    r"(?:^|\.)(?:google|bing|yahoo|duckduckgo|ecosia|yandex|baidu|startpage|qwant|ask|facebook|instagram|tiktok|twitter|x|snapchat"
    r"|reddit|youtube|discord|twitch|pinterest|whatsapp|telegram|tumblr|linkedin|vk|threads)\.[a-z.]+$"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator has settled.

    Attributes:
        home_countries: codes, the most likely first.
        opening: None when it hangs on presence alone.
        signed: a safeguarding lead has signed it; until then the product is a demonstration.
        exit_url: the neutral page behind "Leave this page".
        safe_word: a word that always reaches a person; None for none.
        on_call: who is told outside the desk: a name and a contact; "" for nobody.
        retention_days: by kind of record.
        deadlines: seconds by name: claim_immediate, claim_high, claim_elevated, live_unanswered,
            live_unanswered_immediate, stream_gone.
        who_can_read, when_we_tell: the limits of confidentiality, as a young person reads them.
        version: of the confidentiality words; kept with each conversation that was shown them.
        ask_about_suicide: whether the bot may ask about suicide directly; for the clinical lead to settle.
        told: what a young person is told who asks about each of `TOLD`; "" where nobody has settled it.
        lines: where in the file the words that young people read stand, by key.
    """

    helpline_name: str
    home_countries: tuple[str, ...]
    opening: OpeningHours | None
    timezone: str
    timezone_spoken: str
    signed: bool
    signed_by: str
    signed_role: str
    signed_on: date | None
    exit_url: str
    safe_word: str | None
    on_call: str
    retention_days: Mapping[str, int]
    deadlines: Mapping[str, float]
    who_can_read: str
    when_we_tell: str
    version: str
    ask_about_suicide: bool
    told: Mapping[str, str]
    lines: Mapping[str, int]

    @property
    def spoken(self) -> Mapping[str, str]:
        """Its words that young people read, by key."""
        return {"who_can_read": self.who_can_read, "when_we_tell": self.when_we_tell, **self.told}

    def next_open(self, now: float) -> float | None:
        """When people are back, in seconds since the epoch; None while it is open and where there are no fixed hours."""
        return self.opening.next_open(now) if self.opening is not None else None

    def next_open_spoken(self, now: float) -> str | None:
        """The same inside a sentence: "at 4 pm (UK time)"."""
        moment = self.next_open(now)
        if moment is None or self.opening is None:
            return None
        spoken = self.opening.spoken(moment, now)
        return f"{spoken} ({self.timezone_spoken})" if self.timezone_spoken else spoken


def read_policy(data_dir: Path) -> tuple[Policy, list[Problem]]:
    """The policy, and what is wrong with it."""
    source = read(data_dir, data_dir / FILE)
    root = source.root
    source.refuse_unknown_keys(root, _KEYS, "the policy")
    home = source.texts(root, "home_countries", "the policy")
    if not home:
        source.refuse(root.line_of("home_countries"), "`home_countries:` needs at least one code, such as [GB].")
    zone = source.text(root, "timezone", "the policy", default="UTC")
    read_zone(source, root, zone)
    hours = root.get("opening_hours")
    told, lines = _told(source)
    policy = Policy(
        helpline_name=source.text(root, "helpline_name", "the policy"),
        home_countries=home,
        opening=read_hours(source, hours, "opening_hours", zone) if isinstance(hours, Block) else None,
        timezone=zone,
        timezone_spoken=source.text(root, "timezone_spoken", "the policy", default=""),
        signed=root.get("signed") is True,
        signed_by=source.text(root, "signed_by", "the policy", default=""),
        signed_role=source.text(root, "signed_role", "the policy", default=""),
        signed_on=day if isinstance(day := root.get("signed_on"), date) else None,
        exit_url=_exit_url(source),
        safe_word=_safe_word(source),
        on_call=source.text(root, "on_call", "the policy", default=""),
        retention_days=_numbers(source, "retention_days", _RETENTION),
        deadlines=_numbers(source, "deadlines", _DEADLINES),
        who_can_read=source.text(root, "who_can_read", "the policy"),
        when_we_tell=source.text(root, "when_we_tell", "the policy"),
        version=str(root.get("version", "1")),
        ask_about_suicide=root.get("ask_about_suicide") is True,
        told=told,
        lines=lines,
    )
    if policy.signed and not (policy.signed_by and policy.signed_role and policy.signed_on):
        source.refuse(root.line_of("signed"), "A signed policy needs `signed_by`, `signed_role` and `signed_on`.")
    return policy, source.problems


def is_neutral_exit(address: str) -> bool:
    """Whether `address` may stand behind the exit: https, and no search engine or social home page."""
    parts = urlsplit(address)
    return parts.scheme == "https" and "." in (parts.hostname or "") and not _NO_EXIT.search(parts.hostname or "")


def _told(source: Source) -> tuple[dict[str, str], dict[str, int]]:
    """What is told about each of `TOLD`, and where all words stand that young people read."""
    root, block = source.root, source.root.get("told")
    lines = {key: root.line_of(key) for key in ("who_can_read", "when_we_tell")}
    if not isinstance(block, Block):
        source.refuse(root.line_of("told"), f"`told:` must hold what young people are told about {', '.join(TOLD)}.")
        return dict.fromkeys(TOLD, ""), lines | dict.fromkeys(TOLD, root.line_of("told"))
    source.refuse_unknown_keys(block, TOLD, "`told:`")
    told = {key: source.text(block, key, "`told:`", default="") for key in TOLD}
    return told, lines | {key: block.line_of(key) for key in TOLD}


def _safe_word(source: Source) -> str | None:
    word = " ".join(source.text(source.root, "safe_word", "the policy", default="").split())
    if word and not (len(word) >= SHORTEST_SAFE_WORD and word.replace(" ", "").isalnum()):
        wrong = f"`safe_word` '{word}' will not do: take {SHORTEST_SAFE_WORD} letters or more that nobody says by chance."
        source.refuse(source.root.line_of("safe_word"), wrong)
        return None
    return word or None


def _exit_url(source: Source) -> str:
    address = source.text(source.root, "exit_url", "the policy", default=DEFAULT_EXIT)
    if not is_neutral_exit(address):
        line = source.root.line_of("exit_url")
        source.refuse(line, f"`exit_url` {address!r} will not do: take an https page, no search engine and no social home page.")
        return DEFAULT_EXIT
    return address


def _numbers(source: Source, key: str, defaults: Mapping[str, int]) -> dict[str, int]:
    block = source.root.get(key, {})
    if not isinstance(block, Mapping):
        source.refuse(source.root.line_of(key), f"`{key}:` must hold one number for each of {', '.join(defaults)}.")
        return dict(defaults)
    values = dict(defaults)
    for name, value in block.items():
        line = block.line_of(name) if isinstance(block, Block) else 1
        if name not in defaults:
            source.refuse(line, f"`{key}` has no '{name}'. Known: {', '.join(defaults)}.")
        elif isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            source.refuse(line, f"`{key}`: '{name}' must be a whole number above 0.")
        else:
            values[name] = value
    return values
