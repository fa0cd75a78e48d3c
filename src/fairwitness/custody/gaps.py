"""Gaps: what a restore has taken from the database, until two officers have looked at it.

A gap is found by the integrator when the database is behind the log. Its entries are back, but
other tables are as old as the copy that was restored, and may lack holds. While a gap is open, no
disposal runs. It closes when one officer has asked for it and another has agreed; all this is
derived from the log itself.

A *dispute* is a gap of another kind: a dock or witness has seen a larger log than ours, or another.
While it is open, nothing is signed either: the next checkpoint would be the fork.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.custody import ledger, reading
from fairwitness.custody.models import Entry
from fairwitness.errors import FairwitnessError
from fairwitness.formats.custody import Act, Detail

SUBJECT: Final = "log"
FIRST: Final = "first"
SIZE: Final = "size"
_GAP: Final = "gap"
_OPENING: Final = (Act.LOG_GAP_FOUND, Act.LOG_WITNESS_DISAGREED)
_ACTS: Final = (*_OPENING, Act.LOG_GAP_CLOSE_REQUESTED, Act.LOG_GAP_CLOSED)


class GapRefused(FairwitnessError):
    """The gap is not this officer's to close, or there is none."""

    code = "log.gap_refused"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the log that the database had forgotten.

    Attributes:
        sequence: of the entry that found it, in the chain of `log`.
        found_at: when.
        first: the first leaf that was brought back; None if even that is forgotten.
        size: the leaf after the last one; None likewise.
        requested_by: the officer who asked to close it, or None.
        dispute: what a dock or witness has seen otherwise; "" if nobody has.
    """

    sequence: int
    found_at: datetime
    first: int | None
    size: int | None
    requested_by: str | None
    dispute: str = ""


def open_gap() -> Gap | None:
    """The gap that is open, or None. A newer gap takes the place of an older one."""
    gap: Gap | None = None
    for row in _rows():
        if row.entry.act in _OPENING:
            gap = _opened(row, gap)
        elif gap is not None and row.body is not None and row.body.detail.get(_GAP) == gap.sequence:
            if row.entry.act is Act.LOG_GAP_CLOSED:
                gap = None
            else:
                gap = replace(gap, requested_by=row.body.actor)
    return gap


def disputed() -> bool:
    """Whether a dock or witness has seen another log, and no two officers have said what it is."""
    gap = open_gap()
    return gap is not None and bool(gap.dispute)


def dispute(*, actor: str, reason: str, at: datetime, detail: Mapping[str, Detail]) -> None:
    """Note that a dock or witness has seen another log; from now on nothing is signed.

    Nothing is written while a dispute is open already: one is enough to stop for.

    Args:
        actor: who has seen it.
        reason: what.
        at: when we were told.
        detail: sizes.
    """
    with transaction.atomic():
        if not disputed():
            ledger.append(
                subject=SUBJECT,
                act=Act.LOG_WITNESS_DISAGREED,
                actor=actor,
                at=at,
                reason=reason,
                detail=detail,
            )


def closed_spans() -> list[tuple[int, int]]:
    """The stretches of leaves of all gaps that two officers have closed."""
    found: dict[int, Gap] = {}
    spans = []
    for row in _rows():
        if row.entry.act is Act.LOG_GAP_FOUND:
            found[row.entry.sequence] = _found(row)
        elif row.entry.act is Act.LOG_GAP_CLOSED and row.body is not None:
            gap = found.get(_number(row.body.detail[_GAP]) or 0)
            if gap is not None and gap.first is not None and gap.size is not None:
                spans.append((gap.first, gap.size))
    return spans


def close_gap(
    *, actor: str, reason: str, at: datetime, detail: Mapping[str, Detail] | None = None
) -> Gap | None:
    """Ask to close the open gap, or, as the second officer, close it; in the caller's transaction.

    Whether the officer may is for the caller to decide.

    Args:
        actor: `officer:<uuid>`.
        reason: what was compared, and with what result.
        at: when.
        detail: what else is to be known of who says so.

    Returns:
        The gap as it stands now: None once it is closed.

    Raises:
        NoTransaction: if the caller has not opened one.
        GapRefused: if none is open, the actor is no officer, or asked for it already.
    """
    ledger.demand_transaction()
    gap = open_gap()
    if gap is None:
        raise GapRefused("There is no open gap in the custody log.")
    if not actor.startswith("officer:"):
        raise GapRefused("Only officers close a gap.")
    if gap.requested_by == actor:
        raise GapRefused("A second officer has to close the gap.")
    first = gap.requested_by is None
    ledger.append(
        subject=SUBJECT,
        act=Act.LOG_GAP_CLOSE_REQUESTED if first else Act.LOG_GAP_CLOSED,
        actor=actor,
        at=at,
        reason=reason,
        detail={**(detail or {}), _GAP: gap.sequence},
    )
    return open_gap()


def _rows() -> list[reading.HistoryRow]:
    entries = Entry.objects.filter(subject=SUBJECT, act__in=[each.value for each in _ACTS])
    return reading.rows(entries.order_by("sequence"))


def _opened(row: reading.HistoryRow, gap: Gap | None) -> Gap:
    """The gap after an entry that opens one; a dispute leaves the gap that it meets open."""
    before = gap.dispute if gap is not None else ""
    if row.entry.act is Act.LOG_GAP_FOUND:
        return replace(_found(row), dispute=before)
    told = row.body.reason if row.body is not None else "What was seen is lost."
    return replace(gap or _found(row), dispute=before or told, requested_by=None)


def _found(row: reading.HistoryRow) -> Gap:
    detail = row.body.detail if row.body is not None else {}
    return Gap(
        sequence=row.entry.sequence,
        found_at=row.entry.at,
        first=_number(detail.get(FIRST)),
        size=_number(detail.get(SIZE)),
        requested_by=None,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
