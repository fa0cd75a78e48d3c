"""Many viewings granted together are what each granted alone is."""

from datetime import timedelta
from typing import Any

import pytest
from tests.ingest_world import World, video
from tests.retention_world import acts

from fairwitness.custody import reading
from fairwitness.evidence import access, circle, granting, naming
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.granting import Wish
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.force.asking import TaskKind
from fairwitness.formats.custody import recording_subject

TASK = Task(TaskKind.INCIDENT, "CAD 1234/8JUN17")
_ROW = ("officer", "task_kind", "task_reference", "granted_at", "expires_at", "only")


def _received(world: World, number: int) -> Recording:
    return world.receive(video(shade=90 + number), counter=number)


def told(recording: Recording) -> tuple[list[Any], list[Any]]:
    """Rows and entries of what was watched, without what names the recording itself."""
    rows = list(
        Viewing.objects.filter(recording=recording).order_by("granted_at").values_list(*_ROW)
    )
    history = [row for row in reading.history(recording_subject(recording.pk)) if row.body]
    entries = [
        (row.entry.act, row.entry.at, row.body.actor, row.body.reason, row.body.detail)
        for row in history[1:]
        if row.body is not None
    ]
    return rows, entries


def test_together_as_one_by_one(world: World) -> None:
    alone, together = (_received(world, number) for number in (1, 2))
    later = world.at + timedelta(minutes=7)
    force = world.force
    access.grant_viewing(recording=alone, officer=force.ada, task=None, at=world.at)
    access.grant_viewing(recording=alone, officer=force.sergeant, task=TASK, at=later)
    grants = granting.grant_viewings(
        [
            Wish(together, force.ada, None, world.at),
            Wish(together, force.sergeant, TASK, later),
        ]
    )
    assert told(together) == told(alone)
    assert len(told(alone)[1]) == 2
    for grant in grants:
        access.open_viewing(token=grant.token, kind="master", at=later, vault=world.vault).close()


def test_one_refused_and_none_is_granted(world: World) -> None:
    recording, other = (_received(world, number) for number in (1, 2))
    wishes = [
        Wish(recording, world.force.ada, None, world.at),
        Wish(other, world.force.dev, TASK, world.at),
    ]
    with pytest.raises(AccessRefused):
        granting.grant_viewings(wishes)
    assert not Viewing.objects.exists()
    assert acts(recording_subject(other.pk))[1:] == ["recording.view_refused"]


def test_what_bears_on_many_is_what_bears_on_each(world: World) -> None:
    recordings = [_received(world, number) for number in (1, 2, 3)]
    naming.name(
        recording=recordings[1],
        officer=world.force.sergeant,
        by=world.force.manager,
        reason="reviews it",
        until=world.at + timedelta(days=1),
        at=world.at,
    )
    Recording.objects.filter(pk=recordings[2].pk).update(locked=True)
    rows = list(Recording.objects.all())
    for at in (world.at, world.at + timedelta(days=2), world.at + timedelta(days=40)):
        for asking in (None, world.force.ada.pk):
            together = circle.subjects_of(recordings=rows, at=at, asking=asking)
            assert together == [
                circle.subject_of(recording=row, at=at, asking=asking) for row in rows
            ]
    named = [each.named for each in circle.subjects_of(recordings=rows, at=world.at)]
    assert sum(world.force.sergeant.pk in each for each in named) == 1
