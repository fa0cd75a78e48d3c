"""Hostile and spoilt files never stop the service, and each ends in a finding and a kept original.

FUZZED_FILES says how many spoilt files are read, each by three jobs, SENT_FILES how many are sent
like any recording; both have a fixed seed, FUZZ_SEED. A thousand of the first take some minutes.
"""

import hashlib
import os
import time
from collections import Counter

import pytest
from tests.hostile_footage import HOSTILE, hostile, spoilt
from tests.ingest_world import World, video
from tests.integration.media.test_child import children
from tests.integration.media.test_hostile import JOBS, finding
from tests.media_samples import Held

from fairwitness.evidence import access, copies, fixity
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Copy, CopyState, Recording
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest.models import Quarantine, Upload, UploadState
from fairwitness.media.probe import probe
from fairwitness.vault import reading
from fairwitness.vault.sealing import Binding

pytestmark = pytest.mark.fault

READ = int(os.environ.get("FUZZED_FILES", "20"))
SENT = int(os.environ.get("SENT_FILES", "20"))
SEED = int(os.environ.get("FUZZ_SEED", "20170608"))
CODES = frozenset(
    {
        "media.unreadable",
        "media.no_index",
        "media.no_video",
        "media.unsuited",
        "media.memory",
        "media.crashed",
    }
)
HARMLESS = frozenset(
    {
        "places without end",
        "samples of no size",
        "a trail of nonsense",
        "gigantic by its index only",
    }
)
"""What is odd in these is passed over; the pictures play."""
KEY = SigningKey.generate()


def jobs(number: int) -> tuple[str, str, str]:
    """Each file is probed, copied one way or the other, and pictured, drawn or followed in turn."""
    copied = ("working copy", "encoded")[number % 2]
    return "probe", copied, ("poster", "strip", "waveform", "trail")[number // 2 % 4]


@pytest.mark.timeout(120 + 15 * READ)
def test_spoilt_files_never_stop_the_service() -> None:
    ended: Counter[str] = Counter()
    others = set(
        children()
    )  # of tests that kill processes: those start them from a server of theirs
    slowest = (0.0, "")
    began = time.monotonic()
    for number, (name, data) in enumerate(spoilt(READ, seed=SEED)):
        for job in jobs(number):
            start = time.monotonic()
            found = finding(JOBS[job], data)
            slowest = max(slowest, (time.monotonic() - start, f"{job} of {name}"))
            code = "" if found is None else found.stable_code
            assert code == "" or code in CODES, (name, job)
            assert found is None or found.message, (name, job)
            ended[f"{job}: {code or 'read'}"] += 1
    assert set(children()) <= others
    assert probe(Held(video())).duration_ms > 0
    print(f"{READ} files in {time.monotonic() - began:.0f} s; slowest {slowest}")  # noqa: T201 - shown by -s
    print("\n".join(f"{count:6} {what}" for what, count in sorted(ended.items())))  # noqa: T201 - as above


def everything_made(world: World) -> None:
    tools = Making(vault=world.vault, key=KEY, clock=lambda: world.at)
    for encode in (False, True, False):
        copies.make_due(tools, encode=encode)


def fate(world: World, upload: Upload, data: bytes) -> str:
    """What became of it; whatever that is, its bytes are kept as they came."""
    upload.refresh_from_db()
    pieces, length = access.pieces_of(recording=upload.recording_id)
    binding = Binding(
        world.vault.ring.get(upload.recording_id), upload.recording_id, "master", length
    )
    kept = reading.read_back(pieces, store=world.vault.store, binding=binding)
    assert kept.sha256 == hashlib.sha256(data).digest()
    if upload.state == UploadState.QUARANTINED:
        return Quarantine.objects.get(upload=upload).message
    recording = Recording.objects.get(pk=upload.recording_id)
    assert recording.media is not None
    for copy in Copy.objects.filter(recording=recording):
        assert copy.state in {CopyState.READY, CopyState.FAILED}, copy
        assert copy.state == CopyState.READY or copy.problem, copy
    return " ".join(each["message"] for each in recording.media["findings"]) or "whole"


@pytest.mark.parametrize("name", HOSTILE[1:])
def test_hostile_footage_sent_like_any_other_is_kept_with_a_finding(
    world: World, name: str
) -> None:
    data = hostile(name)
    upload = world.begin(data, interrupted=True)
    world.send(upload, data)
    assert world.accept() == 1
    everything_made(world)
    told = fate(world, upload, data)
    assert told in {"whole", "It has no sound."} if name in HARMLESS else len(told) > 20


def test_spoilt_footage_is_kept_with_a_finding_and_the_next_recording_arrives(
    world: World,
) -> None:
    for counter, (_, data) in enumerate(spoilt(SENT, seed=SEED + 1), start=1):
        upload = world.begin(data, counter=counter, interrupted=True)
        world.send(upload, data)
        assert world.accept() == 1
        everything_made(world)
        assert fate(world, upload, data)
    good = world.receive(video(), counter=SENT + 1)
    everything_made(world)
    assert fixity.read_back(recording=good, vault=world.vault).sha256.hex() == good.sha256
    states = set(Copy.objects.filter(recording=good).values_list("state", flat=True))
    assert states == {CopyState.READY}
