"""Which tables have anything of a recording is asked of all of them at once."""

from pathlib import Path
from uuid import uuid4

import pytest
from tests.retention_world import AT, DAY, World

from fairwitness.evidence import beside
from fairwitness.evidence.models import CircleMember, Copy, Standing
from fairwitness.retention import disposal
from fairwitness.retention.models import CategoryMark, Release


@pytest.mark.django_db(transaction=True)
def test_only_tables_with_a_row_of_these_recordings_are_named(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    marked, other = world.record(), world.record()
    CategoryMark.objects.create(recording=marked, code="arrest", at=AT)
    CircleMember.objects.create(
        recording=other, officer=world.dev, standing=Standing.NAMED, since=AT, until=AT + DAY
    )
    asked = (CategoryMark, CircleMember, Release, Copy)
    assert beside.tables(asked, [marked.pk]) == {CategoryMark, Copy}
    assert beside.tables(asked, [other.pk]) == {CircleMember, Copy}
    assert beside.tables(asked, [uuid4(), marked.pk, other.pk]) == {
        CategoryMark,
        CircleMember,
        Copy,
    }
    assert beside.tables(asked, [uuid4() for _ in range(1200)]) == frozenset()
    assert beside.tables(asked, []) == frozenset()


@pytest.mark.django_db(transaction=True)
def test_a_tombstone_leaves_nothing_beside_it(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    gone, kept = world.record(), world.record(ended_at=AT + 40 * DAY)
    for recording in (gone, kept):
        CategoryMark.objects.create(recording=recording, code="stop-search", at=AT)
    told = disposal._GO_WITH_IT
    assert beside.tables(told, [gone.pk])
    disposal.leave_tombstones([gone.pk])
    assert beside.tables(told, [gone.pk]) == frozenset()
    assert beside.tables(told, [kept.pk]) == {CategoryMark, Copy}
