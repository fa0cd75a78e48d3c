"""What un-marking does once it is agreed: by a second person, or after public notice."""

from collections.abc import Mapping
from datetime import datetime

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import categories, releasing
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import CategoryMark, Review, Unmarking
from fairwitness.retention.releasing import Change

_BATCH = 200


class NotWaiting(FairwitnessError):
    """The request was decided before."""

    code = "retention.unmark_decided"


def agree_after_notice(
    *, asked: Unmarking, by: str, at: datetime, detail: Mapping[str, Detail]
) -> None:
    """Let it go after public notice, where nobody is the second person; see `notices`.

    In the caller's transaction, which has asked whether the notice's giver may.

    Raises:
        NotWaiting: decided before.
        AlreadyGone: it has reached its day.
    """
    ledger.demand_transaction()
    if not decided(asked, None, at, agreed=True):
        raise NotWaiting("Somebody else has decided on this meanwhile.")
    let_go(asked, by=by, at=at, more=detail)


def decided(asked: Unmarking, officer: Officer | None, at: datetime, *, agreed: bool) -> bool:
    """Note the decision; False when there was one before. `officer` is None after a notice."""
    open_ones = Unmarking.objects.filter(pk=asked.pk, decided_at__isnull=True)
    return open_ones.update(decided_by=officer, decided_at=at, agreed=agreed) == 1


def let_go(
    asked: Unmarking, *, by: str, at: datetime, more: Mapping[str, Detail] | None = None
) -> None:
    """Take the marks off the recording and its parts; they have at least seven more days."""
    detail: dict[str, Detail] = {"asked_by": f"officer:{asked.asked_by_id}", **(more or {})}

    def act(activations: list[Activation]) -> None:
        _clear(activations)
        drafts = [
            Draft(
                subject=recording_subject(part.pk),
                act=Act.RECORDING_UNMARKED,
                actor=by,
                at=at,
                reason=asked.reason,
                detail=detail,
            )
            for part in _parts(activations)
        ]
        ledger.append_many(drafts)

    change = Change("unmarked", by, at)
    releasing.changing(recordings=[asked.recording_id], change=change, act=act)


def _clear(activations: list[Activation]) -> None:
    table = categories.current()
    parts = _parts(activations)
    codes = {code for each in activations for code in each.facts.categories}
    endless = [code for code in codes if code not in table or table[code].days is None]
    CategoryMark.objects.filter(recording__in=parts, code__in=endless).delete()
    Review.objects.filter(recording__in=parts).delete()
    for each in activations:
        left = [table[code] for code in each.facts.categories if code not in endless]
        for part in each.parts:
            part.evidential, part.incident = False, ""
            part.category = categories.governing(left)
    Recording.objects.bulk_update(parts, ["evidential", "incident", "category"], batch_size=_BATCH)


def _parts(activations: list[Activation]) -> list[Recording]:
    return [part for each in activations for part in each.parts]
