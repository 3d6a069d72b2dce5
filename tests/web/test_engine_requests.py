"""What the engine is sent for a turn."""

from __future__ import annotations

import jsonschema

from bot.chat.engine_client import SCHEMA
from tests.web.chat_fixtures import Web

QUESTION = "how do i know if a modelling job is fake?"
REQUEST = {**SCHEMA["$defs"]["request"], "$defs": SCHEMA["$defs"]}


def test_a_fragment_waits_for_the_rest(web: Web) -> None:
    chat = web.chat()
    chat.post("i wanted")
    seq = chat.post("to ask about a modelling job").json()["seq"]

    chat.answer_to(seq)

    assert [request["texts"] for request in web.engine.requests] == [["i wanted", "to ask about a modelling job"]]
    assert web.engine.requests[0]["embedded"] is None  # each was embedded by itself, and both together were not


def test_it_is_the_schema_with_the_vector_that_triage_made_of_the_message(web: Web) -> None:
    chat = web.chat()
    chat.say(QUESTION)
    chat.say("and what if he asks for money first?")
    for request in web.engine.requests:
        jsonschema.validate(request, REQUEST)
    first, second = (request["embedded"] for request in web.engine.requests)
    assert first["encoder"] == second["encoder"]
    assert first["vector"] != second["vector"]
