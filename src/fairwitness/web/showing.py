"""A recording as plain rows for a page: nothing here decides, and no model reaches a template.

What somebody sees depends on who they are: a wearer is shown the dates without silent holds, the
rest of the force without those of the independent investigation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fairwitness.evidence.knowing import Dates as Dates  # noqa: PLC0414 - read here by pages
from fairwitness.evidence.knowing import Reader as Reader  # noqa: PLC0414 - likewise
from fairwitness.evidence.knowing import dates as dates  # noqa: PLC0414 - likewise
from fairwitness.evidence.knowing import gone as gone  # noqa: PLC0414 - likewise
from fairwitness.evidence.knowing import gone_for as gone_for  # noqa: PLC0414 - likewise
from fairwitness.evidence.knowing import kept_apart
from fairwitness.evidence.knowing import reader as reader  # noqa: PLC0414 - likewise
from fairwitness.evidence.knowing import (
    without_footage as without_footage,  # noqa: PLC0414 - likewise
)
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.force.asking import OfficerFacts
from fairwitness.formats import records
from fairwitness.formats.errors import FormatError
from fairwitness.formats.recording import NOT_PRACTICABLE, Event, EventKind, RecordingClaim
from fairwitness.retention import categories
from fairwitness.retention.models import Disposal, Hold
from fairwitness.web import (
    axis_telling,
    import_telling,
    kept_words,
    life_line,
    times,
    volume_telling,
)
from fairwitness.web.facts import Fact

_MARKED = {EventKind.MARKER: "Marker", EventKind.PEOPLE_TOLD: "People were told"}

_WORN = {"helmet": "on the helmet", "cap": "on the cap", "chest": "on the chest"}


def marked(event: Event) -> str:
    """What a time line says where the camera noticed this; empty where it marks nothing."""
    if event.note == NOT_PRACTICABLE:
        return "Telling people was not practicable"
    return _MARKED.get(event.kind, "")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the time line: where, in the player's words and as a share of a thousand."""

    at: str
    x: int
    width: int
    words: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """What is drawn under the player, and the same as a table."""

    buffer: Mark | None
    mutes: tuple[Mark, ...]
    stealth: tuple[Mark, ...]
    markers: tuple[Mark, ...]
    signed: bool
    table: tuple[tuple[str, str], ...]


def claim(recording: Recording) -> RecordingClaim | None:
    """What the camera said of it, read strictly; None for footage that no camera signed."""
    if recording.claim is None:
        return None
    try:
        return records.from_json(RecordingClaim, recording.claim)
    except FormatError:
        return None


def category_names() -> Mapping[str, str]:
    """The names of all categories by code; read once for a page."""
    return {code: facts.name for code, facts in categories.current().items()}


def category(recording: Recording, names: Mapping[str, str]) -> str:
    """The category's name, or nothing."""
    return names.get(recording.category, recording.category)


def title(recording: Recording, names: Mapping[str, str]) -> str:
    """What people call it: its category and incident when it has them, else its number."""
    words = [word for word in (category(recording, names), recording.incident) if word]
    return ", ".join(words) or f"Recording {recording.reference}"


def began(recording: Recording) -> datetime:
    """When it began by the camera's clock; when it came, if no camera says."""
    return recording.started_at or recording.docked_at


def may_know(hold: Hold, to: Reader) -> bool:
    """Whether this reader may know of a hold on what they read about."""
    if to is Reader.WEARER:
        return not hold.silent
    return to is Reader.OVERSIGHT or not (hold.silent and hold.oversight)


def deletion(recording: Recording, *, to: Reader) -> Disposal | None:
    """Its record of deletion, where this reader is shown one.

    A wearer is shown none. The force none of what oversight's silent holds kept past the day that
    the force knows: its record says another day, and why.
    """
    if to is Reader.WEARER or (to is Reader.FORCE and kept_apart(recording)):
        return None
    return getattr(recording, "disposal", None)


