"""Stores on each recording when it is hidden, when it is gone, and why.

The rest of the system reads these columns and asks retention nothing. Whatever changes a fact
(a mark, a hold, another part arriving) calls `recompute` in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.evidence import columns
from fairwitness.evidence.models import Recording
from fairwitness.retention import categories, rules
from fairwitness.retention.gathering import Activation, activations_of, gather, lock
from fairwitness.retention.rules import Decision, Dispose, Facts, Policy

_FIELDS = (
    "hidden_from",
    "gone_by",
    "keep_reason",
    "shown_hidden_from",
    "shown_gone_by",
    "shown_reason",
    "force_hidden_from",
    "force_gone_by",
    "force_reason",
    "late",
)
_SHOWN, _FORCE = _FIELDS[3:6], _FIELDS[6:9]


def recompute(recording: Recording, at: datetime) -> None:
    """Store the dates of a recording and of all parts of its activation, as the facts are now.

    Runs in the caller's transaction; the given object is refreshed too.
    """
    recompute_many([recording.pk], at)
    recording.refresh_from_db(fields=list(_FIELDS))


def recompute_many(recordings: Iterable[UUID], at: datetime) -> list[Activation]:
    """As `recompute` for many recordings, with few queries; returns what was decided on."""
    ledger.demand_transaction()
    activations = gather(lock(recordings))
    store(activations, categories.policy(), at)
    return activations


def compute_many(recordings: Sequence[Recording], at: datetime) -> None:
    """As `recompute_many` for rows that this very transaction made, and that are whole presses.

    Nobody else can know of them before it commits, so that they need no lock and no second look.
    """
    ledger.demand_transaction()
    store(gather(recordings), categories.policy(), at)


def store(activations: Sequence[Activation], policy: Policy, at: datetime) -> None:
    """Write the dates of activations whose rows the caller has locked."""
    changed = [part for activation in activations for part in _dated(activation, policy, at)]
    columns.write(changed, _FIELDS)


def still_there(
    recordings: Iterable[UUID], at: datetime, *, for_force: bool = False
) -> list[Activation]:
    """Lock recordings and gather those that can still be read, with their parts.

    Args:
        recordings: which.
        at: now.
        for_force: without those that only oversight's silent holds keep from being gone.
    """
    policy = categories.policy()
    wanted = set(recordings)

    def there(activation: Activation) -> bool:
        ends = gone_by(rules.decide(activation.facts, policy, at))
        known = (part.force_gone_by for part in activation.parts if part.pk in wanted)
        return rules.readable(ends, at) and (
            not for_force or any(rules.readable(end, at) for end in known)
        )

    return [each for each in activations_of(wanted) if there(each)]


def ends(activation: Activation, policy: Policy, at: datetime) -> dict[bool, datetime | None]:
    """When nobody can read it, for oversight and for the force, which sees fewer holds."""
    seen = {True: activation.facts, False: rules.as_the_force_sees(activation.facts)}
    return {asked: gone_by(rules.decide(facts, policy, at)) for asked, facts in seen.items()}


def gone_by(decision: Decision) -> datetime | None:
    """The moment from which nobody can read it; None while a person must act first."""
    return decision.due if isinstance(decision, Dispose) else decision.gone_by


def _dated(activation: Activation, policy: Policy, at: datetime) -> list[Recording]:
    """The parts whose stored dates differ from what the rules say, set to that."""
    late = rules.dates_of(activation.facts, policy).late
    true = _answer(activation.facts, policy, at)
    views = [rules.as_the_wearer_sees(activation.facts), rules.as_the_force_sees(activation.facts)]
    now_seen = [_answer(seen, policy, at) for seen in views]
    changed = []
    for part in activation.parts:
        values: tuple[datetime | str | bool | None, ...] = true
        for fields, seen, now in zip((_SHOWN, _FORCE), views, now_seen, strict=True):
            stored = tuple(getattr(part, field) for field in fields)
            # what ended for its wearer or for the force stays so, whoever acts
            ended = not rules.readable(stored[1], at) and seen != activation.facts
            values += stored if ended else now
        values += (late,)
        if tuple(getattr(part, field) for field in _FIELDS) != values:
            for field, value in zip(_FIELDS, values, strict=True):
                setattr(part, field, value)
            changed.append(part)
    return changed


def _answer(
    facts: Facts, policy: Policy, at: datetime
) -> tuple[datetime | None, datetime | None, str]:
    decision = rules.decide(facts, policy, at)
    ends = gone_by(decision)
    hidden = rules.dates_of(facts, policy).hidden_from if ends else None
    return hidden, ends, decision.because
