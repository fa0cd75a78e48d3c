"""Changing how closely a recording is kept; told before it is done: who would lose sight of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Provenance, Recording, State, Viewing
from fairwitness.force import authority, permissions
from fairwitness.force.asking import AccessClass, Action, Allowed, OfficerFacts, Role, Subject
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

_NAMED: Final = 12
_NOBODY: Final = UUID(int=0)


class ClassInvalid(FairwitnessError):
    """A class that is not one, that it has already, or a change without a reason."""

    code = "access.class_invalid"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of class would do.

    Attributes:
        lose: how many people would no longer see it, by role or presence, in words.
        gain: how many more would.
        watched: those of the former who have watched it, by name, a dozen at most.
        oneself: whoever asks would lose sight too, and could not undo it.
    """

    lose: tuple[tuple[str, int], ...]
    gain: tuple[tuple[str, int], ...]
    watched: tuple[str, ...]
    oneself: bool


def foretell(*, recording: Recording, to: AccessClass, officer: Officer, at: datetime) -> Effect:
    """Who would lose or gain sight of a recording; nothing is changed."""
    before = circle.subject_of(recording=recording, at=at)
    after = replace(before, access_class=to)
    losing = [role for role in Role if _sees(role, before) and not _sees(role, after)]
    gaining = [role for role in Role if _sees(role, after) and not _sees(role, before)]
    mine = authority.facts(officer=officer, at=at)
    viewers = Officer.objects.filter(
        pk__in=Viewing.objects.filter(recording=recording, only="").values("officer")
    ).order_by("name")
    facts = authority.facts_of_many(officers=viewers[:200], at=at)
    watched = [
        each.title
        for each in viewers[:200]
        if _may(facts[each.pk], before) and not _may(facts[each.pk], after)
    ]
    present = before.present - before.named - before.lock_owners - {before.wearer}
    closing = before.access_class is AccessClass.OPEN is not to
    opening = to is AccessClass.OPEN is not before.access_class
    return Effect(
        lose=_counts(losing, before, at, len(present) if closing else 0),
        gain=_counts(gaining, before, at, len(present) if opening else 0),
        watched=tuple(watched[:_NAMED]),
        oneself=_may(mine, before) and not _may(mine, after),
    )


def change(
    *, recording: Recording, to: AccessClass, officer: Officer, reason: str, at: datetime
) -> None:
    """Give a recording, with all parts of its activation, another class; an entry for each.

    Raises:
        NotAllowed: if the officer may not say who can open one of them.
        ClassInvalid: no reason, or it has that class.
    """
    authority.demand_all(
        actor=officer,
        action=Action.SET_ACCESS_CLASS,
        questions=[
            (
                circle.subject_of(recording=part, at=at, asking=officer.pk),
                recording_subject(part.pk),
            )
            for part in _parts(recording).select_related("unit")
        ],
        at=at,
    )
    if not reason.strip():
        raise ClassInvalid("Say why.")
    with transaction.atomic():
        living = _parts(recording).select_for_update().order_by("pk")
        rows = {row.pk: row for row in living}
        now = rows.get(recording.pk)
        if now is None:
            raise ClassInvalid("It was deleted.")
        if now.access_class == to.value or now.access_class != recording.access_class:
            raise ClassInvalid(f"It is {now.get_access_class_display()} now. Look again.")
        changed = [row for row in rows.values() if row.access_class != to.value]
        Recording.objects.filter(pk__in=[row.pk for row in changed]).update(access_class=to.value)
        ledger.append_many(
            [
                Draft(
                    subject=recording_subject(row.pk),
                    act=Act.RECORDING_ACCESS_CLASS_CHANGED,
                    actor=authority.text(officer),
                    at=at,
                    reason=reason.strip(),
                    detail={"from": row.access_class, "to": to.value},
                )
                for row in changed
            ]
        )


def _parts(recording: Recording) -> QuerySet[Recording]:
    """The living parts of its activation, itself among them."""
    of = Q(pk=recording.pk)
    if recording.provenance == Provenance.AXIS:
        of |= Q(provenance=Provenance.AXIS, source=recording.source)
    elif recording.camera_id is not None and recording.activation is not None:
        of |= Q(camera=recording.camera_id, activation=recording.activation)
    return Recording.objects.filter(of, state=State.LIVE)


def _may(facts: OfficerFacts, subject: Subject) -> bool:
    return isinstance(permissions.may(facts, Action.SEE_RECORDING, subject), Allowed)


def _sees(role: Role, subject: Subject) -> bool:
    """Whether somebody sees it who has this role and nothing else to do with it."""
    return _may(OfficerFacts(officer=_NOBODY, force_wide=frozenset({role})), subject)


def _counts(
    roles: Iterable[Role], subject: Subject, at: datetime, present: int
) -> tuple[tuple[str, int], ...]:
    named = [(role.value.replace("_", " "), _holders(role, subject.unit, at)) for role in roles]
    if present:
        named.append(("was there with a camera", present))
    return tuple((words, number) for words, number in named if number)


def _holders(role: Role, unit: str | None, at: datetime) -> int:
    """How many hold a role where the recording is."""
    there = Q(unit__isnull=True) | Q(unit__code=unit) if unit else Q(unit__isnull=True)
    running = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    grants = RoleGrant.objects.filter(there, running, role=role.value, begins_at__lte=at)
    return grants.values("officer").distinct().count()
