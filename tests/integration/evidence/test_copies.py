"""Working copies and posters: made once, sealed, signed for, and gone with the recording."""

import hashlib
from datetime import timedelta

from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.evidence import access, copies
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Copy, CopyState, Piece, Recording
from fairwitness.formats import dsse, statement
from fairwitness.formats.derivative import DerivativeClaim
from fairwitness.formats.keys import SigningKey

KEY = SigningKey.generate()


def tools(world: World) -> Making:
    return Making(vault=world.vault, key=KEY, clock=lambda: world.at)


def test_a_working_copy_and_a_poster_are_made_and_signed_for(world: World) -> None:
    recording = world.receive(video())
    assert copies.make_due(tools(world)) == 2
    assert copies.make_due(tools(world)) == 0
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    for kind, begins, media_type in (
        ("working", b"ftyp", "video/mp4"),
        ("poster", b"\xff\xd8\xff", "image/jpeg"),
    ):
        copy = Copy.objects.get(recording=recording, kind=kind)
        with access.open_viewing(
            token=grant.token, kind=kind, at=world.at, vault=world.vault
        ) as opened:
            data = opened.read(0, opened.size)
        assert opened.media_type == media_type
        assert begins in data[:12]
        assert hashlib.sha256(data).hexdigest() == copy.sha256
        claim = statement.open_statement(
            dsse.Envelope.from_json(copy.statement), DerivativeClaim, {KEY.keyid: KEY.public}
        ).predicate
        assert claim.parent.sha256 == recording.sha256
        assert claim.sha256 == copy.sha256
        assert claim.size == copy.size == len(data)
    assert acts(f"recording:{recording.pk}").count("recording.copy_made") == 2


def test_a_copy_cut_in_the_middle_is_made_again(world: World) -> None:
    recording = world.receive(video())
    Copy.objects.filter(kind="poster").delete()
    Copy.objects.update(state=CopyState.MAKING, lease_until=AT, attempts=1)
    world.at = AT + timedelta(minutes=1)
    assert copies.make_due(tools(world)) == 1
    assert Copy.objects.get(recording=recording).state == CopyState.READY


def test_a_copy_tried_too_often_is_given_up(world: World) -> None:
    world.receive(video())
    Copy.objects.update(
        state=CopyState.MAKING, lease_until=AT - timedelta(hours=1), attempts=copies.MOST_ATTEMPTS
    )
    assert copies.make_due(tools(world)) == 0
    assert set(Copy.objects.values_list("state", flat=True)) == {CopyState.FAILED}


def test_nothing_is_copied_of_what_is_gone(world: World) -> None:
    recording = world.receive(video())
    assert recording.gone_by is not None
    world.at = recording.gone_by
    copies.make_due(tools(world))
    assert set(Copy.objects.values_list("state", flat=True)) == {CopyState.FAILED}
    assert not Piece.objects.filter(recording_id=recording.pk).exclude(copy="master").exists()


def test_footage_that_cannot_be_copied_is_told_and_the_master_stays(world: World) -> None:
    data = video()[: len(video()) * 2 // 3]
    recording = world.receive(data, interrupted=True)
    copies.make_due(tools(world))
    assert Recording.objects.get(pk=recording.pk).state == "live"
    for copy in Copy.objects.filter(recording=recording):
        assert copy.state in {CopyState.READY, CopyState.FAILED}
        assert copy.state == CopyState.READY or copy.problem
