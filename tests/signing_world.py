"""People who sign in: their passwords, their apps, and a browser that goes all the way."""

from datetime import UTC, datetime, timedelta
from typing import cast

from django.http import HttpResponse
from django.test import Client

from fairwitness.force import factors
from fairwitness.force.models import Officer

PHRASE = "a long enough password"


def give_password(officer: Officer) -> None:
    officer.set_password(PHRASE)
    officer.save(update_fields=["password"])


def give_app(officer: Officer) -> str:
    """An app set up long ago; its secret."""
    secret = factors.new_secret()
    before = datetime.now(UTC) - timedelta(days=1)
    code = factors.code_at(secret, before)
    factors.add_app(officer=officer, secret=secret, code=code, at=before)
    return secret


def shown(secret: str) -> str:
    """What the app shows now."""
    return factors.code_at(secret, datetime.now(UTC))


def by_password(client: Client, officer: Officer, password: str = PHRASE) -> HttpResponse:
    said = {"collar_number": officer.collar_number, "password": password}
    return cast("HttpResponse", client.post("/sign-in", said))


def who(client: Client) -> str | None:
    found: str | None = client.session.get("_auth_user_id")
    return found
