"""Several recordings on one line, as rows for a page: bars, bands of doubt, and words for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fairwitness.evidence import one_clock
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.web import showing, times

_USUAL_RATE: Final = 30
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the common line in thousandths, and its words."""

    form: str
    x: int
    width: int
    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Camera:
    """One recording of the set: where it lies, how surely, and where it plays from."""

    number: int
    id: str
    name: str
    reference: str
    source: str
    refused: str
    begins_ms: int
    ends_ms: int
    rate: int
    began: str
    ended: str
    clock: str
    alone: bool
    bar: Bar
    doubt: Bar | None
    spans: tuple[Bar, ...]
    marks: tuple[Bar, ...]


def _told(row: Recording) -> one_clock.Told:
    low, high = row.clock_ahead_us_min, row.clock_ahead_us_max
    return one_clock.Told(
        started_at=showing.began(row),
        duration_ms=row.duration_ms,
        ahead_us=None if low is None or high is None else (low, high),
        frame_us=_SECOND // _rate(row),
    )


def _rate(row: Recording) -> int:
    said = showing.claim(row)
    return said.frames_per_second if said else _USUAL_RATE


def laid_out(
    rows: Sequence[Recording], tokens: Mapping[UUID, str], refusals: Mapping[UUID, str]
) -> tuple[tuple[Camera, ...], one_clock.Line]:
    """Each recording as a camera of the page, and the line that they lie on.

    Args:
        rows: recordings that tell when they began; at least one.
        tokens: of those that may be played now.
        refusals: why each may not be watched; empty words where it may.
    """
    line = one_clock.lay_out([_told(row) for row in rows])
    ready = set(
        Copy.objects.filter(
            recording__in=tokens, kind=CopyKind.WORKING, state=CopyState.READY
        ).values_list("recording_id", flat=True)
    )
    cameras = []
    for number, (row, place) in enumerate(zip(rows, line.places, strict=True), start=1):
        kind = "working" if row.pk in ready else "master"
        token = tokens.get(row.pk, "")
        cameras.append(
            Camera(
                number=number,
                id=str(row.pk),
                name=row.wearer.title if row.wearer else f"Camera {row.camera_serial}",
                reference=row.reference,
                source=f"/play/{token}/{kind}" if token else "",
                refused=refusals[row.pk],
                begins_ms=place.begins_ms,
                ends_ms=place.ends_ms,
                rate=_rate(row),
                began=_exact(line.begins_at, place.begins_ms),
                ended=_exact(line.begins_at, place.ends_ms),
                clock=_clock(place.slack_us),
                alone=place.alone,
                bar=_bar(line, "bar", place.begins_ms, place.ends_ms, "Recorded"),
                doubt=_doubt(line, place),
                spans=_spans(row, line, place),
                marks=_marks(row, line, place),
            )
        )
    return tuple(cameras), line


def _exact(begins_at: datetime, milliseconds: int) -> str:
    """'23:12:07.4': true time, to the tenth."""
    at = times.london(begins_at + timedelta(milliseconds=milliseconds))
    return f"{at:%H:%M:%S}.{at.microsecond // 100_000}"


def _finely(microseconds: int) -> str:
    """'40 ms', '0.6 s': how long, never rounded to nothing."""
    if microseconds < _SECOND // 2:
        return f"{max(1, -(-microseconds // 1000))} ms"
    return times.give_or_take(microseconds)


def _clock(slack_us: int | None) -> str:
    if slack_us is None:
        return "not measured: where it lies is what its own clock says"
    return f"give or take {_finely(slack_us)}"


def _bar(line: one_clock.Line, form: str, start: int, end: int, words: str) -> Bar:
    total = max(1, line.length_ms)
    x = max(0, min(998, start * 1000 // total))
    width = max(2, min(1000 - x, (end - max(0, start)) * 1000 // total))
    at = times.counter(max(0, start))
    if end > start:
        at = f"{at} to {times.counter(max(0, end))}"
    return Bar(form, x, width, at, words)


def _doubt(line: one_clock.Line, place: one_clock.Place) -> Bar | None:
    """The beginning as surely as it is known: a band round it."""
    if place.slack_us is None:
        return None
    slack = -(-place.slack_us // 1000)
    words = f"Its beginning, {_clock(place.slack_us)}"
    return _bar(line, "doubt", place.begins_ms - slack, place.begins_ms + slack, words)


def _spans(row: Recording, line: one_clock.Line, place: one_clock.Place) -> tuple[Bar, ...]:
    said = showing.claim(row)
    if said is None:
        return ()

    def bar(form: str, start: int, end: int, words: str) -> Bar:
        return _bar(line, form, place.begins_ms + start, place.begins_ms + end, words)

    buffer = "Buffer: picture without sound, from before record was pressed"
    spans = [bar("none", 0, said.buffer_ms, buffer)] if said.buffer_ms else []
    for span in said.mute:
        why = f": {span.reason}" if span.reason else ""
        spans.append(bar("muted", span.from_ms, span.to_ms, f"Muted by the officer{why}"))
    for span in said.stealth:
        words = "Stealth: lights and sounds were off"
        spans.append(bar("muted", span.from_ms, span.to_ms, words))
    return tuple(spans)


def _marks(row: Recording, line: one_clock.Line, place: one_clock.Place) -> tuple[Bar, ...]:
    """Markers, as the camera signed them."""
    said = showing.claim(row)
    if said is None:
        return ()
    return tuple(
        _bar(
            line,
            "marker",
            place.begins_ms + event.at_ms,
            place.begins_ms + event.at_ms,
            words,
        )
        for event in said.events
        if (words := showing.marked(event))
    )


def line_in_words(line: one_clock.Line, cameras: Sequence[Camera]) -> dict[str, object]:
    """The line in words."""
    bars = [
        (each.x, each.at, f"{camera.number}. {camera.name}", each.words)
        for camera in cameras
        for each in (camera.bar, *camera.spans, *camera.marks)
    ]
    return {
        "length": line.length_ms,
        "words": times.counter(line.length_ms),
        "day": times.long_day(line.begins_at),
        "error": _error(line, cameras),
        "serious": not line.within_a_frame,
        "alone": [camera for camera in cameras if camera.alone] if len(cameras) > 1 else [],
        "gaps": [f"{times.counter(a)} to {times.counter(b)}" for a, b in line.gaps],
        "rows": [bar[1:] for bar in sorted(bars)],
    }


def _error(line: one_clock.Line, cameras: Sequence[Camera]) -> str:
    """How far apart what stands side by side may be, in time and in pictures."""
    if line.apart_us is None:
        unknown = [f"{each.number}" for each in cameras if each.doubt is None]
        which = f"camera {unknown[0]}" if len(unknown) == 1 else f"cameras {', '.join(unknown)}"
        return (
            f"How far apart they are is not known: nobody measured the clock of {which}."
            " Don’t tell from the pictures alone what came first."
        )
    apart = _finely(line.apart_us)
    if line.within_a_frame:
        return f"What you see side by side is one moment to within {apart}, less than a picture."
    return (
        f"What you see side by side may be up to {apart} apart, {line.frames} pictures:"
        " their clocks are not known better. Don’t tell what came first from less than that."
    )
