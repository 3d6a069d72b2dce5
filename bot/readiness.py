"""What is missing before young people may use it. `web` that is bound to more than loopback opens no chat until nothing is."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select

from bot.content import Content, Policy
from bot.keys import key_place
from bot.settings import ROOT, Settings
from bot.store.database import Store
from bot.store.tables import staff
from bot.triage.safety_set import UNHEARD

TAKES_CHATS = ("counsellor", "supervisor")
FEWEST_STAFF = 2


def problems(settings: Settings, content: Content, store: Store) -> list[str]:
    """What is missing, each as one sentence that says how to mend it; empty when the chat may be opened.

    Raises:
        DatabaseAway: the database cannot be asked.
    """
    now = store.read_now(store.now)
    return [
        *policy_problems(content.policy),
        *directory_problems(content, now),
        *triage_problems(settings),
        *staff_problems(store),
        *key_problems(settings),
        *origin_problems(settings),
    ]


def policy_problems(policy: Policy) -> list[str]:
    found = []
    if not policy.signed:
        found.append("Policy: a safeguarding lead has not signed it; see `signed` in data/policy.yml.")
    if policy.opening is None:
        found.append("Hours: nothing says when people are there; set `opening_hours` in data/policy.yml.")
    if not policy.on_call.strip():
        found.append("On call: nobody is named for the hours when the desk is empty; set `on_call` in data/policy.yml.")
    return found


def directory_problems(content: Content, now: float) -> list[str]:
    """The numbers that most young people here are shown must have been looked at lately."""
    home = content.policy.home_countries
    overdue = content.directory.overdue(now, home)
    found = [
        f"Number: {contact.name} ({contact.country}) should have been checked by {contact.check_by}; "
        f"call it, then set `check_by` in data/helplines.yml, line {contact.line}."
        for contact in overdue
    ]
    without = [code for code in home if content.directory.emergency_number(code) is None]
    return [*found, *(f"Number: there is no emergency number for {code} in data/helplines.yml." for code in without)]


def triage_problems(settings: Settings) -> list[str]:
    """The trained model must hear every phrase of the safety set."""
    try:
        missed = json.loads((settings.triage_model_dir / UNHEARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["Triage: no trained model has been checked against the safety set; run `make setup`."]
    return [f"Triage: {len(missed)} phrases that must be heard are not; run `handrail evaluate --safety-set`."] if missed else []


def staff_problems(store: Store) -> list[str]:
    """One chat needs one person, and that person a second one."""
    query = select(func.count()).where(staff.c.disabled_at.is_(None), staff.c.role.in_(TAKES_CHATS))
    count = store.read_now(lambda connection: connection.execute(query).scalar_one())
    if count >= FEWEST_STAFF:
        return []
    return [f"Staff: {count} of {FEWEST_STAFF} people who can take a chat can sign in; add one with `handrail staff add`."]


def key_problems(settings: Settings) -> list[str]:
    """A key beside the data protects against nothing: whoever gets the one gets the other."""
    place = key_place(settings)
    if place is None:
        return []
    data = settings.var_dir
    beside = place.is_relative_to(data) or place.parent == data.parent or _in_checkout(place) and _in_checkout(data)
    if not beside:
        return []
    return [f"Key: {place} lies beside the data; move it elsewhere and name it in HANDRAIL_KEY_FILE."]


def origin_problems(settings: Settings) -> list[str]:
    found = []
    for name, origin in (("HANDRAIL_CHAT_ORIGIN", settings.chat_origin), ("HANDRAIL_DESK_ORIGIN", settings.desk_origin)):
        if urlsplit(origin).scheme != "https" or not urlsplit(origin).netloc:
            found.append(f"Origin: set {name} to the https:// address that people use.")
    return found


def _in_checkout(path: Path) -> bool:
    return path.is_relative_to(ROOT)
