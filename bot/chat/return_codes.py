"""Return codes: three words that give a young person their place back, once, on any device, and never old text.

The database holds a hash alone. Three of some 900 words are 29 bits, so the hash is slow (scrypt) and salted with the
data key: who has the database without the key can try nothing. Who guesses at the door is slowed down, by address and in
all; a right guess gives a place in the line and no word of what was said, and the desk is told to check who came.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Row, delete, update

from bot.chat import conversations as lives
from bot.errors import NotFound
from bot.handoff import journal, records
from bot.http.limits import Pace
from bot.store import transcript
from bot.store.database import signal
from bot.store.tables import conversations, return_codes

WORDS = 3
DAYS = 7
TRIES = Pace(5, 600.0)  # from one address, in ten minutes
TRIES_OF_ALL = Pace(60, 600.0)
WORD_FILE = "return_words.txt"
WRONG = "These three words open no chat. They work once, for 7 days. You can start a new chat."
PLACE_BACK = "You have your place back. Old words are not shown."


@cache
def word_list(data_dir: Path) -> tuple[str, ...]:
    """The words that codes are made of: short, plain, none that tells what this page is for."""
    return tuple((data_dir / WORD_FILE).read_text(encoding="utf-8").split())


def make(words: Sequence[str]) -> str:
    """A new code, its words separated by spaces."""
    return " ".join(secrets.choice(words) for _ in range(WORDS))


def normalised(code: str) -> str:
    """What somebody typed, as the code was made: lower case, single spaces, whatever stood between the words."""
    return " ".join(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", code).casefold()))


def hashes(code: str, keys: str) -> list[str]:
    """The code's hash under each data key, the newest first; takes some 50 ms a key, so not on the event loop.

    Args:
        code: as it was made or typed.
        keys: the encryption keys as `bot.store.crypto.Cipher` takes them.
    """
    words = normalised(code).encode()
    salts = [hmac.digest(key.strip().encode(), b"return code", "sha256") for key in keys.split(",") if key.strip()]
    return [hashlib.scrypt(words, salt=salt, n=2**14, r=8, p=1, dklen=32).hex() for salt in salts]


def keep(connection: Connection, conversation: Row[object], code_hash: str, now: float) -> None:
    """Makes this the conversation's one code; an older one opens nothing any more."""
    forget(connection, conversation.id)
    connection.execute(
        return_codes.insert().values(conversation_id=conversation.id, code_hash=code_hash, expires_at=now + DAYS * 86_400.0)
    )


def forget(connection: Connection, conversation_id: str) -> None:
    connection.execute(delete(return_codes).where(return_codes.c.conversation_id == conversation_id))


def come_back(connection: Connection, code_hashes: Sequence[str], now: float) -> lives.Opened:
    """Uses a code up: a new token for its conversation; the old token and all that was said before stay shut.

    Raises:
        NotFound: there is no such code, or its time is over, or the chat was ended or erased.
    """
    used = connection.execute(
        delete(return_codes)
        .where(return_codes.c.code_hash.in_(code_hashes), return_codes.c.expires_at > now)
        .returning(return_codes.c.conversation_id)
    ).scalar_one_or_none()
    conversation = transcript.lock(connection, used) if used is not None else None
    if conversation is None or conversation.ended_at is not None or conversation.erase_asked_at is not None:
        raise NotFound(WRONG)
    opened = lives.Opened(conversation.id, lives.new_token())
    connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation.id)
        .values(
            token_hash=lives.token_hash(opened.token),
            hidden_upto=conversation.seq,
            returned_at=now,
            away_since=None,
            away_how=None,
        )
    )
    transcript.append(connection, conversation.id, sender="system", text=PLACE_BACK, now=now, text_id="page_place_back")
    handoff = records.open_handoff(connection, conversation.id)
    if handoff is not None:
        journal.note(connection, handoff.id, "came_back_by_code", now)
        journal.changed(connection, conversation.id)
    signal(connection, "conversation", conversation.id)
    return opened
