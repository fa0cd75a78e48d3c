"""The key ring against a model: copies come and go, keys come and go, and no dead key returns."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fairwitness.vault import rekeying, repairing
from fairwitness.vault.keyring import KeyDestroyed, KeyExists, KeyMissing, KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.ringcopy import CopyUnavailable

AT = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
IDS = [UUID(int=(number << 120) + 1) for number in (1, 1 + (1 << 4), 3)]
ids = st.sampled_from(IDS)
copies = st.sampled_from(["a", "b"])


class RingOfTwo(RuleBasedStateMachine):
    """What was acknowledged is remembered here, and asked of the ring after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.away: set[str] = set()
        self.behind: set[str] = set()
        self.keys: dict[UUID, bytes] = {}
        self.gone: set[UUID] = set()
        self.ring = self.opened()

    def opened(self) -> KeyRing:
        master = MasterKey.load_or_create(self.folder / "keys" / "master.key")
        return KeyRing((self.folder / "a", self.folder / "b"), master)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @property
    def believed(self) -> bool:
        return bool({"a", "b"} - self.away - self.behind)

    @rule(recording=ids)
    def create(self, recording: UUID) -> None:
        try:
            key = self.ring.create(recording)
        except CopyUnavailable:
            assert self.away
        except KeyExists:
            assert recording in self.keys
        except KeyDestroyed:
            assert recording in self.gone
        else:
            assert not self.away
            assert recording not in self.keys
            assert recording not in self.gone
            self.keys[recording] = key

    @rule(recording=ids)
    def destroy(self, recording: UUID) -> None:
        try:
            done = self.ring.destroy(recording, at=AT)
        except CopyUnavailable:
            assert len(self.away) == 2
            return
        assert done.confirmed == 2 - len(self.away)
        self.behind |= self.away
        self.keys.pop(recording, None)
        self.gone.add(recording)

    @rule(copy=copies)
    def unmount(self, copy: str) -> None:
        if copy not in self.away:
            (self.folder / copy).rename(self.folder / f"{copy}-away")
            (self.folder / copy).mkdir()
            self.away.add(copy)

    @precondition(lambda self: self.away)
    @rule()
    def mount(self) -> None:
        copy = min(self.away)
        (self.folder / copy).rmdir()
        (self.folder / f"{copy}-away").rename(self.folder / copy)
        self.away.remove(copy)

    @rule()
    def repair(self) -> None:
        try:
            done = repairing.repair(self.ring)
        except CopyUnavailable:
            assert not self.believed
            return
        assert self.believed
        if not self.away:
            assert done.left == ()
            assert list(repairing.disagreements(self.ring)) == []
            self.behind.clear()

    @rule()
    def rekey(self) -> None:
        try:
            rekeying.rekey(self.ring, at=AT)
        except CopyUnavailable:
            assert self.away or not self.believed
        else:
            assert not self.away
            self.behind.clear()

    @rule()
    def restart(self) -> None:
        self.ring = self.opened()

    @invariant()
    def nothing_is_lost_and_nothing_returns(self) -> None:
        for recording in IDS:
            try:
                key = self.ring.get(recording)
            except CopyUnavailable:
                assert not self.believed
            except KeyDestroyed:
                assert recording in self.gone
            except KeyMissing:
                assert recording not in self.keys
                assert recording not in self.gone
            else:
                assert key == self.keys[recording]


TestRingOfTwo = RingOfTwo.TestCase
TestRingOfTwo.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
