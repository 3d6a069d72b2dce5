"""Who is said to be there: never more than is true."""

from __future__ import annotations

from bot.content.staffing import Staffing
from bot.handoff.staffing import Hands, has_room, staffing, staffing_of
from bot.store.tables import staff
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk


def told(desk: Desk) -> Staffing:
    return desk.store.read_now(lambda connection: staffing(connection, desk.now))


def test_nobody_on_shift_is_nobody(desk: Desk) -> None:
    desk.person(state="off")
    desk.person(state="on_break")

    assert told(desk) is Staffing.NONE


def test_somebody_on_shift_with_a_hand_free_is_on_duty(desk: Desk) -> None:
    desk.person()

    assert told(desk) is Staffing.ON_DUTY


def test_everybody_in_a_chat_is_busy(desk: Desk) -> None:
    desk.accept(desk.waiting(), desk.person())

    assert told(desk) is Staffing.BUSY


def test_a_desk_without_a_sign_of_life_for_45_seconds_is_nobody(desk: Desk) -> None:
    sam = desk.person()

    desk.now += 44
    assert told(desk) is Staffing.ON_DUTY
    desk.now += 2
    assert told(desk) is Staffing.NONE
    desk.seen(sam)
    assert told(desk) is Staffing.ON_DUTY


def test_a_colleague_who_may_not_sign_in_any_more_is_nobody(desk: Desk) -> None:
    sam = desk.person()
    desk.do(lambda connection: connection.execute(staff.update().where(staff.c.id == sam).values(disabled_at=desk.now)))

    assert told(desk) is Staffing.NONE


def test_a_content_lead_on_shift_is_no_person_for_a_chat(desk: Desk) -> None:
    desk.person(role="content")

    assert told(desk) is Staffing.NONE


def test_with_room_for_three_two_chats_leave_one(desk: Desk) -> None:
    sam = desk.person(capacity=3)
    for _ in range(2):
        desk.accept(desk.waiting(), sam)

    assert told(desk) is Staffing.ON_DUTY
    assert desk.store.read_now(lambda connection: has_room(connection, sam, desk.now))


def test_one_chat_at_the_top_tier_fills_both_hands() -> None:
    assert Hands(1, 3, (Tier.HIGH,)).free == 2
    assert Hands(1, 3, (Tier.IMMEDIATE,)).free == 0
    assert staffing_of([Hands(1, 3, (Tier.IMMEDIATE,))]) is Staffing.BUSY
    assert staffing_of([Hands(1, 3, (Tier.IMMEDIATE,)), Hands(2, 1)]) is Staffing.ON_DUTY
