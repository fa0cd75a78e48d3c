"""The signatures inside a video are looked at when it arrives: kept, told, and deciding nothing."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from tests.court_world import Court
from tests.ingest_world import AT, World, video
from tests.signed_films import filmed, flipped

from fairwitness.custody import reading
from fairwitness.evidence import access, history
from fairwitness.evidence.models import Recording, SealSigner, SealVerdict, VideoSeals
from fairwitness.force import enrolment
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.keys import SigningKey
from fairwitness.media import probe


@pytest.fixture
def court(transactional_db: None, tmp_path: Path) -> Iterator[Court]:  # noqa: ARG001 - asked for its effect
    made = Court.make(tmp_path)
    yield made
    made.world.receiver.close()


def film(world: World, *, key: SigningKey | None = None) -> bytes:
    return filmed(world.root, key=key or world.camera_key)


def received_detail(recording: Recording) -> dict[str, object]:
    row = reading.history(recording_subject(recording.pk))[0]
    assert row.body is not None
    return dict(row.body.detail)


def spans(seals: VideoSeals) -> list[tuple[int, int, str]]:
    return [(span["first"], span["last"], span["state"]) for span in seals.spans]


def test_what_the_camera_sealed_is_intact_and_by_its_enrolled_key(world: World) -> None:
    recording = world.receive(film(world))
    seals = VideoSeals.objects.get(recording=recording)
    assert (seals.verdict, seals.signer) == (SealVerdict.INTACT, SealSigner.ENROLLED)
    assert (seals.intact, seals.changed, seals.missing, seals.uncovered) == (3, 0, 0, 0)
    assert (seals.scheme, seals.keyid) == ("onvif", world.camera.keyid)
    assert (seals.name, seals.checked_at) == ("Camera 00417", AT)
    words = "intact: 3 of 3 groups of pictures are what was signed, by the enrolled camera"
    assert received_detail(recording)["video_signatures"] == words
    (line, *_) = history.in_words(recording=recording, to_wearer=True, at=world.at)
    assert f"The signatures inside the video: {words}." in line.text


def test_a_changed_second_is_let_in_and_named(world: World) -> None:
    recording = world.receive(flipped(film(world), picture=14))
    seals = VideoSeals.objects.get(recording=recording)
    assert seals.verdict == SealVerdict.CHANGED
    assert spans(seals) == [(1, 1, "intact"), (2, 2, "changed"), (3, 3, "intact")]
    told = str(received_detail(recording)["video_signatures"])
    assert told.startswith(
        "changed: 2 of 3 groups of pictures are what was signed; "
        "group 2 (00:01.0 to 00:02.0): changed, unit "
    )


def test_a_key_that_nobody_enrolled_is_told_apart(world: World) -> None:
    recording = world.receive(film(world, key=SigningKey.generate()))
    seals = VideoSeals.objects.get(recording=recording)
    assert (seals.verdict, seals.signer) == (SealVerdict.INTACT, SealSigner.UNKNOWN)
    told = str(received_detail(recording)["video_signatures"])
    assert told.endswith("by a signer that we do not know")


def test_the_key_of_another_camera_is_told_apart(world: World) -> None:
    key = SigningKey.generate()
    other = enrolment.request_enrolment(envelope=world.force.request("00999", key=key), at=AT)
    enrolment.approve(device=other, keyid=other.keyid, officer=world.force.manager, at=AT)
    recording = world.receive(film(world, key=key))
    assert VideoSeals.objects.get(recording=recording).signer == SealSigner.OTHER_CAMERA


def test_video_without_signatures_is_not_signed_and_its_history_does_not_dwell_on_it(
    world: World,
) -> None:
    recording = world.receive(video())
    seals = VideoSeals.objects.get(recording=recording)
    assert (seals.verdict, seals.signer, seals.spans) == (SealVerdict.NOT_SIGNED, "", [])
    assert received_detail(recording)["video_signatures"] == "not signed"
    (line, *_) = history.in_words(recording=recording, to_wearer=True, at=world.at)
    assert "inside the video" not in line.text


def test_looking_that_breaks_does_not_stop_acceptance(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = probe.probe
    monkeypatch.setattr(probe, "probe", lambda footage: replace(real(footage), seals=None))
    recording = world.receive(film(world))
    assert VideoSeals.objects.get(recording=recording).verdict == SealVerdict.UNCHECKED
    assert received_detail(recording)["video_signatures"] == "could not be looked at"


def test_unreadable_footage_that_two_people_let_in_was_not_looked_at(court: Court) -> None:
    recording = court.receive_unreadable(counter=1)
    seals = VideoSeals.objects.get(recording=recording)
    assert seals.verdict == SealVerdict.UNCHECKED
    assert seals.problem


def test_the_master_is_byte_for_byte_what_was_sent(world: World) -> None:
    data = film(world)
    recording = world.receive(data)
    with access.open_for_making(recording=recording, at=AT, vault=world.vault) as master:
        kept = master.read(0, master.size)
    assert hashlib.sha256(kept).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "authentic"},
        {"verdict": "changed"},
        {"changed": 1},
        {"signer": ""},
        {"keyid": "short"},
    ],
)
def test_the_database_refuses_findings_that_contradict_themselves(
    world: World, wrong: dict[str, object]
) -> None:
    recording = world.receive(film(world))
    with pytest.raises(IntegrityError), transaction.atomic():
        VideoSeals.objects.filter(recording=recording).update(**wrong)
