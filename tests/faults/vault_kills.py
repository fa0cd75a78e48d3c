"""Kills the vault at every durable step of everything that it does, and looks at what is left.

Run as `python -m tests.faults.vault_kills FOLDER SCENARIO`: one thread, which for each step and
each way to die forks a child that does the act and dies, then a child that looks. It prints how
many steps there were and what was found wrong, as JSON.
"""

import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tests.faults.dying_disk import KILLED, MODES, DyingDisk

from fairwitness.formats.piece import SEGMENT
from fairwitness.vault import manifests, rekeying, repairing
from fairwitness.vault.committing import Durable, GroupCommitter
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import (
    KeyDestroyed,
    KeyExists,
    KeyMissing,
    KeyRing,
    KeyState,
    KeyUnreadable,
)
from fairwitness.vault.master import MasterKey
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.reading import read_back
from fairwitness.vault.sealing import PieceWriter

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
LATER = datetime(2017, 7, 8, 22, 13, 10, tzinfo=UTC)
IDS = tuple(UUID(int=(number << 120) + 7) for number in range(1, 7))
DATA = bytes(range(251)) * (SEGMENT // 100)
CUT = SEGMENT + 77

Say = Callable[..., None]


@dataclass(frozen=True)
class Scenario:
    """One act of the vault.

    Attributes:
        before: makes the folder as it is before the act; what it says, the act's check hears.
        act: what is killed; it says what it acknowledges.
        check: given all that was said, raises AssertionError if the folder is not right.
    """

    before: Callable[[Path, Say], None]
    act: Callable[[Path, Say], None]
    check: Callable[[Path, list[list[str]]], None]


def ring_in(folder: Path) -> KeyRing:
    master = MasterKey.load_or_create(folder / "keys" / "master.key")
    return KeyRing((folder / "a", folder / "b"), master)


def three_keys(folder: Path, say: Say) -> None:
    ring = ring_in(folder)
    for recording in IDS[:3]:
        say("key", recording, ring.create(recording).hex())


def nothing(folder: Path, say: Say) -> None:
    pass


def said_keys(said: list[list[str]]) -> dict[UUID, bytes]:
    return {UUID(words[1]): bytes.fromhex(words[2]) for words in said if words[0] == "key"}


def check_keys(folder: Path, said: list[list[str]]) -> KeyRing:
    """Every acknowledged key is there, before and after repair; every destroyed one is not."""
    ring = ring_in(folder)
    gone = {UUID(words[1]) for words in said if words[0] == "destroyed"}
    for repaired in (False, True):
        if repaired:
            assert repairing.repair(ring).left == ()
            assert list(repairing.disagreements(ring)) == []
        for recording, key in said_keys(said).items():
            if recording in gone:
                assert state_is(ring, recording, KeyDestroyed), f"{recording} came back"
            elif recording not in {UUID(words[1]) for words in said if words[0] == "ordered"}:
                assert ring.get(recording) == key, f"the key of {recording} is lost"
    return ring


def state_is(ring: KeyRing, recording: UUID, error: type[Exception]) -> bool:
    try:
        ring.get(recording)
    except error:
        return True
    return False


# Making a ring, and creating a key in it.


def create(folder: Path, say: Say) -> None:
    ring = ring_in(folder)
    say("key", IDS[3], ring.create(IDS[3]).hex())


def check_create(folder: Path, said: list[list[str]]) -> None:
    ring = check_keys(folder, said)
    try:
        ring.create(IDS[3])
    except KeyExists:
        assert len(ring.get(IDS[3])) == 32
    ring.create(IDS[4])
    assert len(list(ring.ids())) == len({*said_keys(said), IDS[3], IDS[4]})


# Destroying a key.


def destroy(folder: Path, say: Say) -> None:
    ring = ring_in(folder)
    say("ordered", IDS[1])
    if ring.destroy(IDS[1], at=AT).complete:
        say("destroyed", IDS[1])


def destroy_many(folder: Path, say: Say) -> None:
    """Two that have keys, and one that never had."""
    ring = ring_in(folder)
    for recording in IDS[1:4]:
        say("ordered", recording)
    for recording, done in ring.destroy_many(IDS[1:4], at=AT).items():
        if done.complete:
            say("destroyed", recording)


def check_destroy(folder: Path, said: list[list[str]]) -> None:
    ring = ring_in(folder)
    ordered = [UUID(words[1]) for words in said if words[0] == "ordered"]
    seen = {recording: ring.state(recording) for recording in ordered}
    ring = check_keys(folder, said)
    for recording in ordered:
        acknowledged = ["destroyed", str(recording)] in said
        if acknowledged or seen[recording] is KeyState.DESTROYED:
            assert ring.state(recording) is KeyState.DESTROYED, "repair brought a key back"
        elif recording in said_keys(said):
            assert ring.get(recording) == said_keys(said)[recording]
        again = ring.destroy(recording, at=LATER)
        assert again.complete
        assert again.destroyed_at in ({AT} if acknowledged else {AT, LATER})
        left = [path for path in folder.glob("[ab]/live/*/*") if str(recording) in path.name]
        assert left == [], "a live entry is left"
    for path in folder.glob("[ab]/destroyed/*/*"):
        assert b"ring_key" not in path.read_bytes(), "a sealed key is left in a record"


# Re-keying.


def before_rekey(folder: Path, say: Say) -> None:
    three_keys(folder, say)
    ring = ring_in(folder)
    ring.destroy(IDS[2], at=AT)
    say("destroyed", IDS[2])
    shutil.copytree(folder / "a", folder / "stray-a")
    shutil.copytree(folder / "b", folder / "stray-b")


def rekey(folder: Path, say: Say) -> None:
    rekeying.rekey(ring_in(folder), at=AT)
    say("rekeyed")


def check_rekey(folder: Path, said: list[list[str]]) -> None:
    ring = check_keys(folder, said)
    if ["rekeyed"] in said:
        assert rekeying.ring_key_age(ring).ring_keys == 1
    rekeying.rekey(ring, at=LATER)
    check_keys(folder, said)
    assert rekeying.ring_key_age(ring) == rekeying.RingKeyAge(1, LATER)
    attempts = list((folder / "keys").rglob(".ring-keys.*"))
    assert attempts == [], "a ring key is left in an attempt that was cut short"
    master = MasterKey.load_or_create(folder / "keys" / "master.key")
    stray = KeyRing((folder / "stray-a", folder / "stray-b"), master)
    assert state_is(stray, IDS[0], KeyUnreadable), "a stray copy of the ring still opens"


# Repairing copies that differ.


def before_repair(folder: Path, say: Say) -> None:
    three_keys(folder, say)
    shutil.copytree(folder / "b", folder / "old")
    ring = ring_in(folder)
    ring.destroy(IDS[1], at=AT)
    say("destroyed", IDS[1])
    say("key", IDS[3], ring.create(IDS[3]).hex())
    shutil.rmtree(folder / "b")  # the disk comes back as it was before
    (folder / "old").rename(folder / "b")
    lost = folder / "a" / "live" / str(IDS[0])[:2] / str(IDS[0])
    lost.unlink()


def repair(folder: Path, say: Say) -> None:
    assert repairing.repair(ring_in(folder)).left == ()
    say("repaired")


def check_repair(folder: Path, said: list[list[str]]) -> None:
    ring = check_keys(folder, said)
    for copy in ring.copies:
        assert copy.read(IDS[0]) is not None
        assert copy.read(IDS[3]) is not None
        assert copy.read(IDS[1]) is None


# Sealing an upload that was cut once before.


def before_seal(folder: Path, say: Say) -> None:
    FolderStore(folder / "vault")
    send(folder, say, 0, CUT)


def send(folder: Path, say: Say, offset: int, end: int) -> None:
    def save(groups: Sequence[Durable[str]]) -> list[Exception | None]:
        for durable in groups:  # this is the commit: what is said here is acknowledged
            for sealed in durable.pieces:
                size = sealed.sealed_size
                say("piece", sealed.blob, sealed.offset, sealed.length, size)
        return [None] * len(groups)

    store = FolderStore(folder / "vault")
    committer: GroupCommitter[str] = GroupCommitter(store=store, save=save)
    run = PieceWriter(store=store, binding=BINDING, commits=committer, tag="x", offset=offset)
    run.write(DATA[offset:end])
    run.finish()
    committer.close()


BINDING = Binding(bytes(range(32)), IDS[0], "master", len(DATA))


def seal(folder: Path, say: Say) -> None:
    send(folder, say, CUT, len(DATA))
    say("sealed")


def check_seal(folder: Path, said: list[list[str]]) -> None:
    store = FolderStore(folder / "vault")
    pieces = said_pieces(said)
    durable = sum(sealed.length for sealed in pieces)
    assert durable == len(DATA) or ["sealed"] not in said
    if durable < len(DATA):
        more: list[list[str]] = []
        send(folder, lambda *words: more.append([str(word) for word in words]), durable, len(DATA))
        pieces += said_pieces(more)
    digest = read_back(pieces, store=store, binding=BINDING)
    assert digest.size == len(DATA)
    named = {sealed.blob for sealed in pieces}
    for stray in set(store.names()) - named:
        store.delete(stray)
    assert read_back(pieces, store=store, binding=BINDING) == digest


def said_pieces(said: list[list[str]]) -> list[SealedPiece]:
    return [
        SealedPiece(words[1], int(words[2]), int(words[3]), int(words[4]))
        for words in said
        if words[0] == "piece"
    ]


# Writing a manifest.


def write_manifest(folder: Path, say: Say) -> None:
    store = FolderStore(folder / "vault")
    manifests.write(b'{"a":1}', store=store, key=BINDING.key, recording=IDS[0])
    say("manifest")


def check_manifest(folder: Path, said: list[list[str]]) -> None:
    store = FolderStore(folder / "vault")
    if ["manifest"] not in said:
        manifests.write(b'{"a":1}', store=store, key=BINDING.key, recording=IDS[0])
    assert manifests.read(store=store, key=BINDING.key, recording=IDS[0]) == b'{"a":1}'
    assert list(manifests.recordings(store=store)) == [IDS[0]]


def check_first(folder: Path, said: list[list[str]]) -> None:
    check_create(folder, said)
    assert not state_is(ring_in(folder), IDS[4], KeyMissing)


SCENARIOS = {
    "first": Scenario(nothing, create, check_first),
    "create": Scenario(three_keys, create, check_create),
    "destroy": Scenario(three_keys, destroy, check_destroy),
    "destroy-many": Scenario(three_keys, destroy_many, check_destroy),
    "rekey": Scenario(before_rekey, rekey, check_rekey),
    "repair": Scenario(before_repair, repair, check_repair),
    "seal": Scenario(before_seal, seal, check_seal),
    "manifest": Scenario(nothing, write_manifest, check_manifest),
}


# The one who forks.


def in_child(do: Callable[[Say], None]) -> tuple[int, list[list[str]]]:
    """Runs `do` in a forked child; returns how it ended and what it said."""
    receive, send_to = os.pipe()
    child = os.fork()
    if not child:
        write = os.write  # before any disk stands in its place

        def say(*words: object) -> None:
            write(send_to, json.dumps([str(word) for word in words]).encode() + b"\n")

        try:
            do(say)
        except BaseException:  # noqa: BLE001 # the parent is told, whatever it was
            say("error", traceback.format_exc())
        os._exit(0)
    os.close(send_to)
    with os.fdopen(receive, "rb") as lines:
        said = [json.loads(line) for line in lines]
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def count(root: Path, scenario: Scenario, say: Say) -> None:
    """Does the act once and says which of its steps are writes."""
    folder = root / "count"
    shutil.copytree(root / "base", folder)
    disk = DyingDisk(limbo=root / "limbo", mode="kill", dies_at=0)
    disk.install()
    scenario.act(folder, lambda *_: None)
    for step in disk.writes:
        say("write", step)


def kill_everywhere(root: Path, scenario: Scenario) -> dict[str, object]:
    base = root / "base"
    base.mkdir()
    _, prepared = in_child(lambda say: scenario.before(base, say))
    _, counted = in_child(lambda say: count(root, scenario, say))
    writes = {int(words[1]) for words in counted if words[0] == "write"}
    steps: dict[str, int] = {}
    wrong = [words[1] for words in prepared + counted if words[0] == "error"]
    for mode in MODES:
        for step in range(1, 10_000):
            if mode == "torn" and step < max(writes, default=0) and step not in writes:
                continue  # the same as a kill
            folder = root / f"{mode}-{step}"
            shutil.copytree(base, folder)

            def act(say: Say, folder: Path = folder, mode: str = mode, step: int = step) -> None:
                disk = DyingDisk(limbo=root / "limbo", mode=mode, dies_at=step)
                disk.install()
                scenario.act(folder, say)
                disk.end()  # what was acknowledged last must survive this, too

            ended, said = in_child(act)

            def check(say: Say, folder: Path = folder, said: list[list[str]] = said) -> None:
                del say
                scenario.check(folder, prepared + said)

            _, found = in_child(check)
            wrong += [
                f"{mode} at step {step}: {words[1]}"
                for words in said + found
                if words[0] == "error"
            ]
            shutil.rmtree(folder)
            if ended != KILLED:
                steps[mode] = step - 1
                break
    return {"steps": steps, "wrong": wrong}


def _sync_nothing(fd: object) -> None:
    del fd


def main() -> None:
    """Kills one scenario at every step and prints what was found."""
    root, name = Path(sys.argv[1]), sys.argv[2]
    os.fsync = os.fdatasync = _sync_nothing  # only for speed: the power stays on
    json.dump(kill_everywhere(root, SCENARIOS[name]), sys.stdout)


if __name__ == "__main__":
    main()
