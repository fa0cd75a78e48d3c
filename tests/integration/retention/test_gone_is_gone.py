"""What reached its day does not come back: not by a hold placed too late, nor by another part."""

import asyncio
from datetime import date

import pytest
from tests.closing_threads import ClosingThreads
from tests.retention_world import AT, DAY, HOUR, World, fresh

from fairwitness.api.exchange import Budget, Exchange, Limits, Message
from fairwitness.api.playback import MOST, Playback
from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.models import Piece, Recording, State
from fairwitness.retention import holds, marking, stopping
from fairwitness.retention.holds import NothingToHold, Terms
from fairwitness.retention.models import HoldBinding, HoldKind
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
