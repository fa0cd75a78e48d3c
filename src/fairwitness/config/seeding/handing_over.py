"""Copies for court of what came through docks: made, signed, written down, and handed over.

A copy for court needs a receipt, and of made-up recordings only those that came through a dock have
one. As with a real copy, nothing of it stays here but what the log and the case's page say.
"""

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from fairwitness.cases import opening, producing
from fairwitness.cases.models import Case
from fairwitness.config.composition import Deployment
from fairwitness.custody.integrator import Integrator
from fairwitness.disclosure import exporting
from fairwitness.evidence import copies
from fairwitness.evidence.models import Copy, CopyKind, Recording
from fairwitness.force import officers
from fairwitness.force.models import Officer
from fairwitness.ingest.models import StoredReceipt

_REVIEWED_AFTER: Final = timedelta(days=180)
_HEARD_AFTER: Final = timedelta(days=45)
_FOR: Final = (
    ("Crown Prosecution Service", "prosecution"),
    ("Hodge Mercer Solicitors", "disclosure to the defence"),
    ("Southwark Coroner's Court", "inquest"),
)
_CASES: Final = len(_FOR)


def to_court(*, deployment: Deployment, integrator: Integrator, at: datetime) -> None:
    """Put some of what has a receipt into cases, and make a copy of each case.

    Args:
        deployment: whose.
        integrator: of its log, which nobody else steps meanwhile.
        at: now.
    """
    detective = officers.named("3318")
    receipted = Recording.objects.filter(
        pk__in=StoredReceipt.objects.values("pk"), wearer__isnull=False
    )
    rows = list(receipted.select_related("unit", "wearer").order_by("received_at", "pk")[:_CASES])
    wanted = Copy.objects.filter(recording__in=rows, kind=CopyKind.WORKING)
    copies.make_due(deployment.making, of=list(wanted.values_list("pk", flat=True)))
    kit = replace(deployment.export_kit(), wait=lambda: _step(integrator))
    for row, (recipient, purpose) in zip(rows, _FOR, strict=False):
        case = _case(f"R/{row.reference}", row, detective, at)
        with tempfile.TemporaryDirectory(prefix="fairwitness-copy-") as given:
            exporting.to_folder(
                case=case,
                folder=Path(given) / "copy",
                recipient=recipient,
                purpose=purpose,
                officer=detective,
                kit=kit,
                disclosure=uuid4(),
                at=at,
                hearing_on=(at + _HEARD_AFTER).date(),
            )


def _case(reference: str, row: Recording, detective: Officer, at: datetime) -> Case:
    case = opening.open_case(
        reference=reference,
        title="An arrest this morning",
        unit=row.unit or detective.unit,
        officer_in_case=detective,
        review_on=(at + _REVIEWED_AFTER).date(),
        officer=detective,
        at=at,
    )
    producing.produce(
        case=case,
        recording=row,
        producer=row.wearer or detective,
        title="Footage of the arrest",
        officer=detective,
        at=at,
    )
    return case


def _step(integrator: Integrator) -> None:
    integrator.step()
