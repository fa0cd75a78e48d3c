"""Axis systems come in by a user and a key of our making; here they are made, checked and ended.

The key is 256 random bits, shown once in a connection file and kept only as a salted hash. Signing
in gives a token for an hour, kept only as a hash; it is asked about when a request begins, never in
the middle of a body. A revoked system is out at its next request. Refused sign-ins are written
down, at most one a minute for each system, so that nobody can fill the log.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Station
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis.content_keys import ContentKeys, PublicHalf
from fairwitness.ingest.axis.swift import Refused
from fairwitness.ingest.models import AxisSystem, AxisToken

TOKEN_LIFE: Final = timedelta(hours=1)
_QUIET: Final = timedelta(minutes=1)


class AxisRefused(FairwitnessError):
    """A connection that can't be made or ended as asked."""

    code = "axis.refused"


@dataclass(frozen=True, slots=True)
class Connected:
    """A system and its new key, which is never shown again."""

    system: AxisSystem
    key: str = field(repr=False)


def connect(
    *, name: str, url: str, station: Station | None, encrypts: bool, actor: Actor, at: datetime
) -> Connected:
    """Make the user and key of a system, or a new key for the one that has this name.

    Args:
        name: of the system, for people; one in use of each.
        url: at which it reaches us, `https://host:port`.
        station: where its docks stand; None leaves that of a known system as it is.
        encrypts: whether it is to encrypt what it sends; once so, for ever.
        actor: who does it.
        at: now.

    Raises:
        AxisRefused: no name.
        NotAllowed: after the refusal was written down.
    """
    name = name.strip()[:64]
    if not name:
        raise AxisRefused("Give the system a name, such as that of its station.")
    _demand(actor, Action.APPROVE_ENROLMENT, station, at)
    salt, key = secrets.token_hex(16), secrets.token_urlsafe(32)
    with transaction.atomic():
        row = AxisSystem.objects.select_for_update().filter(name=name, revoked_at=None).first()
        row = row or AxisSystem(name=name, user=f"fw-{secrets.token_hex(6)}", connected_at=at)
        row.url, row.key_salt, row.key_hash = url, salt, _hashed(salt, key)
        row.station = station or row.station
        row.encrypts = row.encrypts or encrypts
        row.save()
        AxisToken.objects.filter(system=row).delete()
        ledger.append(
            subject=f"axis:{row.pk}",
            act=Act.AXIS_CONNECTED,
            actor=authority.text(actor),
            at=at,
            detail={
                "name": name,
                "url": url,
                "user": row.user,
                "station": row.station.code if row.station else None,
                "encrypts": row.encrypts,
            },
        )
    return Connected(row, key)


def make_content_key(*, keys: ContentKeys, actor: Actor, at: datetime) -> PublicHalf:
    """Make an RSA key for systems to encrypt for; those made before stay.

    Raises:
        NotAllowed: after the refusal was written down.
    """
    _demand(actor, Action.APPROVE_ENROLMENT, None, at)
    half = keys.make()
    with transaction.atomic():
        ledger.append(
            subject="axis",
            act=Act.AXIS_KEY_MADE,
            actor=authority.text(actor),
            at=at,
            detail={"key": half.key_id},
        )
    return half


def revoke(*, system: AxisSystem, reason: str, actor: Actor, at: datetime) -> AxisSystem:
    """End a connection: its user and its tokens are refused from now on. Repeating is harmless.

    What it sent stays; what it is sending now is kept to its last byte.

    Raises:
        AxisRefused: no reason.
        NotAllowed: after the refusal was written down.
    """
    if not reason.strip():
        raise AxisRefused("Say why.")
    _demand(actor, Action.REVOKE_DEVICE, system.station, at)
    with transaction.atomic():
        row = AxisSystem.objects.select_for_update().get(pk=system.pk)
        if row.revoked_at is None:
            row.revoked_at = at
            row.save(update_fields=["revoked_at"])
            AxisToken.objects.filter(system=row).delete()
            ledger.append(
                subject=f"axis:{row.pk}",
                act=Act.AXIS_REVOKED,
                actor=authority.text(actor),
                at=at,
                reason=reason,
            )
    return row


