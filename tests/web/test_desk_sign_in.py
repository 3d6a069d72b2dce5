"""Signing in at the desk, and what keeps others out."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.errors import BadRequest
from bot.http import sign_in
from bot.http.limits import Pace
from bot.http.sign_in import SessionLimits
from bot.store.tables import staff, staff_sessions
from tests.web.desk_fixtures import PASSWORD, DeskApp, desk

__all__ = ["desk"]


def test_the_right_password_opens_the_desk_and_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: DeskApp) -> None:
    desk.add("Sam")
    browser = desk.browser()

    answer = browser.sign_in("Sam")

    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("handrail_desk=")
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie
    me = browser.get("/me").json()
    assert (me["name"], me["roles"], me["presence"]) == ("Sam", ["counsellor"], "off")
    assert me["csrf"]


def test_behind_https_the_cookie_goes_over_https_only(desk: DeskApp) -> None:
    desk.add("Sam")
    browser = desk.browser()
    browser.http.base_url = "https://desk.test"

    assert "Secure" in browser.sign_in("Sam").headers["set-cookie"]


def test_the_database_holds_neither_password_nor_session_token(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    token = browser.http.cookies["handrail_desk"]

    assert desk.rows(staff)[0].password_hash.startswith("$argon2id$")
    assert token not in str(desk.rows(staff_sessions))


@pytest.mark.parametrize(("name", "password"), [("Sam", "wrong password"), ("Nobody", PASSWORD), ("", PASSWORD), ("Sam", "")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(desk: DeskApp, name: str, password: str) -> None:
    desk.add("Sam")

    answer = desk.browser().sign_in(name, password)

    assert answer.status_code == (401 if name and password else 422)
    if answer.status_code == 401:
        assert answer.json() == {"error": "Name or password is not right."}


@pytest.mark.parametrize("name", ["Sam", "Nobody"])
def test_the_fifth_wrong_password_locks_a_name_whether_anybody_has_it_or_not(desk: DeskApp, name: str) -> None:
    desk.add("Sam")
    sign_in._strangers._seen.clear()
    browser = desk.browser()

    tries = [browser.sign_in(name, "wrong password").status_code for _ in range(6)]

    assert tries == [401, 401, 401, 401, 401, 429]
    assert browser.sign_in(name).status_code == 429
    if name == "Sam":
        desk.do(lambda connection: connection.execute(update(staff).values(locked_until=desk.now() - 1)))
        assert browser.sign_in(name).status_code == 204


def test_one_address_cannot_try_for_ever(desk: DeskApp) -> None:
    desk.app.state.sign_in_pace = Pace(3, 60.0)
    browser = desk.browser()

    answers = [browser.sign_in(f"Nobody {number}", "x").status_code for number in range(4)]

    assert answers == [401, 401, 401, 429]


def test_a_disabled_colleague_is_out_at_once(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    desk.do(lambda connection: connection.execute(update(staff).values(disabled_at=1.0)))

    assert browser.get("/me").status_code == 401
    assert desk.browser().sign_in("Sam").status_code == 401


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_a_session_ends_when_idle_and_after_a_long_shift(desk: DeskApp, column: str) -> None:
    browser = desk.signed_in("Sam")
    limits = SessionLimits()
    over = {"seen_at": limits.idle, "created_at": limits.most}[column] + 1
    desk.do(lambda connection: connection.execute(update(staff_sessions).values({column: desk.now() - over})))

    assert browser.get("/me").status_code == 401


def test_an_operator_may_set_other_limits(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    desk.app.state.session_limits = SessionLimits(idle=0.0)

    assert browser.get("/me").status_code == 401


def test_signing_out_ends_the_session(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    token = browser.http.cookies["handrail_desk"]

    assert browser.http.delete("/api/desk/session", headers={"X-CSRF-Token": browser.csrf}).status_code == 204

    browser.http.cookies.set("handrail_desk", token)
    assert browser.get("/me").status_code == 401


# One-time passwords


def test_with_a_one_time_password_everything_but_changing_it_is_refused(desk: DeskApp) -> None:
    one_time = desk.add("Noor", password=None)
    assert one_time is not None
    browser = desk.browser()
    assert browser.http.post("/api/desk/session", json={"name": "Noor", "password": one_time}).status_code == 204

    for answer in (browser.get("/me"), browser.get("/queue"), browser.post("/presence", {"state": "on_shift"})):
        assert answer.status_code == 403
        assert answer.json()["change_password"] is True and answer.json()["error"]

    assert browser.post("/password", {"old": one_time, "new": "my own and long enough"}).status_code == 204
    assert browser.get("/me").json()["name"] == "Noor"
    assert desk.browser().sign_in("Noor", one_time).status_code == 401
    assert desk.browser().sign_in("Noor", "my own and long enough").status_code == 204


@pytest.mark.parametrize(
    ("old", "new"), [("not it, but long", "my own and long enough"), (PASSWORD, PASSWORD), (PASSWORD, "short")]
)
def test_a_new_password_needs_the_old_one_and_length(desk: DeskApp, old: str, new: str) -> None:
    browser = desk.signed_in("Sam")

    assert browser.post("/password", {"old": old, "new": new}).status_code == 422


def test_a_new_password_ends_the_other_sessions(desk: DeskApp) -> None:
    browser = desk.signed_in("Sam")
    other = desk.browser()
    other.sign_in("Sam")

    browser.post("/password", {"old": PASSWORD, "new": "my own and long enough"})

    assert browser.get("/me").status_code == 200
    assert other.get("/me").status_code == 401


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [("", "counsellor", PASSWORD), ("x" * 81, "counsellor", PASSWORD), ("Sam", "boss", PASSWORD), ("Sam", "admin", "short")],
)
def test_staff_that_cannot_be_is_refused(desk: DeskApp, name: str, role: str, password: str) -> None:
    with pytest.raises(BadRequest):
        desk.add(name, role, password)


def test_a_name_is_given_once(desk: DeskApp) -> None:
    desk.add("Sam")

    with pytest.raises(BadRequest):
        desk.add("Sam")


# CSRF


def test_a_change_without_the_token_of_this_session_is_refused(desk: DeskApp) -> None:
    browser, other = desk.signed_in("Sam"), desk.signed_in("Ana")
    handoff_id = desk.waiting()

    for token in ("", "guess", other.csrf):
        answer = browser.post(f"/handoffs/{handoff_id}/accept", **{"X-CSRF-Token": token})
        assert answer.status_code == 403 and answer.json()["error"]

    assert desk.state(handoff_id) == "waiting"
    assert browser.post(f"/handoffs/{handoff_id}/accept").status_code == 200
