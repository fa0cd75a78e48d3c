"""Mutated footage: every file ends in facts or a finding, and the service goes on.

FUZZED_FILES sets how many files are tried of each kind; a thousand takes some minutes.
"""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.media_samples import Held, encoded

from fairwitness.media.child import Limits, MediaUnreadable
from fairwitness.media.poster import make_poster
from fairwitness.media.probe import probe
from fairwitness.media.waveform import make_waveform
from fairwitness.media.working_copy import make_working_copy

TRIES = int(os.environ.get("FUZZED_FILES", "15"))
LIMITS = Limits(cpu_seconds=20, wall_seconds=60.0, memory=1 << 29, output=1 << 24)
FOUND = {
    None,
    "media.unreadable",
    "media.no_index",
    "media.no_video",
    "media.unsuited",
    "media.memory",
    "media.crashed",
}

WHOLE = {
    "mp4": encoded(),
    "fragmented": encoded(options={"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    "matroska": encoded(container="matroska"),
    "avi": encoded(container="avi", codec="mjpeg", sound="mp2"),
    "mpegts": encoded(container="mpegts"),
}


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file with a few bytes changed, put in, taken out, doubled, or cut off."""
    data = bytearray(WHOLE[draw(st.sampled_from(sorted(WHOLE)))])
    # Half of the changes go to where containers keep their sizes and tables.
    starts = [data.find(name) for name in (b"moov", b"moof", b"stbl", b"stsz", b"avcC", b"idx1")]
    places = [at for at in starts if at >= 0] or [0]
    for _ in range(draw(st.integers(1, 6))):
        near = draw(st.sampled_from(places)) + draw(st.integers(-8, 60))
        at = max(0, draw(st.one_of(st.integers(0, len(data)), st.just(near))))
        kind = draw(st.sampled_from(["change", "change", "insert", "delete", "double", "huge"]))
        some = draw(st.binary(min_size=1, max_size=8))
        if kind == "change":
            data[at : at + len(some)] = some
        elif kind == "insert":
            data[at:at] = some
        elif kind == "delete":
            del data[at : at + draw(st.integers(1, 400))]
        elif kind == "double":
            data[at:at] = data[at : at + draw(st.integers(1, 400))]
        else:
            data[at : at + 4] = draw(st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0" * 4]))
    return bytes(data[: draw(st.sampled_from([len(data), len(data), len(data) // 2]))])


FUZZ = settings(
    max_examples=TRIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def finding(act: Callable[[], object]) -> str | None:
    """The code of what was found, None when the file could be read."""
    try:
        act()
    except MediaUnreadable as refused:
        return refused.stable_code
    return None


@given(data=mutated())
@FUZZ
def test_a_mutated_file_is_probed_or_found_unreadable(data: bytes) -> None:
    assert finding(lambda: probe(Held(data), limits=LIMITS)) in FOUND


@given(data=mutated())
@FUZZ
def test_a_mutated_file_gives_a_working_copy_or_a_finding(data: bytes) -> None:
    announced: list[int] = []
    made = bytearray()

    def make() -> None:
        make_working_copy(Held(data), begin=announced.append, write=made.extend, limits=LIMITS)
        assert announced == [len(made)]

    assert finding(make) in FOUND


@given(data=mutated())
@FUZZ
def test_a_mutated_file_gives_a_poster_and_a_waveform_or_findings(data: bytes) -> None:
    def picture() -> None:
        assert make_poster(Held(data), at_ms=500, limits=LIMITS).jpeg.startswith(b"\xff\xd8")

    def sound() -> None:
        assert len(make_waveform(Held(data), limits=LIMITS).peaks) <= 48 * 3600 * 10

    assert finding(picture) in FOUND
    assert finding(sound) in FOUND
