"""From where on something stands out: numbers that a force sets, by two people who watch.

A number that is too high hides what one of the watchers does, so nobody sets one alone, and each
step is an entry. What is not set is as usual.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction

from fairwitness.accountability.anomalies import AS_USUAL, Thresholds
from fairwitness.accountability.threshold_rows import ThresholdChange
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

NAMES: Final[Mapping[str, str]] = {
    "views": "Viewings by one person",
    "night_views": "Viewings by one person at night, off duty",
    "refusals": "Refusals of one person",
    "window_days": "Days back for viewings and refusals",
    "same_views": "Viewings of one colleague’s footage",
    "copies": "Copies for court without a hearing or reason",
    "same_days": "Days back for one colleague’s footage, and copies",
    "gaps": "Missing numbers of a camera",
    "gap_days": "Days back for missing numbers, and as many before them",
    "judged_hours": "Hours that broken glass may wait for a judgement",
}
"""What can be set, in words, in the order of the form."""
DAYS: Final = {"window_days": "window", "same_days": "same_window", "gap_days": "gap_window"}
"""Which of them are days, and what the rules call each."""
LEAST: Final = 1
MOST: Final = 1000
MOST_DAYS: Final = 90
SUBJECT: Final = "stands_out"


class ThresholdsInvalid(FairwitnessError):
    """Numbers that can't be, without a reason, the same as now, or not waiting any more."""

    code = "anomaly.thresholds_invalid"


def current() -> Thresholds:
    """What stands now."""
    return of(numbers_now())


def numbers_now() -> dict[str, int]:
    """The numbers that stand, by name."""
    usual = {name: getattr(AS_USUAL, name) for name in NAMES if hasattr(AS_USUAL, name)}
    usual |= {name: getattr(AS_USUAL, rule).days for name, rule in DAYS.items()}
    usual["judged_hours"] = AS_USUAL.judged_within // timedelta(hours=1)
    agreed = ThresholdChange.objects.filter(agreed_at__isnull=False).order_by("-agreed_at").first()
    return {name: (agreed.numbers if agreed else {}).get(name, usual[name]) for name in NAMES}


def of(numbers: Mapping[str, int]) -> Thresholds:
    """Numbers by name as what the rules ask by."""
    return replace(
        AS_USUAL,
        views=numbers["views"],
        night_views=numbers["night_views"],
        same_views=numbers["same_views"],
        refusals=numbers["refusals"],
        gaps=numbers["gaps"],
        judged_within=timedelta(hours=numbers["judged_hours"]),
        copies=numbers["copies"],
        window=timedelta(days=numbers["window_days"]),
        same_window=timedelta(days=numbers["same_days"]),
        gap_window=timedelta(days=numbers["gap_days"]),
    )


def waiting() -> ThresholdChange | None:
    """What waits for a second person."""
    return ThresholdChange.objects.select_related("proposed_by").filter(waits=True).first()


def propose(
    *, numbers: Mapping[str, int], reason: str, officer: Officer, at: datetime
) -> ThresholdChange:
    """Propose other numbers; nothing changes before a second person agrees.

    Raises:
        ThresholdsInvalid: no reason, a number that can't be, nothing new, or one waits already.
        NotAllowed: this person may not.
    """
    _demand(Action.SET_THRESHOLDS, Subject(), officer, at)
    if not reason.strip():
        raise ThresholdsInvalid("Say why.")
    if set(numbers) != set(NAMES) or not all(
        LEAST <= each <= (MOST_DAYS if name in DAYS else MOST) for name, each in numbers.items()
    ):
        raise ThresholdsInvalid(
            f"Each is a whole number, from {LEAST} to {MOST:,}; days back, to {MOST_DAYS}."
        )
    now = numbers_now()
    if dict(numbers) == now:
        raise ThresholdsInvalid("Nothing would change.")
    try:
        with transaction.atomic():
            change = ThresholdChange.objects.create(
                numbers=dict(numbers), reason=reason.strip(), proposed_by=officer, proposed_at=at
            )
            _log(Act.RULE_PROPOSED, change, officer, at, before=now)
    except IntegrityError as error:
        raise ThresholdsInvalid("A change waits already. Agree to it, or take it back.") from error
    return change


def agree(*, change: ThresholdChange, officer: Officer, at: datetime) -> None:
    """Agree as the second person: from now on these numbers stand.

    Raises:
        ThresholdsInvalid: it does not wait any more.
        NotAllowed: whoever proposed it, or somebody who may not.
    """
    subject = Subject(first_person=change.proposed_by_id)
    _demand(Action.AGREE_THRESHOLDS, subject, officer, at)
    with transaction.atomic():
        row, now = _waiting(change), numbers_now()
        row.waits, row.agreed_by, row.agreed_at = None, officer, at
        row.save(update_fields=["waits", "agreed_by", "agreed_at"])
        _log(Act.RULE_APPROVED, row, officer, at, before=now)


def take_back(*, change: ThresholdChange, officer: Officer, at: datetime) -> None:
    """Take a proposal back; one person is enough.

    Raises:
        ThresholdsInvalid: it does not wait any more.
        NotAllowed: this person may not.
    """
    _demand(Action.SET_THRESHOLDS, Subject(), officer, at)
    with transaction.atomic():
        row = _waiting(change)
        row.waits, row.taken_back_at = None, at
        row.save(update_fields=["waits", "taken_back_at"])
        _log(Act.RULE_REJECTED, row, officer, at, before=numbers_now())


def _demand(action: Action, subject: Subject, officer: Officer, at: datetime) -> None:
    authority.demand(actor=officer, action=action, subject=subject, about=SUBJECT, at=at)


def _waiting(change: ThresholdChange) -> ThresholdChange:
    row = ThresholdChange.objects.select_for_update().filter(pk=change.pk, waits=True).first()
    if row is None:
        raise ThresholdsInvalid("It was agreed to, or taken back.")
    return row


def _log(
    act: Act, row: ThresholdChange, officer: Officer, at: datetime, *, before: Mapping[str, int]
) -> None:
    changed = {name: each for name, each in row.numbers.items() if each != before[name]}
    ledger.append(
        subject=SUBJECT,
        act=act,
        actor=authority.text(officer),
        at=at,
        reason=row.reason,
        detail={"change": str(row.pk), **changed},
    )