def kept_since(recording: Recording, *, to: Reader) -> datetime | None:
    """When it left the count: marked as evidence, or bound by a hold that this visitor may know."""
    review = getattr(recording, "review", None)
    bound = [
        binding.bound_at
        for binding in recording.bindings.all()
        if binding.hold.lifted_at is None and may_know(binding.hold, to)
    ]
    moments = [*bound, *([review.marked_at] if review else [])]
    return min(moments, default=None)


def line(recording: Recording, *, known: Dates, at: datetime, to: Reader) -> life_line.LifeLine:
    """Its life line."""
    signed = recording.provenance == Provenance.SIGNED
    disposal = deletion(recording, to=to)
    gone = recording.state == State.DISPOSED
    disposed_at = disposal.disposed_at if disposal else None
    if gone and disposed_at is None:
        disposed_at = known.gone_by
    kept = known.gone_by is None and not gone
    look_again = recording.review.due_on if kept and hasattr(recording, "review") else None
    review = datetime.combine(look_again, time(12), tzinfo=times.LONDON) if look_again else None
    imported = recording.provenance == Provenance.IMPORTED
    where = "by an officer" if imported else "station not known"
    where = recording.station.name if recording.station else where
    facts = life_line.Facts(
        recorded_at=recording.started_at,
        signed_by=f"signed by camera {recording.camera_serial}" if signed else "not signed",
        docked_at=recording.docked_at,
        docked_as="Brought in" if imported else "Docked",
        docked_where=where,
        sealed_at=recording.received_at,
        camera_erased=signed and recording.erased_at is not None,
        clock_started_at=recording.clock_started_at,
        gone_by=known.gone_by,
        hidden_from=known.hidden_from,
        kept_because=kept_words.shortly(known.because) if kept else "",
        kept_at=kept_since(recording, to=to) if kept else None,
        look_again=review,
        disposed_at=disposed_at,
        late=recording.late,
    )
    return life_line.draw(facts, at=at)


def line_for(recording: Recording, *, facts: OfficerFacts, at: datetime) -> life_line.LifeLine:
    """Its life line as this visitor may know it."""
    to = reader(recording, facts)
    known = dates(recording, to=to)
    if gone(recording, known=known, at=at):
        recording = without_footage(recording)
    return line(recording, known=known, at=at, to=to)


def life_line_rows(recording: Recording, *, facts: OfficerFacts, at: datetime) -> dict[str, object]:
    """What `parts/life_line.html` wants, for a page that is about one recording."""
    return {"line": line_for(recording, facts=facts, at=at), "today": times.long_day(at)}


def _clock(recording: Recording) -> Fact:
    if recording.provenance == Provenance.IMPORTED:
        return import_telling.CLOCK
    if recording.provenance == Provenance.VOLUME:
        return volume_telling.CLOCK
    low, high = recording.clock_ahead_us_min, recording.clock_ahead_us_max
    if recording.provenance == Provenance.AXIS:
        return axis_telling.clock(recording.said or {})
    if low is None or high is None:
        return Fact("Clock", "not set: it counts as ending when it was docked")
    middle, slack = (low + high) // 2, max(1, (high - low) // 2)
    words = times.give_or_take(abs(middle))
    where = "ahead" if middle > 0 else "behind"
    note = "Compared at both dockings" if recording.clock_checked else "Not compared at docking out"
    if abs(middle) < slack:
        return Fact("Clock", f"right, give or take {times.give_or_take(slack)}", note)
    return Fact("Clock", f"{words} {where}, give or take {times.give_or_take(slack)}", note)


def _recorded(recording: Recording) -> list[Fact]:
    """From when to when, by whose clock; how right that is stands under *Clock*."""
    start, end = recording.started_at, recording.ended_at
    if start is None or end is None:
        return []
    imported = recording.provenance == Provenance.IMPORTED
    clock = import_telling.BY_WHOSE_CLOCK if imported else "by the camera’s clock"
    last = times.seconds(end) if times.day(start) == times.day(end) else times.exact(end)
    return [Fact("Recorded", f"{times.exact(start)} to {last}", clock)]


