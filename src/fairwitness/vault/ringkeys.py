"""The ring keys: what the entries of the key ring are sealed with, for one day each.

They lie beside the master key, wrapped by it, in two copies; never in the ring itself. So a stray
copy of the ring opens nothing once its ring key is destroyed, not even with the master key. A
stray copy of this file lives as long as the ring key in it: keep it out of every backup.

All functions here are called with the ring's lock held.
"""

import contextlib
import dataclasses
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError
from fairwitness.vault import durable
from fairwitness.vault.master import RING_KEYS, MasterKey

_LOG: Final = logging.getLogger(__name__)
_KEY: Final = 32
_ID: Final = 8
_VERSION: Final = 1


class RingKeysInvalid(FairwitnessError):
    """The ring keys are missing or damaged in both places; without them no entry opens."""

    code = "keyring.ring_keys"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One ring key.

    Attributes:
        id: 16 hexadecimal letters, named by the entries sealed with it.
        made_at: when re-keying made it; None for a ring's first.
        wrapped: by the master key.
    """

    id: str
    made_at: datetime | None
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class RingState:
    """What the ring remembers outside its copies.

    Attributes:
        version: of this file's form.
        revision: goes up with every change; the higher of two copies is right.
        ring: the ring's own name, which both its copies bear.
        adopted: whether both copies were made; until then nothing was ever kept in them.
        behind: numbers of copies that missed a destruction, and must not be believed alone.
        keys: every ring key that some entry may still need; the last seals new entries.
    """

    version: int
    revision: int
    ring: str
    adopted: bool
    behind: tuple[int, ...]
    keys: tuple[WrappedKey, ...]


class RingKeys:
    """Reads and changes the ring keys and the ring's state."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._files = tuple(place / RING_KEYS for place in master.places)
        self._seen: tuple[tuple[int, int, int], ...] = ()
        self._state: RingState | None = None
        self._unwrapped: dict[str, bytes] = {}

    def load(self) -> RingState | None:
        """The state as it is now; None if there never was one.

        Raises:
            RingKeysInvalid: no copy of it can be read.
        """
        seen = tuple(_fingerprint(file) for file in self._files)
        if self._state is None or seen != self._seen:
            self._state = self._read()
            alike = len({_bytes(file) for file in self._files}) == 1
            self._seen = seen if alike else ()
            live = {key.id for key in self._state.keys} if self._state else set()
            self._unwrapped = {id_: key for id_, key in self._unwrapped.items() if id_ in live}
        return self._state

    def require(self) -> RingState:
        """As `load`, where there must be one."""
        state = self.load()
        if state is None:
            raise RingKeysInvalid(
                "The ring keys are gone. No recording can be opened without them: put the file "
                f"{self._files[0]} back from its twin, or ask for help before anything else."
            )
        return state

    def start(self) -> RingState:
        """Makes a first state, with one ring key, for a ring that never was."""
        first = self._make(None)
        return self._save(
            RingState(
                version=_VERSION,
                revision=0,
                ring=secrets.token_hex(_ID),
                adopted=False,
                behind=(),
                keys=(first,),
            )
        )

    def adopted(self) -> RingState:
        """Notes that both copies were made."""
        return self._save(dataclasses.replace(self.require(), adopted=True))

    def behind(self, copies: frozenset[int], *, anew: bool = False) -> RingState:
        """Notes which copies missed a destruction.

        No change is written if none is new, unless another was missed `anew`: a repair at work
        must hear of that by the revision.
        """
        state = self.require()
        if frozenset(state.behind) == copies and not anew:
            return state
        return self._save(dataclasses.replace(state, behind=tuple(sorted(copies))))

    def missed(self, copies: frozenset[int], *, anew: bool = False) -> None:
        """Notes that these copies, too, missed a destruction, which does not wait for the note.

        One place is enough for it: the higher revision is right. Where neither takes it, the log
        says so, and the destruction, which those copies have not confirmed, is repeated.
        """
        try:
            self.behind(frozenset(self.require().behind) | copies, anew=anew)
        except RingKeysInvalid as error:
            _LOG.warning("A destruction that a copy of the key ring missed: %s", error.message)

    def add(self, *, at: datetime) -> str:
        """Makes a fresh ring key, which seals entries from now on; returns its id."""
        state = self.require()
        made = self._make(at)
        self._save(dataclasses.replace(state, keys=(*state.keys, made)))
        return made.id

    def destroy_all_but(self, id_: str) -> int:
        """Destroys every ring key but this one; returns how many went."""
        state = self.require()
        kept = tuple(key for key in state.keys if key.id == id_)
        if not kept:
            raise ValueError("the ring has no such key")
        self._save(dataclasses.replace(state, keys=kept))
        self._unwrapped = {id_: self.key(id_)}
        return len(state.keys) - len(kept)

    def key(self, id_: str) -> bytes:
        """The ring key of this id.

        Raises:
            RingKeysInvalid: there is none, or no more.
            MasterKeyInvalid: another master key wrapped it.
        """
        if id_ not in self._unwrapped:
            for wrapped in self.require().keys:
                if wrapped.id == id_:
                    self._unwrapped[id_] = self._master.unwrap(wrapped.wrapped)
        if id_ not in self._unwrapped:
            raise RingKeysInvalid(f"The ring key {id_} was destroyed, or never was.")
        return self._unwrapped[id_]

    def _make(self, at: datetime | None) -> WrappedKey:
        wrapped = self._master.wrap(secrets.token_bytes(_KEY))
        return WrappedKey(id=secrets.token_hex(_ID), made_at=at, wrapped=wrapped)

    def _save(self, state: RingState) -> RingState:
        state = dataclasses.replace(state, revision=state.revision + 1)
        data = canonical.encode(records.to_json(state))
        self._state = None
        failed: OSError | None = None
        for file in self._files:  # each, whatever another's disk says: one may remember for both
            try:
                durable.sweep(file.parent, of=file.name)  # an attempt may hold an older ring key
                durable.replace(file, data)
            except OSError as error:
                failed = error
        if failed:
            raise RingKeysInvalid(
                f"The ring keys could not be written ({failed.strerror}); both places are needed."
            ) from failed
        return self.require()

    def _read(self) -> RingState | None:
        """The newer of what the two places hold; writes it again where it is missing or older."""
        found = [_bytes(file) for file in self._files]
        states = [_parse(data) for data in found if data is not None]
        valid = [state for state in states if state is not None]
        if not valid:
            if states:
                raise RingKeysInvalid("The ring keys are damaged in both places.")
            return None
        state = max(valid, key=lambda state: state.revision)
        data = canonical.encode(records.to_json(state))
        for file, old in zip(self._files, found, strict=True):
            if old != data:
                with contextlib.suppress(OSError):  # tried again at the next look; see `load`
                    durable.replace(file, data)
        return state


def _parse(data: bytes) -> RingState | None:
    try:
        state = records.from_json(RingState, canonical.decode(data))
    except FormatError:
        return None
    return state if state.version == _VERSION and state.keys else None


def _bytes(file: Path) -> bytes | None:
    """What a place holds; one that fails counts as damaged, so that no new ring is begun there."""
    try:
        return durable.read(file)
    except OSError:
        return b""


def _fingerprint(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_mtime_ns, found.st_size