def named(name: str) -> AxisSystem:
    """The system in use with this name.

    Raises:
        AxisRefused: there is none.
    """
    row = AxisSystem.objects.filter(name=name, revoked_at=None).first()
    if row is None:
        raise AxisRefused(
            f"No Axis system named {name!r} is connected.", code="axis.system_unknown"
        )
    return row


class Doorkeeper:
    """Signs systems in, in one server process; remembers which refusals it wrote down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[str, Act], tuple[datetime, int]] = {}

    def open(self, *, user: str, key: str, at: datetime) -> tuple[AxisSystem, str]:
        """The system and a new token.

        Raises:
            Refused: `axis.unauthorised`; written down, but not each of many.
        """
        row = AxisSystem.objects.filter(user=user[:64]).first()
        # Compared even when there is no such user, so that an answer takes as long.
        salt, wanted = (row.key_salt, row.key_hash) if row else ("", "0" * 64)
        good = hmac.compare_digest(_hashed(salt, key), wanted)
        if row is None or not good or row.revoked_at is not None:
            reason = "revoked" if row and row.revoked_at else "wrong key" if row else "no such user"
            self.note(row, Act.AXIS_SIGN_IN_REFUSED, reason, at)
            raise Refused("This user and key are not known.", code="axis.unauthorised")
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            AxisToken.objects.create(
                token_hash=_digest(token), system=row, expires_at=at + TOKEN_LIFE
            )
            AxisSystem.objects.filter(pk=row.pk).update(last_seen_at=at)
            ledger.append(
                subject=f"axis:{row.pk}", act=Act.AXIS_SIGNED_IN, actor=f"axis:{row.pk}", at=at
            )
        return row, token

    def note(self, row: AxisSystem | None, act: Act, reason: str, at: datetime) -> None:
        """Write a refusal down, in a transaction of its own, unless one was a moment ago."""
        about = f"axis:{row.pk}" if row else "axis"
        with self._lock:
            last, passed = self._told.get((about, act), (None, 0))
            if last is not None and timedelta() <= at - last < _QUIET:
                self._told[about, act] = (last, passed + 1)
                return
            self._told[about, act] = (at, 0)
        ledger.refuse(
            subject=about,
            act=act,
            actor="system:ingest",
            at=at,
            reason=reason,
            detail={
                "not_written_down": passed,
                "since": timestamp.text(last) if last is not None else None,
            },
        )


def system_of(*, token: str, at: datetime) -> AxisSystem:
    """The system that a token belongs to, if it may still act.

    Raises:
        Refused: `axis.unauthorised`, no such token, it is over, or its system is revoked.
    """
    found = (
        AxisToken.objects.select_related("system__station__unit")
        .filter(token_hash=_digest(token), expires_at__gt=at)
        .first()
    )
    if found is None or found.system.revoked_at is not None:
        raise Refused("Sign in first.", code="axis.unauthorised")
    return found.system


def account_of(system: AxisSystem) -> str:
    """The account's name in addresses."""
    return system.user


def demand_own(system: AxisSystem, account: str) -> None:
    """Go on only at the system's own account.

    Raises:
        Refused: `axis.forbidden`.
    """
    if account != account_of(system):
        raise Refused("This account is another's.", code="axis.forbidden")


def end_old(*, at: datetime) -> int:
    """Forget tokens that are over."""
    deleted, _ = AxisToken.objects.filter(expires_at__lte=at).delete()
    return deleted


def _demand(actor: Actor, action: Action, station: Station | None, at: datetime) -> None:
    unit = station.unit.code if station else None
    authority.demand(actor=actor, action=action, subject=Subject(unit=unit), about="axis", at=at)


def _hashed(salt: str, key: str) -> str:
    return hmac.digest(salt.encode(), key.encode(errors="replace"), "sha256").hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
