"""Posters and waveforms."""

from io import BytesIO

import pytest
from PIL import Image
from tests.media_samples import Held, encoded

from fairwitness.media.child import MediaUnreadable
from fairwitness.media.poster import make_poster
from fairwitness.media.waveform import make_waveform


@pytest.mark.parametrize("at_ms", [0, 3_000, 7_900, 3_600_000])
def test_a_poster_is_a_jpeg_of_that_time_or_the_last(recording: bytes, at_ms: int) -> None:
    poster = make_poster(Held(recording), at_ms=at_ms)
    with Image.open(BytesIO(poster.jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (640, 360))
    assert (poster.width, poster.height) == (640, 360)
    assert poster.at_ms <= 8_200
    assert at_ms > 8_200 or abs(poster.at_ms - at_ms) <= 70


def test_a_poster_is_made_smaller_but_never_larger(recording: bytes) -> None:
    smaller = make_poster(Held(recording), width=160)
    assert (smaller.width, smaller.height) == (160, 90)
    small = make_poster(Held(encoded(size=(64, 48))), width=640)
    assert (small.width, small.height) == (64, 48)


def test_a_poster_reads_only_what_it_needs() -> None:
    master = Held(encoded() + bytes(8 << 20))
    make_poster(master)
    assert sum(length for _, length in master.reads) <= 4 << 20


def test_a_waveform_is_silent_where_the_wearer_muted(recording: bytes) -> None:
    waveform = make_waveform(Held(recording))
    assert waveform.per_second == 10
    assert 78 <= len(waveform.peaks) <= 84
    assert max(waveform.peaks[31:69]) == 0
    assert max(waveform.peaks[:28]) > 20
    assert max(waveform.peaks[72:]) > 20


def test_footage_without_sound_has_no_waveform() -> None:
    assert make_waveform(Held(encoded(sound=None))).peaks == b""


def test_what_does_not_decode_has_no_poster() -> None:
    data = bytearray(encoded(sound=None))
    start = data.index(b"mdat") + 4
    data[start : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - start)
    with pytest.raises(MediaUnreadable):
        make_poster(Held(bytes(data)))
