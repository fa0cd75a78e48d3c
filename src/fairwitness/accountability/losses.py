"""What an audit found lost is written down, and what is found again as well.

An audit changes nothing; this is the act that follows from it. A loss is a row and an entry in the
custody log, and the public figures count it until the footage is found again or its time is over.
That the audit was run, and what it came to, is written down with them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from fairwitness.accountability.audit import Report
from fairwitness.accountability.models import Loss
from fairwitness.accountability.paging import PAGE, pages
from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Recording, State
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject

ACTOR: Final = "system:audit"
SUBJECT: Final = "audit"
_BATCH: Final = 50  # in one transaction, which must not last
_PREFIX: Final = "recording:"


@dataclass(frozen=True, slots=True)
class Noted:
    """How many losses were written down, and how many earlier ones were found again."""

    lost: int
    found_again: int


def note(*, report: Report, at: datetime) -> Noted:
    """Write down what a report says is lost, and what it says is whole again; may be repeated.

    A loss that only reading every byte back has shown is resolved only by a report that has read
    every byte back, too.

    Args:
        report: of an audit that has just ended.
        at: now.
    """
    problems = {
        UUID(finding.about.removeprefix(_PREFIX)): finding.message
        for finding in report.findings
        if finding.lost
    }
    shallow = {
        UUID(finding.about.removeprefix(_PREFIX))
        for finding in report.findings
        if finding.lost and not finding.deep
    }
    lost = sum(_open(page, problems, shallow, at) for page in pages(problems, _BATCH))
    again = sum(
        _resolve(page, at) for page in pages(_whole_again(problems, deep=report.deep), _BATCH)
    )
    with transaction.atomic():
        ledger.append(
            subject=SUBJECT,
            act=Act.AUDIT_RUN,
            actor=ACTOR,
            at=at,
            detail={
                "recordings": report.recordings,
                "findings": len(report.findings),
                "deep": report.deep,
                "lost": lost,
                "found_again": again,
            },
        )
    return Noted(lost, again)


def _open(page: list[UUID], problems: Mapping[UUID, str], shallow: set[UUID], at: datetime) -> int:
    with transaction.atomic():
        living = Recording.objects.filter(pk__in=page, state=State.LIVE)
        ids = set(living.select_for_update().order_by("pk").values_list("pk", flat=True))
        known = Loss.objects.filter(recording__in=ids, resolved_at__isnull=True)
        fresh = sorted(ids - set(known.values_list("recording_id", flat=True)))
        Loss.objects.bulk_create(
            Loss(recording_id=pk, found_at=at, problem=problems[pk], deep=pk not in shallow)
            for pk in fresh
        )
        ledger.append_many([_draft(pk, Act.RECORDING_FOUND_LOST, problems[pk], at) for pk in fresh])
    return len(fresh)


def _whole_again(problems: Mapping[UUID, str], *, deep: bool) -> Iterator[UUID]:
    """Living recordings noted as lost, of which the report finds nothing to say."""
    noted = Loss.objects.filter(resolved_at__isnull=True, recording__state=State.LIVE)
    if not deep:
        noted = noted.filter(deep=False)
    last = UUID(int=0)
    by_recording = noted.order_by("recording_id").values_list("recording_id", flat=True)
    while page := list(by_recording.filter(recording_id__gt=last)[:PAGE]):
        yield from (pk for pk in page if pk not in problems)
        last = page[-1]


def _resolve(page: list[UUID], at: datetime) -> int:
    with transaction.atomic():
        rows = Loss.objects.filter(recording__in=page, resolved_at__isnull=True)
        found = dict(rows.select_for_update().order_by("pk").values_list("pk", "recording_id"))
        Loss.objects.filter(pk__in=found).update(resolved_at=at)
        ids = sorted(found.values())
        ledger.append_many(
            [_draft(pk, Act.RECORDING_REPAIRED, "an audit found it whole again", at) for pk in ids]
        )
    return len(ids)


def _draft(recording: UUID, act: Act, reason: str, at: datetime) -> Draft:
    return Draft(subject=recording_subject(recording), act=act, actor=ACTOR, at=at, reason=reason)
