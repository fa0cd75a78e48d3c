"""Repairing the key ring, and saying what is wrong with it.

Repair brings both copies to the same, right state after a kill, a power cut, or a disk that was
away. Its rules, in this order, for every recording:

1. If a copy says *destroyed*, both will, and neither keeps a key.
2. Otherwise a copy without the key, or with one that does not open, gets the other's.
3. Two copies with different keys are left alone and reported: no rule can choose.

It never makes a key, never removes the only one, and never turns *destroyed* into anything else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fairwitness.vault import ringentry
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.ringcopy import CopyUnavailable, RingCopy
from fairwitness.vault.ringentry import EntryInvalid


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something in the ring that is not as it should be.

    Attributes:
        recording: whose key it concerns; None for a whole copy.
        what: a sentence for the person who looks after the ring.
    """

    recording: UUID | None
    what: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did.

    Attributes:
        restored: keys written again into a copy that lacked them.
        destroyed: destructions carried over to a copy that had missed them.
        left: what it could not put right.
    """

    restored: int
    destroyed: int
    left: tuple[Disagreement, ...]


def repair(ring: KeyRing, *, adopt: bool = False) -> Repaired:
    """Brings the ring's copies to the same, right state; may be repeated and cut short.

    Args:
        ring: to repair.
        adopt: make an empty folder in a missing copy's place that copy. Only a person who has
            looked may say so: a disk that is merely not mounted must not be replaced.

    Raises:
        CopyUnavailable: no copy is there that may be believed.
    """
    with ring.lock():
        state = ring.keys.require()
        ring.believed(state)
        if adopt:
            missing = {copy.number for copy in ring.copies if copy.marked() != state.ring}
            ring.keys.behind(frozenset(state.behind) | missing)
            for copy in ring.copies:
                if copy.number in missing:
                    copy.mark(state.ring)
        begun = ring.keys.require().revision
    restored = destroyed = 0
    whole = True
    left: list[Disagreement] = []
    for group in ring.groups():
        with ring.lock():
            copies = ring.available(ring.keys.require())
            whole = whole and len(copies) == len(ring.copies)
            for copy in copies:
                copy.sweep(group)
            destroyed += _spread_destruction(ring, copies, group)
            fixed, wrong = _even_out(ring, copies, group)
            restored += fixed
            left += wrong
    with ring.lock():
        state = ring.keys.require()
        if len(ring.available(state)) < len(ring.copies):
            left += _missing_copies(ring)
        elif whole and state.revision == begun:  # else a copy may have missed something meanwhile
            ring.keys.behind(frozenset())
    return Repaired(restored, destroyed, tuple(left))


def catch_up(ring: KeyRing, *, destroyed: Iterable[tuple[UUID, datetime]]) -> int:
    """Makes a copy that missed destructions believable when the other is lost for good.

    Only for a person who has made sure of that. Nothing in the ring can say what the copy missed;
    the custody log can.

    Args:
        ring: of which only copies that are behind are left.
        destroyed: every recording whose key was ever destroyed, and when.

    Returns:
        How many keys it destroyed.

    Raises:
        CopyUnavailable: no copy is there at all.
    """
    count = 0
    for recording, at in destroyed:
        with ring.lock(shared=True):
            copies = ring.available(ring.keys.require())
            count += any(copy.read(recording) is not None for copy in copies)
        ring.destroy(recording, at=at)
    with ring.lock():
        there = {copy.number for copy in ring.available(ring.keys.require())}
        if not there:
            raise CopyUnavailable("No copy of the key ring is there.")
        ring.keys.behind(frozenset(ring.keys.require().behind) - there)
    return count


def disagreements(ring: KeyRing) -> Iterator[Disagreement]:
    """What repair would put right or report; changes nothing.

    Raises:
        CopyUnavailable: no copy is there that may be believed.
    """
    with ring.lock(shared=True):
        ring.believed(ring.keys.require())
        found = _missing_copies(ring)
    yield from found
    for group in ring.groups():
        with ring.lock(shared=True):
            copies = ring.available(ring.keys.require())
            found = list(_differences(ring, copies, group))
        yield from found


def _missing_copies(ring: KeyRing) -> list[Disagreement]:
    state = ring.keys.require()
    there = ring.available(state)
    found = [
        Disagreement(None, f"Copy {copy.number + 1} of the key ring is not there ({copy.root}).")
        for copy in ring.copies
        if copy not in there
    ]
    return found + [
        Disagreement(None, f"Copy {number + 1} of the key ring missed a destruction.")
        for number in state.behind
    ]


def _all_live(copies: tuple[RingCopy, ...], group: str) -> list[UUID]:
    return sorted({id_ for copy in copies for id_ in copy.live(group)}, key=str)


def _destroyed_whole(copy: RingCopy, recording: UUID) -> bool:
    try:
        ringentry.parse_destroyed(copy.read_destroyed(recording) or b"", recording)
    except EntryInvalid:
        return False
    return copy.read(recording) is None


def _spread_destruction(ring: KeyRing, copies: tuple[RingCopy, ...], group: str) -> int:
    count = 0
    for recording in sorted({id_ for copy in copies for id_ in copy.destroyed(group)}, key=str):
        behind = [copy for copy in copies if not _destroyed_whole(copy, recording)]
        if not behind:
            continue
        at = ring.destroyed_at(recording, copies)
        record = ringentry.destroyed(recording=recording, at=at)
        for copy in behind:
            copy.destroy(recording, record)
            count += 1
    return count


def _even_out(
    ring: KeyRing, copies: tuple[RingCopy, ...], group: str
) -> tuple[int, list[Disagreement]]:
    missing: dict[RingCopy, dict[UUID, bytes]] = {copy: {} for copy in copies}
    wrong = []
    for recording in _all_live(copies, group):
        entries = [copy.read(recording) for copy in copies]
        keys = [ring.open(recording, entry) for entry in entries]
        if len({key for key in keys if key is not None}) != 1:
            wrong.append(_odd(recording, keys))
            continue
        good = _newest(ring, entries, keys)
        for copy, entry in zip(copies, entries, strict=True):
            if entry != good:
                missing[copy][recording] = good
    for copy, lacked in missing.items():
        copy.put(lacked)
    return sum(len(lacked) for lacked in missing.values()), wrong


def _newest(ring: KeyRing, entries: list[bytes | None], keys: list[bytes | None]) -> bytes:
    """Of the entries that open, one under the ring key in use, if any is."""
    good = [entry for entry, key in zip(entries, keys, strict=True) if entry and key]
    current = ring.keys.require().keys[-1].id.encode()
    return next((entry for entry in good if current in entry), good[0])


def _odd(recording: UUID, keys: list[bytes | None]) -> Disagreement:
    if not any(keys):
        return Disagreement(recording, f"The key of {recording} opens in no copy.")
    return Disagreement(recording, f"The copies hold different keys for {recording}.")


def _differences(ring: KeyRing, copies: tuple[RingCopy, ...], group: str) -> Iterator[Disagreement]:
    gone = {id_ for copy in copies for id_ in copy.destroyed(group)}
    for recording in sorted(gone, key=str):
        if not all(_destroyed_whole(copy, recording) for copy in copies):
            what = f"The key of {recording} is destroyed in one copy, but not wholly in the other."
            yield Disagreement(recording, what)
    for recording in _all_live(copies, group):
        if recording in gone:
            continue
        keys = [ring.open(recording, copy.read(recording)) for copy in copies]
        if len({key for key in keys if key is not None}) != 1:
            yield _odd(recording, keys)
        elif None in keys:
            yield Disagreement(recording, f"The key of {recording} is whole in one copy only.")
