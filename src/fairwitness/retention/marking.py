"""Marking: categories, evidential or not, and taking it back.

Design rules:

1. Every verb takes many recordings, asks permission for each, and does all or nothing.
2. Marking any part marks the whole activation.
3. Evidential needs an incident or case number, a category, and a day to look again.
4. Un-marking takes two people. What it lets go has seven more days, and can be recalled in them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import categories, gathering, releasing, unmarking
from fairwitness.retention.categories import CategoryFacts
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import CategoryMark, Release, Review, Unmarking
from fairwitness.retention.releasing import Change
from fairwitness.retention.rules import DEFAULT_PERIOD

_BATCH = 200


class MarkInvalid(FairwitnessError):
    """A mark without what it needs, or an un-marking that nobody asked for."""

    code = "retention.mark_invalid"


def categorise(
    *, recordings: Sequence[UUID], codes: Sequence[str], officer: Officer, at: datetime
) -> None:
    """Give recordings these categories instead of those they have.

    Raises:
        CategoryUnknown: a code that is not in the table.
        MarkInvalid: a category that keeps until a review decides is for evidential footage only.
        NotAllowed, AlreadyGone: nothing is changed.
    """
    lines = categories.named(tuple(codes))
    endless = [line.name for line in lines if line.days is None]
    rows = demand(recordings, officer, Action.CATEGORISE, at)
    if endless and not all(row.evidential for row in rows):
        raise MarkInvalid(
            f"{endless[0]} keeps footage until a review decides. Mark it evidential, with an "
            "incident or case number."
        )

    def act(activations: list[Activation]) -> None:
        _set_categories(activations, lines, at)
        act_of = Act.RECORDING_CATEGORISED
        _write(activations, act_of, officer=officer, at=at, detail=_codes(lines))

    with transaction.atomic():
        change = Change("category", authority.text(officer), at)
        releasing.changing(recordings=recordings, change=change, act=act)


def mark_evidential(
    *,
    recordings: Sequence[UUID],
    incident: str,
    codes: Sequence[str],
    officer: Officer,
    at: datetime,
    review_on: date | None = None,
) -> None:
    """Keep recordings as evidence until somebody un-marks them.

    Args:
        recordings: what to keep.
        incident: incident, crime or case number.
        codes: at least one category.
        officer: who marks.
        at: now.
        review_on: when somebody looks again; else as the categories say.

    Raises:
        MarkInvalid: no incident, no category, or a day that is not in the future.
        CategoryUnknown, NotAllowed, AlreadyGone: nothing is changed.
    """
    if not incident.strip() or not codes:
        raise MarkInvalid("Give an incident or case number, and a category.")
    lines = categories.named(tuple(codes))
    look = review_on or review_day(lines, at)
    if look <= at.date():
        raise MarkInvalid("The day to look again must lie in the future.")
    demand(recordings, officer, Action.MARK_EVIDENTIAL, at)

    def act(activations: list[Activation]) -> None:
        _mark(activations, incident.strip(), lines, officer=officer, at=at, look=look)

    with transaction.atomic():
        change = Change("category", authority.text(officer), at)
        releasing.changing(recordings=recordings, change=change, act=act)


def mark_on_arrival(
    *, recording: Recording, incident: str, category: str, officer: Officer, at: datetime
) -> None:
    """Mark imported footage as its importer said, in the transaction of its registration.

    With an incident, a category that keeps until a review decides makes it evidential. The dates
    are decided afterwards; whether the importer may was asked before.
    """
    line = categories.current().get(category)
    found = gathering.gather([recording])
    if line and line.days is None and incident:
        look = review_day([line], at)
        _mark(found, incident, [line], officer=officer, at=at, look=look, reason="told at import")
        return
    if line and line.days is not None:
        _set_categories(found, [line], at)
        act = Act.RECORDING_CATEGORISED
        _write(found, act, officer=officer, at=at, detail=_codes([line]), reason="told at import")
    recording.incident = incident
    recording.save(update_fields=["incident"])


def ask_unmark(*, recording: UUID, reason: str, officer: Officer, at: datetime) -> Unmarking:
    """Ask that a recording no longer be kept as evidence; a second person decides.

    Raises:
        MarkInvalid: no reason, or asked before and not yet decided.
        NotAllowed: this officer may not ask.
    """
    if not reason.strip():
        raise MarkInvalid("Say why this is no longer evidence.")
    demand([recording], officer, Action.ASK_UNMARK, at)
    with transaction.atomic():
        row = Recording.objects.select_for_update().get(pk=recording)
        if Unmarking.objects.filter(recording=row, decided_at__isnull=True).exists():
            raise MarkInvalid("This was asked before, and waits for a second person.")
        asked = Unmarking.objects.create(
            recording=row, reason=reason, asked_by=officer, asked_at=at
        )
        ledger.append(
            subject=recording_subject(recording),
            act=Act.RECORDING_UNMARK_REQUESTED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
        )
    return asked


def unmark_evidential(*, recording: UUID, officer: Officer, at: datetime) -> None:
    """Agree, as the second person, that a recording is no longer evidence.

    Incident and the categories that keep until a review go; timed categories stay.

    Raises:
        MarkInvalid: nobody has asked.
        NotAllowed: the wearer, who asked, or somebody without the role.
        AlreadyGone: it has reached its day.
    """
    asked = _open_request(recording)
    demand([recording], officer, Action.UNMARK_EVIDENTIAL, at, first=asked.asked_by_id)

    with transaction.atomic():
        _decide(asked, officer, at, agreed=True)
        unmarking.let_go(asked, by=authority.text(officer), at=at)


def decline_unmark(*, recording: UUID, reason: str, officer: Officer, at: datetime) -> None:
    """Say, as the second person, that a recording stays evidence.

    Raises:
        MarkInvalid: nobody has asked.
        NotAllowed: as for `unmark_evidential`.
    """
    asked = _open_request(recording)
    demand([recording], officer, Action.UNMARK_EVIDENTIAL, at, first=asked.asked_by_id)
    with transaction.atomic():
        _decide(asked, officer, at, agreed=False)
        ledger.append(
            subject=recording_subject(recording),
            act=Act.RECORDING_REVIEWED,
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"unmarked": False},
        )


def recall(*, recording: UUID, reason: str, officer: Officer, at: datetime) -> None:
    """Undo the last un-marking of a recording, within the seven days that it has.

    It becomes evidence again, with the incident and categories it had.

    Raises:
        MarkInvalid: no un-marking to undo.
        NotAllowed, AlreadyGone: nothing is changed.
    """
    demand([recording], officer, Action.MARK_EVIDENTIAL, at)
    last = (
        Release.objects.filter(recording=recording, kind="unmarked", recalled_at__isnull=True)
        .order_by("-at")
        .first()
    )
    if last is None or last.before.get("evidential") is None:
        raise MarkInvalid("Nobody un-marked this recording, so there is nothing to take back.")
    lines = categories.named(tuple(last.before["categories"]))

    def act(activations: list[Activation]) -> None:
        incident, look = last.before["evidential"], review_day(lines, at)
        _mark(
            activations,
            incident,
            lines,
            officer=officer,
            at=at,
            look=look,
            reason=f"recalled: {reason}",
        )
        parts = [part.pk for each in activations for part in each.parts]
        Release.objects.filter(recording__in=parts, at=last.at).update(recalled_at=at)

    with transaction.atomic():
        change = Change("category", authority.text(officer), at)
        releasing.changing(recordings=[recording], change=change, act=act)


def demand(
    recordings: Sequence[UUID],
    officer: Officer,
    action: Action,
    at: datetime,
    *,
    first: UUID | None = None,
) -> list[Recording]:
    """The recordings, when the officer may do this to each; a refusal is written down.

    Raises:
        MarkInvalid: one of them is not there.
        NotAllowed: nothing may be done to any of them.
    """
    rows = list(Recording.objects.select_related("unit").filter(pk__in=recordings))
    if len(rows) != len(set(recordings)) or not rows:
        raise MarkInvalid("There is no such recording.", code="recording.unknown")
    authority.demand_all(
        actor=officer,
        action=action,
        questions=zip(
            circle.subjects_of(recordings=rows, at=at, asking=officer.pk, first_person=first),
            (recording_subject(row.pk) for row in rows),
            strict=True,
        ),
        at=at,
    )
    return rows


def _open_request(recording: UUID) -> Unmarking:
    asked = Unmarking.objects.filter(recording=recording, decided_at__isnull=True).first()
    if asked is None:
        raise MarkInvalid("Nobody has asked to un-mark this recording.")
    return asked


def _decide(asked: Unmarking, officer: Officer, at: datetime, *, agreed: bool) -> None:
    if not unmarking.decided(asked, officer, at, agreed=agreed):
        raise MarkInvalid("Somebody else has decided on this meanwhile.")


def _mark(
    activations: list[Activation],
    incident: str,
    lines: Sequence[CategoryFacts],
    *,
    officer: Officer,
    at: datetime,
    look: date,
    reason: str = "",
) -> None:
    _set_categories(activations, lines, at)
    parts = _parts(activations)
    for part in parts:
        part.evidential, part.incident = True, incident
    Recording.objects.bulk_update(parts, ["evidential", "incident"], batch_size=_BATCH)
    Review.objects.bulk_create(
        [Review(recording=part, due_on=look, marked_by=officer, marked_at=at) for part in parts],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["recording"],
        update_fields=["due_on", "marked_by", "marked_at"],
    )
    detail: dict[str, Detail] = {"incident": incident, "review_on": look.isoformat()}
    _write(
        activations,
        Act.RECORDING_MARKED_EVIDENTIAL,
        officer=officer,
        at=at,
        reason=reason,
        detail=detail | _codes(lines),
    )


def _set_categories(
    activations: list[Activation], lines: Sequence[CategoryFacts], at: datetime
) -> None:
    parts = _parts(activations)
    CategoryMark.objects.filter(recording__in=parts).delete()
    CategoryMark.objects.bulk_create(
        [CategoryMark(recording=part, code=line.code, at=at) for part in parts for line in lines],
        batch_size=_BATCH,
    )
    for part in parts:
        part.category = categories.governing(lines)
    Recording.objects.bulk_update(parts, ["category"], batch_size=_BATCH)


def review_day(lines: Sequence[CategoryFacts], at: datetime) -> date:
    """When footage of these categories is looked at again, if nobody names a day."""
    days = [line.review_days or line.days or categories.DEFAULT_REVIEW for line in lines]
    return at.date() + timedelta(days=min(days, default=DEFAULT_PERIOD.days))


def _parts(activations: list[Activation]) -> list[Recording]:
    return [part for each in activations for part in each.parts]


def _codes(lines: Sequence[CategoryFacts]) -> dict[str, Detail]:
    return {"categories": [line.code for line in lines]}


def _write(
    activations: list[Activation],
    act: Act,
    *,
    officer: Officer,
    at: datetime,
    detail: dict[str, Detail],
    reason: str = "",
) -> None:
    ledger.append_many(
        [
            Draft(
                subject=recording_subject(part.pk),
                act=act,
                actor=authority.text(officer),
                at=at,
                reason=reason,
                detail=detail,
            )
            for part in _parts(activations)
        ]
    )
