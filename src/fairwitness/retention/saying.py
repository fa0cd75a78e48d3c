"""Saying something of a recording: people told, why late, early or muted, what a category asks.

Design rules:

1. Nothing is overwritten: what is said anew is a new row, and the entry says both who and what.
2. Whoever may write a note on a recording may say this; each row names who says it.
3. What is said of any part counts for the whole activation.
4. What the camera signed (that people were told, its mute spans) is never touched: an officer's
   words stand beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import words
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import (
    asking_fields,
    categories,
    gathering,
    marking,
    marking_many,
    reasons,
    releasing,
)
from fairwitness.retention.marking_many import Mark
from fairwitness.retention.models import CategoryMark, Said
from fairwitness.retention.saying_rows import Matter

REASONED = (Matter.TOLD, Matter.LATE, Matter.EARLY, Matter.MUTED)
_BATCH = 200


class NothingSaid(FairwitnessError):
    """Something sent with nothing in it, or nothing new."""

    code = "saying.nothing"


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing to be said; an empty answer takes back what was said before."""

    matter: Matter
    answer: str
    words: str = ""
    field: str = ""


def of_reasons(chosen: Mapping[Matter, tuple[str, str]]) -> list[Saying]:
    """What was chosen from the lists: a code and free words for each matter that was answered.

    Raises:
        ReasonInvalid: not in the list, or another reason without its words.
    """
    return [
        Saying(matter, code, reasons.check(matter.value, code, said))
        for matter, (code, said) in chosen.items()
        if code
    ]


def of_fields(category: str, typed: Mapping[str, str]) -> list[Saying]:
    """What was typed into the fields of a category.

    Raises:
        CategoryUnknown: there is no such category.
        FieldInvalid: for the first that its field does not take.
    """
    (line,) = categories.named((category,))
    answers = asking_fields.read(line.fields, typed)
    return [
        Saying(Matter.FIELD, answer, field=f"{category}.{code}") for code, answer in answers.items()
    ]


def say(
    *, recordings: Sequence[UUID], sayings: Sequence[Saying], officer: Officer, at: datetime
) -> None:
    """Keep what is said of recordings and their parts.

    Raises:
        NothingSaid: nothing, or nothing that is not said already.
        NotAllowed, AlreadyGone: nothing is changed.
    """
    if not sayings:
        raise NothingSaid("Choose something to say first.")
    marking.demand(recordings, officer, Action.ANNOTATE, at)
    with transaction.atomic():
        if not _keep(recordings, sayings, officer, at):
            raise NothingSaid("That is what it says already. Nothing was changed.")


def categorise(
    *,
    marks: Sequence[Mark],
    sayings: Sequence[Saying],
    officer: Officer,
    at: datetime,
) -> None:
    """Categorise recordings and keep what is said of them, in one transaction.

    Raises:
        MarkInvalid, CategoryUnknown, NotAllowed, AlreadyGone: nothing is changed.
    """
    ids = [mark.recording for mark in marks]
    for evidential, action in ((False, Action.CATEGORISE), (True, Action.MARK_EVIDENTIAL)):
        if some := [mark.recording for mark in marks if bool(mark.incident) is evidential]:
            marking.demand(some, officer, action, at)  # a refusal is an entry of its own
    if sayings:
        marking.demand(ids, officer, Action.ANNOTATE, at)
    with transaction.atomic():
        marking_many.mark(marks=marks, officer=officer, at=at)
        _keep(ids, sayings, officer, at)


def take_back(
    *, recordings: Sequence[UUID], done_at: datetime, officer: Officer, at: datetime
) -> None:
    """Leave recordings without a category again, and take back what was said of them by `officer`.

    What is evidence stays: un-marking it takes two people. So does what is marked otherwise than
    at `done_at`: a colleague came after.

    Raises:
        MarkInvalid: one of them is evidence, or marked by another act since.
        NotAllowed, AlreadyGone: nothing is changed.
    """
    rows = marking.demand(recordings, officer, Action.CATEGORISE, at)
    if any(row.evidential for row in rows):
        raise marking.MarkInvalid("It is kept as evidence: undoing that takes a second person.")
    with transaction.atomic():
        gathering.lock(recordings)
        marks = CategoryMark.objects.filter(recording__in=recordings)
        as_done = marks.filter(at=done_at).values("recording").distinct().count()
        if as_done < len(set(recordings)) or marks.exclude(at=done_at).exists():
            raise marking.MarkInvalid("Somebody changed its category meanwhile: that stays.")
        marking.categorise(recordings=recordings, codes=(), officer=officer, at=at)
        said = [
            Saying(Matter(row.matter), "", field=row.field)
            for row in latest(recordings[0])
            if row.by_id == officer.pk
        ]
        _keep(recordings, said, officer, at)


