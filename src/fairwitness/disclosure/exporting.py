"""Export a case: all its exhibits, to a folder or to whoever downloads it, and write that down."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from fairwitness.cases import producing
from fairwitness.cases.models import Case
from fairwitness.custody import ledger
from fairwitness.disclosure import export
from fairwitness.disclosure.export import Kit, Order, Produced, Sink
from fairwitness.disclosure.models import Disclosure
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.bundle_folder import FolderWriter
from fairwitness.formats.disclosure import DisclosureClaim


def order_for(
    *, case: Case, recipient: str, purpose: str, disclosure: UUID, hearing_on: date | None = None
) -> Order:
    """What a copy of a case holds: each part of each exhibit that was not withdrawn.

    Raises:
        ExportFailed: no recipient or purpose, or no exhibit.
    """
    if not recipient.strip() or not purpose.strip():
        raise ExportFailed("Say for whom the copy is, and why.", code="export.recipient")
    parts = producing.parts_of(case)
    if not parts:
        raise ExportFailed("This case has no exhibit yet.", code="export.empty")
    return Order(
        disclosure=disclosure,
        case=case.reference,
        recipient=recipient.strip(),
        purpose=purpose.strip(),
        exhibits=tuple(
            Produced(
                reference=part.reference,
                title=part.title,
                producer=part.producer,
                recording=part.recording,
            )
            for part in parts
        ),
        hearing_on=hearing_on,
    )


def to_sink(
    *, case: Case, order: Order, sink: Sink, kit: Kit, officer: Officer, at: datetime
) -> DisclosureClaim:
    """Export to wherever `sink` goes; the row and the case's entry are written when it is signed.

    Raises:
        NotAllowed, AccessRefused, ExportFailed: nothing of what was written is to be used.
    """
    claim = export.export(order=order, sink=sink, kit=kit, officer=officer, at=at)
    with transaction.atomic():
        Disclosure.objects.create(
            id=order.disclosure,
            case=case,
            recipient=order.recipient,
            purpose=order.purpose,
            hearing_on=order.hearing_on,
            exhibits=[one.reference for one in claim.exhibits],
            made_by=officer,
            made_at=at,
            tag_manifest_sha256=claim.tag_manifest_sha256,
        )
        ledger.append(
            subject=f"case:{case.pk}",
            act=Act.BUNDLE_EXPORTED,
            actor=authority.text(officer),
            at=at,
            reason=order.purpose,
            detail={
                "disclosure": str(order.disclosure),
                "recipient": order.recipient,
                "hearing_on": order.hearing_on.isoformat() if order.hearing_on else None,
                "exhibits": [one.reference for one in claim.exhibits],
                "tag_manifest_sha256": claim.tag_manifest_sha256,
            },
        )
    return claim


def to_folder(
    *,
    case: Case,
    folder: Path,
    recipient: str,
    purpose: str,
    officer: Officer,
    kit: Kit,
    disclosure: UUID,
    at: datetime,
    hearing_on: date | None = None,
) -> DisclosureClaim:
    """Export into a new folder, which from then on holds plain footage and is the asker's to guard.

    Raises:
        ExportFailed: code `export.folder_exists`; or as `to_sink`.
    """
    if folder.exists():
        raise ExportFailed(f"There is something at {folder} already.", code="export.folder_exists")
    order = order_for(
        case=case,
        recipient=recipient,
        purpose=purpose,
        disclosure=disclosure,
        hearing_on=hearing_on,
    )
    export.demand(order.exhibits, officer, at)
    return to_sink(
        case=case, order=order, sink=FolderWriter(folder), kit=kit, officer=officer, at=at
    )
