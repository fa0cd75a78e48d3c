"""Answers that are kept for a repeat: one act for one idempotency key, whatever the network does.

Design rules:

1. The act and its answer commit together: after a crash a key has both or neither.
2. A refusal must be written down though nothing else happens, so it can't share that transaction:
   the act is then asked for again outside it, is refused there, and its answer kept alone.
3. An answer lies sealed under a key that only the token itself gives: the database holds no
   readable copy of what was answered, nor of a viewing that was granted.
4. Kept for a day. Afterwards the same key is a new request.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import IntegrityError, transaction

from fairwitness.custody.ledger import TransactionOpen
from fairwitness.errors import FairwitnessError
from fairwitness.force.token_rows import ApiAnswer, ApiToken

KEPT: Final = timedelta(days=1)
_NONCE: Final = 12
_KEY: Final = 32
_AGAIN: Final = 500


class KeyReused(FairwitnessError):
    """A key that another request was sent with."""

    code: ClassVar[str] = "request.key_reused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out: a status, the body, and whether it is the answer of before."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One request that is to happen once.

    Attributes:
        token: who sends it.
        text: the token as it was sent, which seals the answer.
        key: the idempotency key.
        fingerprint: of method, address and body.
        at: now.
    """

    token: ApiToken
    text: str
    key: str
    fingerprint: str
    at: datetime


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What a request with one key must always be."""
    told = json.dumps([method, path]).encode()
    return hashlib.sha256(told + b"\n" + body).hexdigest()


def once(
    asked: Once, act: Callable[[], Reply], refuse: Callable[[FairwitnessError], Reply]
) -> Reply:
    """The answer to a request: that of before, or what `act` does now.

    Args:
        asked: which request.
        act: does it and says the answer.
        refuse: makes an answer of a refusal; what was begun is undone then.

    Raises:
        KeyReused: the key was used for something else.
    """
    kept = _kept(asked)
    if kept is not None:
        return kept
    try:
        with transaction.atomic():
            row = _claim(asked)
            reply = _tried(act, refuse)
            _keep(row, reply, asked)
    except TransactionOpen:
        return _refused(asked, lambda: _tried_alone(act, refuse))
    except _Raced:
        return _kept(asked) or _gone()
    return reply


class _Raced(Exception):
    """The same request came twice at once; the other one was quicker."""


def _tried(act: Callable[[], Reply], refuse: Callable[[FairwitnessError], Reply]) -> Reply:
    try:
        with transaction.atomic():
            return act()
    except TransactionOpen:
        raise
    except FairwitnessError as error:
        return refuse(error)


def _tried_alone(act: Callable[[], Reply], refuse: Callable[[FairwitnessError], Reply]) -> Reply:
    try:
        return act()
    except FairwitnessError as error:
        return refuse(error)


def _refused(asked: Once, act: Callable[[], Reply]) -> Reply:
    """Ask again with no transaction open, so that the refusal is written down."""
    reply = act()
    if reply.status >= _AGAIN:
        return reply
    try:
        with transaction.atomic():
            _keep(_claim(asked), reply, asked)
    except _Raced:
        return _kept(asked) or reply
    return reply


def _claim(asked: Once) -> ApiAnswer:
    ApiAnswer.objects.filter(made_at__lte=asked.at - KEPT).delete()
    try:
        with transaction.atomic():
            return ApiAnswer.objects.create(
                token=asked.token,
                key=asked.key,
                fingerprint=asked.fingerprint,
                made_at=asked.at,
            )
    except IntegrityError:
        raise _Raced from None


def _keep(row: ApiAnswer, reply: Reply, asked: Once) -> None:
    nonce = secrets.token_bytes(_NONCE)
    plain = str(reply.status).encode() + b" " + reply.body
    row.sealed = nonce + _cipher(asked).encrypt(nonce, plain, asked.key.encode())
    row.save(update_fields=["sealed"])


def _kept(asked: Once) -> Reply | None:
    row = ApiAnswer.objects.filter(
        token=asked.token, key=asked.key, made_at__gt=asked.at - KEPT
    ).first()
    if row is None:
        return None
    if row.fingerprint != asked.fingerprint:
        raise KeyReused(
            "This Idempotency-Key was sent with another request. Take a new one for a new request."
        )
    sealed = bytes(row.sealed)
    plain = _cipher(asked).decrypt(sealed[:_NONCE], sealed[_NONCE:], asked.key.encode())
    status, _, body = plain.partition(b" ")
    return Reply(int(status), body, replayed=True)


def _gone() -> Reply:
    raise KeyReused("The same request is under way. Ask again in a moment.", code="request.busy")


def _cipher(asked: Once) -> AESGCM:
    derived = HKDF(hashes.SHA256(), _KEY, salt=None, info=b"fairwitness kept answer")
    return AESGCM(derived.derive(asked.text.encode()))
