"""Judging a video's groups of pictures, one after the other, by the seals among them.

A seal covers the pictures before it: a whole group, or so many units of one. Cameras put it at the
beginning of the next group or some pictures later, so groups wait for theirs. A seal finds its
group by what it says of it, not by its place alone; so when a seal was taken out, only its own
group suffers. Of a group whose digest is another, the list of its units says which ones are not
those that were signed. Specification: docs/specs/signed-video.md.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fairwitness.formats.picture_units import Picture
from fairwitness.formats.video_seal import DIGEST, Scheme, Seal

MOST_WAITING: Final = 100_000
"""Units that wait for their seal; more than any camera lets wait."""
_MOST_PARTS: Final = 64
"""Groups that wait for theirs: a seal comes at most some groups late."""
_MOST_KEPT: Final = 128
"""Groups in memory, those included whose seal waits to be covered by a signed one."""
_MOST_ORPHANS: Final = 64
_NAMED: Final = 5
_BEFORE: Final = "what came before it was removed or replaced"
Listed = tuple[bytes, ...] | None


class GroupState(StrEnum):
    """What is found of one group of pictures."""

    INTACT = "intact"
    MISSING = "missing"
    CHANGED = "changed"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of pictures: its number in the file, its time, what is found, and why."""

    number: int
    from_ms: int
    to_ms: int
    state: GroupState
    detail: str


@dataclass(slots=True)
class _Part:
    """A group, or so much of one as one seal covers.

    `digests` are those that a seal lists: of the first unit of a group plain, of all others
    together with it. `raw` are the plain ones. `vouched` are parts whose seal is not signed
    itself, by the index of the unit that it is.
    """

    number: int
    from_ms: int
    to_ms: int
    anchor: bytes | None
    whole: bool
    raw: list[bytes] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    usual: list[bool] = field(default_factory=list)
    plain: set[int] = field(default_factory=set)
    vouched: dict[int, "_Part"] = field(default_factory=dict)
    open: bool = True
    state: GroupState | None = None
    detail: str = ""
    waits: bool = False
    _known: tuple[int, bytes, bytes] = (-1, b"", b"")

    @property
    def group(self) -> tuple[bytes, bytes]:
        """The digest of the group: of all its units, and of the usual ones; kept until it grows."""
        if self._known[0] != len(self.digests):
            self._known = (
                len(self.digests),
                _group_digest(self.digests),
                _group_digest(self.usual_digests),
            )
        return self._known[1:]

    @property
    def usual_digests(self) -> list[bytes]:
        """Those of the units that cameras are known to sign."""
        return [each for each, usual in zip(self.digests, self.usual, strict=True) if usual]

    def decide(self, state: GroupState, detail: str = "") -> None:
        self.state, self.detail, self.waits, self.open = state, detail, False, False


