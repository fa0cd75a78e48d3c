"""Working copies and posters: made once, sealed, signed for, and gone with the recording."""

import hashlib
from datetime import timedelta

import pytest
from tests.ingest_world import AT, World, video
from tests.integration.media.test_trail import WALK, camm_place
from tests.media_samples import Held, encoded, with_track
from tests.retention_world import acts

from fairwitness.evidence import access, copies, glimpses
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Copy, CopyState, Piece, Recording
from fairwitness.formats import dsse, statement
from fairwitness.formats.derivative import DerivativeClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.media.child import MediaUnreadable
from fairwitness.media.probe import probe
from fairwitness.media.working_copy import plays_in_browsers

KEY = SigningKey.generate()


def tools(world: World) -> Making:
    return Making(vault=world.vault, key=KEY, clock=lambda: world.at)


def read(world: World, recording: Recording, kind: str) -> bytes:
    """A copy as its wearer sees it."""
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    with access.open_viewing(
        token=grant.token, kind=kind, at=world.at, vault=world.vault
    ) as opened:
        return opened.read(0, opened.size)


def claim_of(copy: Copy) -> DerivativeClaim:
    """What the copy's statement says, its signature checked."""
    envelope = dsse.Envelope.from_json(copy.statement)
    return statement.open_statement(envelope, DerivativeClaim, {KEY.keyid: KEY.public}).predicate


def test_a_working_copy_a_poster_and_a_strip_are_made_and_signed_for(world: World) -> None:
    recording = world.receive(video())
    assert copies.make_due(tools(world)) == 3
    assert copies.make_due(tools(world)) == 0
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    for kind, begins, media_type in (
        ("working", b"ftyp", "video/mp4"),
        ("poster", b"\xff\xd8\xff", "image/jpeg"),
        ("strip", b"\xff\xd8\xff", "image/jpeg"),
    ):
        copy = Copy.objects.get(recording=recording, kind=kind)
        with access.open_viewing(
            token=grant.token, kind=kind, at=world.at, vault=world.vault
        ) as opened:
            data = opened.read(0, opened.size)
        assert opened.media_type == media_type
        assert begins in data[:12]
        assert hashlib.sha256(data).hexdigest() == copy.sha256
        claim = claim_of(copy)
        parent = Copy.objects.get(recording=recording, kind="working")
        assert claim.parent.sha256 == (parent if kind == "strip" else recording).sha256
        assert claim.sha256 == copy.sha256
        assert claim.size == copy.size == len(data)
    assert acts(f"recording:{recording.pk}").count("recording.copy_made") == 3


def test_a_copy_cut_in_the_middle_is_made_again(world: World) -> None:
    recording = world.receive(video())
    Copy.objects.exclude(kind="working").delete()
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


def test_a_worker_that_lost_its_lease_takes_nobodys_copy_away(world: World) -> None:
    recording = world.receive(video())
    Copy.objects.exclude(kind="working").delete()
    copy = Copy.objects.get()
    Copy.objects.update(state=CopyState.MAKING, attempts=1)
    copy.refresh_from_db()
    Copy.objects.update(state=CopyState.DUE)  # its lease lapsed, and another makes it
    copies.make_due(tools(world))
    before = acts(f"recording:{recording.pk}")
    copies._fail(copy, MediaUnreadable("It took too long."), world.at)
    copy.refresh_from_db()
    assert copy.state == CopyState.READY
    assert acts(f"recording:{recording.pk}") == before


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
    copies.make_due(tools(world), encode=True)
    assert Recording.objects.get(pk=recording.pk).state == "live"
    copies.make_due(tools(world))
    for copy in Copy.objects.filter(recording=recording):
        assert copy.state in {CopyState.READY, CopyState.FAILED}
        assert copy.state == CopyState.READY or copy.problem


