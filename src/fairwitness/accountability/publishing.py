"""Figures given to the public are bound to the custody log: what was said then can't be unsaid."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.db import transaction

from fairwitness.accountability.figures import Figures, Line
from fairwitness.accountability.models import PublishedFigures
from fairwitness.custody import ledger
from fairwitness.force import authority
from fairwitness.force.authority import Actor
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act

SUBJECT: Final = "figures"


def table_of(counted: Figures, *, training: bool) -> dict[str, object]:
    """The figures for programs."""
    return {
        "at": timestamp.text(counted.at),
        "training": training,
        "adds_up": not counted.problems,
        "problems": list(counted.problems),
        "units": [_line(line) for line in counted.lines],
        "total": _line(counted.total),
        "arrivals_in_log": counted.in_log,
    }


def file_of(counted: Figures, *, training: bool) -> bytes:
    """The file to be published."""
    return (json.dumps(table_of(counted, training=training), indent=1) + "\n").encode()


def _line(line: Line) -> dict[str, object]:
    return {**asdict(line), "kept_in_all": sum(line.kept.values()), "adds_up": line.adds_up}


def latest() -> PublishedFigures | None:
    """The figures that were published last."""
    return PublishedFigures.objects.first()


def publish(*, counted: Figures, file: bytes, actor: Actor, at: datetime) -> str:
    """Write down the figures that are about to be published; the digest of their file.

    The public's front page shows them from then on. The file is given out after this: a cut in
    between leaves an entry without a file, never a file without an entry.

    Args:
        counted: the figures; those that don't add up are published as such.
        file: what is given out, byte for byte.
        actor: who publishes them.
        at: now.
    """
    digest, total = hashlib.sha256(file).hexdigest(), counted.total
    with transaction.atomic():
        PublishedFigures.objects.create(at=counted.at, file=file, sha256=digest)
        ledger.append(
            subject=SUBJECT,
            act=Act.FIGURES_PUBLISHED,
            actor=authority.text(actor),
            at=at,
            detail={
                "sha256": digest,
                "counted_at": timestamp.text(counted.at),
                "adds_up": not counted.problems,
                "received": total.received,
                "not_yet_due": total.not_yet_due,
                "kept": sum(total.kept.values()),
                "under_way": total.under_way,
                "in_quarantine": total.in_quarantine,
                "deleted_by_rule": total.deleted_by_rule,
                "deleted_by_person": total.deleted_by_person,
                "lost": total.lost,
            },
        )
    return digest
