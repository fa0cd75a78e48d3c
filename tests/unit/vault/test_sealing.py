"""Bytes in, durable pieces out: however they are cut, they come back whole."""

import hashlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts.memory_store import MemoryStore, MemoryWriter

from fairwitness.errors import FairwitnessError
from fairwitness.formats import piece
from fairwitness.formats.piece import PIECE_PLAINTEXT, SEGMENT, PieceInvalid
from fairwitness.vault import copies, pieces, reading
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.port import BlobMissing, BlobStore, StoreFull
from fairwitness.vault.reading import PiecesIncomplete, SealedReader, read_back
from fairwitness.vault.sealing import BUFFERS, FEW, PieceWriter, WriterAborted

RECORDING = UUID("6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11")
KEY = bytes(range(32))
WHOLE: Final = bytes(range(251)) * (2 * PIECE_PLAINTEXT // 251 + 1)


class Rows:
    """Stands for the database: the rows of pieces and the upload's offset."""

    def __init__(self) -> None:
        self.pieces: list[SealedPiece] = []
        self.offset = 0
        self.groups: list[int] = []
        self.refuse: Exception | None = None
        self.broken = False

    def save(self, groups: Sequence[Durable[str]]) -> Sequence[Exception | None]:
        if self.broken:
            raise RuntimeError("the database went away")
        self.groups.append(len(groups))
        for durable in groups:
            if self.refuse is None:
                assert durable.tag == "upload"
                assert durable.start == self.offset
                self.pieces += durable.pieces
                self.offset = durable.end
        return [self.refuse] * len(groups)


def binding(length: int) -> Binding:
    return Binding(KEY, RECORDING, "master", length)


def writer(
    store: BlobStore, committer: GroupCommitter[str], length: int, offset: int = 0
) -> PieceWriter[str]:
    return PieceWriter(
        store=store, binding=binding(length), commits=committer, tag="upload", offset=offset
    )


def write_all(run: PieceWriter[str], data: bytes) -> None:
    run.write(data)
    run.finish()


def upload(store: BlobStore, rows: Rows, data: bytes, cuts: Sequence[int], step: int) -> None:
    """Sends `data` as an upload that is cut at these offsets."""
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    ends = sorted({*(cut for cut in cuts if cut < len(data)), len(data)})
    for end in ends:
        run = writer(store, committer, len(data), rows.offset)
        for start in range(rows.offset, end, step):
            run.write(data[start : min(start + step, end)])
        assert run.finish() == end
        assert run.durable == end == rows.offset
    committer.close()


EDGES = (SEGMENT - 56, 2 * SEGMENT - 72, PIECE_PLAINTEXT)
near_edges = st.sampled_from(EDGES).flatmap(lambda edge: st.integers(edge - 1, edge + 1))


@given(
    size=st.integers(0, 3 * SEGMENT) | near_edges,
    cuts=st.lists(st.integers(1, 3 * SEGMENT) | near_edges, max_size=4),
    step=st.sampled_from([1000, 65_536, SEGMENT, 5 * SEGMENT]),
)
@settings(max_examples=60, deadline=None)
def test_any_cut_pattern_reads_back_whole(size: int, cuts: list[int], step: int) -> None:
    data = WHOLE[:size]
    rows, store = Rows(), MemoryStore()
    upload(store, rows, data, cuts, step)
    digest = read_back(rows.pieces, store=store, binding=binding(size))
    assert digest.size == size
    assert digest.sha256 == hashlib.sha256(data).digest()
    assert set(store.blobs) == {sealed.blob for sealed in rows.pieces}
    named = [name for group in store.synced for name in group]
    assert sorted(named) == sorted(store.blobs)


@given(
    offset=st.integers(0, 3 * SEGMENT),
    length=st.integers(0, 2 * SEGMENT),
    cut=st.integers(1, 3 * SEGMENT),
)
@settings(max_examples=25, deadline=None)
def test_any_range_is_a_slice(offset: int, length: int, cut: int) -> None:
    data = WHOLE[: 3 * SEGMENT]
    rows, store = Rows(), MemoryStore()
    upload(store, rows, data, [cut], SEGMENT)
    with SealedReader(rows.pieces[::-1], store=store, binding=binding(len(data))) as reader:
        assert reader.size == len(data)
        assert reader.read(offset, length) == data[offset : offset + length]
        assert b"".join(reader.chunks(offset, offset + length)) == data[offset : offset + length]


def test_pieces_are_cut_at_sixteen_mebibytes_and_where_the_upload_was(tmp_path: Path) -> None:
    rows, store = Rows(), FolderStore(tmp_path)
    data = WHOLE[: 2 * PIECE_PLAINTEXT]
    upload(store, rows, data, [PIECE_PLAINTEXT + 10, PIECE_PLAINTEXT + 11], SEGMENT)
    assert [(sealed.offset, sealed.length) for sealed in rows.pieces] == [
        (0, PIECE_PLAINTEXT),
        (PIECE_PLAINTEXT, 10),
        (PIECE_PLAINTEXT + 10, 1),
        (PIECE_PLAINTEXT + 11, PIECE_PLAINTEXT - 11),
    ]
    assert rows.pieces[0].sealed_size == 16 << 20
    for sealed in rows.pieces:
        assert store.facts(sealed.blob).size == sealed.sealed_size
    assert pieces.total(rows.pieces) == len(data)
    digest = read_back(rows.pieces, store=store, binding=binding(len(data)))
    assert digest.sha256 == hashlib.sha256(data).digest()


def test_no_plaintext_reaches_the_disk(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    marker = b"TRAINING, NOT EVIDENCE: a sentence that must not be found on any disk. " * 30_000
    upload(store, Rows(), marker, [100, SEGMENT], 10_000)
    for name in store.names():
        blob = store.open(name)
        assert b"NOT EVIDENCE" not in blob.read_at(0, blob.size)


class Slow(MemoryStore):
    """Writes nothing before the gate is open."""

    def __init__(self, gate: threading.Event) -> None:
        super().__init__()
        self.gate = gate

    def create(self, name: str, *, size: int | None = None) -> MemoryWriter:
        self.gate.wait(60)
        return super().create(name, size=size)


def test_trying_to_write_never_waits_and_takes_what_fits() -> None:
    gate = threading.Event()
    rows, store = Rows(), Slow(gate)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 20 * SEGMENT)
    taken = run.try_write(WHOLE[: 20 * SEGMENT])
    assert taken == BUFFERS * (SEGMENT - 16) - 40 == run.position
    assert run.try_write(WHOLE[taken : taken + 1]) == 0
    assert run.durable == 0
    gate.set()
    run.wait_for_room()
    run.write(WHOLE[taken : 20 * SEGMENT])
    assert run.finish() == 20 * SEGMENT == rows.offset
    committer.close()


def test_whoever_asks_is_called_once_when_there_is_room() -> None:
    gate = threading.Event()
    rows, store = Rows(), Slow(gate)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 20 * SEGMENT)
    called: queue.SimpleQueue[bool] = queue.SimpleQueue()
    run.when_room(lambda: called.put(gate.is_set()))
    assert called.get(timeout=60) is False  # at once: there is room
    taken = run.try_write(WHOLE[: 20 * SEGMENT])
    run.when_room(lambda: called.put(gate.is_set()))
    assert called.empty()
    gate.set()
    assert called.get(timeout=60)
    run.write(WHOLE[taken : 20 * SEGMENT])
    assert run.finish() == 20 * SEGMENT
    committer.close()
    assert called.empty()


