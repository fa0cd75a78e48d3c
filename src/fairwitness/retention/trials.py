"""Trying a period out before anybody proposes it: at once where it is little, else by a sweeper.

A category of a few recordings is played through while one waits. One of half a million is left to
the sweeper, and the page shows its answer as of the time at which it was played.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.retention import categories, rule_changes, simulating
from fairwitness.retention.asking_fields import Field
from fairwitness.retention.models import CategoryMark, RuleChange, RuleTrial
from fairwitness.retention.rule_changes import RuleChangeInvalid

AT_ONCE = 200
"""So many recordings of a category at most are played through while one waits."""

GOOD_FOR = timedelta(days=1)
"""How long a trial may be proposed from; then it is played anew."""

FORGOTTEN = timedelta(days=30)


def ask(
    *, code: str, days: int | None, officer: Officer, at: datetime, name: str = ""
) -> RuleTrial:
    """Ask what a period would do, for a category known or new.

    Raises:
        RuleChangeInvalid: shorter than the default rule, a new one unnamed, or the period that a
            shipped one has: of the force's own, what it asks may change alone.
        NotAllowed: this officer may not propose rules.
    """
    known = categories.current().get(code)
    rule_changes.validate(days)
    rule_changes.demand_called(code=code, name=name, known=known is not None)
    if known is not None and known.days == days and code in categories.shipped():
        raise RuleChangeInvalid("That is the period it has.")
    rule_changes.demand(officer, Action.PROPOSE_RULE, at, first=None)
    trial = RuleTrial.objects.create(
        code=code, name=name.strip(), days=days, asked_by=officer, asked_at=at
    )
    marked = CategoryMark.objects.filter(code=code).values_list("pk")[: AT_ONCE + 1]
    if len(marked) <= AT_ONCE:
        play(trial, at)
    return trial


def play(trial: RuleTrial, at: datetime) -> None:
    """Work out what a trial would do; repeated, it is as of the later time."""
    found = simulating.simulate(code=trial.code, days=trial.days, at=at)
    trial.effect, trial.played_at = found.to_json(), at
    RuleTrial.objects.filter(pk=trial.pk).update(effect=trial.effect, played_at=at)


def play_due(*, at: datetime) -> int:
    """Play the trials that wait, the oldest first, and forget old ones; returns how many played."""
    RuleTrial.objects.filter(asked_at__lt=at - FORGOTTEN).delete()
    waiting = list(RuleTrial.objects.filter(played_at__isnull=True).order_by("asked_at")[:10])
    for trial in waiting:
        play(trial, at)
    return len(waiting)


def propose(
    *,
    trial: RuleTrial,
    reason: str,
    officer: Officer,
    at: datetime,
    fields: Sequence[Field] | None = None,
) -> RuleChange:
    """Propose what was tried, with the effect that was shown, and what it asks to be typed.

    Raises:
        RuleChangeInvalid: not played yet, too long ago, or no reason.
        NotAllowed: this officer may not.
    """
    if trial.played_at is None:
        raise RuleChangeInvalid("What it would do is not worked out yet. Look again in a minute.")
    if at - trial.played_at > GOOD_FOR:
        raise RuleChangeInvalid("This was worked out more than a day ago. Try the period again.")
    return rule_changes.propose(
        code=trial.code,
        days=trial.days,
        reason=reason,
        officer=officer,
        at=at,
        name=trial.name,
        played=simulating.from_json(trial.effect),
        fields=fields,
    )
