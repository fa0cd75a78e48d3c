"""Footage that arrived and may not be registered as it is. Nothing of it is ever dropped silently.

There are three ways out, and a clock that runs from arrival (nag at 7 days, gone by 31):

- **check again** (one person): the reason was mended, the camera enrolled, say;
- **let in** (two people): registered as footage that no camera vouches for, with the reason;
- **reject** (two people): it lies in the bin for seven days, in which one person takes it back;
  then its key is destroyed and its blobs follow.

What a standing hold may be about does not go by its clock: it waits until people decide.

The digest that arrived is known; a dock that sends the same recording again begins a new upload,
so that a camera is never blocked by what happened to an earlier try.
"""

import mimetypes
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from fairwitness.custody import gaps, ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import apart
from fairwitness.evidence.access import Grant
from fairwitness.evidence.apart import Apart
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, OfficerFacts, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest import rejecting
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


_PROPOSED = {
    Proposal.RELEASE: Act.RECORDING_RELEASE_PROPOSED,
    Proposal.REJECT: Act.RECORDING_REJECTION_PROPOSED,
}


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
    return _with_sender(Quarantine.objects.filter(state=QuarantineState.HELD))


def shown_to(facts: OfficerFacts) -> QuerySet[Quarantine]:
    """Every case, decided or not, that this officer may see: of all units, or of theirs."""
    units = permissions.units_where(facts, Action.SEE_QUARANTINE)
    if units is None:
        return every()
    brought = Q(upload__dock__station__unit__code__in=units)
    brought |= Q(upload__axis__station__unit__code__in=units)
    return _with_sender(
        Quarantine.objects.filter(brought | Q(upload__officer__unit__code__in=units))
    )


def unit_of(case: Quarantine) -> str | None:
    """The unit that answers for it: the station's where it came in, or that of who brought it."""
    officer = case.upload.officer
    for brought_by in (case.upload.dock, case.upload.axis):
        if brought_by is not None and brought_by.station:
            return brought_by.station.unit.code
    return officer.unit.code if officer else None


def watch(*, case: Quarantine, officer: Officer, at: datetime) -> Grant:
    """Let an officer watch it, to decide on it.

    Raises:
        AccessRefused: after the refusal was written down.
        QuarantineClosed: it was decided, or its bytes are not there.
    """
    if case.state != QuarantineState.HELD or case.reason == Reason.STORE_DAMAGED:
        raise QuarantineClosed("This was decided before, or its bytes can't be read.")
    return apart.grant_viewing(of=apart_of(case), officer=officer, at=at)


def apart_of(case: Quarantine) -> Apart:
    """What has to be known of it to open it."""
    guessed, _ = mimetypes.guess_type(case.upload.filename)
    return Apart(
        recording=case.recording_id,
        unit=unit_of(case),
        size=case.upload.length,
        media_type=guessed if guessed and guessed.startswith("video/") else "video/mp4",
        gone_by=None if kept(case) else case.bin_until or case.gone_by,
    )


def every() -> QuerySet[Quarantine]:
    """Every case, decided or not, oldest first."""
    return _with_sender(Quarantine.objects.all())


def _with_sender(cases: QuerySet[Quarantine]) -> QuerySet[Quarantine]:
    sender = ("upload__dock__station__unit", "upload__axis__station__unit", "upload__officer__unit")
    return cases.select_related(*sender, "proposed_by", "decided_by").order_by("arrived_at", "pk")


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


def check_many_again(*, cases: Sequence[Quarantine], officer: Officer, at: datetime) -> int:
    """Have many checked once more, such as all of a camera that was enrolled meanwhile.

    Those that were decided meanwhile, or have come again since, stay as they are.

    Returns:
        How many are being checked.

    Raises:
        NotAllowed: for any of them, after the refusal was written down; nothing is changed.
    """
    authority.demand_all(
        actor=officer,
        action=Action.DECIDE_QUARANTINE,
        questions=[(_subject(case), recording_subject(case.recording_id)) for case in cases],
        at=at,
    )
    done = 0
    with transaction.atomic():
        for case in cases:
            try:
                with transaction.atomic():
                    row = _open(case)
                    _back_to_checking(row, QuarantineState.RELEASED, officer=None, at=at)
                    _log(row, officer, at, "to be checked again")
            except QuarantineClosed:
                continue
            done += 1
    return done


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
        ledger.append(
            subject=recording_subject(row.recording_id),
            act=_PROPOSED[proposal],
            actor=authority.text(officer),
            at=at,
            reason=reason,
            detail={"code": row.reason},
        )