def test_footage_that_browsers_do_not_play_is_encoded_by_the_sweeper_that_has_time(
    world: World,
) -> None:
    master = encoded(codec="libx265", size=(320, 240))
    recording = world.receive(master)
    copies.make_due(tools(world))
    working = Copy.objects.get(recording=recording, kind="working")
    assert (working.state, working.encode) == (CopyState.DUE, True)
    assert Copy.objects.get(recording=recording, kind="poster").state == CopyState.READY
    assert Copy.objects.get(recording=recording, kind="strip").state == CopyState.DUE
    assert copies.make_due(tools(world), encode=True) == 1
    assert copies.make_due(tools(world)) == 2  # now that there is a working copy
    working.refresh_from_db()
    assert (working.state, working.progress) == (CopyState.READY, 100)
    made = read(world, recording, "working")
    assert plays_in_browsers(probe(Held(made)))
    claim = claim_of(working)
    assert claim.recipe.name == "encode"
    assert claim.recipe.parameters["pictures"] == "20"
    assert claim.parent.sha256 == recording.sha256
    assert hashlib.sha256(made).hexdigest() == claim.sha256
    # The fragments that it was made of are gone: the vault holds what rows and manifests name.
    named = set(Piece.objects.values_list("blob", flat=True))
    assert set(world.vault.store.names("piece/")) == named


def test_evidence_comes_first(world: World) -> None:
    for counter in (1, 2, 3):
        world.receive(video(shade=counter), counter=counter)
    Recording.objects.filter(counter=3).update(evidential=True)
    copies.make_due(tools(world))
    first = [copy.recording.counter for copy in order_made()]
    assert first[:3] == [3, 3, 3]
    assert first[3:] == [1, 1, 1, 2, 2, 2]


def order_made() -> list[Copy]:
    """The copies in the order of their pieces' rows."""
    pieces = Piece.objects.exclude(copy="master").order_by("pk")
    return [Copy.objects.get(recording=piece.recording_id, kind=piece.copy) for piece in pieces]


def test_a_dead_workers_encoding_is_taken_over(world: World) -> None:
    recording = world.receive(encoded(codec="libx265"))
    copies.make_due(tools(world))
    Copy.objects.filter(kind="working").update(
        state=CopyState.MAKING, lease_until=AT - timedelta(minutes=1), attempts=1, progress=40
    )
    assert copies.make_due(tools(world), encode=True) == 1
    working = Copy.objects.get(recording=recording, kind="working")
    assert (working.state, working.attempts) == (CopyState.READY, 2)


def test_sound_is_drawn_and_silence_stays_silence(world: World) -> None:
    recording = world.receive(encoded(pictures=30, sound_from=1.0))
    copies.make_due(tools(world))
    peaks = read(world, recording, "waveform")
    assert max(peaks[:9]) == 0
    assert min(peaks[12:28]) > 0


def test_the_trail_lies_sealed_and_nowhere_else(world: World) -> None:
    samples = [camm_place(*place) for place in WALK]
    recording = world.receive(with_track(encoded(pictures=50), b"camm", samples))
    assert recording.media is not None
    assert recording.media["trail"] == ["camm"]
    copies.make_due(tools(world))
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    places = glimpses.places(token=grant.token, at=world.at, vault=world.vault)
    assert [place.at_ms for place in places] == [0, 1000, 2000, 3000, 4000]
    # Neither degrees nor their ten millionths are in any row about it.
    rows = [
        *Recording.objects.values_list("media", "claim"),
        *Copy.objects.values_list("statement", "problem"),
    ]
    assert "51.495" not in str(rows)
    assert "514952" not in str(rows)
    # It goes with the recording: nobody reads it after its time.
    assert recording.gone_by is not None
    assert glimpses.places(token=grant.token, at=recording.gone_by, vault=world.vault) == ()


@pytest.mark.parametrize("cut", [2, 3])
def test_what_a_file_says_of_itself_is_kept_with_its_findings(world: World, cut: int) -> None:
    data = video()[: len(video()) * cut // 4]
    recording = world.receive(data, interrupted=True)
    assert recording.media is not None
    assert "media.truncated" in {each["code"] for each in recording.media["findings"]}


def test_a_recording_that_nobody_had_looked_at_is_looked_at_first(world: World) -> None:
    """As one is that was registered again after its database was lost."""
    samples = [camm_place(*place) for place in WALK]
    recording = world.receive(with_track(encoded(pictures=50), b"camm", samples))
    known = recording.media
    Recording.objects.update(media=None)
    Copy.objects.filter(kind="trail").delete()
    copies.make_due(tools(world))
    recording.refresh_from_db()
    assert recording.media == known
    assert set(Copy.objects.values_list("kind", "state")) == {
        (kind, CopyState.READY) for kind in ("working", "poster", "strip", "waveform", "trail")
    }
