"""Of deleted footage nothing is left that names it but the keyed digest in its tombstone."""

import hashlib

from tests.accountability_world import (
    codes,
    counted,
    dispose,
    every_row,
    inspect,
    lose_database,
    make_copies,
    rebuild_from,
)
from tests.ingest_world import World, video

from fairwitness.custody import keys
from fairwitness.custody.models import Body, BodyState, Entry, Leaf
from fairwitness.custody.sealed import Sealing
from fairwitness.evidence.models import Copy, Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import receipts


def _digests(recording: Recording, data: bytes) -> list[str]:
    copies = Copy.objects.filter(recording=recording).exclude(sha256="")
    found = [hashlib.sha256(data).hexdigest(), *copies.values_list("sha256", flat=True)]
    assert len(found) > 2
    return found


def _deleted(world: World) -> tuple[Recording, list[str]]:
    """One received, receipted, watched copies made, deleted; and its digests."""
    data = video()
    recording = world.receive(data)
    world.receive(video(shade=20), counter=2)
    make_copies(world)
    world.publish_log()
    receipts.issue_due(issuer=world.issuer, at=world.at)
    digests = _digests(recording, data)
    assert all(digest in every_row() for digest in digests)
    dispose(world, recording)
    receipts.forget_deleted(issuer=world.issuer, at=world.at)
    world.publish_log()
    return recording, digests


def test_no_row_and_no_file_has_a_digest_of_it_or_of_its_copies(world: World) -> None:
    recording, digests = _deleted(world)
    rows = every_row()
    files = b"".join(path.read_bytes() for path in world.root.rglob("*") if path.is_file())
    for digest in digests:
        assert digest not in rows
        assert digest.encode() not in files
        assert bytes.fromhex(digest) not in files
    recording.refresh_from_db()
    assert recording.commitment in rows


def test_the_log_says_which_bodies_went_and_is_sound_without_them(world: World) -> None:
    recording, _digests_of_it = _deleted(world)
    chain = Entry.objects.filter(subject=recording_subject(recording.pk)).order_by("sequence")
    erased = Body.objects.filter(state=BodyState.ERASED).values_list("entry_id", flat=True)
    gone = [entry.act for entry in chain if entry.id in set(erased)]
    assert gone[0] == Act.RECORDING_RECEIVED.value
    assert set(gone[1:]) == {Act.RECORDING_COPY_MADE.value}
    assert chain.filter(act=Act.LOG_BODY_ERASED.value).count() == 1
    assert inspect(world).findings == ()
    assert counted(world).problems == ()
    folder = world.root / "keys"
    origin = keys.log_signer(folder / "log.pem").name
    sealing = Sealing(keys.sealing_key(folder / "log-sealing"), origin)
    files = world.issuer.log
    sealed = files.entries(0, files.sealed_width(0), sealing)
    places = Leaf.objects.filter(entry_id__in=set(erased)).values_list("index", flat=True)
    assert {place for place, each in enumerate(sealed) if each.salt is None} == set(places)


def test_after_the_loss_of_the_database_too(world: World) -> None:
    _deleted(world)
    lose_database()
    rebuild_from(world)
    found = set(codes(inspect(world)))
    assert found == {"log.gap_open", "custody.body_lost"}
