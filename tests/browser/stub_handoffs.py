"""Handoffs as the desk's API tells of them, for a server of scripted state. All people, words and times are invented."""

from __future__ import annotations

import time
from typing import Any


def handoff(handoff_id: int, tier: str, cue: str, waited: float, **more: Any) -> dict[str, Any]:
    """A handoff that has waited `waited` seconds; `more` overrides any field of it."""
    now = time.time()
    made: dict[str, Any] = {
        "id": handoff_id,
        "conversation": f"c{handoff_id}",
        "tier": tier,
        "assessed": "full",
        "state": "waiting",
        "opened_at": now - waited,
        "waiting_since": now - waited,
        "away_since": None,
        "reasons": [reason(cue, "hes picking me up at 10 outside the station", 4, now - waited)],
        "claimed_by": None,
        "claimed_at": None,
        "locale": "en",
        "messages": conversation(now - waited - 300),
        "notes": [],
        "history": [{"kind": "opened", "staff": None, "at": now - waited, "detail": {}}],
        "facts": {
            "age_under_13": "no",
            "cannot_leave": "not_asked",
            "offender_present": {"value": "skipped", "seq": 3},
            "deadline": "unknown",
            "country": "HU",
        },
        "said": {
            "disclosed_bot": now - waited - 300,
            "confidentiality": {"version": "text 3", "at": now - waited - 300},
            "numbers_given": ["112", "Harbour Line"],
            "wait_quoted": [3, 5],
        },
        "summary": "Asked if it is safe to meet somebody from a game. Has not asked for a person. A rule opened this.",
    }
    made.update(more)
    return made


def reason(cue: str, quote: str, seq: int, at: float, about: str = "self") -> dict[str, Any]:
    return {"cue": cue, "quote": quote, "seqs": [seq], "at": at, "score": 0.93, "about": about}


def conversation(began: float) -> list[dict[str, Any]]:
    lines = [
        ("bot", "Hi. I am a bot, not a person. What is on your mind?", 0),
        ("young_person", "is it safe to meet him. he said dont tell anyone", 90),
        ("bot", "It makes sense to ask. Being told to keep it secret is a sign to be careful. When is it?", 92),
        ("young_person", "hes picking me up at 10 outside the station", 300),
        ("bot", "I have asked a person to join. Until they write, it is me, a bot.", 301),
    ]
    return [
        {"seq": seq, "sender": sender, "text": text, "options": [], "resources": [], "at": began + after}
        for seq, (sender, text, after) in enumerate(lines, start=1)
    ]
