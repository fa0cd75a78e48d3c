"""What every act does that may let footage go: seven more days, an entry, word to the owner.

`changing` wraps such an act. It locks the recordings, lets the act change them, compares what the
rules said before and say now, and where the day came nearer it writes a `Release`, which gives at
least seven days from now, all in the bin.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Recording
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import categories, dates, gathering, rules
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import Announcement, Release
from fairwitness.retention.rules import Decision, Facts, Policy

_BATCH = 200


class AlreadyGone(FairwitnessError):
    """The recording has reached its day; nothing about it changes any more."""

    code = "retention.gone"


@dataclass(frozen=True, slots=True)
class Change:
    """An act that changes what bears on dates.

    Attributes:
        kind: "unmarked", "category", "hold", "lock", "rule", "early".
        actor: who, as custody names it.
        at: now.
        silently: the owner must not learn of it.
        apart: nor the force: it is a silent hold of oversight's.
    """

    kind: str
    actor: str
    at: datetime
    silently: bool = False
    apart: bool = False


def changing(
    *,
    recordings: Iterable[UUID],
    change: Change,
    act: Callable[[list[Activation]], None],
) -> list[Activation]:
    """Lock recordings with their parts, let `act` change them, and store their new dates.

    Args:
        recordings: living ones.
        change: what is being done.
        act: changes rows and writes its own custody entries; is given the activations as they
            were.

    Raises:
        NoTransaction: outside a transaction.
        AlreadyGone: one of them has reached its day; nothing is changed.
    """
    ledger.demand_transaction()
    activations = gathering.activations_of(recordings)
    policy = categories.policy()
    was = {each.parts[0].pk: each for each in activations}
    for each in activations:
        ends = dates.gone_by(rules.decide(each.facts, policy, change.at))
        if not rules.readable(ends, change.at):
            raise AlreadyGone("This recording has reached its day. Nobody can keep it now.")
    act(activations)
    after = gathering.again(activations)
    released = [
        each
        for each in after
        if _freed((was[each.parts[0].pk].facts, policy), (each.facts, policy), change)
    ]
    _release(released, was, change)
    fresh = [_with_release(each, change) if each in released else each for each in after]
    dates.store(fresh, policy, change.at)
    _tell(released, change)
    return fresh


def grant(
    *, recordings: Iterable[UUID], change: Change, before: Policy, after: Policy
) -> list[Activation]:
    """Give what a change of policy brings nearer its seven days, before the policy changes.

    Repeating it gives nothing twice: what has its release from this very moment is left alone.

    Raises:
        NoTransaction: outside a transaction.
    """
    ledger.demand_transaction()
    activations = gathering.gather(gathering.lock(recordings))
    released = [
        each
        for each in activations
        if each.facts.released_at != change.at
        and _freed((each.facts, before), (each.facts, after), change)
    ]
    _release(released, {each.parts[0].pk: each for each in activations}, change)
    _tell(released, change)
    return released


def _freed(before: tuple[Facts, Policy], after: tuple[Facts, Policy], change: Change) -> bool:
    """Whether the act lets it go, or would but for a silent hold, which must leave no trace."""
    views: list[Callable[[Facts], Facts]] = [lambda facts: facts]
    if not change.silently:
        views.append(rules.as_the_wearer_sees)
    if not change.apart:
        views.append(rules.as_the_force_sees)
    return any(
        _nearer(
            rules.decide(view(before[0]), before[1], change.at),
            rules.decide(view(after[0]), after[1], change.at),
        )
        for view in views
    )


def _nearer(before: Decision, after: Decision) -> bool:
    """Whether the day has come nearer, or there is a day where there was none."""
    old, new = dates.gone_by(before), dates.gone_by(after)
    return new is not None and (old is None or new < old)


def _with_release(activation: Activation, change: Change) -> Activation:
    facts = replace(activation.facts, released_at=change.at)
    if change.silently:
        facts = replace(activation.facts, silently_released_at=change.at)
    if change.apart:
        facts = replace(activation.facts, apart_released_at=change.at)
    return Activation(activation.parts, facts)


def _release(released: list[Activation], before: dict[UUID, Activation], change: Change) -> None:
    rows, drafts = [], []
    for each in released:
        was = before[each.parts[0].pk].facts
        for part in each.parts:
            rows.append(
                Release(
                    recording=part,
                    kind=change.kind,
                    at=change.at,
                    by=change.actor,
                    silent=change.silently,
                    oversight=change.apart,
                    before={"evidential": was.evidential, "categories": list(was.categories)},
                )
            )
            if not change.silently:
                drafts.append(_due_changed(part, change))
    Release.objects.bulk_create(rows, batch_size=_BATCH)
    ledger.append_many(drafts)


def _due_changed(part: Recording, change: Change) -> Draft:
    return Draft(
        subject=recording_subject(part.pk),
        act=Act.RECORDING_DUE_CHANGED,
        actor=change.actor,
        at=change.at,
        reason="nothing keeps it any longer; it has at least seven days from now",
        detail={"kind": change.kind},
    )


def _tell(released: Sequence[Activation], change: Change) -> None:
    if change.silently:
        return
    Announcement.objects.bulk_create(
        [
            Announcement(
                officer_id=part.wearer_id,
                recording=part,
                text=f"Recording {part.reference} will be deleted after all. "
                "If it is needed, mark it within seven days.",
                at=change.at,
            )
            for each in released
            for part in each.parts
            if part.wearer_id is not None
        ],
        batch_size=_BATCH,
    )
