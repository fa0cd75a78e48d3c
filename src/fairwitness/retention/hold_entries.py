"""What the custody log is told when a hold is placed and when it binds."""

from datetime import datetime
from uuid import UUID

from fairwitness.custody.ledger import Draft
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.retention.models import Hold, HoldKind

BY_DRAW = "system:dip-sample"
"""Who placed the hold of what a draw picked: nobody chose it."""


def bound(hold: Hold, recording: UUID, at: datetime) -> Draft:
    """Under the recording, unless the wearer must not learn of it."""
    detail: dict[str, Detail] = {"hold": str(hold.pk), "recording": str(recording)}
    if not hold.silent:
        detail |= {"kind": hold.kind, "reference": hold.reference}
    return Draft(
        subject=f"hold:{hold.pk}" if hold.silent else recording_subject(recording),
        act=Act.HOLD_BOUND,
        actor=BY_DRAW if hold.kind == HoldKind.DIP_SAMPLE else hold.placed_by,
        at=at,
        reason=hold.basis,
        detail=detail,
    )


def placed(hold: Hold, gone: list[UUID], at: datetime) -> Draft:
    """That it was placed, and what of it was gone already."""
    return Draft(
        subject=f"hold:{hold.pk}",
        act=Act.HOLD_PLACED,
        actor=f"officer:{hold.owner_id}",
        at=at,
        reason=hold.basis,
        detail={
            "kind": hold.kind,
            "reference": hold.reference,
            "silent": hold.silent,
            "standing": hold.standing,
            "oversight": hold.oversight,
            "review_on": hold.review_on.isoformat(),
            "release_when": hold.release_when,
            "gone_already": [str(pk) for pk in gone[:1000]],
        },
    )