class Judge:
    """Takes units and seals in the order of the file, and gives groups as they are decided.

    Args:
        authentic: says why a seal's signature does not hold; "" when it does.
    """

    def __init__(self, authentic: Callable[[Seal], str]) -> None:
        self._authentic = authentic
        self._parts: deque[_Part] = deque()
        self._number = 0
        self._anchor: bytes | None = None
        self._link: bytes | None = None
        self._held: Seal | None = None
        self._orphans: list[tuple[Seal, Listed]] = []
        self.sealed = 0
        self.before = False
        self.waiting = 0

    # What comes

    def picture(self, unit: Picture, *, from_ms: int, to_ms: int) -> None:
        """Take a unit of a picture."""
        if self._held is not None:
            held, self._held = self._held, None
            # Version 1 lists the first unit of the next group too.
            if (listed := (held.listed or ())[:-1]) or self._parts:
                self._judge_seal(held, listed)
        if unit.begins_group or not self._parts or not self._parts[-1].open:
            self._begin(unit, from_ms)
        part = self._parts[-1]
        part.to_ms = to_ms
        if part.state is not None:
            return
        first = part.whole and not part.raw
        digest = unit.digest if first else _with(part.anchor, unit.digest)
        self._add(part, unit.digest, digest, usual=unit.usual)

    def seal(self, seal: Seal) -> None:
        """Take a seal."""
        if seal.scheme is Scheme.AXIS_1 and not seal.fault:
            self._held = seal
            return
        judged = self._judge_seal(seal, seal.listed)
        if seal.signature is None and not seal.fault and self._parts:
            part = self._parts[-1]
            if part.state is None and part.open:
                if judged is not None:
                    part.vouched[len(part.digests)] = judged
                part.plain.add(len(part.digests))
                self._add(part, seal.unit, seal.unit, usual=True)

    def finish(self) -> None:
        """Say that nothing more will come."""
        if self._held is not None:
            held, self._held = self._held, None
            self._judge_seal(held, held.listed)
        if self._orphans and not self.sealed:
            seal, _ = self._orphans[0]
            if not seal.begins_stream and not seal.fault:
                self.before = True  # most likely it sealed what came before
                del self._orphans[0]
        if self._orphans:
            self._settle([part for part in self._parts if part.state is None][: len(self._orphans)])
        for part in self._parts:
            part.open = False
            if part.state is None or part.waits:
                part.decide(GroupState.UNCOVERED, "it ends before its signature came")

    def decided(self) -> Iterator[Group]:
        """Give, and forget, the groups at the front that are decided."""
        while self._parts:
            part = self._parts[0]
            if part.state is None or part.waits or (part is self._parts[-1] and part.open):
                return
            self._forget(part)
            self._parts.popleft()
            yield Group(part.number, part.from_ms, part.to_ms, part.state, part.detail)

    # Groups

    def _begin(self, unit: Picture, from_ms: int) -> None:
        if self._parts:
            self._parts[-1].open = False
        if unit.begins_group:
            self._anchor = unit.digest
        self._number += 1
        whole = unit.begins_group
        self._parts.append(_Part(self._number, from_ms, from_ms, self._anchor, whole))
        waiting = [part for part in self._parts if part.state is None]
        if len(waiting) > _MOST_PARTS:
            waiting[0].decide(GroupState.CHANGED, "no signature covers it")
            self._link = None
        if len(self._parts) > _MOST_KEPT and self._parts[0].waits:
            self._parts[0].decide(GroupState.UNCOVERED, "its signature comes too late")

    def _add(self, part: _Part, raw: bytes, digest: bytes, *, usual: bool) -> None:
        part.raw.append(raw)
        part.digests.append(digest)
        part.usual.append(usual)
        self.waiting += 1
        while self.waiting > MOST_WAITING:
            oldest = next(each for each in self._parts if each.digests)
            if oldest.state is None:
                oldest.decide(GroupState.CHANGED, "no signature covers it")
                oldest.open = oldest is self._parts[-1]
            self._forget(oldest)

    def _forget(self, part: _Part) -> None:
        self.waiting -= len(part.digests)
        for held in (part.raw, part.digests, part.usual):
            held.clear()
        part.vouched.clear()

    # Seals

    def _judge_seal(self, seal: Seal, listed: Listed) -> _Part | None:
        """Find the part that a seal is for and decide it; None when none is, for now."""
        waiting = [part for part in self._parts if part.state is None]
        part = next((each for each in waiting if _is_of(seal, listed, each)), None)
        if part is None:
            if not self._number:
                self.before = True  # it came before any picture
            elif len(self._orphans) < _MOST_ORPHANS:
                self._orphans.append((seal, listed))
            return None
        unsealed = waiting[: waiting.index(part)]
        if not self.sealed and len(self._orphans) > len(unsealed):
            # Cut out of a longer video: the first of them sealed what came before.
            self.before = True
            del self._orphans[: len(self._orphans) - len(unsealed)]
        lost = self._settle(unsealed)
        self._decide(part, seal, listed)
        if lost and part.state is not GroupState.CHANGED:
            part.decide(GroupState.CHANGED, _BEFORE)
        return part

    def _settle(self, parts: list[_Part]) -> list[Seal]:
        """Decide parts whose seals do not fit them, in their order; gives seals left over."""
        orphans, self._orphans = self._orphans, []
        for part, (seal, listed) in zip(parts, orphans, strict=False):
            self._decide(part, seal, listed)
        for part in parts[len(orphans) :]:
            part.decide(GroupState.CHANGED, "no signature covers it")
            self._link = None
        return [seal for seal, _ in orphans[len(parts) :]]

    def _cut(self, part: _Part, seal: Seal) -> None:
        """Leave a part only the units that a seal is for; the others begin one of their own."""
        part.open = False
        if not seal.partial or seal.count >= len(part.digests):
            return
        self._number += 1
        rest = _Part(self._number, part.to_ms, part.to_ms, part.anchor, whole=False)
        for name in ("raw", "digests", "usual"):
            held = getattr(part, name)
            getattr(rest, name).extend(held[seal.count :])
            del held[seal.count :]
        rest.plain = {index - seal.count for index in part.plain if index >= seal.count}
        part.plain = {index for index in part.plain if index < seal.count}
        rest.vouched = {
            index - seal.count: part.vouched.pop(index)
            for index in list(part.vouched)
            if index >= seal.count
        }
        place = self._parts.index(part) + 1
        rest.open = place == len(self._parts)
        self._parts.insert(place, rest)

    def _decide(self, part: _Part, seal: Seal, listed: Listed) -> None:
        """Decide one part by its seal."""
        self._cut(part, seal)
        self.sealed += 1
        link, self._link = self._link, part.digests[0] if part.digests else None
        fault = f"its signature can't be read: {seal.fault}" if seal.fault else ""
        if not fault and seal.signature is not None:
            fault = self._authentic(seal)
        if fault:
            part.decide(GroupState.CHANGED, fault)
            return
        state, detail, good = _compare(part, seal, listed)
        if listed:
            self._link = listed[0]
        elif state is not GroupState.INTACT:
            self._link = None
        if state is not GroupState.CHANGED and not self._follows(seal, link):
            state, detail = GroupState.CHANGED, _BEFORE
        part.decide(state, detail)
        if seal.signature is None and seal.scheme is not Scheme.AXIS_1:
            part.waits = True
        else:
            _confirm(part, good)

    def _follows(self, seal: Seal, link: bytes | None) -> bool:
        """Whether what a seal says of the pictures before it agrees with them."""
        if seal.link is None:
            return True
        if link is None:
            self.before = self.before or (self.sealed == 1 and not seal.begins_stream)
        return link is None or seal.link == link


