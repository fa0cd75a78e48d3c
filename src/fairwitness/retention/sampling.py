"""The month's dip sample: drawn, not chosen; held until a supervisor looked at it.

Design rules:

1. **Listed, then drawn.** When a month is over, what could be drawn of each unit is listed, and the
   list's digest committed to the custody log. The draw is made from the tree that ends with that
   entry (`drawing`), so that there is one right answer and nobody could choose it.
2. **Only what a supervisor may open** is listed: footage with a known wearer, of no closed class,
   unlocked, still there for its wearer too. An activation counts once, by its first part.
3. **Held** by a hold of its own kind, owned by a supervisor who did not wear it. It lifts with the
   form, which takes whoever may look, did look, and is not its wearer.
"""

import uuid
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from fairwitness.custody import ledger, reading
from fairwitness.custody.files import LogFiles
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle, looks
from fairwitness.evidence.models import AccessClass, Provenance, Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import Action, Role
from fairwitness.force.models import Officer, RoleGrant, Unit
from fairwitness.formats import checkpoint as checkpoints
from fairwitness.formats import merkle
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import binding, dates, drawing, gathering, holds, lifting, releasing
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import Hold, HoldKind
from fairwitness.retention.releasing import Change
from fairwitness.retention.samples import Conduct, DipSample, Drawn, Seen

SIZE: Final = 5
"""Recordings drawn for a unit and month: what is looked at in a quarter of an hour."""

LOOK_WITHIN: Final = timedelta(days=28)
_AT_ONCE: Final = 4 * SIZE
_LONDON: Final = zoneinfo.ZoneInfo("Europe/London")
_FROM_CAMERAS: Final = (Provenance.SIGNED, Provenance.UNSIGNED, Provenance.AXIS)


class FormInvalid(FairwitnessError):
    """A form that is not whole, was filled in before, or about footage not looked at."""

    code = "sample.form_invalid"


@dataclass(frozen=True, slots=True)
class Form:
    """What a supervisor saw.

    Attributes:
        told: people were told that they were recorded.
        in_time: it was started in time.
        to_the_end: it ran to the end.
        conduct: what to make of what is seen.
        learning: what others can learn from it; may be empty.
    """

    told: Seen
    in_time: Seen
    to_the_end: Seen
    conduct: Conduct
    learning: str = ""


def month_before(at: datetime) -> date:
    """The first day of the month that ended last, by London dates."""
    first = at.astimezone(_LONDON).date().replace(day=1)
    return (first - timedelta(days=1)).replace(day=1)


def list_due(*, at: datetime) -> int:
    """List what could be drawn of the month that ended last, for each unit that has no list."""
    month = month_before(at)
    done = DipSample.objects.filter(month=month).values("unit")
    made = 0
    for unit in Unit.objects.exclude(pk__in=done).order_by("code"):
        made += list_month(unit=unit, month=month, at=at)
    return made


def list_month(*, unit: Unit, month: date, at: datetime) -> int:
    """List what could be drawn of one unit and month; returns 1, or 0 where there is nothing."""
    population = sorted(str(pk) for pk in _could_be_drawn(unit, month, at))
    if not population:
        return 0
    with transaction.atomic():
        sample = DipSample(
            id=uuid.uuid4(),
            unit=unit,
            month=month,
            population=population,
            digest=drawing.digest(population),
            listed_at=at,
        )
        entry = ledger.append(
            subject=f"sample:{sample.pk}",
            act=Act.SAMPLE_LISTED,
            actor=holds.BY_DRAW,
            at=at,
            detail={
                "unit": unit.code,
                "month": f"{month:%Y-%m}",
                "count": len(population),
                "sha256": sample.digest,
            },
        )
        sample.leaf = entry.leaf_hash.hex()
        sample.save(force_insert=True)
    return 1


