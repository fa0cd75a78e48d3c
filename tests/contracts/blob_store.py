"""What every store must pass: the contract in `fairwitness.vault.port`, rule by rule.

A store's own test subclasses `BlobStoreContract` and gives the fixtures `store`, and
`again`: the same blobs as another process would find them.
"""

import threading
from collections.abc import Callable

import pytest

from fairwitness.vault.port import (
    BlobExists,
    BlobMissing,
    BlobStore,
    DeletesMany,
    OpensCold,
)

NAMES = (
    "a",
    "piece/00ff",
    "manifest/6f1f6c1e-5a52-4f0a-9a55-0d9b6f3f2c11",
    "a/b/c/d",
    "x" * 200,
)
BAD_NAMES = (
    "",
    "/",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    ".hidden",
    "A",
    "a b",
    "a_b",
    "-a",
    "a\n",
    "é",
    "a.txt",
    "x" * 201,
)


def put(store: BlobStore, name: str, data: bytes = b"sealed") -> None:
    writer = store.create(name, size=len(data))
    writer.write(data)
    writer.finish()
    store.sync([name])


def content(store: BlobStore, name: str) -> bytes:
    blob = store.open(name)
    try:
        return blob.read_at(0, blob.size)
    finally:
        blob.close()


class BlobStoreContract:
    @pytest.mark.parametrize("name", NAMES)
    def test_what_is_synced_is_found_by_another_process(
        self, store: BlobStore, again: Callable[[], BlobStore], name: str
    ) -> None:
        put(store, name, b"sealed bytes")
        assert content(again(), name) == b"sealed bytes"
        assert list(again().names()) == [name]
        assert again().facts(name).size == 12

    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_other_names_are_refused(self, store: BlobStore, name: str) -> None:
        for use in (store.create, store.open, store.delete, store.facts):
            with pytest.raises(ValueError, match="name"):
                use(name)
        assert list(store.names()) == []

    def test_names_inside_each_other_do_not_clash(self, store: BlobStore) -> None:
        for name in ("a", "a/a", "a/a/a", "aa", "aa/a"):
            put(store, name, name.encode())
        for name in ("a", "a/a", "a/a/a", "aa", "aa/a"):
            assert content(store, name) == name.encode()

    def test_a_name_is_used_once(self, store: BlobStore, again: Callable[[], BlobStore]) -> None:
        writer = store.create("piece/aa")
        with pytest.raises(BlobExists):
            again().create("piece/aa")
        writer.write(b"first")
        writer.finish()
        with pytest.raises(BlobExists):
            store.create("piece/aa")
        assert content(store, "piece/aa") == b"first"

    def test_of_many_who_create_one_name_one_does(self, store: BlobStore) -> None:
        won: list[int] = []
        start = threading.Barrier(8)

        def race(number: int) -> None:
            start.wait()
            try:
                writer = store.create("piece/race")
            except BlobExists:
                return
            writer.write(bytes([number]))
            writer.finish()
            won.append(number)

        threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        assert content(store, "piece/race") == bytes(won)

    @pytest.mark.parametrize("reserved", [None, 0, 3, 6, 5_000_000])
    def test_a_blob_is_as_long_as_what_was_written(
        self, store: BlobStore, reserved: int | None
    ) -> None:
        writer = store.create("piece/aa", size=reserved)
        for part in (b"abc", bytearray(b"de"), memoryview(b"f"), b""):
            writer.write(part)
        writer.finish()
        store.sync(["piece/aa"])
        assert content(store, "piece/aa") == b"abcdef"
        assert store.facts("piece/aa").size == 6

    def test_an_empty_blob_is_a_blob(self, store: BlobStore) -> None:
        put(store, "piece/aa", b"")
        assert content(store, "piece/aa") == b""

    def test_large_blobs_come_back_whole(self, store: BlobStore) -> None:
        data = bytes(range(256)) * 40_000
        put(store, "piece/aa", data)
        assert content(store, "piece/aa") == data

    def test_a_writer_ends_once(self, store: BlobStore) -> None:
        writer = store.create("piece/aa")
        writer.write(b"abc")
        writer.finish()
        writer.abort()
        assert content(store, "piece/aa") == b"abc"
        with pytest.raises(ValueError, match="finished"):
            writer.write(b"more")
        with pytest.raises(ValueError, match="finished"):
            writer.finish()

    def test_what_is_given_up_is_gone(self, store: BlobStore) -> None:
        writer = store.create("piece/aa", size=100)
        writer.write(b"abc")
        writer.abort()
        writer.abort()
        with pytest.raises(BlobMissing):
            store.open("piece/aa")
        assert list(store.names()) == []
        with pytest.raises(ValueError, match="aborted"):
            writer.write(b"more")

    def test_reads_start_anywhere_and_end_at_the_end(self, store: BlobStore) -> None:
        put(store, "piece/aa", b"0123456789")
        blob = store.open("piece/aa")
        assert blob.size == 10
        assert blob.read_at(3, 4) == b"3456"
        assert blob.read_at(8, 100) == b"89"
        assert blob.read_at(10, 1) == b""
        into = memoryview(bytearray(b"." * 6))
        assert blob.read_into(2, into) == 6
        assert bytes(into) == b"234567"
        assert blob.read_into(7, into) == 3
        assert bytes(into[:3]) == b"789"
        blob.close()
        blob.close()
        with pytest.raises(ValueError, match="closed"):
            blob.read_at(0, 1)

    def test_readers_share_a_blob_between_threads(self, store: BlobStore) -> None:
        put(store, "piece/aa", bytes(range(256)) * 1000)
        blob = store.open("piece/aa")
        wrong: list[int] = []

        def read(start: int) -> None:
            places = range(start, 200_000, 7919)
            wrong.extend(at for at in places if blob.read_at(at, 1) != bytes([at % 256]))

        threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        blob.close()
        assert wrong == []

    def test_what_is_not_there_is_missing(self, store: BlobStore) -> None:
        for use in (store.open, store.facts):
            with pytest.raises(BlobMissing):
                use("piece/none")
        assert list(store.names("piece/")) == []

    def test_deleting_is_idempotent(self, store: BlobStore, again: Callable[[], BlobStore]) -> None:
        put(store, "piece/aa")
        put(store, "piece/ab")
        store.delete("piece/aa")
        store.delete("piece/aa")
        store.delete("never/was")
        assert list(again().names()) == ["piece/ab"]

    def test_names_are_listed_by_prefix(self, store: BlobStore) -> None:
        for name in ("piece/aa1", "piece/aa2", "piece/bb1", "manifest/aa"):
            put(store, name)
        assert sorted(store.names("piece/")) == ["piece/aa1", "piece/aa2", "piece/bb1"]
        assert sorted(store.names("piece/aa")) == ["piece/aa1", "piece/aa2"]
        assert sorted(store.names("m")) == ["manifest/aa"]
        assert len(list(store.names())) == 4

    def test_a_group_is_synced_at_once(
        self, store: BlobStore, again: Callable[[], BlobStore]
    ) -> None:
        names = [f"piece/{number:04x}" for number in range(0, 65_536, 4096)]
        for name in names:
            writer = store.create(name)
            writer.write(name.encode())
            writer.finish()
        store.sync(names)
        store.sync([])
        assert sorted(again().names()) == names

    def test_age_and_room_can_be_asked(self, store: BlobStore) -> None:
        put(store, "piece/aa")
        assert store.facts("piece/aa").written_at.utcoffset() is not None
        assert store.free_bytes() >= 0

    def test_a_store_that_deletes_many_deletes_each(self, store: BlobStore) -> None:
        if not isinstance(store, DeletesMany):
            pytest.skip("this store deletes one by one")
        for name in ("piece/aa", "piece/ab", "piece/ba"):
            put(store, name)
        store.delete_many(["piece/aa", "piece/ba", "piece/never"])
        store.delete_many(["piece/aa"])
        assert list(store.names()) == ["piece/ab"]

    def test_a_store_that_opens_cold_reads_the_same(self, store: BlobStore) -> None:
        if not isinstance(store, OpensCold):
            pytest.skip("this store has no such power")
        put(store, "piece/aa", b"cold")
        blob = store.open_cold("piece/aa")
        assert blob.read_at(0, 100) == b"cold"
        blob.close()
        with pytest.raises(BlobMissing):
            store.open_cold("piece/none")