def about(recording: Recording, names: Mapping[str, str]) -> tuple[Fact, ...]:
    """The lines of *About it*."""
    said = claim(recording)
    facts = [
        Fact("Number", recording.reference),
        *_recorded(recording),
        Fact("Category", category(recording, names) or "not categorised"),
        Fact("Incident", recording.incident or "none yet"),
    ]
    if said:
        facts += [
            Fact("Worn", _WORN.get(said.mount.value, said.mount.value)),
            Fact("Lens", f"{said.lens_degrees} degrees wide"),
            Fact("Picture", f"{said.width} × {said.height}, {said.frames_per_second} a second"),
        ]
    facts.append(_clock(recording))
    if recording.provenance == Provenance.IMPORTED and recording.state == State.LIVE:
        facts += import_telling.about(recording)
    facts += volume_telling.about(recording) if recording.state == State.LIVE else ()
    facts += axis_telling.about(recording.said or {})
    facts.append(Fact("Size", f"{recording.size:,} bytes"))
    if recording.sha256:
        facts.append(Fact("Digest", "", code=recording.sha256, note="SHA-256 of what arrived"))
    return tuple(facts)


def provenance(recording: Recording) -> tuple[str, str]:
    """The verdict's form and words, as far as the server's own checks at arrival went."""
    if recording.provenance == Provenance.SIGNED:
        return "", f"Unchanged since camera {recording.camera_serial} signed it"
    if recording.provenance == Provenance.IMPORTED:
        return "verdict-received", import_telling.VERDICT
    if recording.provenance == Provenance.VOLUME:
        return "verdict-received", volume_telling.VERDICT
    if recording.provenance == Provenance.AXIS:
        return "verdict-received", "Unchanged since the Axis system sent it (we know no signature)"
    return "verdict-received", "Unchanged since we received it (the camera did not sign)"


def lanes(recording: Recording) -> Lanes:
    """Buffer, mute and stealth spans and markers, placed along the recording."""
    said = claim(recording)
    total = max(1, recording.duration_ms)

    def mark(start: int, end: int, words: str) -> Mark:
        x = min(1000, start * 1000 // total)
        width = max(2, min(1000 - x, (end - start) * 1000 // total))
        span = times.counter(start) if end == start else _span(start, end)
        return Mark(at=span, x=x, width=width, words=words)

    if said is None:
        return _told_lanes(axis_telling.places(recording.said or {}), mark)
    buffer = None
    if said.buffer_ms:
        words = "Buffer: picture without sound, from before record was pressed"
        buffer = mark(0, said.buffer_ms, words)
    mutes = tuple(
        mark(s.from_ms, s.to_ms, "Muted by the officer" + (f": {s.reason}" if s.reason else ""))
        for s in said.mute
    )
    stealth = tuple(
        mark(s.from_ms, s.to_ms, "Stealth: lights and sounds were off") for s in said.stealth
    )
    markers = tuple(mark(e.at_ms, e.at_ms, words) for e in said.events if (words := marked(e)))
    rows = [m for m in (buffer, *mutes, *stealth, *markers) if m]
    table = tuple((m.at, m.words) for m in sorted(rows, key=lambda m: m.x))
    signed = recording.provenance == Provenance.SIGNED
    return Lanes(buffer, mutes, stealth, markers, signed=signed, table=table)


def _told_lanes(places: axis_telling.Places, mark: Callable[[int, int, str], Mark]) -> Lanes:
    """What another maker's system told, as claims: nothing of it is signed."""
    buffer = mark(0, places.buffer_ms, places.buffer_words) if places.buffer_ms else None
    markers = tuple(mark(at, at, words) for at, words in places.markers)
    rows = [m for m in (buffer, *markers) if m]
    table = tuple((m.at, m.words) for m in sorted(rows, key=lambda m: m.x))
    return Lanes(buffer, (), (), markers, signed=False, table=table)


def _span(start: int, end: int) -> str:
    return f"{times.counter(start)} to {times.counter(end)}"


def duration(recording: Recording) -> str:
    """'18 min 42 s'."""
    return times.length(timedelta(milliseconds=recording.duration_ms))
