"""What Axis systems' names, metadata, trails and keys say, and that nothing upsets the readers."""

import contextlib
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.ingest.axis import cipher, naming, saying
from fairwitness.ingest.axis.cipher import CantDecrypt, Decryptor
from fairwitness.ingest.axis.naming import ContainerKind, ObjectKind

AT = datetime(2017, 6, 8, 22, 29, 40, tzinfo=UTC)
USER = "6f3f8a0e-8c2d-4d5e-9a51-0c1d2e3f4a5b"
NAME = f"{USER}_B8A44F123456_20170608T223010Z"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("System", ContainerKind.SYSTEM),
        ("Users", ContainerKind.PEOPLE),
        ("Devices", ContainerKind.CAMERAS),
        (NAME, ContainerKind.RECORDING),
        ("RejectedContent_20170609T065500Z_1-2", ContainerKind.REJECTED),
        ("RejectedContent_UnknownTime_1-2", ContainerKind.REJECTED),
        ("anything", ContainerKind.RECORDING),
    ],
)
def test_containers_are_known_by_their_names(name: str, kind: ContainerKind) -> None:
    assert naming.container_kind(name) is kind


def test_a_recordings_name_says_who_what_and_when() -> None:
    named = naming.read(NAME)
    assert (named.user, named.camera) == (USER, "B8A44F123456")
    assert named.triggered_at == datetime(2017, 6, 8, 22, 30, 10, tzinfo=UTC)
    assert naming.read(f"{USER}_AABB_20190101_090909").camera == "AABB"
    assert naming.read(f"{USER}_AABB_20199901T090909Z").triggered_at is None
    assert naming.read("anything") == naming.Named()
    assert naming.identity(NAME, "x") == NAME
    assert naming.identity("anything", "x") == "x/anything"


@pytest.mark.parametrize(
    ("name", "kind", "keys"),
    [
        ("20170608_222940_A1.mp4", ObjectKind.CLIP, "20170608_222940_A1.key"),
        ("20170608_222940_A1.mkv", ObjectKind.CLIP, "20170608_222940_A1.mkv.key"),
        ("20170608_222940_A1.key", ObjectKind.KEY, None),
        ("bookmark_1_2", ObjectKind.BOOKMARK, None),
        (
            "20170608_222940_A1_B8A4_gpstrail.json",
            ObjectKind.TRAIL,
            "20170608_222940_A1.key",
        ),
        (
            "20170608_222940_A1_B8A4_gpstrail.json",
            ObjectKind.TRAIL,
            "20170608_222940_A1_B8A4_gpstrail.key",
        ),
        ("x", ObjectKind.CLIP, "x.key"),
    ],
)
def test_objects_are_known_by_their_names(name: str, kind: ObjectKind, keys: str | None) -> None:
    assert naming.object_kind(name) is kind
    assert keys is None or keys in naming.key_names(name)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2017-06-08T22:29:40Z", AT),
        ("2017-06-08T23:29:40+01:00", AT),
        ("2017-06-08T22:29:40", AT),
        ("1496960980", AT),
        ("1496960980.5", AT + timedelta(milliseconds=500)),
        ("", None),
        ("yesterday", None),
        ("9" * 400, None),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_times_are_read_in_both_forms(text: str, at: datetime | None) -> None:
    assert saying.instant(text) == at


@given(st.dictionaries(st.sampled_from(["starttime", "starttimeiso", "stoptime"]), st.text()))
def test_nobodys_clip_upsets_the_reader(metadata: dict[str, str]) -> None:
    clip = saying.clip(metadata)
    assert clip.ended_at is None or clip.started_at is None or clip.started_at <= clip.ended_at


FIELDS = st.sampled_from(["CoordinateEntries", "LocationWKT", "SecondsFromStart"])
DOCUMENTS = st.recursive(
    st.integers() | st.text() | st.none(),
    lambda inner: st.dictionaries(FIELDS, inner) | st.lists(inner),
)


@given(st.binary(max_size=300) | DOCUMENTS.map(lambda value: json.dumps(value).encode()))
def test_nobodys_trail_upsets_the_reader(body: bytes) -> None:
    for since, latitude, longitude in saying.trail(body) or []:
        assert abs(latitude) <= 90
        assert abs(longitude) <= 180
        assert math.isfinite(since)


