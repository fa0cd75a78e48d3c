"""Deleting early what was recorded by mistake, because somebody in it, or who wore it, asks.

Design rules:

1. Three people: who asks, an evidence manager who decides and says why, a second person who agrees.
   The wearer may ask, and neither decides nor agrees. In a force with one evidence manager public
   notice and a delay may take the second person’s place (`notices`).
2. Never what is kept: evidential, held, locked, or in a category that waits for a review. What only
   a silent hold keeps is asked and agreed about as if it were not there, and the hold keeps it.
3. Agreed, it has seven days, all in the bin. In them anybody who may keep a recording keeps it as
   any other, by a category too, and whoever may agree stops it. Its record of deletion names the
   rule.
4. Parts of one activation go together.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import circle
from fairwitness.evidence.models import Recording
from fairwitness.force import authority
from fairwitness.force.asking import Action
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention import categories, dates, gathering, releasing, rules
from fairwitness.retention.gathering import Activation
from fairwitness.retention.models import EarlyDeletion, EarlyState
from fairwitness.retention.releasing import Change

Noted = Mapping[str, Detail]
"""What a notice adds to the entry: which one, and who gave it."""


class EarlyInvalid(FairwitnessError):
    """A request without reason, of what is kept or goes soon, or a decision nobody waits for."""

    code = "retention.early_invalid"


def ask(
    *, recording: UUID, for_person: bool, reason: str, officer: Officer, at: datetime
) -> EarlyDeletion:
    """Ask that a recording be deleted before its day.

    Args:
        recording: which; its parts go with it.
        for_person: a person who was filmed asks, through this officer; else the officer does.
        reason: why it should not have been recorded. It names nobody.
        officer: who asks, or takes the request down.
        at: now.

    Raises:
        EarlyInvalid: no reason, it is kept, it goes within seven days anyway, or asked before.
        NotAllowed: this officer may not ask.
    """
    _say(reason, "Say why it should go early.")
    row = _demand(recording, officer, Action.ASK_EARLY_DELETION, at)
    try:
        with transaction.atomic():
            _demand_free(recording, at)
            asked = EarlyDeletion.objects.create(
                recording=row,
                asked_for="person" if for_person else "officer",
                reason=reason.strip(),
                asked_by=officer,
                asked_at=at,
            )
            _log(asked, Act.RECORDING_DELETION_REQUESTED, officer, reason, at)
    except IntegrityError:
        raise EarlyInvalid("This was asked before, and waits for its decision.") from None
    return asked


def decide(
    *, asked: EarlyDeletion, agreed: bool, reason: str, officer: Officer, at: datetime
) -> None:
    """Say as the evidence manager whether it should go early; a second person agrees, or refuses.

    Raises:
        EarlyInvalid: no reason, not waiting for this, or it is kept by now.
        NotAllowed: the wearer, who asked, or somebody without the role.
    """
    _say(reason, "Say why.")
    _demand(
        asked.recording_id, officer, Action.DECIDE_EARLY_DELETION, at, first=(asked.asked_by_id,)
    )
    with transaction.atomic():
        asked = _waiting(asked, EarlyState.ASKED)
        if agreed:
            _demand_free(asked.recording_id, at)
        asked.state = EarlyState.DECIDED if agreed else EarlyState.REFUSED
        asked.decision, asked.decided_by, asked.decided_at = reason.strip(), officer, at
        asked.save(update_fields=["state", "decision", "decided_by", "decided_at"])
        act = Act.RECORDING_REVIEWED if agreed else Act.RECORDING_DELETION_REFUSED
        _log(asked, act, officer, reason, at, step="decided")


def agree(*, asked: EarlyDeletion, officer: Officer, at: datetime) -> datetime | None:
    """Agree as the second person: it has seven days from now.

    Returns:
        When it is gone; None when something keeps it that is not for everybody to know.

    Raises:
        EarlyInvalid: not decided yet, or it is kept by now.
        NotAllowed: the wearer, who asked, who decided, or somebody without the role.
        AlreadyGone: it has reached its day.
    """
    _demand(asked.recording_id, officer, Action.AGREE_EARLY_DELETION, at, first=_before(asked))

    with transaction.atomic():
        changed = _let_go(asked, officer, authority.text(officer), at, {})
    return next((part.shown_gone_by for each in changed for part in each.parts), None)


def agree_after_notice(*, asked: EarlyDeletion, by: str, at: datetime, detail: Noted) -> None:
    """Let it go after public notice, where nobody is the second person; see `notices`.

    In the caller's transaction, which has asked whether the notice's giver may.

    Raises:
        EarlyInvalid, AlreadyGone: as for `agree`.
    """
    ledger.demand_transaction()
    _let_go(asked, None, by, at, detail)


def _let_go(
    asked: EarlyDeletion, officer: Officer | None, by: str, at: datetime, detail: Noted
) -> list[Activation]:
    def act(activations: list[Activation]) -> None:
        _demand_all_free(activations, at)
        asked.state, asked.agreed_by, asked.agreed_at = EarlyState.AGREED, officer, at
        asked.after_notice = officer is None
        asked.save(update_fields=["state", "agreed_by", "agreed_at", "after_notice"])
        step = "agreed" if officer else "noticed"
        more = {**detail, "step": step}
        _write(asked, Act.RECORDING_REVIEWED, by, at, reason=asked.decision, more=more)

    asked = _waiting(asked, EarlyState.DECIDED)
    change = Change("early", by, at)
    return releasing.changing(recordings=[asked.recording_id], change=change, act=act)


def refuse(*, asked: EarlyDeletion, reason: str, officer: Officer, at: datetime) -> None:
    """Say no as the second person.

    Raises:
        EarlyInvalid: no reason, or not decided yet.
        NotAllowed: as for `agree`.
    """
    _say(reason, "Say why not.")
    _demand(asked.recording_id, officer, Action.AGREE_EARLY_DELETION, at, first=_before(asked))
    with transaction.atomic():
        asked = _waiting(asked, EarlyState.DECIDED)
        EarlyDeletion.objects.filter(pk=asked.pk).update(state=EarlyState.REFUSED)
        _log(asked, Act.RECORDING_DELETION_REFUSED, officer, reason, at, step="second")


def stop(*, asked: EarlyDeletion, reason: str, officer: Officer, at: datetime) -> None:
    """Take an agreed one back within its seven days; one person is enough to keep.

    Raises:
        EarlyInvalid: no reason, or not agreed to.
        NotAllowed: the wearer, or somebody without the role.
        AlreadyGone: it has reached its day.
    """
    _say(reason, "Say why it should stay.")
    _demand(asked.recording_id, officer, Action.AGREE_EARLY_DELETION, at, first=(asked.pk,))

    def act(_activations: list[Activation]) -> None:
        EarlyDeletion.objects.filter(pk=asked.pk).update(state=EarlyState.STOPPED)
        _log(asked, Act.RECORDING_DELETION_REFUSED, officer, reason, at, step="stopped")

    change = Change("early", authority.text(officer), at)
    with transaction.atomic():
        asked = _waiting(asked, EarlyState.AGREED)
        releasing.changing(recordings=[asked.recording_id], change=change, act=act)


def _before(asked: EarlyDeletion) -> tuple[UUID | None, ...]:
    """Who took part so far, and must not agree as well."""
    if asked.decided_by_id is None:
        raise EarlyInvalid("No evidence manager has decided on this yet.")
    return asked.asked_by_id, asked.decided_by_id


def _demand(
    recording: UUID,
    officer: Officer,
    action: Action,
    at: datetime,
    *,
    first: tuple[UUID | None, ...] = (None,),
) -> Recording:
    """Ask permission, once for each of those who took part before: none of them may be this one."""
    row = Recording.objects.select_related("unit").filter(pk=recording).first()
    if row is None:
        raise EarlyInvalid("There is no such recording.", code="recording.unknown")
    authority.demand_all(
        actor=officer,
        action=action,
        questions=[
            (
                circle.subject_of(recording=row, at=at, asking=officer.pk, first_person=each),
                recording_subject(row.pk),
            )
            for each in first
        ],
        at=at,
    )
    return row


def _waiting(asked: EarlyDeletion, state: EarlyState) -> EarlyDeletion:
    """The request as it stands, locked; the recording first, as a deletion locks them too."""
    gathering.lock([asked.recording_id])
    found = EarlyDeletion.objects.select_for_update().filter(pk=asked.pk).first()
    if found is None or found.state != state:
        raise EarlyInvalid("Somebody else has decided on this meanwhile.")
    return found


def _demand_free(recording: UUID, at: datetime) -> None:
    _demand_all_free(dates.still_there([recording], at), at)


def _demand_all_free(activations: list[Activation], at: datetime) -> None:
    """Nothing that may be known keeps it, and it would not go as soon anyway."""
    policy = categories.policy()
    if not activations:
        raise EarlyInvalid("This recording has reached its day.", code="retention.gone")
    for each in activations:
        decision = rules.decide(rules.as_the_wearer_sees(each.facts), policy, at)
        ends = dates.gone_by(decision)
        if ends is None:
            raise EarlyInvalid(f"It can’t be deleted early: {decision.because}.")
        if ends <= at + policy.grace:
            raise EarlyInvalid("It goes within seven days as it is, so there is nothing to ask.")


def _say(reason: str, what: str) -> None:
    if not reason.strip():
        raise EarlyInvalid(what)


def _log(
    asked: EarlyDeletion, act: Act, officer: Officer, reason: str, at: datetime, *, step: str = ""
) -> None:
    _write(
        asked, act, authority.text(officer), at, reason=reason, more={"step": step} if step else {}
    )


def _write(
    asked: EarlyDeletion, act: Act, by: str, at: datetime, *, reason: str, more: Noted
) -> None:
    detail: dict[str, Detail] = {"early_deletion": str(asked.pk), "asked_for": asked.asked_for}
    ledger.append(
        subject=recording_subject(asked.recording_id),
        act=act,
        actor=by,
        at=at,
        reason=reason.strip(),
        detail=detail | dict(more),
    )