def test_whoever_waits_for_room_is_called_when_the_upload_fails() -> None:
    gate = threading.Event()
    store = Slow(gate)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=Rows().save)
    run = writer(store, committer, 20 * SEGMENT)
    run.try_write(WHOLE[: 20 * SEGMENT])
    called = threading.Event()
    run.when_room(called.set)
    assert not called.is_set()
    run.fail(StoreFull("There is no room."))
    assert called.is_set()
    with pytest.raises(StoreFull):
        run.try_write(b"more")
    gate.set()
    run.abort()
    committer.close()


def test_whoever_ends_an_upload_is_called_when_all_of_it_counts() -> None:
    gate = threading.Event()
    rows = Rows()
    store = Slow(gate)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 3 * SEGMENT)
    assert run.try_write(WHOLE[: 2 * SEGMENT]) == 2 * SEGMENT
    run.end()
    called: queue.SimpleQueue[int] = queue.SimpleQueue()
    run.when_done(lambda: called.put(rows.offset))
    assert called.empty()
    with pytest.raises(ValueError, match="ended"):
        run.try_write(b"more")
    gate.set()
    assert called.get(timeout=60) == 2 * SEGMENT
    assert run.finish() == 2 * SEGMENT
    committer.close()


def test_whoever_ends_an_upload_is_called_when_it_fails() -> None:
    rows, store = Rows(), MemoryStore()
    rows.broken = True
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, SEGMENT)
    run.write(WHOLE[:SEGMENT])
    run.end()
    called = threading.Event()
    run.when_done(called.set)
    assert called.wait(60)
    with pytest.raises(RuntimeError, match="went away"):
        run.finish()
    run.abort()
    committer.close()