def _could_be_drawn(unit: Unit, month: date, at: datetime) -> Iterator[uuid.UUID]:
    begins, ends = _bounds(month)
    there = Q(shown_gone_by__isnull=True) | Q(shown_gone_by__gt=at)
    there &= Q(force_gone_by__isnull=True) | Q(force_gone_by__gt=at)
    there &= Q(gone_by__isnull=True) | Q(gone_by__gt=at)
    found = Recording.objects.filter(
        there,
        unit=unit,
        received_at__gte=begins,
        clock_started_at__gte=begins,
        clock_started_at__lt=ends,
        state=State.LIVE,
        wearer__isnull=False,
        access_class=AccessClass.OPEN,
        locked=False,
        part=1,
        provenance__in=_FROM_CAMERAS,
    )
    return found.values_list("pk", flat=True).iterator()


def _bounds(month: date) -> tuple[datetime, datetime]:
    after = (month + timedelta(days=31)).replace(day=1)
    begins, ends = (datetime.combine(day, time(), tzinfo=_LONDON) for day in (month, after))
    return begins, ends


def draw_due(*, files: LogFiles, at: datetime) -> int:
    """Draw from each list that the log holds, and hold what was drawn; returns how many lists."""
    note = files.checkpoint()
    signed = checkpoints.parse(note)[0].size if note is not None else 0
    drawn = 0
    for sample in DipSample.objects.filter(drawn_at__isnull=True).select_related("unit"):
        entry = reading.find(bytes.fromhex(sample.leaf))
        if entry is None or entry.index is None or entry.index >= signed:
            continue
        size = entry.index + 1
        root = merkle.root(size, files.tree(size).node).hex()
        drawn += draw(sample=sample, size=size, root=root, at=at)
    return drawn


def draw(*, sample: DipSample, size: int, root: str, at: datetime) -> int:
    """Draw and hold, in one transaction; nothing while nobody could answer for the holds.

    Args:
        sample: with its list.
        size: of the tree that ends with the list's entry.
        root: that tree's.
        at: now.
    """
    with transaction.atomic():
        sample = DipSample.objects.select_for_update().select_related("unit").get(pk=sample.pk)
        if sample.drawn_at is not None:
            return 0
        picked: list[tuple[str, Activation, Officer]] = []
        passed_over: list[str] = []
        lots = drawing.lots(root, sample.population)
        for number, (lot, recording) in enumerate(lots):
            if len(picked) == SIZE:
                break
            if number % _AT_ONCE == 0:  # locked by id, not by lot; more than these hardly ever
                some = lots[number : number + _AT_ONCE]
                gathering.lock([uuid.UUID(pk) for _, pk in some])
            found = dates.still_there([uuid.UUID(recording)], at, for_force=True)
            if not found or not _may_be_looked_at(found[0]):
                passed_over.append(recording)
                continue
            owner = _owner(sample.unit, found[0], at)
            if owner is None:
                return 0
            picked.append((lot, found[0], owner))
        sample.drawn_at, sample.tree_size, sample.root = at, size, root
        sample.passed_over = passed_over
        sample.save(update_fields=["drawn_at", "tree_size", "root", "passed_over"])
        bound = [_hold(sample, *each, at) for each in picked]
        ledger.append(
            subject=f"sample:{sample.pk}",
            act=Act.SAMPLE_DRAWN,
            actor=holds.BY_DRAW,
            at=at,
            detail={
                "tree_size": size,
                "root": root,
                "drawn": [str(each) for each in bound],
                "passed_over": passed_over,
            },
        )
    return 1


def _may_be_looked_at(activation: Activation) -> bool:
    first = activation.parts[0]
    return first.access_class == AccessClass.OPEN and not first.locked


def _owner(unit: Unit, activation: Activation, at: datetime) -> Officer | None:
    """Who answers for the hold: the unit's supervisor of longest standing who did not wear it.

    Else a supervisor of the whole force, else an evidence manager of the unit or of the force.
    """
    grants = (
        RoleGrant.objects.select_related("officer")
        .filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at), officer__active=True, begins_at__lte=at
        )
        .filter(Q(unit=unit) | Q(unit__isnull=True))
        .filter(role__in=[Role.SUPERVISOR.value, Role.EVIDENCE_MANAGER.value])
        .exclude(officer__in=[part.wearer_id for part in activation.parts if part.wearer_id])
    )
    ranked = sorted(
        grants,
        key=lambda grant: (
            grant.role != Role.SUPERVISOR.value,
            grant.unit_id is None,
            grant.begins_at,
            grant.officer.collar_number,
        ),
    )
    return ranked[0].officer if ranked else None