def test_a_long_trail_is_thinned_evenly_and_keeps_its_ends() -> None:
    entries = [
        {"LocationWKT": f"POINT({n / 1000} 51)", "SecondsFromStart": n} for n in range(50_000)
    ]
    found = saying.trail(json.dumps({"CoordinateEntries": entries}).encode())
    assert found is not None
    assert len(found) <= saying.MOST_POSITIONS
    assert found[0] == [0.0, 51.0, 0.0]
    assert found[-1][0] > 49_990
    huge = {"CoordinateEntries": [{"LocationWKT": "POINT(1 2)", "SecondsFromStart": 10**400}]}
    assert saying.trail(json.dumps(huge).encode()) == []
    endless = {"CoordinateEntries": [{"LocationWKT": "POINT(1 2)", "SecondsFromStart": 1e300}]}
    assert saying.trail(json.dumps(endless).encode()) == []


def told(**changes: object) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "of": saying.whole(NAME, {"starttimeiso": "2017-06-08T22:29:40Z"}),
        "when": saying.Clip(AT, AT + timedelta(seconds=90)),
        "received_at": AT + timedelta(hours=1),
        "bookmarks": [],
        "trail": [],
    }
    return saying.told(**fields | changes)


def test_what_comes_before_the_trigger_is_buffer_in_the_first_clip_only() -> None:
    assert told()["buffer_ms"] == 30_000
    later = saying.Clip(AT + timedelta(seconds=90), AT + timedelta(seconds=120))
    assert told(when=later)["buffer_ms"] == 0
    assert told(when=saying.Clip(None, None))["buffer_ms"] == 0


def test_a_bookmark_is_told_beside_the_clip_that_it_lies_in() -> None:
    marks = [
        saying.bookmark({"starttime": f"2017-06-08T22:{text}Z"}, b"\0here")
        for text in ("30:00", "45:00")
    ]
    assert told(bookmarks=marks)["bookmarks"] == [{"at_ms": 20_000, "text": "\ufffdhere"}]


def test_an_end_after_its_arrival_shows_how_far_the_clock_is_ahead_at_least() -> None:
    early = AT + timedelta(seconds=60)
    assert told(received_at=early)["ahead_at_least_ms"] == 30_000
    assert "ahead_at_least_ms" not in told()


def test_a_key_object_is_read_whatever_its_order_and_spacing() -> None:
    vector = "AAAAAAAAAAAAAAAAAAAAAA=="
    for text in (
        f'{{"EncryptedKey":"QUJD","ContentEncryptionIV" : "{vector}","PublicKeyId":"1f"}}',
        f'\n "PublicKeyId": "1f"\n "ContentEncryptionIV": "{vector}"\n "EncryptedKey": "QUJD"',
    ):
        assert cipher.read_key(text.encode()) == cipher.ContentKey(b"ABC", bytes(16), "1f")


@given(st.binary(max_size=200))
def test_nobodys_key_object_upsets_the_reader(data: bytes) -> None:
    with contextlib.suppress(CantDecrypt):
        assert len(cipher.read_key(data).vector) == 16


@given(st.binary(max_size=200), st.integers(1, 40))
def test_a_stream_opens_the_same_however_it_is_cut(data: bytes, step: int) -> None:
    try:
        whole = cipher.decrypt(data, bytes(32), bytes(16))
    except CantDecrypt:
        whole = None
    opened = Decryptor(bytes(32), bytes(16))
    parts = [opened.update(data[at : at + step]) for at in range(0, len(data), step)]
    try:
        assert b"".join([*parts, opened.finish()]) == whole
    except CantDecrypt:
        assert whole is None


def test_video_is_told_from_what_is_encrypted_by_how_it_begins() -> None:
    assert cipher.looks_like_video(b"\0\0\0\x18ftypisom")
    assert cipher.looks_like_video(b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0#")
    for head in (b"", b"\0\0\0\x18", bytes(12), b"{json}"):
        assert not cipher.looks_like_video(head)
    assert cipher.looks_like_json(b" {}")
    for body in (b"[]", b"\xff", b"[" * 100_000):
        assert not cipher.looks_like_json(body)