def confirm(*, case: Quarantine, proposal: str, officer: Officer, at: datetime) -> None:
    """Confirm, as the second person, what another proposed and this one has read.

    Let in, it is registered at the next check; rejected, it is in the bin for seven days.
    Bytes other than the promised ones are from then on known by this upload alone: what was
    promised may still come, and must not find them in its place.

    Raises:
        NotAllowed: the same person again, or one without the role; written down.
        QuarantineClosed: it was decided, nobody proposed anything, or something else than that.
    """
    case.refresh_from_db()
    if case.proposed_by_id is None:
        raise QuarantineClosed("Nobody has proposed anything yet.")
    _demand(case, officer, at)
    with transaction.atomic():
        row = _open(case)
        if row.proposed_by_id == officer.pk:
            raise QuarantineClosed("You proposed it, so somebody else has to confirm it.")
        if row.proposal != proposal:
            raise QuarantineClosed("Something else was proposed meanwhile. Look again, and decide.")
        if row.proposal == Proposal.RELEASE:
            allowed = Upload.objects.filter(pk=row.upload_id)
            allowed.update(unsigned_allowed=True)
            if row.reason in _OTHER_BYTES:
                allowed.update(identity=f"upload:{row.upload_id}")
            _back_to_checking(row, QuarantineState.RELEASED, officer=officer, at=at)
            _log(row, officer, at, row.proposal_reason)
        else:
            rejecting.put_in_bin(row, officer=officer, at=at)


def take_back(*, case: Quarantine, officer: Officer, reason: str, at: datetime) -> None:
    """Take rejected footage out of the bin; it waits for people again.

    Raises:
        NotAllowed: after the refusal was written down.
        QuarantineClosed: it is not in the bin, or no longer.
    """
    authority.demand(
        actor=officer,
        action=Action.DECIDE_QUARANTINE,
        subject=Subject(unit=unit_of(case)),
        about=recording_subject(case.recording_id),
        at=at,
    )
    with transaction.atomic():
        row = Quarantine.objects.select_for_update().get(pk=case.pk)
        if row.bin_until is None or row.state != QuarantineState.BINNED:
            raise QuarantineClosed("This is not in the bin.")
        if row.bin_until <= at and not kept(row):
            raise QuarantineClosed("Its seven days in the bin are over. It can’t be taken back.")
        rejecting.take_out(row, officer=officer, reason=reason, at=at)


def nag(*, at: datetime) -> int:
    """Note those that have waited 7 days, once each; returns how many."""
    return waiting().filter(nag_at__lte=at, nagged_at__isnull=True).update(nagged_at=at)


def expire(*, at: datetime) -> int:
    """End those whose 31 days are nearly over, and what has lain in the bin; returns how many.

    None while the log has a gap: a restored database may have forgotten that some were let in.
    """
    if gaps.open_gap() is not None:
        return 0
    over = Q(state=QuarantineState.HELD, gone_by__lte=at + LEAD)
    over |= Q(state=QuarantineState.BINNED, bin_until__lte=at)
    done = 0
    for case in list(Quarantine.objects.filter(over).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Quarantine.objects.select_for_update().filter(over, pk=case).first()
            if row is None or kept(row):
                continue
            by_rule = "quarantined footage goes 31 days after it arrived"
            binned = row.state == QuarantineState.BINNED
            rejecting.end(row, reason=row.proposal_reason if binned else by_rule, at=at)
            done += 1
    return done


def kept(case: Quarantine) -> bool:
    """Whether a standing hold may be about it, so that only people end it.

    Nothing that its statement says was found good, so all that is known is where and when it came.
    Two people may reject it all the same; then only a hold that was placed since keeps it.
    """
    brought_by = case.upload.dock or case.upload.axis
    station = brought_by.station.code if brought_by and brought_by.station else None
    known = Seen(station=station, ended=case.arrived_at)
    if case.bin_until is None:
        return holds.may_concern(known, before=case.gone_by)
    return holds.may_concern(known, before=case.bin_until, since=case.decided_at)


def _demand(case: Quarantine, officer: Officer, at: datetime) -> None:
    authority.demand(
        actor=officer,
        action=Action.DECIDE_QUARANTINE,
        subject=_subject(case),
        about=recording_subject(case.recording_id),
        at=at,
    )


def _subject(case: Quarantine) -> Subject:
    return Subject(unit=unit_of(case), first_person=case.proposed_by_id)


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
    apart.end_viewings(recording=row.recording_id, at=at)
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
