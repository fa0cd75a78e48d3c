"""Each hostile file, given to each job: facts or a finding, in bounded time and memory."""

import time
from collections.abc import Callable

import pytest
from tests.hostile_footage import HOSTILE, hostile
from tests.integration.media.test_child import children
from tests.media_samples import Held

from fairwitness.media.child import GIBIBYTE, Limits, MediaUnreadable
from fairwitness.media.poster import make_poster
from fairwitness.media.probe import probe
from fairwitness.media.strip import make_strip
from fairwitness.media.trail import make_trail
from fairwitness.media.waveform import make_waveform
from fairwitness.media.working_copy import encode, make_working_copy

LIMITS = Limits(cpu_seconds=20, wall_seconds=60.0, memory=GIBIBYTE, output=1 << 24)
ROOMY = Limits(cpu_seconds=30, wall_seconds=90.0, memory=2 * GIBIBYTE, output=1 << 24)


def _copied(footage: Held) -> None:
    announced: list[int] = []
    made = bytearray()
    make_working_copy(footage, begin=announced.append, write=made.extend, limits=LIMITS)
    assert announced == [len(made)]


def _encoded(footage: Held) -> None:
    made = bytearray()
    done = encode(footage, duration_ms=10_000, write=made.extend, limits=ROOMY)
    assert done.size == len(made) > 0


JOBS: dict[str, Callable[[Held], object]] = {
    "probe": lambda footage: probe(footage, limits=LIMITS),
    "working copy": _copied,
    "encoded": _encoded,
    "poster": lambda footage: make_poster(footage, at_ms=500, limits=LIMITS),
    "strip": lambda footage: make_strip(footage, duration_ms=2_000, limits=LIMITS),
    "waveform": lambda footage: make_waveform(footage, limits=LIMITS),
    "trail": lambda footage: make_trail(footage, limits=LIMITS),
}


def finding(run: Callable[[Held], object], data: bytes) -> MediaUnreadable | None:
    """What a job found, None when it could read the file."""
    try:
        run(Held(data))
    except MediaUnreadable as found:
        return found
    return None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_footage_ends_in_facts_or_a_finding(name: str) -> None:
    for job, run in JOBS.items():
        began = time.monotonic()
        found = finding(run, hostile(name))
        if found is not None:
            assert found.message, job
            assert found.stable_code not in {"media.crashed", "media.timeout"}, job
        assert time.monotonic() - began < 45, job
    assert children() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("pictures that last for years", "media.huge_duration"),
        ("a claim to last for ever", "media.huge_duration"),
        ("a box of eight exabytes", "media.truncated"),
        ("a box shorter than its header", "media.trailing"),
    ],
)
def test_what_can_still_be_read_has_a_finding(name: str, code: str) -> None:
    assert code in {each.code.value for each in probe(Held(hostile(name))).findings}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing at all", "can be read|can't be read|not footage"),
        ("gigantic pictures", "16000 by 16000 pixels, too many"),
    ],
)
def test_what_can_not_be_read_says_why(name: str, words: str) -> None:
    with pytest.raises(MediaUnreadable, match=words):
        probe(Held(hostile(name)))


def test_pictures_larger_than_their_container_says_are_not_decoded() -> None:
    found = probe(Held(hostile("pictures larger than they say")))
    assert "media.damaged" in {each.code.value for each in found.findings}