def _hold(
    sample: DipSample, lot: str, activation: Activation, owner: Officer, at: datetime
) -> uuid.UUID:
    first = activation.parts[0]
    name = f"{sample.month:%B %Y}, {sample.unit.name}"
    hold = Hold.objects.create(
        kind=HoldKind.DIP_SAMPLE,
        reference=name[:80],
        basis="Drawn by lot for a supervisor to look at",
        owner=owner,
        review_on=(at + LOOK_WITHIN).date(),
        placed_at=at,
    )
    ledger.append(
        subject=f"hold:{hold.pk}",
        act=Act.HOLD_PLACED,
        actor=holds.BY_DRAW,
        at=at,
        reason=hold.basis,
        detail={
            "kind": hold.kind,
            "reference": hold.reference,
            "sample": str(sample.pk),
            "lot": lot,
            "owner": f"officer:{owner.pk}",
        },
    )
    bound = binding.bind(hold, activation.parts, at)
    dates.recompute_many(bound, at)
    Drawn.objects.create(sample=sample, recording=first, hold=hold, lot=lot)
    return first.pk


def looked(*, drawn: Drawn, officer: Officer) -> bool:
    """Whether this officer has watched it since it was drawn; a still in a list is not watching."""
    return looks.watched(recording=drawn.recording_id, officer=officer, since=drawn.hold.placed_at)


def fill_in(*, drawn: Drawn, form: Form, officer: Officer, at: datetime) -> None:
    """Keep what a supervisor saw; the hold lifts with it.

    Raises:
        FormInvalid: filled in before, or this officer did not watch it since it was drawn.
        NotAllowed: its wearer, or somebody without the role.
        AlreadyGone: it has reached its day.
    """
    about = recording_subject(drawn.recording_id)
    authority.demand(
        actor=officer,
        action=Action.CHECK_SAMPLE,
        subject=circle.subject_of(recording=drawn.recording, at=at, asking=officer.pk),
        about=about,
        at=at,
    )
    if not looked(drawn=drawn, officer=officer):
        raise FormInvalid("Watch it first: the form is about what you saw.", code="sample.not_seen")

    def act(_activations: list[Activation]) -> None:
        hold = Hold.objects.select_for_update().get(pk=drawn.hold_id)
        if hold.lifted_at is not None:
            raise FormInvalid("A colleague filled in this form before.", code="sample.answered")
        bound = list(hold.bindings.values_list("recording_id", flat=True))
        hold.lifted_by, hold.lifted_at = officer, at
        hold.save(update_fields=["lifted_by", "lifted_at"])
        lifting.leave_circle(hold, bound)
        Drawn.objects.filter(pk=drawn.pk).update(
            told=form.told,
            in_time=form.in_time,
            to_the_end=form.to_the_end,
            conduct=form.conduct,
            learning=form.learning.strip()[:500],
            looked_by=officer,
            looked_at=at,
        )
        _write(drawn, form, officer, at)

    change = Change("hold", authority.text(officer), at)
    with transaction.atomic():
        releasing.changing(recordings=[drawn.recording_id], change=change, act=act)


def _write(drawn: Drawn, form: Form, officer: Officer, at: datetime) -> None:
    """Under the recording that it was looked at; under the sample what was seen."""
    actor = authority.text(officer)
    ledger.append_many(
        [
            ledger.Draft(
                subject=recording_subject(drawn.recording_id),
                act=Act.RECORDING_REVIEWED,
                actor=actor,
                at=at,
                reason=f"Dip sample {drawn.hold.reference}",
                detail={
                    "sample": str(drawn.sample_id),
                    "told": form.told.value,
                    "in_time": form.in_time.value,
                    "to_the_end": form.to_the_end.value,
                    "conduct": form.conduct.value,
                },
            ),
            ledger.Draft(
                subject=f"hold:{drawn.hold_id}",
                act=Act.HOLD_LIFTED,
                actor=actor,
                at=at,
                reason="the form of the dip sample was filled in",
                detail={"whole": True},
            ),
        ]
    )
