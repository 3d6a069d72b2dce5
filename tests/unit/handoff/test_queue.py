"""Who is next, and what is said about the wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.handoff import lifecycle, queue
from bot.store.tables import handoffs
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import START, Desk

HOUR = 3600.0
tiers = st.sampled_from(list(Tier))
waits = st.integers(0, 4 * 3600).map(float)
entries = st.lists(st.tuples(tiers, waits), min_size=2, max_size=30)


def order(desk: Desk) -> list[int]:
    return [row.id for row in desk.store.read_now(lambda connection: queue.rows(connection, desk.now))]


def fill(desk: Desk, waiting: list[tuple[Tier, float]]) -> dict[int, tuple[Tier, float]]:
    """Handoffs of these tiers that have waited for so many seconds; what they are, by id."""
    made = {}
    for tier, waited in waiting:
        handoff_id = desk.waiting("sextortion")
        values = {"tier": int(tier), "waiting_since": desk.now - waited, "opened_at": desk.now - waited}
        row = handoffs.update().where(handoffs.c.id == handoff_id).values(**values)
        desk.do(lambda connection, row=row: connection.execute(row))  # type: ignore[misc]
        made[handoff_id] = (tier, waited)
    return made


def test_immediate_comes_first_then_high_with_elevated_over_an_hour_then_the_rest(desk: Desk) -> None:
    made = fill(
        desk,
        [
            (Tier.NONE, HOUR / 2),
            (Tier.ELEVATED, HOUR / 2),
            (Tier.ELEVATED, HOUR + 60),
            (Tier.HIGH, HOUR + 30),
            (Tier.HIGH, 5),
            (Tier.IMMEDIATE, 1),
            (Tier.IMMEDIATE, 9),
        ],
    )

    assert [made[handoff_id] for handoff_id in order(desk)] == [
        (Tier.IMMEDIATE, 9),
        (Tier.IMMEDIATE, 1),
        (Tier.ELEVATED, HOUR + 60),
        (Tier.HIGH, HOUR + 30),
        (Tier.HIGH, 5),
        (Tier.ELEVATED, HOUR / 2),
        (Tier.NONE, HOUR / 2),
    ]


@given(entries)
def test_nobody_stands_before_an_immediate_and_within_a_band_the_longest_wait_is_next(
    waiting: list[tuple[Tier, float]],
) -> None:
    numbered = enumerate(waiting)
    places = sorted((queue.place(tier, START - waited, number, START), tier, waited) for number, (tier, waited) in numbered)

    found = [tier for _place, tier, _waited in places]
    assert found[: found.count(Tier.IMMEDIATE)] == [Tier.IMMEDIATE] * found.count(Tier.IMMEDIATE)
    for (_first, tier, waited), (_second, next_tier, next_waited) in zip(places, places[1:], strict=False):
        assert queue.band(tier, waited) >= queue.band(next_tier, next_waited)
        if queue.band(tier, waited) == queue.band(next_tier, next_waited):
            assert waited >= next_waited


@given(entries, st.floats(0, 4 * HOUR))
def test_whoever_waits_longer_at_the_same_tier_is_never_overtaken_later(waiting: list[tuple[Tier, float]], later: float) -> None:
    def places(now: float) -> list[int]:
        return sorted(range(len(waiting)), key=lambda n: queue.place(waiting[n][0], START - waiting[n][1], n, now))

    before, after = places(START), places(START + later)
    for tier in Tier:
        assert [n for n in before if waiting[n][0] is tier] == [n for n in after if waiting[n][0] is tier]


def test_the_database_orders_as_the_function_does_and_positions_agree(desk: Desk) -> None:
    made = fill(desk, [(Tier(number % 4), float(number * 701 % 9000)) for number in range(24)])

    found = order(desk)

    assert found == sorted(
        made, key=lambda handoff_id: queue.place(made[handoff_id][0], desk.now - made[handoff_id][1], handoff_id, desk.now)
    )
    for number, handoff_id in enumerate(found, start=1):
        conversation = desk.handoff(handoff_id).conversation_id
        assert desk.store.read_now(lambda connection, c=conversation: queue.position(connection, c, desk.now)) == number  # type: ignore[misc]


def test_a_position_counts_only_who_waits(desk: Desk) -> None:
    first, second = desk.waiting(), desk.waiting()
    conversation = desk.handoff(second).conversation_id

    def position(conversation: str = conversation) -> int | None:
        return desk.store.read_now(lambda connection: queue.position(connection, conversation))

    assert position() == 2
    desk.accept(first, desk.person())
    assert position() == 1
    assert position(desk.handoff(first).conversation_id) == 1  # somebody is about to write
    assert position(desk.conversation()) is None


def test_the_queue_is_read_in_pages(desk: Desk) -> None:
    made = [desk.waiting() for _ in range(7)]

    def page(offset: int) -> list[int]:
        rows = desk.store.read_now(lambda connection: queue.rows(connection, desk.now, offset=offset, limit=3))
        return [row.id for row in rows]

    assert [page(0), page(3), page(6)] == [made[:3], made[3:6], made[6:]]


def test_counts_tell_states_tiers_and_who_left_before_a_person_wrote(desk: Desk) -> None:
    desk.waiting("suicide_intent")
    left = desk.waiting("sextortion", locale="hu")
    desk.leaves(desk.handoff(left).conversation_id, "exit")
    desk.accept(desk.waiting("sextortion"), desk.person())
    desk.live("self_harm")

    counts = desk.store.read_now(lambda connection: queue.counts(connection, desk.now))

    assert {state: counts[state] for state in queue.OPEN} == {"waiting": 2, "claimed": 1, "live": 1}
    assert (counts["immediate"], counts["high"], counts["elevated"]) == (1, 3, 0)
    assert (counts["abandoned"], counts["abandoned_by_tier"]) == (1, {"high": {"hu": 1}})


# The wait


def wait(desk: Desk, conversation: str) -> tuple[int, int] | None:
    return desk.store.read_now(lambda connection: queue.wait_minutes(connection, conversation, desk.now))


def test_with_nobody_there_no_wait_is_promised(desk: Desk) -> None:
    assert wait(desk, desk.conversation()) is None


def test_with_a_free_hand_the_wait_is_short_and_with_none_it_is_longer(desk: Desk) -> None:
    sam = desk.person()
    conversation = desk.conversation()
    short = wait(desk, conversation)

    desk.accept(desk.waiting(), sam)
    longer = wait(desk, conversation)

    assert short == queue.FREE_HANDS_WAIT
    assert longer is not None and longer[0] >= short[1]


def test_a_wait_that_was_told_never_shrinks_back_until_somebody_has_the_chat(desk: Desk) -> None:
    sam, ana = desk.person(), desk.person()
    desk.accept(desk.waiting(), sam)
    busy = desk.waiting()
    desk.accept(busy, ana)
    mine = desk.waiting()
    conversation = desk.handoff(mine).conversation_id
    told = wait(desk, conversation)
    assert told is not None and told > queue.FREE_HANDS_WAIT
    desk.do(lambda connection: lifecycle.note_wait_quoted(connection, conversation, told))

    desk.send(busy, ana)
    desk.close(busy, ana)

    assert wait(desk, conversation) == told
    desk.accept(mine, ana)
    assert wait(desk, conversation) == queue.FREE_HANDS_WAIT


@given(st.integers(0, 60), st.integers(0, 5), st.integers(1, 5), st.floats(5, 60))
def test_a_range_is_a_range_and_never_shrinks_with_more_people_ahead(ahead: int, free: int, hands: int, minutes: float) -> None:
    here = queue.wait_range(ahead, free=free, hands=hands, minutes=minutes)
    behind = queue.wait_range(ahead + 1, free=free, hands=hands, minutes=minutes)

    if here is not None:
        assert 0 < here[0] < here[1] <= queue.LONGEST_QUOTED
        assert behind is None or behind >= here
    else:
        assert behind is None
