"""Re-keying: each night every live key is sealed anew, and the old ring key is destroyed.

After it, a copy of the key ring that someone took before opens nothing, not even with the master
key, for the ring key it needs is gone (`fairwitness.vault.ringkeys` says where ring keys lie).

It destroys, so its rules:

1. Both copies must be there and repaired; otherwise it refuses and the old ring key stays.
2. The fresh ring key is durable before anything is sealed with it; from then on new entries use it.
3. Entries are replaced in both copies, some at a time, each old or new at any moment.
4. The old ring keys go only after no entry in any copy that opens still needs one.
5. Cut short at any step it has lost nothing; the next run begins again and ends it.
6. One run at a time, held by a lock that ends with its process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from fairwitness.errors import FairwitnessError
from fairwitness.vault import durable, ringentry
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.repairing import repair
from fairwitness.vault.ringcopy import CopyUnavailable, RingCopy
from fairwitness.vault.ringentry import EntryInvalid

_DUE: Final = timedelta(hours=20)
_AT_ONCE: Final = 256  # entries under one hold of the lock: about a tenth of a second


class RekeyingAlready(FairwitnessError):
    """Another process is re-keying the ring at this moment."""

    code = "keyring.rekeying"


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What a re-keying did.

    Attributes:
        ring_key: id of the ring key that now seals every entry.
        entries: how many were sealed anew.
        destroyed: how many old ring keys were destroyed.
    """

    ring_key: str
    entries: int
    destroyed: int


@dataclass(frozen=True, slots=True)
class RingKeyAge:
    """For the audit: how old what seals the ring is.

    Attributes:
        ring_keys: how many there are; more than one means that a re-keying was cut short.
        made_at: when the one in use was made; None if the ring was never re-keyed.
    """

    ring_keys: int
    made_at: datetime | None


def rekey(ring: KeyRing, *, at: datetime) -> Rekeyed:
    """Seals every live entry under a fresh ring key and destroys the old ones.

    Raises:
        CopyUnavailable: a copy of the ring is missing; the old ring key stays.
        RekeyingAlready: another process is at it.
    """
    try:
        with durable.locked(ring.lock_folder / ".rekey.lock", wait=False):
            return _rekey(ring, at)
    except BlockingIOError:
        raise RekeyingAlready("The key ring is being re-keyed already.") from None


def rekey_if_due(ring: KeyRing, *, at: datetime) -> Rekeyed | None:
    """As `rekey`, when the ring key is 20 hours old or was never changed; else None.

    For a sweeper that runs each hour in every process: a stray copy of the ring then dies within a
    day, whichever process is up at night; also after a clock that had run far ahead was put right.
    None, too, when another process is at it.

    Raises:
        CopyUnavailable: a copy of the ring is missing; the old ring key stays.
    """
    age = ring_key_age(ring)
    if age.ring_keys == 1 and age.made_at is not None and abs(at - age.made_at) < _DUE:
        return None
    try:
        return rekey(ring, at=at)
    except RekeyingAlready:
        return None


def ring_key_age(ring: KeyRing) -> RingKeyAge:
    """How old the ring key in use is, and whether it is the only one."""
    with ring.lock(shared=True):
        keys = ring.keys.require().keys
    return RingKeyAge(len(keys), keys[-1].made_at)


def _rekey(ring: KeyRing, at: datetime) -> Rekeyed:
    repair(ring)
    with ring.lock():
        _both(ring)
        ring_key = ring.keys.add(at=at)
    entries = 0
    while True:
        again = sum(_reseal_group(ring, group, ring_key) for group in ring.groups())
        entries += again
        if not again:
            break
    with ring.lock():
        _both(ring)
        destroyed = ring.keys.destroy_all_but(ring_key)
    return Rekeyed(ring_key, entries, destroyed)


def _both(ring: KeyRing) -> None:
    state = ring.keys.require()
    if len(ring.available(state)) < len(ring.copies) or state.behind:
        raise CopyUnavailable("A copy of the key ring is missing or behind: it was not re-keyed.")


def _reseal_group(ring: KeyRing, group: str, ring_key: str) -> int:
    with ring.lock(shared=True):
        ids = iter(sorted({id_ for copy in ring.copies for id_ in copy.live(group)}, key=str))
    count = 0
    while some := list(islice(ids, _AT_ONCE)):
        if any(_needs(ring, recording, ring_key) for recording in some):
            with ring.lock():
                _both(ring)
                count += _reseal(ring, some, ring_key)
    return count


def _needs(ring: KeyRing, recording: UUID, ring_key: str) -> bool:
    """Whether a copy has the key under another ring key, as seen without the lock."""
    marker = ring_key.encode()
    entries = [copy.read(recording) for copy in ring.copies]
    return any(entry is not None and marker not in entry for entry in entries)


def _reseal(ring: KeyRing, recordings: Sequence[UUID], ring_key: str) -> int:
    """Seals these entries anew in both copies; leaves what does not open as it is."""
    anew: dict[RingCopy, dict[UUID, bytes]] = {copy: {} for copy in ring.copies}
    for recording in recordings:
        made: dict[bytes, bytes] = {}
        for copy in ring.copies:
            entry = copy.read(recording)
            key = ring.open(recording, entry)
            if entry is None or key is None or copy.is_destroyed(recording):
                continue
            if _sealed_by(entry, recording) == ring_key:
                made.setdefault(key, entry)
                continue
            if key not in made:
                made[key] = ringentry.seal(
                    key=key,
                    recording=recording,
                    ring_key=ring_key,
                    with_key=ring.keys.key(ring_key),
                )
            anew[copy][recording] = made[key]
    for copy, entries in anew.items():
        copy.put(entries)
    return len({recording for entries in anew.values() for recording in entries})


def _sealed_by(entry: bytes, recording: UUID) -> str | None:
    try:
        return ringentry.parse(entry, recording).ring_key
    except EntryInvalid:
        return None
