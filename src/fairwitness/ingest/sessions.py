"""Docks sign in with their own key over a nonce of ours; no secret is shared with anyone.

A nonce is stateless until it is used: it carries its time and our MAC, and its first use is kept,
so that a recorded sign-in can't be played again. The token that a dock gets is random, kept only as
a hash, and asked about at each request together with the dock's standing: a revoked dock is out at
its next request.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import cameras
from fairwitness.force.models import Dock, EnrolmentStatus
from fairwitness.formats import docking, dsse
from fairwitness.formats.acts import Act
from fairwitness.formats.docking import SignInClaim
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import PublicKey
from fairwitness.ingest.models import DockSession

NONCE_LIFE = timedelta(minutes=2)
SESSION_LIFE = timedelta(hours=12)

_RANDOM = 16
_MAC = 16
_TIME = 8
_SALT = "fairwitness.ingest.sessions.nonce"


class NonceInvalid(FairwitnessError):
    """A nonce that is not ours, too old, or used before: ask for another."""

    code = "session.nonce"


class DockRefused(FairwitnessError):
    """This dock may not sign in: unknown, not approved yet, revoked, or not its key."""

    code = "dock.not_enrolled"


class SessionUnknown(FairwitnessError):
    """No such session, or it has ended: sign in again."""

    code = "session.unknown"


@dataclass(frozen=True, slots=True)
class Session:
    """What a dock gets when it has signed in; the token is never shown again."""

    dock: Dock
    token: str
    expires_at: datetime


def make_nonce(*, at: datetime) -> str:
    """A fresh nonce, good for two minutes."""
    body = int(at.timestamp()).to_bytes(_TIME) + secrets.token_bytes(_RANDOM)
    return base64.urlsafe_b64encode(body + _mac(body)).decode()


def open_session(*, envelope: bytes, at: datetime) -> Session:
    """Sign a dock in.

    Args:
        envelope: DSSE over a `SignInClaim` with a nonce of ours.
        at: now.

    Raises:
        FormatError: it is no sign-in.
        NonceInvalid: the nonce is not ours, too old, or used.
        DockRefused: the dock is not approved or the signature is not its own; written down for
            docks that we know.
    """
    parsed = dsse.parse(envelope)
    claim = docking.parse_claim(parsed, SignInClaim)
    dock = Dock.objects.select_related("station__unit").filter(serial=claim.dock).first()
    if dock is None:
        raise DockRefused("This dock is not enrolled. Enrol it, and have a person approve it.")
    key = PublicKey.from_pem(dock.public_key.encode())
    try:
        dsse.verify(parsed, {key.keyid: key})
    except FormatError as error:
        raise _refused(dock, "This sign-in is not signed by this dock's key.", at) from error
    _check_nonce(claim.nonce, at)
    if dock.status != EnrolmentStatus.APPROVED:
        raise _refused(dock, f"This dock is {dock.get_status_display()}.", at)
    return _insert(dock, claim.nonce, at)


def dock_of(*, token: str, at: datetime) -> Dock:
    """The dock that a token belongs to, if it may still act.

    Raises:
        SessionUnknown: no such session, it has ended, or the dock is no longer approved.
    """
    session = (
        DockSession.objects.select_related("dock__station__unit")
        .filter(token_hash=_hash(token), expires_at__gt=at)
        .first()
    )
    if session is None or session.dock.status != EnrolmentStatus.APPROVED:
        raise SessionUnknown("Sign in first: this session is unknown or has ended.")
    return session.dock


def end_old(*, at: datetime) -> int:
    """Forget sessions long over; their nonces are too old to be used again."""
    deleted, _ = DockSession.objects.filter(expires_at__lt=at - NONCE_LIFE).delete()
    return deleted


def _insert(dock: Dock, nonce: str, at: datetime) -> Session:
    token = secrets.token_urlsafe(32)
    expires = at + SESSION_LIFE
    try:
        with transaction.atomic():
            DockSession.objects.create(
                nonce_hash=_hash(nonce),
                token_hash=_hash(token),
                dock=dock,
                opened_at=at,
                expires_at=expires,
            )
            cameras.note_dock_seen(dock=dock, at=at)
            ledger.append(
                subject=f"dock:{dock.pk}", act=Act.DOCK_SIGNED_IN, actor=f"dock:{dock.pk}", at=at
            )
    except IntegrityError as error:
        raise NonceInvalid("This nonce was used before. Ask for another.") from error
    return Session(dock, token, expires)


def _refused(dock: Dock, message: str, at: datetime) -> DockRefused:
    ledger.refuse(
        subject=f"dock:{dock.pk}",
        act=Act.DOCK_SIGN_IN_REFUSED,
        actor="system:ingest",
        at=at,
        reason=message,
    )
    return DockRefused(message)


def _check_nonce(nonce: str, at: datetime) -> None:
    try:
        raw = base64.b64decode(nonce, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NonceInvalid("This nonce is not ours. Ask for another.") from error
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if len(body) != _TIME + _RANDOM or not hmac.compare_digest(mac, _mac(body)):
        raise NonceInvalid("This nonce is not ours. Ask for another.")
    given = datetime.fromtimestamp(int.from_bytes(body[:_TIME]), tz=UTC)
    if not timedelta() <= at - given + timedelta(seconds=1) <= NONCE_LIFE:
        raise NonceInvalid("This nonce is too old. Ask for another.")


def _mac(body: bytes) -> bytes:
    return salted_hmac(_SALT, body, algorithm="sha256").digest()[:_MAC]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
