"""Sealed pieces: Tink opens ours, we open Tink's, and nothing changed ever opens."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import tink
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vectors import make_sealed_piece, writing
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from fairwitness.formats import piece
from fairwitness.formats.errors import FormatError

KEY = bytes(range(32))
RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
BOUND = piece.associated_data(
    recording=RECORDING, copy="master", offset=0, upload_length=16_776_920
)
FIRST = piece.SEGMENT - 56
NEXT = piece.SEGMENT - 16
VECTORS = Path(__file__).parents[2] / "vectors" / "sealed-piece" / "vectors.json"

streaming_aead.register()


def _tink() -> streaming_aead.StreamingAead:
    params = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
        ciphertext_segment_size=piece.SEGMENT,
        derived_key_size=32,
        hkdf_hash_type=common_pb2.SHA256,
    )
    key = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(params=params, key_value=KEY)
    data = tink_pb2.KeyData(
        type_url="type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey",
        value=key.SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    keyset = tink_pb2.Keyset(
        primary_key_id=1,
        key=[
            tink_pb2.Keyset.Key(
                key_data=data,
                status=tink_pb2.ENABLED,
                key_id=1,
                output_prefix_type=tink_pb2.RAW,
            )
        ],
    )
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    primitive: streaming_aead.StreamingAead = handle.primitive(streaming_aead.StreamingAead)
    return primitive


TINK = _tink()


def plaintext(size: int) -> bytes:
    block = b"".join(b"%08d" % number for number in range(8192))
    rounds = -(-size // len(block))
    return b"".join(b"%04d" % turn + block[4:] for turn in range(rounds))[:size]


def seal(data: bytes, *, bound: bytes = BOUND, step: int = 1 << 18) -> bytes:
    sealer = piece.PieceSealer(key=KEY, associated_data=bound)
    parts = [sealer.header]
    for start in range(0, len(data), step):
        parts += sealer.update(data[start : start + step])
    return b"".join([*parts, sealer.finish()])


def reader(sealed: bytes, *, key: bytes = KEY, bound: bytes = BOUND) -> piece.PieceReader:
    return piece.PieceReader(
        key=key,
        associated_data=bound,
        size=len(sealed),
        read_at=lambda offset, length: sealed[offset : offset + length],
    )


def open_all(sealed: bytes, *, key: bytes = KEY, bound: bytes = BOUND) -> bytes:
    opened = reader(sealed, key=key, bound=bound)
    return opened.read(0, opened.plaintext_size)


def tink_seal(data: bytes) -> bytes:
    class Kept(io.BytesIO):
        kept = b""

        def close(self) -> None:
            if not self.closed:
                self.kept = self.getvalue()
            super().close()

    target = Kept()
    with TINK.new_encrypting_stream(target, BOUND) as stream:
        stream.write(data)
    return target.kept


def tink_open(sealed: bytes, bound: bytes = BOUND) -> bytes:
    with TINK.new_decrypting_stream(io.BytesIO(sealed), bound) as stream:
        data: bytes = stream.read()
    return data


def edges() -> Iterator[int]:
    yield from (0, 1, 15, 16, 17)
    for segments in range(1, piece.PIECE_SEGMENTS):
        edge = FIRST + NEXT * (segments - 1)
        yield from (edge - 1, edge, edge + 1)
    yield from (piece.PIECE_PLAINTEXT - 1, piece.PIECE_PLAINTEXT)


@pytest.mark.parametrize("size", list(edges()))
def test_tink_opens_ours_and_we_open_tinks(size: int) -> None:
    data = plaintext(size)
    ours = seal(data)
    assert len(ours) == piece.sealed_size(size)
    assert piece.plaintext_size(len(ours)) == size
    assert tink_open(ours) == data
    theirs = tink_seal(data)
    assert len(theirs) == len(ours)
    assert open_all(theirs) == data
    assert open_all(ours) == data


def test_a_full_piece_is_exactly_sixteen_mebibytes() -> None:
    assert piece.PIECE_PLAINTEXT == 16_776_920
    assert piece.sealed_size(piece.PIECE_PLAINTEXT) == 16 << 20


@given(size=st.integers(0, piece.PIECE_PLAINTEXT))
def test_sizes_go_both_ways(size: int) -> None:
    assert piece.plaintext_size(piece.sealed_size(size)) == size


@given(sealed=st.integers(-100, 17 << 20))
def test_no_two_plaintext_sizes_and_no_other_size_is_a_piece(sealed: int) -> None:
    try:
        size = piece.plaintext_size(sealed)
    except FormatError:
        return
    assert piece.sealed_size(size) == sealed


def test_more_than_a_piece_is_refused_before_it_is_sealed() -> None:
    with pytest.raises(ValueError, match="holds"):
        piece.sealed_size(piece.PIECE_PLAINTEXT + 1)
    with pytest.raises(ValueError, match="sixteenth"):
        seal(bytes(piece.PIECE_PLAINTEXT + 1), step=1 << 20)


def test_a_sealer_is_used_once() -> None:
    sealer = piece.PieceSealer(key=KEY, associated_data=BOUND)
    sealer.update(b"abc")
    sealer.finish()
    assert sealer.room == 0
    with pytest.raises(ValueError, match="segments are full"):
        sealer.finish()


def test_segments_before_the_last_are_full_and_an_empty_one_stands_alone() -> None:
    into = memoryview(bytearray(piece.SEGMENT))
    sealer = piece.PieceSealer(key=KEY, associated_data=BOUND)
    with pytest.raises(ValueError, match="segments are full"):
        sealer.seal_segment(b"abc", into, last=False)
    sealer.seal_segment(bytes(FIRST), into, last=False)
    with pytest.raises(ValueError, match="segments are full"):
        sealer.seal_segment(b"", into, last=True)


def test_no_two_sealings_share_salt_or_prefix() -> None:
    headers = [piece.PieceSealer(key=KEY, associated_data=BOUND).header for _ in range(64)]
    assert {header[0] for header in headers} == {40}
    assert len({header[1:33] for header in headers}) == 64
    assert len({header[33:] for header in headers}) == 64


DATA = plaintext(FIRST + NEXT + 1000)
SEALED = seal(DATA)


@given(
    offset=st.integers(0, len(DATA) + 10) | st.sampled_from([FIRST, FIRST - 1, FIRST + NEXT]),
    length=st.integers(0, 2 * piece.SEGMENT) | st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_a_range_read_is_a_slice_of_the_plaintext(offset: int, length: int) -> None:
    assert reader(SEALED).read(offset, length) == DATA[offset : offset + length]


@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=6))
@settings(max_examples=30, deadline=None)
def test_one_reader_reads_any_ranges_in_any_order(cuts: list[int]) -> None:
    opened = reader(SEALED)
    for cut in cuts:
        assert opened.read(cut, 5000) == DATA[cut : cut + 5000]


def test_a_seek_opens_only_the_segments_it_needs() -> None:
    asked: list[tuple[int, int]] = []

    def read_at(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return SEALED[offset : offset + length]

    opened = piece.PieceReader(key=KEY, associated_data=BOUND, size=len(SEALED), read_at=read_at)
    assert opened.read(FIRST + 10, 100) == DATA[FIRST + 10 : FIRST + 110]
    assert asked == [(0, 40), (piece.SEGMENT, piece.SEGMENT)]


def test_a_reader_whose_buffer_is_used_for_all_it_reads_starts_anywhere() -> None:
    buffer = bytearray(piece.SEGMENT)

    def read_at(offset: int, length: int) -> memoryview:
        buffer[:length] = SEALED[offset : offset + length]
        return memoryview(buffer)[:length]

    opened = piece.PieceReader(key=KEY, associated_data=BOUND, size=len(SEALED), read_at=read_at)
    assert opened.read(FIRST, 10) == DATA[FIRST : FIRST + 10]


def test_negative_ranges_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        reader(SEALED).read(-1, 5)
    with pytest.raises(ValueError, match="negative"):
        reader(SEALED).read(0, -5)
    with pytest.raises(ValueError, match="no such segment"):
        reader(SEALED).open_segment(3, memoryview(bytearray(piece.SEGMENT)))


SMALL = seal(b"It was a fair stop.")


@given(bit=st.integers(0, len(SMALL) * 8 - 1))
@settings(max_examples=len(SMALL) * 8)
def test_any_flipped_bit_is_refused(bit: int) -> None:
    changed = bytearray(SMALL)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(piece.PieceInvalid):
        open_all(bytes(changed))


@given(bit=st.integers(0, len(SEALED) * 8 - 1))
@settings(max_examples=25, deadline=None)
def test_any_flipped_bit_of_a_long_piece_is_refused(bit: int) -> None:
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(piece.PieceInvalid):
        open_all(bytes(changed))


@pytest.mark.parametrize("segments", [1, 2])
def test_a_cut_at_a_segments_edge_is_refused(segments: int) -> None:
    with pytest.raises(piece.PieceInvalid):
        open_all(SEALED[: segments * piece.SEGMENT])


@given(size=st.integers(0, len(SMALL) - 1))
def test_any_cut_is_refused(size: int) -> None:
    with pytest.raises(piece.PieceInvalid):
        open_all(SMALL[:size])


def test_a_blob_shorter_than_recorded_is_refused() -> None:
    opened = piece.PieceReader(
        key=KEY,
        associated_data=BOUND,
        size=len(SMALL),
        read_at=lambda offset, length: SMALL[: len(SMALL) - 1][offset : offset + length],
    )
    with pytest.raises(piece.PieceInvalid, match="ended before"):
        opened.read(0, 100)


def test_segments_in_another_order_are_refused() -> None:
    long = seal(plaintext(FIRST + 3 * NEXT))
    cut = [long[at : at + piece.SEGMENT] for at in range(0, len(long), piece.SEGMENT)]
    for order in ((0, 2, 1, 3), (0, 1, 1, 3), (1, 0, 2, 3), (0, 1, 3, 2)):
        with pytest.raises(piece.PieceInvalid):
            open_all(b"".join(cut[index] for index in order))


def test_segments_of_two_pieces_do_not_mix() -> None:
    other = seal(DATA)
    with pytest.raises(piece.PieceInvalid):
        open_all(SEALED[: piece.SEGMENT] + other[piece.SEGMENT :])


@pytest.mark.parametrize(
    "change",
    [
        {"recording": UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c12")},
        {"copy": "working"},
        {"offset": 1},
        {"upload_length": 16_776_921},
    ],
)
def test_a_piece_in_another_place_is_refused(change: dict[str, UUID | str | int]) -> None:
    place: dict[str, UUID | str | int] = {
        "recording": RECORDING,
        "copy": "master",
        "offset": 0,
        "upload_length": 16_776_920,
        **change,
    }
    bound = piece.associated_data(**place)  # type: ignore[arg-type] # the types are right together
    with pytest.raises(piece.PieceInvalid):
        open_all(SMALL, bound=bound)


def test_another_key_is_refused() -> None:
    with pytest.raises(piece.PieceInvalid):
        open_all(SMALL, key=bytes(32))
    with pytest.raises(ValueError, match="32 bytes"):
        open_all(SMALL, key=bytes(16))


def test_what_did_not_open_leaves_no_plaintext_behind() -> None:
    into = memoryview(bytearray(b"x" * piece.SEGMENT))
    changed = bytearray(SMALL)
    changed[-1] ^= 1
    with pytest.raises(piece.PieceInvalid):
        reader(bytes(changed)).open_segment(0, into)
    assert bytes(into[:19]) == bytes(19)


@given(garbage=st.binary(max_size=400))
def test_garbage_raises_only_what_readers_raise(garbage: bytes) -> None:
    with pytest.raises(FormatError):
        open_all(garbage)


@pytest.mark.parametrize(
    ("copy", "offset", "length"),
    [("", 0, 0), ("Master", 0, 0), ("a\nb", 0, 0), ("a" * 33, 0, 0), ("a", -1, 0), ("a", 0, -1)],
)
def test_a_place_that_can_not_be_is_refused(copy: str, offset: int, length: int) -> None:
    with pytest.raises(ValueError, match=r"copy's name|negative"):
        piece.associated_data(recording=RECORDING, copy=copy, offset=offset, upload_length=length)


def test_older_cryptography_without_buffers_of_ones_own_seals_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Older:
        def __init__(self, key: bytes) -> None:
            self._aead = AESGCM(key)

        def encrypt(self, nonce: bytes, data: bytes, bound: bytes | None) -> bytes:
            return self._aead.encrypt(nonce, data, bound)

        def decrypt(self, nonce: bytes, data: bytes, bound: bytes | None) -> bytes:
            return self._aead.decrypt(nonce, data, bound)

    with monkeypatch.context() as older:
        older.setattr(piece, "AESGCM", Older)
        sealed = seal(DATA)
        assert open_all(SEALED) == DATA
        with pytest.raises(piece.PieceInvalid):
            open_all(SMALL[:-1] + b"x")
    assert open_all(sealed) == DATA


def test_the_published_vectors_are_what_their_maker_makes() -> None:
    assert VECTORS.read_text(encoding="utf-8") == writing.text(make_sealed_piece.make())


def test_we_and_tink_open_the_published_vectors() -> None:
    published = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert bytes.fromhex(published["key"]) == KEY
    for case in published["valid"]:
        data = make_sealed_piece.plaintext(case["size"])
        bound = case["associated_data"].encode()
        assert bound == piece.associated_data(
            recording=RECORDING, copy="master", offset=0, upload_length=case["size"]
        )
        sealed = make_sealed_piece.seal(data, bound)
        assert open_all(sealed, bound=bound) == data
        assert tink_open(sealed, bound) == data


def test_we_refuse_the_published_invalid_vectors() -> None:
    published = json.loads(VECTORS.read_text(encoding="utf-8"))
    sizes = {case["name"]: case["size"] for case in published["valid"]}
    for case in published["invalid"]:
        size = sizes[case["of"]]
        bound = make_sealed_piece.associated_data(size)
        sealed = make_sealed_piece.seal(make_sealed_piece.plaintext(size), bound)
        changed = make_sealed_piece.edit(sealed, case["edit"], tuple(case["where"]))
        with pytest.raises(piece.PieceInvalid):
            open_all(changed, bound=bound)
