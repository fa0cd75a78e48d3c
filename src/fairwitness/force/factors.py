"""Second factors: codes from an app (TOTP) and passkeys, kept as rows of `django-allauth`.

A secret of an app lies in the database under a key that is not there (the site's secret). A code
counts once, whichever process sees it first: the counter of the last one is kept in its row.
"""

import base64
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import IntegrityError, transaction

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

_PERIOD: Final = 30
_NEARBY: Final = (-1, 0, 1)
_NONCE: Final = 12


class FactorInvalid(FairwitnessError):
    """A second factor that can't be set up or taken away as asked."""

    code: ClassVar[str] = "factor.invalid"


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor, as its owner sees it."""

    id: int
    name: str
    passkey: bool
    since: datetime
    used: datetime | None


class Adapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth publishes no types
    """How `django-allauth` keeps secrets and names us to an authenticator."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret."""
        sealed = base64.b64decode(encrypted_text)
        return _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are for the name that the page was asked for under."""
        return {"id": context.request.get_host().partition(":")[0], "name": "Fairwitness"}

    def get_public_key_credential_user_entity(self, user: Officer) -> dict[str, Any]:
        """The officer, for the browser's list of passkeys."""
        return {"id": user.pk.bytes, "display_name": user.title, "name": user.collar_number}


def of(officer: Officer) -> list[Factor]:
    """What an officer has, oldest first."""
    return [
        Factor(
            id=row.pk,
            name=str(row.data.get("name", "")) or "App with codes",
            passkey=row.type == Authenticator.Type.WEBAUTHN,
            since=row.created_at,
            used=row.last_used_at,
        )
        for row in Authenticator.objects.filter(user=officer).order_by("created_at", "pk")
    ]


def has_any(officer: Officer) -> bool:
    """Whether an officer has a second factor."""
    return bool(Authenticator.objects.filter(user=officer).exists())


def new_secret() -> str:
    """A fresh secret for an app, in base32 as apps take it."""
    return str(totp.generate_totp_secret())


def code_at(secret: str, at: datetime) -> str:
    """The code that an app shows at a time."""
    return _code(secret, int(at.timestamp()) // _PERIOD)


def check_code(*, officer: Officer, code: str, at: datetime) -> bool:
    """Whether this is the app's code now (or 30 seconds off), not used before."""
    with transaction.atomic():
        row = (
            Authenticator.objects.select_for_update()
            .filter(user=officer, type=Authenticator.Type.TOTP)
            .first()
        )
        if row is None:
            return False
        counter = _matching(Adapter().decrypt(row.data["secret"]), code, at)
        if counter is None or counter <= int(row.data.get("last_counter", -1)):
            return False
        row.data["last_counter"] = counter
        row.last_used_at = at
        row.save(update_fields=["data", "last_used_at"])
    return True


def add_app(*, officer: Officer, secret: str, code: str, at: datetime) -> None:
    """Keep an app's secret, once a code of it shows that the app has it.

    Raises:
        FactorInvalid: the code is not the app's, or there is an app already.
    """
    counter = _matching(secret, code, at)
    if counter is None:
        raise FactorInvalid("That is not the code that the app shows now.", code="factor.code")
    data = {"secret": Adapter().encrypt(secret), "last_counter": counter}
    _add(officer=officer, kind=Authenticator.Type.TOTP, data=data, at=at)


def add_passkey(*, officer: Officer, name: str, credential: dict[str, Any], at: datetime) -> None:
    """Keep a passkey whose registration was checked.

    Raises:
        FactorInvalid: it has no name.
    """
    name = "".join(each for each in name if each.isprintable()).strip()[:60]
    if not name:
        raise FactorInvalid("Give the passkey a name, such as the key on my ring.")
    _add(
        officer=officer,
        kind=Authenticator.Type.WEBAUTHN,
        data={"name": name, "credential": credential},
        at=at,
    )


def note_use(row: Authenticator, *, at: datetime) -> None:
    """Note that a passkey was used."""
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=at)


def remove(*, officer: Officer, factor: int, demanded: bool, at: datetime) -> None:
    """Take one's own second factor away.

    Raises:
        FactorInvalid: it is not there, or it is the last and one is demanded.
    """
    with transaction.atomic():
        rows = list(Authenticator.objects.select_for_update().filter(user=officer).order_by("pk"))
        row = next((each for each in rows if each.pk == factor), None)
        if row is None:
            raise FactorInvalid("There is no such second factor.", code="factor.unknown")
        if demanded and len(rows) == 1:
            raise FactorInvalid(
                "This is your only second factor. Set up another one first.", code="factor.last"
            )
        row.delete()
        _note(officer, at, {"factor_removed": str(row.type)})


def forget_all(*, officer: Officer) -> int:
    """Take all second factors of an officer away; part of an act that writes its own entry."""
    count, _ = Authenticator.objects.filter(user=officer).delete()
    return int(count)


def _add(*, officer: Officer, kind: str, data: dict[str, Any], at: datetime) -> None:
    try:
        with transaction.atomic():
            Authenticator.objects.create(user=officer, type=kind, data=data, created_at=at)
            _note(officer, at, {"factor_added": str(kind)})
    except IntegrityError as error:
        raise FactorInvalid(
            "You have an app with codes already. Take it away first.", code="factor.twice"
        ) from error


def _note(officer: Officer, at: datetime, detail: dict[str, str]) -> None:
    ledger.append(
        subject=f"officer:{officer.pk}",
        act=Act.OFFICER_CREDENTIAL_CHANGED,
        actor=authority.text(officer),
        at=at,
        detail=detail,
    )


def _matching(secret: str, code: str, at: datetime) -> int | None:
    now = int(at.timestamp()) // _PERIOD
    given = "".join(code.split())
    for near in _NEARBY:
        if hmac.compare_digest(_code(secret, now + near).encode(), given.encode()):
            return now + near
    return None


def _code(secret: str, counter: int) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def _cipher() -> AESGCM:
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"fairwitness factors")
    return AESGCM(derive.derive(settings.SECRET_KEY.encode()))