def test_in_a_crowd_a_writer_has_few_buffers_and_all_of_them_end() -> None:
    gate = threading.Event()
    store = Slow(gate)
    rows = [Rows() for _ in range(20)]
    committers = [GroupCommitter(store=store, save=each.save) for each in rows]
    size = 12 * SEGMENT
    runs = [writer(store, committer, size) for committer in committers]
    taken = [run.try_write(WHOLE[:size]) for run in runs]
    assert taken[0] == BUFFERS * (SEGMENT - 16) - 40
    assert taken[-1] == FEW * (SEGMENT - 16) - 40
    gate.set()
    with ThreadPoolExecutor(len(runs)) as pool:
        list(pool.map(lambda run, done: run.write(WHOLE[done:size]), runs, taken))
    assert [run.finish() for run in runs] == [size] * len(runs) == [each.offset for each in rows]
    for committer in committers:
        committer.close()


class Filling(MemoryStore):
    """Has room for so many bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def create(self, name: str, *, size: int | None = None) -> MemoryWriter:
        if size and size > self.room:
            raise StoreFull("There is no room.")
        self.room -= size or 0
        return super().create(name, size=size)


def test_a_full_store_fails_the_upload_and_keeps_what_was_durable() -> None:
    rows, store = Rows(), Filling(17 << 20)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 2 * PIECE_PLAINTEXT)
    with pytest.raises(StoreFull):
        write_all(run, WHOLE[: 2 * PIECE_PLAINTEXT])
    run.abort()
    committer.close()
    assert rows.offset in {0, PIECE_PLAINTEXT}
    for sealed in rows.pieces:
        assert sealed.blob in store.blobs


def test_an_upload_given_up_leaves_no_blob(tmp_path: Path) -> None:
    rows, store = Rows(), FolderStore(tmp_path)
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, PIECE_PLAINTEXT)
    run.write(WHOLE[: 3 * SEGMENT])
    run.abort()
    run.abort()
    committer.close()
    assert list(store.names()) == []
    with pytest.raises(ValueError, match="ended"):
        run.try_write(b"more")
    with pytest.raises(WriterAborted):
        run.finish()


def test_giving_up_after_the_end_changes_nothing() -> None:
    rows, store = Rows(), MemoryStore()
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 1000)
    run.write(WHOLE[:1000])
    assert run.finish() == 1000
    run.abort()
    committer.close()
    assert set(store.blobs) == {sealed.blob for sealed in rows.pieces}


def test_a_refused_group_deletes_its_pieces_and_tells_the_upload() -> None:
    rows, store = Rows(), MemoryStore()
    rows.refuse = WriterAborted("Another request took the upload over.")
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 1000)
    run.write(WHOLE[:1000])
    with pytest.raises(WriterAborted, match="took the upload over"):
        run.finish()
    committer.close()
    assert run.durable == 0
    assert store.blobs == {}


def test_a_commit_whose_outcome_is_unknown_keeps_its_pieces() -> None:
    rows, store = Rows(), MemoryStore()
    rows.broken = True
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 1000)
    run.write(WHOLE[:1000])
    with pytest.raises(RuntimeError, match="went away"):
        run.finish()
    run.abort()
    assert len(store.blobs) == 1
    rows.broken = False
    other = writer(store, committer, 500)  # one upload's failure is not the next one's
    other.write(WHOLE[:500])
    assert other.finish() == 500
    committer.close()
    with pytest.raises(FairwitnessError, match="stopping"):
        write_all(writer(store, committer, 500), WHOLE[:500])


def test_many_uploads_share_groups() -> None:
    store = MemoryStore()
    saved: list[int] = []

    def save(groups: Sequence[Durable[int]]) -> Sequence[Exception | None]:
        saved.append(len(groups))
        return [None] * len(groups)

    committer: GroupCommitter[int] = GroupCommitter(store=store, save=save)
    runs = [
        PieceWriter(store=store, binding=binding(1000), commits=committer, tag=number)
        for number in range(12)
    ]
    for run in runs:
        run.write(WHOLE[:1000])
    for run in runs:
        assert run.finish() == 1000
    committer.close()
    assert sum(saved) == 12
    assert len(store.synced) == len(saved)


def test_more_than_the_upload_has_is_refused() -> None:
    rows, store = Rows(), MemoryStore()
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=rows.save)
    run = writer(store, committer, 10)
    with pytest.raises(ValueError, match="more bytes"):
        run.write(bytes(11))
    run.abort()
    committer.close()


@pytest.mark.parametrize("size", [0, 1, 100_000, 3 * SEGMENT])
def test_a_copy_is_sealed_whole(size: int) -> None:
    store = MemoryStore()
    made = copies.seal_bytes(WHOLE[:size], store=store, key=KEY, recording=RECORDING, copy="poster")
    bound = Binding(KEY, RECORDING, "poster", size)
    with SealedReader(made, store=store, binding=bound) as reader:
        assert reader.read(0, size + 1) == WHOLE[:size]
    assert read_back(made, store=store, binding=bound).size == size


def test_a_copy_of_unknown_length_is_sealed_too() -> None:
    store = MemoryStore()
    bound = Binding(KEY, RECORDING, "working", 0)
    run = copies.CopyWriter(store=store, binding=bound)
    for start in range(0, 2 * SEGMENT, 70_000):
        run.write(WHOLE[start : min(start + 70_000, 2 * SEGMENT)])
    made = run.finish()
    assert read_back(made, store=store, binding=bound).size == 2 * SEGMENT


def test_a_copy_that_does_not_fit_leaves_nothing() -> None:
    store = Filling(17 << 20)
    with pytest.raises(StoreFull):
        copies.seal_bytes(
            WHOLE[: 2 * PIECE_PLAINTEXT], store=store, key=KEY, recording=RECORDING, copy="working"
        )
    assert store.blobs == {}


def two_pieces() -> tuple[MemoryStore, list[SealedPiece]]:
    rows, store = Rows(), MemoryStore()
    upload(store, rows, WHOLE[: 2 * SEGMENT], [SEGMENT], SEGMENT)
    return store, rows.pieces


def test_a_hole_an_overlap_or_a_missing_end_is_refused() -> None:
    store, made = two_pieces()
    bound = binding(2 * SEGMENT)
    for wrong in (made[:1], made[1:], [made[0], made[0], made[1]], []):
        with pytest.raises(PiecesIncomplete):
            SealedReader(wrong, store=store, binding=bound)
        with pytest.raises(PiecesIncomplete):
            read_back(wrong, store=store, binding=bound)


def test_a_missing_or_damaged_blob_is_told_by_both_readers() -> None:
    bound = binding(2 * SEGMENT)
    for damage in ("missing", "flipped", "cut"):
        store, made = two_pieces()
        name = made[1].blob
        data = store.blobs[name] or b""
        if damage == "missing":
            del store.blobs[name]
        else:
            store.blobs[name] = data[:-1] + (b"" if damage == "cut" else bytes([data[-1] ^ 1]))
        with pytest.raises((PieceInvalid, BlobMissing)):
            read_back(made, store=store, binding=bound)
        with SealedReader(made, store=store, binding=bound) as reader:
            assert reader.read(0, 10) == WHOLE[:10]
            with pytest.raises((PieceInvalid, BlobMissing)):
                reader.read(SEGMENT, SEGMENT)
            assert reader.read(5, 10) == WHOLE[5:15]


def test_reading_back_ends_at_once_when_its_reader_gives_up() -> None:
    rows, store = Rows(), MemoryStore()
    upload(store, rows, WHOLE[: 12 * SEGMENT], [SEGMENT * cut for cut in range(1, 12)], SEGMENT)
    opener = reading._Opener(rows.pieces, store=store, binding=binding(12 * SEGMENT))
    opener.start()
    assert len(next(opener.segments())) == SEGMENT - 56
    opener.stop()
    assert not opener.is_alive()


def test_pieces_in_each_others_place_are_refused() -> None:
    store, made = two_pieces()
    first, second = (store.blobs[sealed.blob] for sealed in made)
    store.blobs[made[0].blob], store.blobs[made[1].blob] = second, first
    with pytest.raises(PieceInvalid):
        read_back(made, store=store, binding=binding(2 * SEGMENT))


def test_a_binding_does_not_show_its_key() -> None:
    assert KEY.hex() not in repr(binding(1))
    assert repr(KEY) not in repr(binding(1))


def test_negative_ranges_are_refused() -> None:
    store, made = two_pieces()
    with (
        SealedReader(made, store=store, binding=binding(2 * SEGMENT)) as reader,
        pytest.raises(ValueError, match="negative"),
    ):
        reader.read(-1, 10)


def test_piece_size_matches_the_format() -> None:
    store, made = two_pieces()
    for sealed in made:
        assert sealed.sealed_size == piece.sealed_size(sealed.length)
        assert store.facts(sealed.blob).size == sealed.sealed_size
