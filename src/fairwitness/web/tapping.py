"""What one taps to say what a recording is: categories with what they ask, and reasons.

Plain rows for the kiosk, and for the same on a recording's own page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from fairwitness.evidence.models import Recording
from fairwitness.formats.recording import NOT_PRACTICABLE, EventKind, RecordingClaim
from fairwitness.retention import categories, reasons, saying
from fairwitness.retention.asking_fields import Field
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.models import Said
from fairwitness.retention.saying import Saying
from fairwitness.retention.saying_rows import Matter
from fairwitness.web import showing, times

INCIDENT: Final = Field(
    "incident",
    "Incident, crime or case number",
    "text",
    needed=True,
    hint="For example CAD 8812/08JUN17",
)
"""What every category asks that keeps until a review decides: it makes the recording evidence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the form."""

    name: str
    label: str
    hint: str
    needed: bool
    kind: str
    choices: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Tap:
    """One category to tap, and what it asks."""

    code: str
    name: str
    chosen: bool
    evidence: bool
    asks: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Matters:
    """One thing to give a reason for, two taps away."""

    code: str
    label: str
    choices: tuple[tuple[str, str], ...]
    chosen: str
    words: str


def taps(typed: Mapping[str, str], *, chosen: str) -> list[Tap]:
    """Every category, those that are given in one tap first."""
    table = sorted(categories.current().values(), key=lambda line: (line.days is None, line.name))
    return [
        Tap(
            code=line.code,
            name=line.name,
            chosen=line.code == chosen,
            evidence=line.days is None,
            asks=asked(line, typed),
        )
        for line in table
    ]


def asked(
    line: CategoryFacts, typed: Mapping[str, str], *, alone: bool = False
) -> tuple[Asked, ...]:
    """What a category asks: `alone` without the incident's number, which it has already."""
    fields = line.fields if line.days is not None or alone else (INCIDENT, *line.fields)
    return tuple(
        Asked(
            name=_name(line.code, field),
            label=field.name,
            hint=field.hint,
            needed=field.needed,
            kind=field.kind,
            choices=field.choices,
            value=typed.get(_name(line.code, field), ""),
        )
        for field in fields
    )


def _name(category: str, field: Field) -> str:
    return f"f-{category}-{field.code}"


def matters(typed: Mapping[str, str]) -> list[Matters]:
    """The lists of reasons."""
    return [
        Matters(
            code=matter.value,
            label=matter.label,
            choices=tuple(reasons.lists()[matter.value].items()),
            chosen=typed.get(matter.value, ""),
            words=typed.get(f"{matter.value}-words", ""),
        )
        for matter in saying.REASONED
    ]


def read_reasons(request: HttpRequest) -> list[Saying]:
    """The reasons that were tapped.

    Raises:
        ReasonInvalid: not in the list, or another reason without its words.
    """
    post = request.POST
    return saying.of_reasons(
        {
            matter: (post.get(matter.value, ""), post.get(f"{matter.value}-words", ""))
            for matter in saying.REASONED
        }
    )


def read_fields(request: HttpRequest, category: str) -> list[Saying]:
    """What was typed for this category.

    Raises:
        FieldInvalid: what a field does not take.
        CategoryUnknown: no such category.
    """
    start = f"f-{category}-"
    typed = {
        name.removeprefix(start): request.POST.get(name, "")
        for name in request.POST
        if name.startswith(start)
    }
    return saying.of_fields(category, typed)


def read_incident(request: HttpRequest, line: CategoryFacts) -> str:
    """The number that makes it evidence; none for a category that keeps for a time."""
    if line.days is not None:
        return ""
    return request.POST.get(_name(line.code, INCIDENT), "").strip()[:80]


def typed_before(rows: list[Said]) -> dict[str, str]:
    """What stands, as the form would have it typed."""
    typed: dict[str, str] = {}
    for row in rows:
        if row.matter == Matter.FIELD:
            typed[f"f-{row.field.replace('.', '-', 1)}"] = row.answer
        else:
            typed |= {row.matter: row.answer, f"{row.matter}-words": row.words}
    return typed


def camera_told(recording: Recording) -> str:
    """What the camera was told of people being told, in words; nothing where none signed."""
    said = showing.claim(recording)
    return told_in_words(said) if said else ""


def told_in_words(said: RecordingClaim) -> str:
    """The same of what a camera signed."""
    for event in said.events:
        if event.kind is EventKind.PEOPLE_TOLD:
            moment = times.counter(event.at_ms)
            if event.note == NOT_PRACTICABLE:
                return f"The camera noted at {moment} that it was not practicable."
            return f"The camera noted at {moment} that people were told."
    return "Nothing on the camera says that people were told."
