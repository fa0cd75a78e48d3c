"""The key ring: one key per recording, in two copies, and the end of keys.

Destroying a recording's key is what deletes the recording. So these rules:

1. **Two copies or none.** `create` returns a key only after it was made exclusively in both copies
   and read back from both. With a copy missing it refuses.
2. **Destroyed anywhere is destroyed.** `get` asks every copy that is there, and refuses if one of
   them says so. Repair spreads destruction, never life: a copy that lagged can't bring a key back.
3. **A copy that missed a destruction is not believed alone.** Which ones did is kept beside the
   master key, before the destruction starts, until repair has brought them up to date.
4. **Destroying needs no room, waits for nothing** and may be repeated; it says how many copies have
   confirmed it. Where rule 3's note can't be written it goes on all the same, for what is left
   undone lives in every copy; who ordered it repeats it until all have confirmed. It can't be
   undone, and there is no function that tries.
5. **A stray copy dies within a day**: `fairwitness.vault.rekeying` seals all live entries under a
   fresh ring key each night and destroys the old one, which is in no copy of the ring.
6. **Every step on the disk may be the last.** After a kill or a power cut at any step, `repair`
   finds a right state: a key that was returned is there, a key that was destroyed is not.

One lock, an flock that ends with its process, orders all of it between processes and threads.
"""

import errno
import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.vault import durable, ringentry
from fairwitness.vault.master import MasterKey
from fairwitness.vault.port import StoreFull
from fairwitness.vault.ringcopy import CopyUnavailable, RingCopy
from fairwitness.vault.ringentry import EntryInvalid
from fairwitness.vault.ringkeys import RingKeys, RingKeysInvalid, RingState

_KEY: Final = 32
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class KeyDestroyed(FairwitnessError):
    """The recording's key was destroyed; nobody can open the recording."""

    code = "keyring.destroyed"


class KeyMissing(FairwitnessError):
    """The ring has never had a key for this recording."""

    code = "keyring.missing"


class KeyExists(FairwitnessError):
    """The recording has a key already; a key is made once."""

    code = "keyring.exists"


class KeyUnreadable(FairwitnessError):
    """The recording's key is in the ring but does not open, or its copies differ."""

    code = "keyring.unreadable"


class KeyState(StrEnum):
    """What the ring says of a recording's key."""

    LIVE = "live"
    DESTROYED = "destroyed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Destruction:
    """How far a key's destruction has got.

    Attributes:
        confirmed: copies that have no key any more and a durable record that it was destroyed.
        copies: copies that the ring has.
        destroyed_at: when it was first ordered.
    """

    confirmed: int
    copies: int
    destroyed_at: datetime

    @property
    def complete(self) -> bool:
        """Whether every copy has confirmed."""
        return self.confirmed == self.copies


