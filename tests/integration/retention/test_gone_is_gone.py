"""What reached its day does not come back: not by a hold placed too late, nor by another part."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import transaction
from tests.closing_threads import ClosingThreads
from tests.retention_world import AT, DAY, HOUR, World, fresh

from fairwitness.api.exchange import Budget, Exchange, Limits, Message
from fairwitness.api.playback import MOST, Playback
from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.retention import dates, holds, lifting, locking, marking, stopping, told_categories
from fairwitness.retention.holds import NothingToHold, Terms
from fairwitness.retention.models import Hold, HoldBinding, HoldKind, Release
from fairwitness.retention.standing import Criteria
from fairwitness.vault import copies
from fairwitness.vault.keyring import KeyState

GONE_BY = AT + 31 * DAY
CLAIM = Terms(HoldKind.LITIGATION, "17/0042", "letter before claim", date(2018, 1, 1))


def test_a_standing_hold_placed_after_its_day_does_not_bring_it_back(world: World) -> None:
    recording = world.record()
    world.sweep(AT + 25 * DAY)
    holds.place(  # the server was down over the day, and nothing was swept yet
        terms=CLAIM,
        owner=world.manager,
        criteria=Criteria(officers=(world.ada.pk,)),
        at=GONE_BY + HOUR,
    )
    assert not world.opens(recording, GONE_BY + HOUR)
    assert world.sweep(GONE_BY + 2 * HOUR).disposed == (recording.pk,)
    assert not HoldBinding.objects.exists()
    assert world.vault.ring.state(recording.pk) is KeyState.DESTROYED


def test_a_part_that_arrives_after_its_day_does_not_bring_it_back(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    stopping.stop(reason="a look", officer=world.manager, at=AT + 20 * DAY)
    second = world.record(counter=7, part=2, ended_at=AT + 3 * HOUR, docked_at=GONE_BY + DAY)
    row, late = fresh([first, second])
    assert not world.opens(first, GONE_BY + DAY)
    assert row.gone_by == GONE_BY
    assert late.gone_by == GONE_BY + 8 * DAY
    placed = holds.place(
        terms=CLAIM, owner=world.manager, recordings=[second.pk], at=GONE_BY + 2 * DAY
    )
    assert placed.bound == (second.pk,)
    with pytest.raises(NothingToHold):
        holds.place(terms=CLAIM, owner=world.manager, recordings=[first.pk], at=GONE_BY + 2 * DAY)
    assert not world.opens(first, GONE_BY + 2 * DAY)


def test_a_part_that_was_held_over_its_day_is_joined_by_a_later_part(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    holds.place(terms=CLAIM, owner=world.manager, recordings=[first.pk], at=AT + DAY)
    second = world.record(counter=7, part=2, ended_at=AT + 3 * HOUR, docked_at=GONE_BY + DAY)
    assert [row.gone_by for row in fresh([first, second])] == [None, None]


def test_a_part_that_arrives_an_hour_after_the_seven_days_of_the_first_is_too_late(
    world: World,
) -> None:
    docked = AT + 40 * DAY
    first = world.record(counter=7, part=1, last_part=False, docked_at=docked)
    with transaction.atomic():  # over a slow link, as slow as still counts from docking
        Recording.objects.filter(pk=first.pk).update(received_at=docked + 23 * HOUR)
        dates.recompute(first, docked + 23 * HOUR)
    assert first.gone_by == docked + 7 * DAY
    late = docked + 7 * DAY + HOUR
    world.record(counter=7, part=2, ended_at=AT + HOUR, docked_at=late)
    assert fresh([first])[0].gone_by == docked + 7 * DAY
    assert not world.opens(first, late)


def _lifted(world: World, _first: Recording, at: datetime) -> None:
    lifting.lift(hold=Hold.objects.get(), officer=world.manager, reason="settled", at=at)


def _unmarked(world: World, first: Recording, at: datetime) -> None:
    marking.ask_unmark(recording=first.pk, reason="no charge", officer=world.ada, at=at)
    marking.unmark_evidential(recording=first.pk, officer=world.sergeant, at=at)


def _unlocked(world: World, first: Recording, at: datetime) -> None:
    locking.unlock(recordings=[first.pk], reason="over", officer=world.standards, at=at)


def _held(world: World, first: Recording) -> None:
    holds.place(terms=CLAIM, owner=world.manager, recordings=[first.pk], at=AT + DAY)


def _marked(world: World, first: Recording) -> None:
    marking.mark_evidential(
        recordings=[first.pk],
        incident="CAD 1",
        codes=["theft"],
        officer=world.ada,
        at=AT + DAY,
    )


def _locked(world: World, first: Recording) -> None:
    locking.lock(recordings=[first.pk], reason="PIP", officer=world.standards, at=AT + DAY)


@pytest.mark.parametrize(
    ("keep", "let_go"), [(_held, _lifted), (_marked, _unmarked), (_locked, _unlocked)]
)
def test_what_was_kept_over_its_day_goes_with_the_part_that_joined_it(
    world: World,
    keep: Callable[[World, Recording], None],
    let_go: Callable[[World, Recording, datetime], None],
) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    keep(world, first)
    second = world.record(counter=7, part=2, ended_at=AT + 3 * HOUR, docked_at=GONE_BY + DAY)
    at = GONE_BY + 2 * DAY
    let_go(world, first, at)
    rows = fresh([first, second])
    assert [row.gone_by for row in rows] == [at + 7 * DAY] * 2
    assert [(row.evidential, row.locked) for row in rows] == [(False, False)] * 2
    assert Release.objects.count() == 2
    world.sweep(at + 4 * DAY)
    assert set(world.sweep(at + 7 * DAY).disposed) == {first.pk, second.pk}


def test_a_category_that_a_device_tells_too_late_does_not_bring_it_back(world: World) -> None:
    recording = world.record()

    def tell(at: datetime) -> None:
        with transaction.atomic():
            told_categories.apply(
                recordings=[recording.pk], codes=["use-of-force"], actor="axis:w800", at=at
            )

    tell(GONE_BY + HOUR)  # the server was down over the day
    assert not world.opens(recording, GONE_BY + HOUR)
    assert fresh([recording])[0].gone_by == GONE_BY
    tell(GONE_BY - HOUR)
    assert fresh([recording])[0].category == "use-of-force"


def test_a_clock_that_leaves_the_calendar_stops_no_standing_hold(world: World) -> None:
    recording, other = world.record(), world.record()
    ages = 9 * 10**17  # microseconds
    Recording.objects.filter(pk=recording.pk).update(
        clock_ahead_us_min=-ages, clock_ahead_us_max=ages
    )
    criteria = Criteria(officers=(world.ada.pk,), ends_at=AT + DAY)
    placed = holds.place(terms=CLAIM, owner=world.manager, criteria=criteria, at=AT + DAY)
    assert set(placed.bound) == {recording.pk, other.pk}


def test_a_standing_hold_binds_all_parts_of_what_it_missed(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, wearer=world.dev, ended_at=AT + HOUR)
    holds.place(
        terms=CLAIM, owner=world.manager, criteria=Criteria(officers=(world.dev.pk,)), at=AT + DAY
    )
    HoldBinding.objects.all().delete()  # as when both were committed side by side
    Recording.objects.update(gone_by=GONE_BY)
    world.sweep(AT + 25 * DAY)
    assert world.sweep(GONE_BY).disposed == ()
    assert {row.state for row in fresh([first, second])} == {State.LIVE}
    assert HoldBinding.objects.count() == 2


def test_a_late_part_is_marked_although_the_others_are_past_their_day(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, ended_at=AT + 3 * HOUR, docked_at=GONE_BY + DAY)
    marking.categorise(
        recordings=[second.pk], codes=["use-of-force"], officer=world.ada, at=GONE_BY + 2 * DAY
    )
    assert [row.category for row in fresh([first, second])] == ["", "use-of-force"]


def test_an_answer_that_is_still_being_sent_ends_with_the_day(world: World) -> None:
    recording = world.record()
    footage = bytes(9 << 20)
    key, store = world.vault.ring.get(recording.pk), world.vault.store
    sealed = copies.seal_bytes(footage, store=store, key=key, recording=recording.pk, copy="master")
    Piece.objects.filter(recording_id=recording.pk).delete()
    Piece.objects.bulk_create(
        Piece(
            recording_id=recording.pk,
            copy="master",
            offset=each.offset,
            length=each.length,
            blob=each.blob,
            sealed_size=each.sealed_size,
            upload_length=len(footage),
        )
        for each in sealed
    )
    Recording.objects.filter(pk=recording.pk).update(size=len(footage))
    (row,) = fresh([recording])
    now = [GONE_BY - HOUR]
    token = access.grant_viewing(recording=row, officer=world.ada, task=None, at=now[0]).token
    sent = bytearray()

    async def send(message: Message) -> None:
        sent.extend(message.get("body", b""))
        now[0] = GONE_BY  # while the first part is on its way

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def play() -> None:
        playback = Playback(
            vault=world.vault, clock=lambda: now[0], threads=ClosingThreads(), budget=Budget(1)
        )
        scope = {"method": "GET", "path": f"/play/{token}/master", "headers": []}
        await playback(Exchange(scope, receive, send, Limits()))

    with pytest.raises(AccessRefused):
        asyncio.run(play())
    assert len(sent) == MOST
