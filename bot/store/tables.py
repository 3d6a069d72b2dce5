"""The tables, as SQLAlchemy Core sees them.

Times are seconds since the epoch (UTC) by the database's clock, see `Store.now`. What young people and staff write,
and what is concluded from it, is encrypted (`Encrypted…`); ids, times, states and counters are not.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint, false, text

from bot.store.crypto import EncryptedJSON, EncryptedText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OPEN_HANDOFF = "state in ('waiting', 'claimed', 'live')"


def _conversation_id(primary_key: bool = False) -> Column[str]:
    return Column(
        "conversation_id",
        String(40),
        ForeignKey("conversations.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
        index=not primary_key,
    )


conversations = Table(
    "conversations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("token_hash", String(64), unique=True),  # null once revoked
    Column("created_at", Float, nullable=False),
    Column("active_at", Float, nullable=False),
    Column("locale", String(16), nullable=False, server_default="en"),
    Column("country", String(2)),
    Column("limits_version", String(40)),  # of the words about who reads along, shown before the first message could be sent
    Column("mode", String(8), nullable=False, server_default="bot"),  # bot | waiting | live | closed
    Column("seq", Integer, nullable=False, server_default="0"),  # last sequence number given out
    # A turn: what the young person typed since the last answer. See bot.chat.turns.
    Column("turn_no", Integer, nullable=False, server_default="0"),
    Column("turn_due_at", Float),  # when the open turn may be taken; null when nothing is unanswered
    Column("turn_since", Float),  # when its first message came
    Column("turn_upto_seq", Integer, nullable=False, server_default="0"),  # answered up to and including this
    Column("lease_until", Float),
    Column("urgency", Integer, nullable=False, server_default="0"),  # tier as a number, for taking turns in order
    Column("dialogue_state", EncryptedJSON),
    Column("answered_cues", EncryptedJSON),  # {cue: answered_at}
    Column("missed", EncryptedJSON),  # turns that the safety net answered, for the engine's next call
    Column("open_question", String(80)),  # safety question that waits for an answer
    Column("open_question_seq", Integer),
    Column("open_question_at", Float),
    Column("last_net_text", String(80)),  # never the same crisis text twice running
    Column("young_person_typing_until", Float),
    Column("person_typing_until", Float),
    Column("away_since", Float),
    Column("away_how", String(8)),  # exit | end | hidden
    Column("ended_at", Float),
    Column("erase_asked_at", Float),
    Column("hidden_upto", Integer, nullable=False, server_default="0"),  # never shown in the chat again, up to this seq
    Column("returned_at", Float),  # last return by code
    Column("after_chat", String(8)),  # which question after a chat stands: heard | next | done; see bot.handoff.after
    Index("ix_conversations_turn_due_at", "turn_due_at"),
)

# All that most readers need of a conversation; what only the dialogue's turns need is encrypted, and large.
CONVERSATION_CARD = [
    column for column in conversations.c if column.name not in {"dialogue_state", "answered_cues", "missed", "last_net_text"}
]

after_chat = Table(
    "after_chat",  # what was pressed after a chat: nothing leads back to the chat, and no time finer than the week
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("question", String(8), nullable=False),  # heard | next
    Column("answer", String(12), nullable=False),
    Column("week", Float, nullable=False),  # its Monday
)

return_codes = Table(
    "return_codes",  # see bot.chat.return_codes
    metadata,
    _conversation_id(primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Float, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("seq", Integer, nullable=False),
    Column("client_id", String(64)),
    Column("sender", String(16), nullable=False),  # young_person | bot | counsellor | system
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("text", EncryptedText, nullable=False),
    Column("option_payload", EncryptedText),  # what was pressed, when an option was pressed
    Column("options", EncryptedJSON),  # [{title, payload}] offered with a bot message
    Column("resources", EncryptedJSON),  # services shown with it
    Column("text_id", String(80)),  # which reviewed text a bot message is
    Column("asked", String(80)),  # id of the safety question that it asks
    Column("turn_no", Integer),
    Column("at", Float, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_id", name="uq_messages_client_id"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("message_id", Integer, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    _conversation_id(),
    Column("seq", Integer, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("assessed", String(12), nullable=False),
    Column("model", String(64), nullable=False),
    Column("result", EncryptedJSON, nullable=False),  # Assessment.to_dict()
    Column("at", Float, nullable=False),
)

risk_events = Table(
    "risk_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("seq", Integer, nullable=False),  # of the message it comes from; else the last one before it
    Column("kind", String(16), nullable=False),
    Column("data", EncryptedJSON, nullable=False),  # the rest of bot.triage.risk.RiskEvent
    Column("at", Float, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("turn_no", Integer, nullable=False),
    Column("upto_seq", Integer, nullable=False),
    Column("answered_by", String(12), nullable=False),  # engine | net | nobody
    Column("cause", String(40), nullable=False, server_default=""),  # why the safety net answered
    Column("milliseconds", Float, nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("conversation_id", "turn_no", name="uq_turns_turn_no"),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("state", String(10), nullable=False),  # waiting | claimed | live | declined | closed
    Column("tier", Integer, nullable=False),
    Column("assessed", String(12), nullable=False),
    Column("cause", String(24), nullable=False),  # cue | asked | not_assessed | late | unclear
    Column("opened_at", Float, nullable=False),
    Column("waiting_since", Float, nullable=False),  # its place: never reset by the bot nor by going back to the queue
    Column("reasons", EncryptedJSON, nullable=False),  # [{cue, quote, seqs, at, score, about}]
    Column("facts", EncryptedJSON, nullable=False),
    Column("wait_quoted", EncryptedJSON),  # [low, high] minutes last told
    Column("wants", EncryptedText),
    Column("claimed_by", Integer, ForeignKey("staff.id")),
    Column("claimed_at", Float),
    Column("first_reply_at", Float),
    Column("last_reply_at", Float),
    Column("unanswered_since", Float),  # live: first message of the young person not answered yet
    Column("declined_at", Float),
    Column("erase_asked_at", Float),
    Column("closed_at", Float),
    Column("closed_by", Integer, ForeignKey("staff.id")),
    Column("outcome", EncryptedJSON),
    Column("set_aside_at", Float),  # a supervisor took it out of the turn: not served, not rung for, never closed by that
    Column("overload_told_at", Float),  # the young person was told that all helpers are busy for long
    Column("oncall_tried_at", Float),  # the contact on call was last called about it, see bot.handoff.oncall
    Column("oncall_told_at", Float),  # and was reached
    Index(
        "ux_handoffs_one_open",
        "conversation_id",
        unique=True,
        sqlite_where=text(OPEN_HANDOFF),
        postgresql_where=text(OPEN_HANDOFF),
    ),
    Index("ix_handoffs_queue", "state", "tier", "waiting_since"),
)

handoff_events = Table(
    "handoff_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(24), nullable=False),
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("detail", EncryptedJSON),
    Column("at", Float, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("staff_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("text", EncryptedText, nullable=False),
    Column("at", Float, nullable=False),
    Column("whisper", Boolean, nullable=False, server_default=false()),  # a supervisor's words to whoever has the chat
)

offers = Table(
    "offers",  # a held chat that its holder wants to pass on; theirs until the other one takes it
    metadata,
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), primary_key=True),
    Column("from_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("to_id", Integer, ForeignKey("staff.id"), nullable=False),
    Column("at", Float, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),  # help | overload | late
    Column("staff_id", Integer, ForeignKey("staff.id")),  # who needs help
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), index=True),  # in which chat
    Column("at", Float, nullable=False),
    Column("heard_by", Integer, ForeignKey("staff.id")),
    Column("heard_at", Float),
    Column("ended_at", Float),
)

emergency_records = Table(
    "emergency_records",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("opened_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("opened_at", Float, nullable=False),
    Column("fields", EncryptedJSON, nullable=False),  # see bot.handoff.emergency
    Column("confirmed_by", Integer, ForeignKey("staff.id")),  # a supervisor, for "could not reach"
    Column("confirmed_at", Float),
)

legal_holds = Table(
    "legal_holds",  # see bot.handoff.legal
    metadata,
    # No "on delete": the database itself refuses to delete a conversation while this row stands.
    Column("conversation_id", String(40), ForeignKey("conversations.id"), primary_key=True),
    Column("placed_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("placed_at", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("reason", EncryptedText, nullable=False),
)

exports = Table(
    "exports",  # see bot.handoff.exports
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("asked_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("reason", EncryptedText, nullable=False),
    Column("decision", String(10)),  # approved | refused
    Column("decided_by", Integer, ForeignKey("staff.id")),
    Column("decided_at", Float),
)

triage_examples = Table(
    "triage_examples",  # see bot.handoff.examples; they go with their conversation
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _conversation_id(),
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("text", EncryptedText, nullable=False),  # as the reviewer left it
    Column("cues", EncryptedJSON, nullable=False),
    Column("about", String(8), nullable=False),
    Column("verdict", String(12), nullable=False),  # the correction it comes from
    Column("kept_by", Integer, ForeignKey("staff.id"), nullable=False),
    Column("kept_at", Float, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),  # counsellor | supervisor | content | safeguarding | admin
    Column("password_hash", String(200), nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("disabled_at", Float),
    Column("failed_sign_ins", Integer, nullable=False, server_default="0"),
    Column("locked_until", Float),
    Column("languages", String(200), nullable=False, server_default="en"),  # codes of those they serve, a space between
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", Integer, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
)

presence = Table(
    "presence",
    metadata,
    Column("staff_id", Integer, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(10), nullable=False),  # on_shift | on_break | off
    Column("since", Float, nullable=False),
    Column("stream_seen_at", Float),  # last sign of life of an open desk event stream
    Column("capacity", Integer, nullable=False, server_default="1"),
    Column("rest_until", Float),  # after a chat at immediate: nothing new is given to them until then
    Column("hears", Boolean),  # whether alarms are heard at this desk, as far as its page and who sits there know
)

viewers = Table(
    "viewers",  # which chat is open on whose desk; colleagues see it
    metadata,
    Column("staff_id", Integer, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("handoff_id", Integer, ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("staff_id", Integer, ForeignKey("staff.id")),
    Column("action", String(40), nullable=False),
    Column("target", String(80), nullable=False, server_default=""),
    Column("reason", EncryptedText),
    Column("at", Float, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("name", String(20), primary_key=True),  # "queue": bumped by every change of the desk's queue
    Column("number", Integer, nullable=False),
)