def _with(anchor: bytes | None, digest: bytes) -> bytes:
    return hashlib.sha256((anchor or bytes(DIGEST)) + digest).digest()


def _group_digest(digests: list[bytes]) -> bytes:
    return hashlib.sha256(b"".join(digests)).digest()


def _is_of(seal: Seal, listed: Listed, part: _Part) -> bool:
    """Whether a seal, by what it says, is for this part."""
    if not part.digests:
        return False
    if listed and listed[0] == part.digests[0]:
        return True
    if seal.partial and seal.count < len(part.digests):
        return _group_digest(part.digests[: seal.count]) == seal.group
    return seal.group in part.group or _is_list(part.digests, listed)


def _is_list(digests: list[bytes], listed: Listed) -> bool:
    return listed is not None and len(digests) == len(listed) and tuple(digests) == listed


def _compare(part: _Part, seal: Seal, listed: Listed) -> tuple[GroupState, str, set[int]]:
    """What has become of the units that a seal is for; and the indices of those that are good."""
    everything = set(range(len(part.digests)))
    if part.group[0] == seal.group or _is_list(part.digests, listed):
        return GroupState.INTACT, "", everything
    kept = {index for index in everything if part.usual[index]}
    if kept != everything and (part.group[1] == seal.group or _is_list(part.usual_digests, listed)):
        extra = len(everything) - len(kept)
        return GroupState.UNCOVERED, f"{extra} of its units are of a kind it does not sign", kept
    if not listed:
        return GroupState.CHANGED, "it is not what was signed", set()
    return _unit_by_unit(part, listed)


def _unit_by_unit(part: _Part, listed: tuple[bytes, ...]) -> tuple[GroupState, str, set[int]]:
    digests = part.digests
    if part.whole and digests[0] != listed[0]:
        # Its first unit is another. All others are told by what the first one was.
        digests = [
            raw if index == 0 or index in part.plain else _with(listed[0], raw)
            for index, raw in enumerate(part.raw)
        ]
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, digest in enumerate(listed):
        places[digest].append(place)
    strange, good, next_ = [], set(), 0
    for index, digest in enumerate(digests):
        known = places.get(digest, [])
        at = bisect_left(known, next_)
        if at < len(known):
            next_ = known[at] + 1
            good.add(index)
        else:
            strange.append(index)
    if strange:
        return GroupState.CHANGED, _strange(strange, len(digests), len(listed)), good
    missing = len(listed) - len(good)
    return GroupState.MISSING, f"{missing} of {len(listed)} units are missing", good


def _strange(strange: list[int], found: int, listed: int) -> str:
    named = ", ".join(str(index + 1) for index in strange[:_NAMED])
    more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    unit = "unit" if len(strange) == 1 else "units"
    verb = "is" if len(strange) == 1 else "are"
    words = f"{unit} {named}{more} of {found} {verb} not what was signed"
    return words if found == listed else f"{words}; {listed} were signed"


def _confirm(part: _Part, good: set[int]) -> None:
    """A part is sealed under a signature: so are those whose own seals are units of it."""
    waiting = [(part, good)]
    while waiting:
        sealed, known = waiting.pop()
        for index, vouched in sealed.vouched.items():
            if index in known:
                vouched.waits = False
                waiting.append((vouched, set(range(len(vouched.digests)))))
            else:
                vouched.decide(GroupState.CHANGED, "its signature is not what was signed")
        sealed.vouched.clear()
