"""Columns written one statement for each row are what `bulk_update` would have left."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.ingest_world import World, video

from fairwitness.evidence import columns
from fairwitness.evidence.models import Copy, CopyKind, Recording

FIELDS = ("gone_by", "keep_reason", "late", "incident", "media", "access_class")


def test_as_bulk_update(world: World) -> None:
    one, other, third = (
        world.receive(video(shade=90 + number), counter=number) for number in (1, 2, 3)
    )
    for each, number in ((one, 1), (other, 2)):
        each.gone_by = world.at + timedelta(days=number, microseconds=7)
        each.keep_reason, each.incident = f"because {number}", "LAM/1 'and' \"more\" %s"
        each.late, each.media, each.access_class = number == 1, {"n": [number]}, "restricted"
    third.gone_by, third.keep_reason = None, "not written"
    columns.write([one], FIELDS)
    Recording.objects.bulk_update([other], FIELDS)
    for each in (one, other):
        fresh = Recording.objects.get(pk=each.pk)
        assert [getattr(fresh, name) for name in FIELDS] == [getattr(each, name) for name in FIELDS]
    kept = Recording.objects.get(pk=third.pk)
    assert (kept.keep_reason, kept.gone_by is None) != (third.keep_reason, True)


def test_as_bulk_create(world: World) -> None:
    like = world.receive(video())
    alone, other = (Recording.objects.get(pk=like.pk) for _ in range(2))
    for number, row in enumerate((alone, other), start=7):
        row.pk, row.counter, row._state.adding = uuid4(), number, True
    columns.insert([alone])
    Recording.objects.bulk_create([other])
    columns.insert([Copy(recording=alone, kind=CopyKind.TRAIL)])
    Copy.objects.bulk_create([Copy(recording=other, kind=CopyKind.TRAIL)])

    def told(row: Recording) -> tuple[list[tuple[str, object]], ...]:
        mine = Recording.objects.filter(pk=row.pk).values().get()
        copies = Copy.objects.filter(recording=row).values().get()
        left_out = {"id", "counter", "recording_id"}
        return tuple(
            [(name, value) for name, value in each.items() if name not in left_out]
            for each in (mine, copies)
        )

    assert told(alone) == told(other)
    assert (alone._state.adding, alone._state.db) == (other._state.adding, other._state.db)
    with pytest.raises(IntegrityError), transaction.atomic():
        columns.insert([alone])


def test_nothing_asks_nothing() -> None:
    columns.insert([])
    columns.write([], FIELDS)  # without a database, which pytest would refuse to be asked
