"""What happens to a handoff, as the table in contract.md says: every step is one function in one transaction.

    –         due                                 → waiting     apply_risk, open_now
    waiting   accept                              → claimed     accept
    waiting   "not now" below immediate           → declined    decline
    claimed   first message                       → live        send
    claimed   past the deadline                   → waiting     sweep
    live      unanswered, or the holder is gone   → waiting     sweep
    held      put back                            → waiting     release
    held      given to somebody else              → claimed     transfer
    held      offered and taken, or taken over    (stays held)  take_offered, take_over
    held      hand back, close                    → closed      return_to_bot, close
    any       the young person leaves             (a flag)      note_away

The steps live in modules by who takes them; this one is what the rest of the product calls.
"""

from __future__ import annotations

from bot.handoff.aside import set_aside, take_up
from bot.handoff.claims import accept, held, release, seen, transfer
from bot.handoff.deadlines import CLAIM_DEADLINE, UNANSWERED_MOST
from bot.handoff.ending import change_tier, close, return_to_bot
from bot.handoff.journal import record_risk
from bot.handoff.opening import (
    HandoffChange,
    apply_risk,
    ask_erase,
    decline,
    note_away,
    note_message,
    note_wait_quoted,
    open_now,
)
from bot.handoff.passing import offer, take_offered, take_over, withdraw
from bot.handoff.records import get, holder_name, open_handoff
from bot.handoff.sweep import sweep
from bot.handoff.talk import Sent, add_note, first_word, send, typing

__all__ = [
    "CLAIM_DEADLINE",
    "UNANSWERED_MOST",
    "HandoffChange",
    "Sent",
    "accept",
    "add_note",
    "apply_risk",
    "ask_erase",
    "change_tier",
    "close",
    "decline",
    "first_word",
    "get",
    "held",
    "holder_name",
    "note_away",
    "note_message",
    "note_wait_quoted",
    "open_handoff",
    "offer",
    "open_now",
    "record_risk",
    "release",
    "return_to_bot",
    "seen",
    "send",
    "set_aside",
    "sweep",
    "take_offered",
    "take_over",
    "take_up",
    "transfer",
    "typing",
    "withdraw",
]
