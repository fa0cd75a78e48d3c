"""Whether a video's own signatures hold, group of pictures by group of pictures.

Some cameras sign the pictures inside the video (ONVIF Media Signing, Axis Signed Video). `check`
reads a file once, with bounded memory, and says of each group whether it is what was signed. It
says nothing about sound, places, times in the file's index, or how the pictures are to be decoded:
no signature in the video covers those. Specification: docs/specs/signed-video.md.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from fairwitness.formats import boxes
from fairwitness.formats.boxes import ReadAt
from fairwitness.formats.errors import FormatError
from fairwitness.formats.picture_units import Picture, Unit, UnitReader, UserData
from fairwitness.formats.video_groups import Group, GroupState, Judge
from fairwitness.formats.video_samples import (
    Sample,
    Track,
    VideoUnknown,
    find_track,
    has_other_pictures,
    samples,
)
from fairwitness.formats.video_seal import Scheme, Seal, SealInvalid, read_seal
from fairwitness.formats.video_signer import SignatureCheck, Signer

MOST_SPANS: Final = 200
"""Spans of a report; what is found after them is told in the last."""
_MOST_SEALS: Final = 300_000
"""More than two days at one a second."""
_OTHERS: Final = "It has other pictures too, which players may show and no signature covers."
_DAMAGED: Final = bytes(32)
"""A digest that no unit has."""
_WORST: Final = (
    GroupState.CHANGED,
    GroupState.MISSING,
    GroupState.UNCOVERED,
    GroupState.INTACT,
)


class VideoVerdict(StrEnum):
    """The answer for a whole video."""

    NOT_SIGNED = "not_signed"
    INTACT = "intact"
    MISSING = "intact_but_units_missing"
    CHANGED = "changed"
    OLD_FORMAT = "signed_old_format"


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring groups of which the same was found.

    `first` and `last` are their numbers in the file; `detail` says why, "" for intact ones.
    """

    first: int
    last: int
    from_ms: int
    to_ms: int
    state: GroupState
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoReport:
    """What was found of one video.

    Attributes:
        verdict: the answer.
        scheme: how it is signed; None when it is not.
        signer: who signed, as the video says; whether it is true is for the reader to know.
        maker: maker, serial number and firmware, as the video says.
        groups: how many groups of each state.
        spans: the same along the time.
        began_us: the time that the video claims to have begun, microseconds since 1970.
        began_before: its camera had been signing before this file begins.
        problem: why not all of it was read; "" when it was.
    """

    verdict: VideoVerdict
    scheme: Scheme | None = None
    signer: Signer | None = None
    maker: str = ""
    groups: dict[GroupState, int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    began_us: int | None = None
    began_before: bool = False
    problem: str = ""

    @property
    def total(self) -> int:
        """All groups."""
        return sum(self.groups.values())

    @property
    def intact(self) -> int:
        """Groups that are what was signed."""
        return self.groups.get(GroupState.INTACT, 0)


Steps = Generator[int, None, VideoReport]


def check(read: ReadAt, *, size: int) -> VideoReport:
    """Check the signatures in a video file. Never raises because of what the file holds.

    Args:
        read: gives bytes of the file.
        size: of the file.
    """
    going = steps(read, size=size)
    while True:
        try:
            next(going)
        except StopIteration as end:
            report: VideoReport = end.value
            return report


def steps(read: ReadAt, *, size: int) -> Steps:
    """Check step by step, for whoever reads the file in order for another reason too.

    Before each step it yields how far into the file the step will read; a file whose index comes
    first is so gone through from its beginning to its end, only the first seconds twice. Gives the
    report.

    Args:
        read: gives bytes of the file.
        size: of the file.
    """
    try:
        yield from _up_to_index(read, size)
        track = find_track(read, size=size)
        others = has_other_pictures(read, size=size)
    except FormatError as error:
        return VideoReport(verdict=VideoVerdict.NOT_SIGNED, problem=error.message)
    scheme, problem = yield from _scheme(read, track, size)
    if scheme is None:
        return VideoReport(verdict=VideoVerdict.NOT_SIGNED, problem=problem)
    report = yield from _Reading(read, track, size, scheme).report()
    return replace(report, problem=report.problem or _OTHERS) if others else report


def _up_to_index(read: ReadAt, size: int) -> Generator[int, None, None]:
    for box in boxes.walk(read, start=0, stop=size):
        yield box.end
        if box.kind == "moov":
            return


def _scheme(
    read: ReadAt, track: Track, size: int
) -> Generator[int, None, tuple[Scheme | None, str]]:
    """How it is signed, found without hashing a picture; and why the search ended early."""
    units = UnitReader(read, track, hashing=False)
    damage = ""
    try:
        for sample in samples(read, track, size=size):
            yield sample.offset + sample.size
            try:
                for unit in units.units(sample):
                    seal = read_seal(unit) if isinstance(unit, UserData) else None
                    if seal is not None and not seal.fault:
                        return seal.scheme, ""
            except VideoUnknown as error:
                damage = error.message
    except FormatError as error:
        damage = error.message
    return None, damage


class _Reading:
    """One pass over a signed video."""

    def __init__(self, read: ReadAt, track: Track, size: int, scheme: Scheme) -> None:
        self._scheme = scheme
        self._samples = samples(read, track, size=size)
        self._units = UnitReader(read, track)
        self._signatures = SignatureCheck()
        self._judge = Judge(self._signatures)
        self._spans: list[Span] = []
        self._counts = dict.fromkeys(GroupState, 0)
        self._maker, self._seals = "", 0
        self._began_us: int | None = None

    def report(self) -> Steps:
        problem = ""
        try:
            for sample in self._samples:
                yield sample.offset + sample.size
                self._take(sample)
        except FormatError as error:
            problem = error.message
        self._judge.finish()
        self._gather(self._judge.decided())
        verdict = self._verdict()
        return VideoReport(
            verdict=verdict,
            scheme=self._scheme,
            signer=self._signatures.signer,
            maker=self._maker,
            groups={state: count for state, count in self._counts.items() if count},
            spans=tuple(self._spans),
            began_us=self._began_us,
            began_before=self._judge.before,
            problem=problem,
        )

    def _take(self, sample: Sample) -> None:
        for unit in self._in(sample):
            if isinstance(unit, Picture):
                self._judge.picture(unit, from_ms=sample.at_ms, to_ms=sample.end_ms)
                continue
            seal = read_seal(unit)
            if seal is not None and _same_family(seal.scheme, self._scheme):
                self._note(seal)
                self._seals += 1
                if self._seals > _MOST_SEALS:
                    raise SealInvalid("It has more signatures than any camera makes.")
                if not seal.card:
                    self._judge.seal(seal)
        self._gather(self._judge.decided())

    def _in(self, sample: Sample) -> Iterator[Unit]:
        """The units of a sample; one that nobody signed where they can't be told apart."""
        try:
            yield from self._units.units(sample)
        except VideoUnknown:
            yield Picture(digest=_DAMAGED, begins_group=False, usual=True)

    def _note(self, seal: Seal) -> None:
        self._signatures.introduce(seal)
        self._maker = self._maker or seal.maker
        if self._began_us is None:
            self._began_us = seal.began

    def _gather(self, groups: Iterator[Group]) -> None:
        for group in groups:
            self._counts[group.state] += 1
            span = Span(
                group.number, group.number, group.from_ms, group.to_ms, group.state, group.detail
            )
            last = self._spans[-1] if self._spans else None
            if last is not None and (last.state, last.detail) == (span.state, span.detail):
                self._spans[-1] = replace(last, last=span.last, to_ms=span.to_ms)
            elif last is not None and len(self._spans) == MOST_SPANS:
                state = min(last.state, span.state, key=_WORST.index)
                self._spans[-1] = replace(
                    last, last=span.last, to_ms=span.to_ms, state=state, detail="several things"
                )
            else:
                self._spans.append(span)

    def _verdict(self) -> VideoVerdict:
        if self._counts[GroupState.CHANGED]:
            return VideoVerdict.CHANGED
        if self._counts[GroupState.MISSING]:
            return VideoVerdict.MISSING
        if not self._counts[GroupState.INTACT]:
            return VideoVerdict.NOT_SIGNED
        if self._scheme is Scheme.AXIS_1:
            return VideoVerdict.OLD_FORMAT
        return VideoVerdict.INTACT


def _same_family(one: Scheme, other: Scheme) -> bool:
    return (one is Scheme.ONVIF) == (other is Scheme.ONVIF)
