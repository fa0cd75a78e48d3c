"""Breaking the glass: one recording opened in an emergency by somebody without the ground for it.

Design rules:

1. It takes a role, an emergency and typed reason, and lasts an hour. It opens this one recording,
   to watch, and nothing more.
2. It never opens a lock, a confidential recording, or what has reached its day; it changes nothing
   by a silent hold. One answer stands for all of these and for a number that is not there, so that
   nobody learns from it what an inquiry keeps.
3. It rings: keepers and professional standards see it on Today until one of them has looked and
   judged it, with a note. Nobody judges their own.
4. The breaking, each viewing under it, and the judgement are entries.
5. What was typed goes with the footage. Where nobody had judged yet, it goes with the judgement:
   footage that reaches its day takes no question with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.leave_rows import GONE, BrokenGlass, Emergency
from fairwitness.evidence.models import CircleMember, Recording, Standing, State
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, OfficerFacts, Refused, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

LASTS: Final = timedelta(hours=1)
LEAST_REASON: Final = 20
_NOT_THIS_WAY: Final = (
    "There is no recording of that number that can be opened this way. If a life is at risk, ring"
    " the duty officer."
)


class GlassInvalid(FairwitnessError):
    """Glass broken without an emergency or reason, or judged twice."""

    code = "access.glass_invalid"


class NotThisWay(FairwitnessError):
    """Nothing of that number that breaking the glass opens; it is not said why."""

    code = "access.glass_not_this_way"


def break_glass(
    *, reference: str, officer: Officer, emergency: str, reason: str, at: datetime
) -> BrokenGlass:
    """Open one recording for an hour, and ring.

    Args:
        reference: its number.
        officer: who opens it.
        emergency: an `Emergency`.
        reason: what is at stake, in a sentence of their own.
        at: now.

    Raises:
        NotAllowed: this person has no role that may.
        GlassInvalid: no emergency, or no reason.
        NotThisWay: see rule 2; written down.
    """
    facts = authority.facts(officer=officer, at=at)
    authority.demand(
        actor=officer, action=Action.BREAK_GLASS, subject=Subject(), about="force", at=at
    )
    if emergency not in set(Emergency):
        raise GlassInvalid("Say what is at stake.")
    if len(reason.strip()) < LEAST_REASON:
        raise GlassInvalid("Say in a sentence what is at stake and what you look for.")
    recording = _reachable(reference, facts, at)
    if recording is None:
        _refused(reference, officer, at)
        raise NotThisWay(_NOT_THIS_WAY)
    with transaction.atomic():
        broken = BrokenGlass.objects.create(
            recording=recording,
            officer=officer,
            emergency=emergency,
            reason=reason.strip(),
            broken_at=at,
            ends_at=at + LASTS,
        )
        CircleMember.objects.create(
            recording=recording,
            officer=officer,
            standing=Standing.GLASS,
            reference=str(broken.pk),
            since=at,
            until=broken.ends_at,
        )
        ledger.append(
            subject=recording_subject(recording.pk),
            act=Act.RECORDING_BREAK_GLASS_USED,
            actor=authority.text(officer),
            at=at,
            reason=broken.reason,
            detail={"emergency": emergency, "glass": str(broken.pk)},
        )
    return broken


def judge(
    *, broken: BrokenGlass, officer: Officer, justified: bool, note: str, at: datetime
) -> None:
    """Say whether it was right to break the glass.

    Raises:
        NotAllowed: this person does not judge it.
        GlassInvalid: no note, or it was judged.
    """
    authority.demand(
        actor=officer,
        action=Action.JUDGE_GLASS,
        subject=judging(broken),
        about=recording_subject(broken.recording_id),
        at=at,
    )
    if not note.strip():
        raise GlassInvalid("Say what you looked at, and why you judge so.")
    with transaction.atomic():
        judged = BrokenGlass.objects.filter(pk=broken.pk, judged_at=None).update(
            judged_at=at, judged_by=officer, justified=justified, note=note.strip()
        )
        if not judged:
            raise GlassInvalid("Somebody has judged it already.")
        gone = Recording.objects.filter(pk=broken.recording_id, state=State.DISPOSED)
        forget(recordings=list(gone.values_list("pk", flat=True)))
        ledger.append(
            subject=recording_subject(broken.recording_id),
            act=Act.RECORDING_BREAK_GLASS_JUDGED,
            actor=authority.text(officer),
            at=at,
            reason=note.strip(),
            detail={
                "glass": str(broken.pk),
                "justified": justified,
                "officer": f"officer:{broken.officer_id}",
            },
        )


def judging(broken: BrokenGlass) -> Subject:
    """The facts on which it depends who judges: not who broke it, nor who wore the camera."""
    recording = broken.recording
    return Subject(
        unit=recording.unit.code if recording.unit else None,
        wearer=recording.wearer_id,
        first_person=broken.officer_id,
    )


def forget(*, recordings: Sequence[UUID]) -> None:
    """Take away what was typed about deleted footage and judged; in that act's transaction."""
    judged = BrokenGlass.objects.filter(recording__in=recordings, judged_at__isnull=False)
    judged.update(reason=GONE, note=GONE)


def shown_to(facts: OfficerFacts) -> QuerySet[BrokenGlass]:
    """All that this person may judge or read the judgement of, the newest first."""
    units = permissions.units_where(facts, Action.JUDGE_GLASS)
    within = Q() if units is None else Q(recording__unit__code__in=units)
    found = BrokenGlass.objects.filter(within).exclude(
        Q(officer=facts.officer) | Q(recording__wearer=facts.officer)
    )
    related = found.select_related("officer", "recording__unit", "judged_by")
    return related.order_by("-broken_at", "pk")


def open_now(*, recording: Recording, officer: Officer, at: datetime) -> BrokenGlass | None:
    """The glass that this officer broke for a recording, while its hour lasts."""
    found = BrokenGlass.objects.filter(recording=recording, officer=officer, ends_at__gt=at)
    return found.order_by("-broken_at").first()


def _reachable(reference: str, facts: OfficerFacts, at: datetime) -> Recording | None:
    """The one recording of this number that breaking the glass opens for them."""
    found = list(Recording.objects.select_related("unit").filter(_numbered(reference))[:2])
    if len(found) != 1:
        return None
    recording = found[0]
    over = recording.shown_gone_by is not None and at >= recording.shown_gone_by
    subject = circle.subject_of(recording=recording, at=at, asking=facts.officer)
    refused = isinstance(permissions.may(facts, Action.BREAK_GLASS, subject), Refused)
    return None if over or refused else recording


def _numbered(reference: str) -> Q:
    typed = reference.strip().rstrip("/")
    try:
        return Q(pk=UUID(typed.rpartition("/")[2]))
    except ValueError:
        return Q(reference=typed)


def _refused(reference: str, officer: Officer, at: datetime) -> None:
    ledger.refuse(
        subject="force",
        act=Act.ACCESS_REFUSED,
        actor=authority.text(officer),
        at=at,
        reason=_NOT_THIS_WAY,
        detail={"action": Action.BREAK_GLASS.value, "number": reference.strip()[:80]},
    )
