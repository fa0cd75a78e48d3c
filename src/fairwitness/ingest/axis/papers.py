"""Enclosures of a container: every request that wrote to it, sealed as it came.

An enclosure is one line of JSON (`at`, `method`, `path`, `headers`), then the body.
"""

import json
import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis import naming
from fairwitness.ingest.axis.models import AxisContainer, AxisObject
from fairwitness.vault import enclosures
from fairwitness.vault.vault import Vault


def enclose(row: AxisContainer, data: bytes, vault: Vault) -> UUID | None:
    """Seal what came under the container's key; None for a register, which keeps no papers.

    The key is made at its first use, after the row, so that it is never without an owner.
    """
    if naming.is_register(row.name):
        return None
    enclosure = uuid.uuid4()
    key = vault.ring.ensure(row.pk)
    enclosures.write(data, store=vault.store, key=key, owner=row.pk, enclosure=enclosure)
    return enclosure


def body_of(found: AxisObject, vault: Vault) -> bytes:
    """The body of a small object as it came."""
    if found.enclosure is None:
        return b""
    return _open(found.container_id, found.enclosure, vault)[1]


def read(
    *, container: AxisContainer, officer: Officer, vault: Vault, at: datetime
) -> list[tuple[dict[str, Any], bytes]]:
    """All that came with a container's clips, in order of time: who reads it is written down.

    Returns:
        For each request when, how and with which headers it came, and its body.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    station = container.system.station
    authority.demand(
        actor=officer,
        action=Action.SEE_QUARANTINE,
        subject=Subject(unit=station.unit.code if station else None),
        about=container.subject,
        at=at,
    )
    with transaction.atomic():
        ledger.append(
            subject=container.subject,
            act=Act.AXIS_CONTAINER_READ,
            actor=authority.text(officer),
            at=at,
        )
    every = enclosures.of(store=vault.store, owner=container.pk)
    found = [_open(container.pk, enclosure, vault) for enclosure in every]
    return sorted(found, key=lambda paper: str(paper[0].get("at")))


def _open(owner: UUID, enclosure: UUID, vault: Vault) -> tuple[dict[str, Any], bytes]:
    data = enclosures.read(
        store=vault.store, key=vault.ring.get(owner), owner=owner, enclosure=enclosure
    )
    head, _, body = data.partition(b"\n")
    return json.loads(head), body