def latest(recording: UUID) -> list[Said]:
    """What is said of a recording now: the last row of each matter, unless it was taken back."""
    return [row for row in newest(everything(recording)) if row.answer]


def everything(recording: UUID) -> list[Said]:
    """Every row of a recording, oldest first; one query."""
    rows = Said.objects.filter(recording=recording).select_related("by")
    return list(rows.order_by("pk"))


def newest(rows: Iterable[Said]) -> list[Said]:
    """The last of each matter and field, of rows in their order."""
    return list({(row.recording_id, row.matter, row.field): row for row in rows}.values())


def in_words(row: Said | Saying) -> str:
    """One thing as people read it: 'Started late: I forgot'."""
    matter = Matter(row.matter)
    if matter is Matter.FIELD:
        name = _field_name(row.field)
        return f"{name}: {row.answer}" if row.answer else f"{name}: taken back"
    if not row.answer:
        return f"{matter.label}: taken back"
    return f"{matter.label}: {reasons.in_words(matter.value, row.answer, row.words)}"


def _field_name(path: str) -> str:
    category, _, code = path.partition(".")
    line = categories.shipped().get(category)
    names = {field.code: field.name for field in line.fields} if line else {}
    return names.get(code, code)


def _keep(
    recordings: Sequence[UUID], sayings: Sequence[Saying], officer: Officer, at: datetime
) -> int:
    """Write rows, words and entries of what is new; returns how many rows."""
    parts = [part for each in gathering.activations_of(recordings) for part in each.parts]
    if any(part.gone_by is not None and at >= part.gone_by for part in parts):
        raise releasing.AlreadyGone("This recording has reached its day. Nothing changes any more.")
    stands = _standing([part.pk for part in parts])
    new = [
        (part, saying)
        for part in parts
        for saying in sayings
        if stands.get((part.pk, saying.matter.value, saying.field), ("", ""))
        != (saying.answer, saying.words)
    ]
    Said.objects.bulk_create(
        [
            Said(
                recording=part,
                matter=saying.matter,
                field=saying.field,
                answer=saying.answer,
                words=saying.words,
                by=officer,
                at=at,
            )
            for part, saying in new
        ],
        batch_size=_BATCH,
    )
    _write(new, officer, at)
    return len(new)


def _standing(ids: Sequence[UUID]) -> dict[tuple[UUID, str, str], tuple[str, str]]:
    rows = newest(Said.objects.filter(recording__in=ids).order_by("pk"))
    return {(row.recording_id, row.matter, row.field): (row.answer, row.words) for row in rows}


def _write(new: Sequence[tuple[Recording, Saying]], officer: Officer, at: datetime) -> None:
    said: dict[UUID, list[Saying]] = {}
    for part, saying in new:
        said.setdefault(part.pk, []).append(saying)
    words.keep(
        {
            pk: [text for each in those for text in (each.words, _sought(each)) if text]
            for pk, those in said.items()
        }
    )
    ledger.append_many(
        [
            Draft(
                subject=recording_subject(pk),
                act=Act.RECORDING_ANNOTATED,
                actor=authority.text(officer),
                at=at,
                detail={
                    "text": ". ".join(in_words(each) for each in those),
                    "said": [
                        f"{each.matter.value} {each.field} {each.answer}".replace("  ", " ")
                        for each in those
                    ],
                },
            )
            for pk, those in said.items()
        ]
    )


def _sought(saying: Saying) -> str:
    """What a search finds it by: numbers that were typed, not codes of reasons."""
    return saying.answer if saying.matter is Matter.FIELD else ""
