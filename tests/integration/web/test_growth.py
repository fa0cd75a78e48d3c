"""A file that grew on its volume after it was taken: linked to what was taken, never merged."""

import hashlib
from uuid import uuid4

from django.test import Client
from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.evidence.models import Growth, Recording
from fairwitness.force import volumes
from fairwitness.force.models import Volume
from fairwitness.formats.enrolled_volume import VolumeRequest
from fairwitness.retention import disposal

FIRST = video()
GROWN = FIRST + b"what came when it had been taken"


def approved(world: World, label: str) -> Volume:
    asked = VolumeRequest(volume=uuid4(), label=label, made_by="Drift HD", brought_by="614LX")
    row = volumes.request(asked=asked, dock=world.dock, at=AT)
    volumes.approve(volume=row, terms=volumes.Terms(), officer=world.force.manager, at=AT)
    return volumes.named(row.pk)


def taken(world: World, volume: Volume, data: bytes, **more: bytes) -> Recording:
    named = {"volume": str(volume.pk).encode(), "sha256": hashlib.sha256(data).digest()}
    upload = world.begin_with(world.create(len(data), **named, **more))
    world.send(upload, data)
    assert world.accept() == 1
    return Recording.objects.get(pk=upload.recording_id)


def continues(data: bytes) -> dict[str, bytes]:
    return {"continues": hashlib.sha256(data).digest()}


def notes(row: Recording) -> int:
    return acts(f"recording:{row.pk}").count("recording.annotated")


def test_the_later_is_linked_to_the_earlier_and_both_pages_say_so(settled_world: World) -> None:
    volume = approved(settled_world, "blue stick")
    first = taken(settled_world, volume, FIRST)
    grown = taken(settled_world, volume, GROWN, **continues(FIRST))
    link = Growth.objects.get()
    assert (link.recording, link.beginning) == (grown, first)
    assert (notes(first), notes(grown)) == (1, 1)
    assert first.gone_by is not None
    assert Recording.objects.get(pk=first.pk).gone_by == first.gone_by, "each has its own day"
    browser = Client()
    browser.force_login(
        settled_world.force.manager, backend="django.contrib.auth.backends.ModelBackend"
    )
    said = browser.get(f"/recordings/{first.pk}").content.decode()
    assert f'<a href="/recordings/{grown.pk}">{grown.reference}</a> begins with its bytes' in said
    said = browser.get(f"/recordings/{grown.pk}").content.decode()
    assert f'begins with the bytes of <a href="/recordings/{first.pk}">' in said
    disposal.leave_tombstones([grown.pk])
    assert not Growth.objects.exists()


def test_what_is_not_here_is_no_reason_to_refuse_and_links_nothing(settled_world: World) -> None:
    volume, other = approved(settled_world, "blue stick"), approved(settled_world, "red stick")
    taken(settled_world, other, FIRST)
    for data, said in (
        (GROWN, continues(FIRST)),
        (GROWN + b"1", continues(b"never seen")),
        (GROWN + b"2", {"continues": b"no digest"}),
        (GROWN + b"3", {}),
    ):
        assert notes(taken(settled_world, volume, data, **said)) == 0
    assert not Growth.objects.exists()
