"""Footage that arrived and may not be registered as it is. Nothing of it is ever dropped silently.

There are three ways out, and a clock that runs from arrival (nag at 7 days, gone by 31):

- **check again** (one person): the reason was mended, the camera enrolled, say;
- **let in** (two people): registered as footage that no camera vouches for, with the reason;
- **reject** (two people): its key is destroyed and its blobs follow.

What a standing hold may be about does not go by its clock: it waits until people decide.

The digest that arrived is known; a dock that sends the same recording again begins a new upload,
so that a camera is never blocked by what happened to an earlier try.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from fairwitness.custody import gaps, ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest.checks import Bad, Reason
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload, UploadState
from fairwitness.retention import holds, rules
from fairwitness.retention.rules import Facts, Origin, Part, Policy
from fairwitness.retention.standing import Seen

LEAD = timedelta(hours=2)
"""How long before its day a sweep may already end it."""


_OTHER_BYTES = {Reason.DIGEST_BAD.value, Reason.SIZE_BAD.value}


class Proposal(StrEnum):
    """What one person proposes and another confirms."""

    RELEASE = "release"
    REJECT = "reject"


class QuarantineClosed(FairwitnessError):
    """A case of quarantine that was decided, or a step that is not open to this person."""

    code = "quarantine.closed"


def hold(upload: Upload, verdict: Bad, *, claimed: str, at: datetime) -> Quarantine:
    """Put a checked upload into quarantine, in the caller's transaction.

    Args:
        upload: locked, and still to be decided.
        verdict: why.
        claimed: the reference that its statement claims, for people; empty when none. What an Axis
            system sent is then told by the name that it gave.
        at: now.
    """
    arrived = upload.completed_at or at
    if upload.axis_id is not None:
        claimed = claimed or upload.filename[-120:]
    origin = Facts(origin=Origin.QUARANTINE, parts=(Part(number=1, received_at=arrived),))
    policy = Policy()
    row = Quarantine.objects.create(
        upload=upload,
        recording_id=upload.recording_id,
        reason=verdict.reason.value,
        message=verdict.message,
        claimed=claimed,
        arrived_at=arrived,
        nag_at=rules.nag_from(origin, policy) or arrived,
        gone_by=rules.dates_of(origin, policy).gone_by,
    )
    upload.state = UploadState.QUARANTINED
    upload.lease_until = None
    upload.save(update_fields=["state", "lease_until"])
    ledger.append(
        subject=recording_subject(upload.recording_id),
        act=Act.RECORDING_QUARANTINED,
        actor="system:ingest",
        at=at,
        reason=verdict.message,
        detail={"code": verdict.reason.value, "upload": str(upload.pk), "claimed": claimed},
    )
    return row


def waiting() -> QuerySet[Quarantine]:
    """What waits for people, oldest first."""
    held = Quarantine.objects.filter(state=QuarantineState.HELD)
    return held.select_related("upload__dock__station", "upload__officer", "upload__axis").order_by(
        "arrived_at"
    )


def check_again(*, case: Quarantine, officer: Officer, at: datetime) -> None:
    """Have it checked once more, now that the reason may be mended.

    Raises:
        NotAllowed: after the refusal was written down.
        QuarantineClosed: it was decided before.
    """
    _demand(case, officer, at)
    with transaction.atomic():
        row = _open(case)
        _back_to_checking(row, QuarantineState.RELEASED, officer=None, at=at)
        _log(row, officer, at, "to be checked again")


def propose(
    *, case: Quarantine, proposal: Proposal, officer: Officer, reason: str, at: datetime
) -> None:
    """Propose to let it in, or to reject it; nothing happens until another person confirms.

    Raises:
        NotAllowed: after the refusal was written down.
        QuarantineClosed: it was decided, or its bytes are not there to be let in.
    """
    _demand(case, officer, at)
    with transaction.atomic():
        row = _open(case)
        if proposal is Proposal.RELEASE and row.reason == Reason.STORE_DAMAGED:
            raise QuarantineClosed("These bytes can't be read, so they can't be let in.")
        row.proposal = proposal.value
        row.proposal_reason = reason
        row.proposed_by, row.proposed_at = officer, at
        row.save()


def confirm(*, case: Quarantine, officer: Officer, at: datetime) -> None:
    """Confirm, as the second person, what another proposed.

    Let in, it is registered at the next check; rejected, its key is destroyed at the next sweep.
    Bytes other than the promised ones are from then on known by this upload alone: what was
    promised may still come, and must not find them in its place.

    Raises:
        NotAllowed: the same person again, or one without the role; written down.
        QuarantineClosed: it was decided, or nobody proposed anything.
    """
    case.refresh_from_db()
    if case.proposed_by_id is None:
        raise QuarantineClosed("Nobody has proposed anything yet.")
    _demand(case, officer, at)
    with transaction.atomic():
        row = _open(case)
        if row.proposed_by_id == officer.pk:
            raise QuarantineClosed("You proposed it, so somebody else has to confirm it.")
        if row.proposal == Proposal.RELEASE:
            allowed = Upload.objects.filter(pk=row.upload_id)
            allowed.update(unsigned_allowed=True)
            if row.reason in _OTHER_BYTES:
                allowed.update(identity=f"upload:{row.upload_id}")
            _back_to_checking(row, QuarantineState.RELEASED, officer=officer, at=at)
            _log(row, officer, at, row.proposal_reason)
        else:
            _reject(row, actor=authority.text(officer), reason=row.proposal_reason, at=at)
            row.decided_by = officer
            row.save(update_fields=["decided_by"])


def nag(*, at: datetime) -> int:
    """Note those that have waited 7 days, once each; returns how many."""
    return waiting().filter(nag_at__lte=at, nagged_at__isnull=True).update(nagged_at=at)


def expire(*, at: datetime) -> int:
    """End those whose 31 days are over, shortly before they are; returns how many.

    None while the log has a gap: a restored database may have forgotten that some were let in.
    """
    if gaps.open_gap() is not None:
        return 0
    due = Quarantine.objects.filter(state=QuarantineState.HELD, gone_by__lte=at + LEAD)
    done = 0
    for case in list(due.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Quarantine.objects.select_for_update().get(pk=case)
            if row.state == QuarantineState.HELD and not kept(row):
                _reject(
                    row,
                    actor="system:ingest",
                    reason="quarantined footage goes 31 days after it arrived",
                    at=at,
                )
                done += 1
    return done


def kept(case: Quarantine) -> bool:
    """Whether a standing hold may be about it, so that only people end it.

    Nothing that its statement says was found good, so all that is known is where and when it came.
    """
    dock = case.upload.dock
    station = dock.station.code if dock and dock.station else None
    return holds.may_concern(Seen(station=station, ended=case.arrived_at), before=case.gone_by)


def _demand(case: Quarantine, officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.DECIDE_QUARANTINE,
        subject=Subject(first_person=case.proposed_by_id),
        about=recording_subject(case.recording_id),
        at=at,
    )


def _open(case: Quarantine) -> Quarantine:
    row = Quarantine.objects.select_for_update().select_related("upload").get(pk=case.pk)
    if row.state != QuarantineState.HELD:
        raise QuarantineClosed("This was decided before.")
    return row


def _back_to_checking(
    row: Quarantine, state: QuarantineState, *, officer: Officer | None, at: datetime
) -> None:
    row.state = state
    row.decided_by, row.decided_at = officer, at
    row.save()
    try:
        with transaction.atomic():
            Upload.objects.filter(pk=row.upload_id).update(
                state=UploadState.VERIFYING, lease_until=None
            )
    except IntegrityError as error:
        raise QuarantineClosed(
            "The same footage has come again since, and is received or being checked. This copy of"
            " it can only be rejected."
        ) from error


def _reject(row: Quarantine, *, actor: str, reason: str, at: datetime) -> None:
    row.state = QuarantineState.REJECTED
    row.decided_at = at
    row.save()
    Upload.objects.filter(pk=row.upload_id).update(
        state=UploadState.ENDED, metadata="", statement="", docking="", sha256=""
    )
    ledger.append(
        subject=recording_subject(row.recording_id),
        act=Act.RECORDING_DISPOSED,
        actor=actor,
        at=at,
        reason=reason,
        detail={
            "from_quarantine": True,
            "code": row.reason,
            "proposed_by": f"officer:{row.proposed_by_id}" if row.proposed_by_id else None,
        },
    )


def _log(row: Quarantine, officer: Officer, at: datetime, reason: str) -> None:
    ledger.append(
        subject=recording_subject(row.recording_id),
        act=Act.RECORDING_RELEASED_FROM_QUARANTINE,
        actor=authority.text(officer),
        at=at,
        reason=reason,
        detail={
            "code": row.reason,
            "proposed_by": f"officer:{row.proposed_by_id}" if row.proposed_by_id else None,
        },
    )
