"""Watching what lies in quarantine, so that whoever decides on it knows what it is.

It is no recording yet: nobody wore it for certain, no hold and no task can speak for it. The
ground for watching is the decision itself, so only those may who decide. The rules of `access` hold
all the same: the entry is committed before the first byte, permission is asked again at each
request, and from its day on, or once it left quarantine, nothing opens. What waits for people
longer, because a standing hold may be about it, they may watch while it waits.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.evidence import access
from fairwitness.evidence.access import AccessRefused, Grant, OpenFootage
from fairwitness.evidence.models import ApartViewing, CopyKind
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, Refused, Subject
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import Detail, recording_subject
from fairwitness.vault.reading import SealedReader
from fairwitness.vault.sealing import Binding
from fairwitness.vault.vault import Vault

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Apart:
    """What lies in quarantine, as far as watching it goes.

    Attributes:
        recording: the id under which its key and pieces lie.
        unit: code of the unit that answers for it.
        size: bytes.
        media_type: what a player should take it for.
        gone_by: from when on nobody opens it; None while it waits for people whatever the day.
    """

    recording: UUID
    unit: str | None
    size: int
    media_type: str
    gone_by: datetime | None


def grant_viewing(*, of: Apart, officer: Officer, at: datetime) -> Grant:
    """Let an officer watch it for a while; one custody entry, committed on return.

    Raises:
        AccessRefused: with the code and sentence of the refusal, which was written down.
    """
    _demand(of.recording, of.unit, officer, at)
    if of.gone_by is not None and at >= of.gone_by:
        raise AccessRefused("Its time is over. Nobody can open it now.", code="access.gone")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction.atomic():
        viewing = ApartViewing.objects.create(
            token_hash=_hash(token),
            recording_id=of.recording,
            unit=of.unit or "",
            size=of.size,
            media_type=of.media_type,
            officer=officer,
            granted_at=at,
            expires_at=min(at + access.VISIT, of.gone_by or at + access.VISIT),
        )
        ledger.append(
            subject=recording_subject(of.recording),
            act=Act.RECORDING_VIEWED,
            actor=authority.text(officer),
            at=at,
            reason="to decide on it in quarantine",
            detail={"in_quarantine": True},
        )
    return Grant(token=token, recording=of.recording, expires_at=viewing.expires_at)


def is_granted(*, token: str, recording: UUID, officer: Officer, at: datetime) -> bool:
    """Whether this token is this officer's own viewing of it, and still runs."""
    return ApartViewing.objects.filter(
        token_hash=_hash(token), recording_id=recording, officer=officer, expires_at__gt=at
    ).exists()


def open_viewing(*, token: str, at: datetime, vault: Vault) -> OpenFootage:
    """Open what a granted viewing lets its officer see, asking permission afresh.

    Raises:
        AccessRefused: `access.token` for a token unknown or past its time, else the refusal's code.
    """
    viewing = ApartViewing.objects.select_related("officer").filter(token_hash=_hash(token)).first()
    if viewing is None or at >= viewing.expires_at:
        raise AccessRefused(
            "This viewing has ended. Open the page in quarantine again.", code="access.token"
        )
    try:
        _demand(viewing.recording_id, viewing.unit or None, viewing.officer, at)
    except AccessRefused:
        ApartViewing.objects.filter(pk=viewing.pk).update(expires_at=at)
        raise
    return _opened(viewing.recording_id, viewing.size, viewing.media_type, vault)


def open_for_task(
    *,
    of: Apart,
    actor: str,
    reason: str,
    detail: Mapping[str, Detail],
    at: datetime,
    vault: Vault,
) -> OpenFootage:
    """Open it to export it; its entry is committed on return. Whether one may was asked before.

    Raises:
        AccessRefused: code `access.gone`, its time is over.
        KeyDestroyed: it was ended.
    """
    if of.gone_by is not None and at >= of.gone_by:
        raise AccessRefused("Its time is over. Nobody can open it now.", code="access.gone")
    with transaction.atomic():
        ledger.append(
            subject=recording_subject(of.recording),
            act=Act.RECORDING_EXPORTED,
            actor=actor,
            at=at,
            reason=reason,
            detail={"in_quarantine": True, **detail},
        )
    return _opened(of.recording, of.size, of.media_type, vault)


def _opened(recording: UUID, size: int, media_type: str, vault: Vault) -> OpenFootage:
    pieces, length = access.pieces_of(recording=recording, kind=CopyKind.MASTER)
    binding = Binding(vault.ring.get(recording), recording, CopyKind.MASTER.value, length)
    reader = SealedReader(pieces, store=vault.store, binding=binding)
    return OpenFootage(size=size, media_type=media_type, reader=reader)


def end_viewings(*, recording: UUID, at: datetime) -> None:
    """Let no viewing outlast quarantine; called in the transaction in which it ends."""
    ApartViewing.objects.filter(recording_id=recording, expires_at__gt=at).update(expires_at=at)


def _demand(recording: UUID, unit: str | None, officer: Officer, at: datetime) -> None:
    decision = permissions.may(
        authority.facts(officer=officer, at=at), Action.VIEW_QUARANTINED, Subject(unit=unit)
    )
    if isinstance(decision, Refused):
        ledger.refuse(
            subject=recording_subject(recording),
            act=Act.RECORDING_VIEW_REFUSED,
            actor=authority.text(officer),
            at=at,
            reason=decision.message,
            detail={"in_quarantine": True, "code": decision.code},
        )
        raise AccessRefused(decision.message, code=decision.code)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
