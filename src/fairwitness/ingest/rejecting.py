"""Rejected footage lies in the bin for seven days, and then its key is destroyed.

A human act lets it go, so that a mistake has seven days to be noticed, whatever its clock says;
until then one person takes it back (`quarantine.take_back`). What its clock ends goes at once. A
standing hold placed after the rejection stops the bin, too. Each function runs in its caller's
transaction, on a locked row.
"""

from datetime import datetime

from fairwitness.custody import ledger
from fairwitness.evidence import apart
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload, UploadState
from fairwitness.retention.rules import Policy


def put_in_bin(row: Quarantine, *, officer: Officer, at: datetime) -> None:
    """Reject it, as the second person; it goes after seven days."""
    until = at + Policy().grace
    row.state, row.bin_until = QuarantineState.BINNED, until
    row.decided_by, row.decided_at = officer, at
    row.save()
    apart.end_viewings(recording=row.recording_id, at=at)
    ledger.append(
        subject=recording_subject(row.recording_id),
        act=Act.RECORDING_REJECTED,
        actor=authority.text(officer),
        at=at,
        reason=row.proposal_reason,
        detail={**_detail(row), "until": timestamp.text(until)},
    )


def take_out(row: Quarantine, *, officer: Officer, reason: str, at: datetime) -> None:
    """Let it wait for people again, for as long as its clock says and seven days at least."""
    row.state, row.bin_until = QuarantineState.HELD, None
    row.gone_by = max(row.gone_by, at + Policy().grace)
    row.decided_by = row.decided_at = None
    row.proposal = row.proposal_reason = ""
    row.proposed_by = row.proposed_at = None
    row.save()
    ledger.append(
        subject=recording_subject(row.recording_id),
        act=Act.RECORDING_REJECTION_TAKEN_BACK,
        actor=authority.text(officer),
        at=at,
        reason=reason,
        detail={"code": row.reason},
    )


def end(row: Quarantine, *, reason: str, at: datetime) -> None:
    """End it: from here on its key is destroyed and its blobs follow (`ending.clear`)."""
    row.state = QuarantineState.REJECTED
    row.decided_at = row.decided_at or at
    row.save()
    apart.end_viewings(recording=row.recording_id, at=at)
    Upload.objects.filter(pk=row.upload_id).update(
        state=UploadState.ENDED, metadata="", statement="", docking="", sha256="", filename=""
    )
    ledger.append(
        subject=recording_subject(row.recording_id),
        act=Act.RECORDING_DISPOSED,
        actor="system:ingest",
        at=at,
        reason=reason,
        detail={"from_quarantine": True, **_detail(row)},
    )


def _detail(row: Quarantine) -> dict[str, str | int | bool | list[str] | None]:
    return {
        "code": row.reason,
        "proposed_by": f"officer:{row.proposed_by_id}" if row.proposed_by_id else None,
    }
