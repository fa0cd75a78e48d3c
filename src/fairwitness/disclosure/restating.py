"""The statement of a working copy, stated anew when the key that signed it has been revoked.

A reader believes nothing that a revoked derivative key signed, since only the signer's word says
when. But the custody log says it too: the entry of the copy's making names its digest, and was in
the log long before. Where that entry names the copy as it is, the statement is signed again, as of
now, by the key in use; where it does not, no copy for court is made of it.
"""

import dataclasses
from datetime import datetime

from fairwitness.custody import reading
from fairwitness.disclosure.refusing import ExportFailed
from fairwitness.evidence.models import Copy
from fairwitness.formats import dsse, statement
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.derivative import DerivativeClaim
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.statement import Statement
from fairwitness.formats.trust import KeyRole, TrustList


def envelope_of(copy: Copy, *, keys: TrustList, key: SigningKey, at: datetime) -> bytes:
    """The bytes of a ready copy's statement, by a key that readers believe.

    Args:
        copy: a working copy.
        keys: as published now.
        key: the derivative key in use.
        at: now.

    Raises:
        ExportFailed: code `export.copy_unlogged`, the log knows no such copy.
    """
    stored = Envelope.from_json(copy.statement)
    signer = keys.find(KeyRole.DERIVATIVE, stored.signatures[0].keyid)
    if signer is not None and signer.revoked_at is None:
        return stored.encode()
    if not _is_logged(copy):
        raise ExportFailed(
            "The key that signed a working copy was revoked, and the log does not know the copy.",
            code="export.copy_unlogged",
        )
    payload = statement.statement_payload(dsse.parse(stored.encode()))
    claim = statement.parse(payload, DerivativeClaim).predicate
    renewed = Statement(dataclasses.replace(claim, made_at=at))
    envelope = statement.sign_statement(renewed, key=key)
    Copy.objects.filter(pk=copy.pk, sha256=copy.sha256).update(statement=envelope.to_json())
    return envelope.encode()


def _is_logged(copy: Copy) -> bool:
    """Whether the log has the making of this very copy."""
    return any(
        row.entry.act is Act.RECORDING_COPY_MADE
        and row.body is not None
        and row.body.detail.get("kind") == copy.kind
        and row.body.detail.get("sha256") == copy.sha256
        for row in reading.history(recording_subject(copy.recording_id))
    )
