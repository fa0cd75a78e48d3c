"""Where the camera was: camm, GPMF, ©xyz and loci, each by a parser of ours that is bounded."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.media_samples import Held, box, encoded, with_track, with_user_data

from fairwitness.media.probe import probe
from fairwitness.media.trail import Place, Trail, encode, make_trail, parse
from fairwitness.media.worker import positions

LAMBETH = (51.4952, -0.1176)


def camm_place(latitude: float, longitude: float, altitude: float = 10.0) -> bytes:
    return struct.pack("<HHddd", 0, 5, latitude, longitude, altitude)


def camm_full(latitude: float, longitude: float, *, fix: int = 3) -> bytes:
    velocity = (3.0, 4.0, 0.0, 0.1)
    return struct.pack(
        "<HHdidd7f", 0, 6, 1_180_000_000.0, fix, latitude, longitude, 12.5, 1.0, 1.0, *velocity
    )


def klv(key: bytes, kind: str, size: int, body: bytes) -> bytes:
    head = key + kind.encode("latin-1") + bytes([size]) + struct.pack(">H", len(body) // size)
    return head + body + bytes(-len(body) % 4)


def nest(key: bytes, *inner: bytes) -> bytes:
    body = b"".join(inner)
    return key + b"\0\1" + struct.pack(">H", len(body)) + body


def gps5(latitude: float, longitude: float, *, fix: int = 3) -> bytes:
    scales = (10_000_000, 10_000_000, 1_000, 1_000, 100)
    values = (latitude, longitude, 12.5, 5.0, 5.0)
    row = struct.pack(">5i", *(round(v * s) for v, s in zip(values, scales, strict=True)))
    return nest(
        b"DEVC",
        klv(b"DVNM", "c", 1, b"Camera"),
        nest(
            b"STRM",
            klv(b"GPSF", "L", 4, struct.pack(">I", fix)),
            klv(b"SCAL", "l", 4, struct.pack(">5i", *scales)),
            klv(b"GPS5", "l", 20, row * 18),
        ),
    )


def gps9(latitude: float, longitude: float, *, fix: int = 3) -> bytes:
    scales = (10_000_000, 10_000_000, 1_000, 1_000, 100, 1, 1_000, 100, 1)
    row = struct.pack(
        ">7iHH",
        round(latitude * 1e7),
        round(longitude * 1e7),
        12_500,
        5_000,
        500,
        6_000,
        1_000,
        120,
        fix,
    )
    return nest(
        b"DEVC",
        nest(
            b"STRM",
            klv(b"SCAL", "l", 4, struct.pack(">9i", *scales)),
            klv(b"GPS9", "?", 32, row * 10),
        ),
    )


WALK = [(LAMBETH[0] + step / 10_000, LAMBETH[1]) for step in range(5)]


@pytest.mark.parametrize(
    ("kind", "make", "speed"),
    [
        (b"camm", camm_place, None),
        (b"camm", camm_full, 5_000),
        (b"gpmd", gps5, 5_000),
        (b"gpmd", gps9, 5_000),
    ],
)
def test_a_track_of_places_becomes_a_trail(
    kind: bytes, make: Callable[[float, float], bytes], speed: int | None
) -> None:
    data = with_track(encoded(pictures=50), kind, [make(*place) for place in WALK])
    found = probe(Held(data))
    assert found.trail == (kind.decode(),)
    assert found.findings == ()
    trail = make_trail(Held(data))
    assert trail.source == kind.decode()
    assert [place.at_ms for place in trail.places] == [0, 1000, 2000, 3000, 4000]
    assert [(p.latitude, p.longitude) for p in trail.places] == [
        (round(latitude * 1e7), round(longitude * 1e7)) for latitude, longitude in WALK
    ]
    assert {place.speed for place in trail.places} == {speed}
    assert parse(encode(trail)) == trail


def test_samples_without_a_fix_are_no_places() -> None:
    samples = [camm_full(*LAMBETH, fix=0), gps5(*LAMBETH, fix=0), gps9(*LAMBETH, fix=0)]
    assert positions.camm(samples[0], 0) is None
    assert positions.gpmf(samples[1], 0) is None
    assert positions.gpmf(samples[2], 0) is None
    assert positions.camm(camm_place(0.0, 0.0), 0) is None


@pytest.mark.parametrize(
    ("inner", "source"),
    [
        (box(b"\xa9xyz", struct.pack(">HH", 16, 0) + b"+51.4952-000.1176+010.0/"), "xyz"),
        (
            box(
                b"loci",
                bytes(4)
                + struct.pack(">H", 0x15C7)
                + b"Lambeth\0\0"
                + struct.pack(">iii", *(round(v * 65536) for v in (-0.1176, 51.4952, 10.0)))
                + b"earth\0\0",
            ),
            "loci",
        ),
    ],
)
def test_a_single_place_of_the_file_is_a_trail_of_one(inner: bytes, source: str) -> None:
    data = with_user_data(encoded(), inner)
    assert probe(Held(data)).trail == (source,)
    trail = make_trail(Held(data))
    assert trail.source == source
    (place,) = trail.places
    assert abs(place.latitude - LAMBETH[0] * 1e7) < 200
    assert abs(place.longitude - LAMBETH[1] * 1e7) < 200
    assert place.altitude == 10_000


def test_a_place_in_another_container_is_found() -> None:
    data = encoded(container="matroska", metadata={"location": "+51.4952-000.1176/"})
    assert probe(Held(data)).trail == ("metadata",)
    assert make_trail(Held(data)).places == (Place(0, 514952000, -1176000, None, None),)


def test_footage_that_tells_no_place_has_no_trail() -> None:
    assert probe(Held(encoded())).trail == ()
    assert make_trail(Held(encoded())).places == ()


@pytest.mark.parametrize(
    "sample",
    [
        b"",
        b"\0\0\6",
        struct.pack("<HHddd", 0, 5, float("nan"), 0.0, 0.0),
        struct.pack("<HHddd", 0, 5, float("inf"), 1e308, 0.0),
        struct.pack("<HHddd", 0, 5, 91.0, 181.0, 0.0),
        b"DEVC\0\xff\xff\xff" + bytes(40),
        nest(b"DEVC", nest(b"STRM", klv(b"GPS5", "l", 20, bytes(20)))),
        nest(b"DEVC", klv(b"SCAL", "l", 4, bytes(20)), klv(b"GPS5", "l", 20, b"\1" * 20)),
        klv(b"SCAL", "l", 4, bytes(4)) + klv(b"GPS5", "l", 20, b"\1" * 20),
        b"DEVC\0\1" * 5_000,
    ],
)
def test_hostile_samples_give_no_place_and_no_crash(sample: bytes) -> None:
    assert positions.camm(sample, 0) is None
    assert positions.gpmf(sample, 0) is None


def test_boxes_in_boxes_are_not_followed_for_ever() -> None:
    sample = b""
    for _ in range(500):
        sample = nest(b"STRM", sample) if len(sample) < 60_000 else sample
    assert positions.gpmf(sample, 0) is None


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_place_on_earth_or_none(sample: bytes) -> None:
    for read in (positions.camm, positions.gpmf):
        place = read(sample, 0)
        assert place is None or abs(place.latitude) <= 900_000_000


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_place_on_earth_or_none(text: str) -> None:
    place = positions.iso_6709(text)
    assert place is None or abs(place.longitude) <= 1_800_000_000


def test_ten_places_a_second_become_one_a_second() -> None:
    samples = [camm_place(51.5, 1 + index / 1_000) for index in range(60)]
    data = with_track(encoded(pictures=60), b"camm", samples, every_ms=100)
    places = make_trail(Held(data)).places
    assert [place.at_ms for place in places] == [0, 1000, 2000, 3000, 4000, 5000]
    assert places[1].longitude == 10_100_000


def test_a_trail_is_small_and_exact() -> None:
    trail = Trail("camm", (Place(0, 1, 2, None, 3), Place(1000, -4, -5, 6, None)))
    assert encode(trail) == (
        b'{"places":[[0,1,2,null,3],[1000,-4,-5,6,null]],"source":"camm","version":1}'
    )
