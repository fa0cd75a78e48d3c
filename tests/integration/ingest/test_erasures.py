"""What docks say that they erased stands in the log, once, as their word."""

from datetime import timedelta
from uuid import uuid4

from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.custody import reading
from fairwitness.evidence import history
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.formats import timestamp
from fairwitness.formats.erasures import Erased
from fairwitness.ingest import erasures
from fairwitness.ingest.models import Erasure

LATER = AT + timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def test_an_erasure_is_written_once_however_often_it_is_told(world: World) -> None:
    recording = world.receive(video())
    about = f"recording:{recording.pk}"
    told = Erased(recording=recording.pk, erased_at=AT + MINUTE)
    for at in (LATER, LATER + MINUTE):
        assert erasures.note(erased=[told, told], dock=world.dock, at=at) == []
    assert acts(about).count("camera.erased") == 1
    row = reading.history(about)[-1]
    assert row.body is not None
    assert (row.entry.at, row.body.actor) == (LATER, f"dock:{world.dock.pk}")
    assert row.body.detail == {"erased_at": timestamp.text(AT + MINUTE), "from": "camera"}
    recording.refresh_from_db()
    assert recording.erased_at == LATER
    words = history.in_words(recording=recording, to_wearer=True, at=LATER)[-1].text
    assert words == "Dock D-0007 says that it erased it from the camera, against our receipt."


def test_a_second_erasure_is_another_act(world: World) -> None:
    recording = world.receive(video())
    for minutes in (1, 2):
        told = Erased(recording=recording.pk, erased_at=AT + minutes * MINUTE)
        erasures.note(erased=[told], dock=world.dock, at=AT + minutes * MINUTE)
    assert acts(f"recording:{recording.pk}").count("camera.erased") == 2
    recording.refresh_from_db()
    assert recording.erased_at == AT + MINUTE


def test_what_no_dock_can_have_brought_is_named_and_not_written(world: World) -> None:
    known, imported = world.receive(video()), world.receive(video(shade=40), counter=2)
    Recording.objects.filter(pk=imported.pk).update(provenance=Provenance.IMPORTED)
    stranger = uuid4()
    told = [Erased(recording=one, erased_at=AT) for one in (stranger, imported.pk, known.pk)]
    unknown = erasures.note(erased=told, dock=world.dock, at=LATER)
    assert unknown == sorted([stranger, imported.pk])
    assert [row.recording_id for row in Erasure.objects.all()] == [known.pk]
    assert "camera.erased" not in acts(f"recording:{imported.pk}")


def test_it_is_told_of_footage_that_is_deleted_by_then(world: World) -> None:
    recording = world.receive(video())
    Recording.objects.filter(pk=recording.pk).update(state=State.DISPOSED, sha256="")
    told = Erased(recording=recording.pk, erased_at=AT)
    assert erasures.note(erased=[told], dock=world.dock, at=LATER) == []
    assert acts(f"recording:{recording.pk}")[-1] == "camera.erased"