class KeyRing:
    """The keys of all recordings. The module's docstring has its rules.

    Every method may be called from any thread and process. Errors are FairwitnessErrors; a copy
    that is not there is `CopyUnavailable`, a full disk `StoreFull`.
    """

    def __init__(self, copies: tuple[Path, Path], master: MasterKey) -> None:
        """Opens a ring, or makes it where there never was one.

        Raises:
            RingKeysInvalid: the copies are there but the ring keys are not.
            MasterKeyInvalid: this master key is not the ring's.
        """
        self.copies = tuple(RingCopy(root, number) for number, root in enumerate(copies))
        self.keys = RingKeys(master)
        self.lock_folder = master.places[0]
        with self.lock():
            state = self.keys.load()
            if state is None:
                if any(copy.marked() for copy in self.copies):
                    raise RingKeysInvalid("The key ring is there but its ring keys are gone.")
                state = self.keys.start()
            if not state.adopted:
                for copy in self.copies:
                    copy.mark(state.ring)
                state = self.keys.adopted()
            self.keys.key(state.keys[-1].id)

    def create(self, recording: UUID) -> bytes:
        """Makes a recording's key, in both copies, read back from both.

        Returns:
            The key, 32 bytes; the first byte of footage may now be sealed with it.

        Raises:
            KeyDestroyed: the recording's key was destroyed; the id is used up.
            KeyExists: it has a key.
            CopyUnavailable: a copy of the ring is not there.
            StoreFull: a copy has no room.
        """
        with self.lock():
            copies = self._both()
            self._refuse_destroyed(recording, copies)
            if any(copy.read(recording) is not None for copy in copies):
                raise KeyExists(f"Recording {recording} has a key already.")
            return self._place(recording, self._fresh(recording), copies)

    def create_many(self, recordings: Sequence[UUID]) -> dict[UUID, bytes]:
        """As `create` for many recordings, with a few syncs for them all.

        Raises:
            KeyDestroyed, KeyExists, CopyUnavailable, StoreFull: as `create`; no key is given out.
        """
        with self.lock():
            copies = self._both()
            for recording in recordings:
                self._refuse_destroyed(recording, copies)
                if any(copy.read(recording) is not None for copy in copies):
                    raise KeyExists(f"Recording {recording} has a key already.")
            entries = {recording: self._fresh(recording) for recording in recordings}
            try:
                for copy in copies:
                    copy.put(entries)
            except OSError as error:
                for recording in recordings:
                    self._give_up(recording, copies)
                raise self._failed(error) from error
            return {pk: self._kept(pk, copies, entry) for pk, entry in entries.items()}

    def ensure(self, recording: UUID) -> bytes:
        """As `create`, for whoever may have been cut short before: a key that is there stays.

        One that an attempt before left in one copy only is put into the other.

        Raises:
            KeyDestroyed, CopyUnavailable, StoreFull: as `create`.
            KeyUnreadable: what is there does not open.
        """
        with self.lock():
            copies = self._both()
            self._refuse_destroyed(recording, copies)
            there = [entry for copy in copies if (entry := copy.read(recording)) is not None]
            return self._place(recording, there[0] if there else self._fresh(recording), copies)

    def get(self, recording: UUID) -> bytes:
        """A recording's key.

        Raises:
            KeyDestroyed: a copy says that it was destroyed.
            KeyMissing: no copy has it.
            KeyUnreadable: it is damaged in every copy, or the copies hold different keys.
            CopyUnavailable: no copy is there that may be believed.
        """
        with self.lock(shared=True):
            destroyed, entries = self._look(recording)
            if destroyed:
                raise KeyDestroyed(f"The key of recording {recording} was destroyed.")
            if not entries:
                raise KeyMissing(f"Recording {recording} has no key.")
            found = {key for entry in entries if (key := self.open(recording, entry)) is not None}
            if len(found) != 1:
                raise KeyUnreadable(f"The key of recording {recording} does not open.")
            return found.pop()

    def destroy(self, recording: UUID, *, at: datetime) -> Destruction:
        """Destroys a recording's key, in every copy that is there. It can't be undone.

        Repeating it reaches copies that were missing before, and keeps the first time. A recording
        that never had a key gets a record all the same, and can never have one.

        Raises:
            CopyUnavailable: no copy is there; nothing is destroyed.
        """
        done = self.destroy_many([recording], at=at)[recording]
        if not done.confirmed:
            raise CopyUnavailable("No copy of the key ring could be written: try again.")
        return done

    def destroy_many(self, recordings: Sequence[UUID], *, at: datetime) -> dict[UUID, Destruction]:
        """As `destroy` for many recordings, with a few syncs for them all.

        Where no copy could be written, none has confirmed: that one is to be repeated.

        Raises:
            CopyUnavailable: no copy is there; nothing is destroyed.
        """
        if not recordings:
            return {}  # a copy that is missing now has missed nothing
        with self.lock():
            state = self.keys.require()
            copies = self.available(state)
            if not copies:
                raise CopyUnavailable("No copy of the key ring is there: nothing was destroyed.")
            missing = {copy.number for copy in self.copies} - {copy.number for copy in copies}
            if missing:
                self.keys.missed(frozenset(missing), anew=True)
            times = {pk: self.destroyed_at(pk, copies) or at for pk in recordings}
            found = {pk: ringentry.destroyed(recording=pk, at=time) for pk, time in times.items()}
            failed = {copy.number: copy.destroy_each(found) for copy in copies}
            confirmed = {pk: sum(pk not in lost for lost in failed.values()) for pk in times}
            behind = {
                number
                for number, lost in failed.items()
                if any(confirmed[pk] for pk in lost)  # else no copy knows more than it
            }
            self.keys.missed(frozenset(behind))
            return {
                pk: Destruction(confirmed[pk], len(self.copies), time) for pk, time in times.items()
            }

    def state(self, recording: UUID) -> KeyState:
        """What the copies that are there say of a recording's key.

        Raises:
            CopyUnavailable: no copy is there that may be believed.
        """
        with self.lock(shared=True):
            destroyed, entries = self._look(recording)
        if destroyed:
            return KeyState.DESTROYED
        return KeyState.LIVE if entries else KeyState.MISSING

    def ids(self) -> Iterator[UUID]:
        """The recordings that have a live key, in the order of their ids.

        Holds no lock between two of them: what changes meanwhile may or may not show.
        """
        for group in self.groups():
            with self.lock(shared=True):
                copies = self.believed(self.keys.require())
                live = {id_ for copy in copies for id_ in copy.live(group)}
                live -= {id_ for copy in copies for id_ in copy.destroyed(group)}
            yield from sorted(live, key=str)

    # What repair, re-keying and listing build on; called with the lock held, but for
    # `lock` itself and `groups`.

    def lock(self, *, shared: bool = False) -> AbstractContextManager[None]:
        """Holds the ring against all others, or with `shared` against those who change it."""
        return durable.locked(self.lock_folder / ".ring.lock", shared=shared)

    def groups(self) -> list[str]:
        """The parts in which the ring's entries are gone through; takes the lock."""
        with self.lock(shared=True):
            copies = self.believed(self.keys.require())
            return sorted({group for copy in copies for group in copy.groups()})

    def available(self, state: RingState) -> tuple[RingCopy, ...]:
        """The copies that are there and are this ring's."""
        return tuple(copy for copy in self.copies if copy.marked() == state.ring)

    def believed(self, state: RingState) -> tuple[RingCopy, ...]:
        """The copies that are there, if one among them has missed no destruction.

        Raises:
            CopyUnavailable: there is none such.
        """
        copies = self.available(state)
        if all(copy.number in state.behind for copy in copies):
            raise CopyUnavailable("No up-to-date copy of the key ring is there.")
        return copies

    def open(self, recording: UUID, entry: bytes | None) -> bytes | None:
        """The key in an entry; None if there is no entry or it does not open."""
        if entry is None:
            return None
        try:
            parsed = ringentry.parse(entry, recording)
            return ringentry.open_entry(parsed, with_key=self.keys.key(parsed.ring_key))
        except (EntryInvalid, RingKeysInvalid):
            return None

    def destroyed_at(self, recording: UUID, copies: tuple[RingCopy, ...]) -> datetime | None:
        """The earliest readable time at which a copy says that the key was destroyed."""
        times = []
        for copy in copies:
            try:
                data = copy.read_destroyed(recording)
                times.append(ringentry.parse_destroyed(data or b"", recording).destroyed_at)
            except (OSError, EntryInvalid):
                continue
        return min((time for time in times if time), default=None)

    def _look(self, recording: UUID) -> tuple[bool, list[bytes]]:
        """Whether a copy says *destroyed*, and the live entries; a copy that fails is not there."""
        state = self.keys.require()
        destroyed, entries, answered = False, [], set()
        for copy in self.believed(state):
            try:
                destroyed = copy.is_destroyed(recording) or destroyed
                entry = copy.read(recording)
            except OSError:
                continue
            answered.add(copy.number)
            entries += [entry] if entry is not None else []
        if answered <= set(state.behind):
            raise CopyUnavailable("No up-to-date copy of the key ring can be read.")
        return destroyed, entries

    def _both(self) -> tuple[RingCopy, ...]:
        copies = self.available(self.keys.require())
        if len(copies) < len(self.copies):
            raise CopyUnavailable("A copy of the key ring is missing: nothing can be taken in.")
        return copies

    def _fresh(self, recording: UUID) -> bytes:
        """The sealed entry of a key that is made now."""
        ring_key = self.keys.require().keys[-1].id
        key = secrets.token_bytes(_KEY)
        return ringentry.seal(
            key=key, recording=recording, ring_key=ring_key, with_key=self.keys.key(ring_key)
        )

    def _place(self, recording: UUID, entry: bytes, copies: tuple[RingCopy, ...]) -> bytes:
        """Put an entry into each copy that lacks it, and read it back from all."""
        made: list[RingCopy] = []
        try:
            for copy in copies:
                if copy.read(recording) is None:
                    copy.add(recording, entry)
                    made.append(copy)
        except OSError as error:
            self._give_up(recording, made)
            raise self._failed(error) from error
        return self._kept(recording, copies, entry)

    def _kept(self, recording: UUID, copies: Sequence[RingCopy], entry: bytes) -> bytes:
        """The key in an entry, if every copy reads it back from the medium."""
        key = self.open(recording, entry)
        there = {copy.read(recording, cold=True) for copy in copies}
        kept = {key if each == entry else self.open(recording, each) for each in there}
        if key is None or kept != {key}:
            raise KeyUnreadable(f"The key of {recording} was not kept as written.")
        return key

    @staticmethod
    def _refuse_destroyed(recording: UUID, copies: tuple[RingCopy, ...]) -> None:
        if any(copy.is_destroyed(recording) for copy in copies):
            raise KeyDestroyed(f"The key of recording {recording} was destroyed.")

    @staticmethod
    def _give_up(recording: UUID, copies: Sequence[RingCopy]) -> None:
        for copy in copies:
            try:
                copy.forget(recording)
            except OSError:
                continue  # it opens nothing: its key was given to nobody; the audit lists it

    @staticmethod
    def _failed(error: OSError) -> FairwitnessError:
        if error.errno in _FULL:
            return StoreFull("A copy of the key ring has no room: nothing can be taken in.")
        return CopyUnavailable(f"A copy of the key ring failed: {error.strerror}.")
