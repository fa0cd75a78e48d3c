"""The door for other systems: who calls, may it, what does it get. One call, in one thread.

Numbered, as it is checked:

1. the address and method are an operation's;
2. the token is one of ours (no cookie is looked at, so no page in a browser can make it call);
3. it has not called too often, and it opens: that it has ended is written down;
4. the token has the operation's scope; that it has not is written down;
5. the body is small, JSON, and what the operation takes; a POST has its idempotency key;
6. the operation's own domain call decides as it does for a page.

Every entry written within names the token beside the account.
"""

import json
import logging
import re
import time
import urllib.parse
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.db import DatabaseError

from fairwitness.api import errors
from fairwitness.api.exchange import SMALL_BODY, Exchange, RequestRefused, Threads
from fairwitness.api.machines import answers, document, shapes, table
from fairwitness.api.machines.answers import Once, Reply
from fairwitness.api.machines.operation import PREFIX, Call, Operation
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority, tokens
from fairwitness.force.asking import Refused
from fairwitness.force.token_rows import ApiToken
from fairwitness.formats.acts import Act
from fairwitness.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,100}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_PROBLEM: Final = "application/problem+json"
_JSON: Final = "application/json"
_BUCKETS: Final = 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Pace:
    """How often one token calls a server process: so many at once, so many a second on average."""

    burst: int = 60
    each_second: float = 10.0
    _left: "OrderedDict[UUID, tuple[float, float]]" = field(default_factory=OrderedDict)

    def take(self, token: UUID) -> bool:
        """Count one call; False when it is one too many."""
        now = time.monotonic()
        left, since = self._left.pop(token, (float(self.burst), now))
        left = min(float(self.burst), left + (now - since) * self.each_second)
        self._left[token] = (max(0.0, left - 1), now)
        while len(self._left) > _BUCKETS:
            self._left.popitem(last=False)
        return left >= 1


class Machines:
    """What another system asks, in one server process."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        threads: Threads,
        vault: Vault,
        pace: Pace | None = None,
    ) -> None:
        self._clock = clock
        self._vault = vault
        self._threads = threads
        self._pace = pace or Pace()

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request under `/api/v1/`."""
        if exchange.path in document.PLACES and exchange.method in {"GET", "HEAD"}:
            kind, body = document.PLACES[exchange.path]()
            await exchange.answer(200, document.headers(kind), body)
            return
        body = b""
        if exchange.method not in {"GET", "HEAD"}:
            try:
                body = await exchange.body(most=SMALL_BODY)
            except RequestRefused as error:
                await self._send(exchange, problem(error))
                return
        asked = Asked(exchange.method, exchange.path, exchange.query_text, exchange.headers, body)
        await self._send(exchange, await self._threads.run(self.answer, asked))

    async def _send(self, exchange: Exchange, reply: Reply) -> None:
        refused = reply.status >= HTTPStatus.BAD_REQUEST
        head = {
            "Content-Type": _PROBLEM if refused else _JSON,
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if reply.replayed:
            head["Idempotency-Replayed"] = "true"
        if reply.status == HTTPStatus.UNAUTHORIZED:
            head["WWW-Authenticate"] = 'Bearer realm="Fairwitness"'
        if reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
            head["Allow"] = ", ".join(_methods(exchange.path))
        if reply.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            head["Retry-After"] = "2"
        await exchange.answer(reply.status, head, reply.body)

    def answer(self, asked: Asked) -> Reply:
        """The answer to one request; every foreseen refusal is one."""
        try:
            return self._answer(asked)
        except FairwitnessError as error:
            return problem(error)
        except DatabaseError:
            _LOG.exception("%s %s could not be answered.", asked.method, asked.path)
            busy = RequestRefused("The server can't do this now: try again.", code="request.busy")
            return problem(busy)

    def _answer(self, asked: Asked) -> Reply:
        operation, place = _find(asked)
        at = self._clock()
        text = _bearer(asked)
        token = tokens.find(text=text)
        if not self._pace.take(token.pk):
            raise RequestRefused("Too many calls: wait a little.", code="token.pace")
        tokens.use(token=token, at=at)
        with ledger.by_way_of(token=token.name):
            _demand_scope(token, operation, at)
            call = _call(token, operation, asked, place=place, at=at, vault=self._vault)
            if operation.method == "GET":
                return _done(operation, call)
            key = asked.headers.get("idempotency-key", "")
            if not _KEY.fullmatch(key):
                raise RequestRefused(
                    "Send an Idempotency-Key of 1 to 100 printable characters, new for each act.",
                    code="request.key",
                )
            told = answers.fingerprint(asked.method, asked.path, asked.body)
            wanted = Once(token=token, text=text, key=key, fingerprint=told, at=at)
            return answers.once(wanted, lambda: _done(operation, call), problem)


def problem(error: FairwitnessError) -> Reply:
    """A refusal as RFC 9457 has it, with our stable code."""
    status = errors.status_of(error.stable_code)
    told = {
        "type": f"urn:fairwitness:problem:{error.stable_code}",
        "title": _title(status),
        "status": status,
        "detail": error.message,
        "code": error.stable_code,
    }
    return Reply(status, json.dumps(told).encode())


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Refused"


def _find(asked: Asked) -> tuple[Operation, Mapping[str, UUID | int]]:
    met = [
        (each, place)
        for each in table.OPERATIONS
        if (place := _match(each, asked.path)) is not None
    ]
    if not met:
        raise RequestRefused("There is nothing here.", code="request.not_found")
    method = "GET" if asked.method == "HEAD" else asked.method
    for operation, place in met:
        if operation.method == method:
            return operation, place
    raise RequestRefused(f"Ask with {' or '.join(_methods(asked.path))}.", code="request.method")


def _methods(path: str) -> list[str]:
    return [each.method for each in table.OPERATIONS if _match(each, path) is not None]


def _match(operation: Operation, path: str) -> Mapping[str, UUID | int] | None:
    said = path.removeprefix(PREFIX).split("/")
    meant = operation.path.split("/")
    if len(said) != len(meant):
        return None
    place: dict[str, UUID | int] = {}
    for have, want in zip(said, meant, strict=True):
        if want.startswith("{"):
            known = _known(want.strip("{}"), have)
            if known is None:
                return None
            place[want.strip("{}")] = known
        elif have != want:
            return None
    return place


def _known(name: str, text: str) -> UUID | int | None:
    if name == "number":
        return int(text) if _NUMBER.fullmatch(text) else None
    try:
        return UUID(text)
    except ValueError:
        return None


def _bearer(asked: Asked) -> str:
    kind, _, text = asked.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip().startswith(tokens.PREFIX):
        raise RequestRefused("Send a token: Authorization: Bearer fwt_…", code="token.missing")
    return text.strip()


def _demand_scope(token: ApiToken, operation: Operation, at: datetime) -> None:
    if operation.scope.value in token.scopes:
        return
    refused = Refused("token.scope", f"This token has no scope {operation.scope.value}.")
    ledger.refuse(
        subject=f"officer:{token.officer_id}",
        act=Act.ACCESS_REFUSED,
        actor=authority.text(token.officer),
        at=at,
        reason=refused.message,
        detail={"operation": operation.name, "code": refused.code},
    )
    raise RequestRefused(refused.message, code=refused.code)


def _call(
    token: ApiToken,
    operation: Operation,
    asked: Asked,
    *,
    place: Mapping[str, UUID | int],
    at: datetime,
    vault: Vault,
) -> Call:
    query: dict[str, list[str]] = {}
    for name, value in urllib.parse.parse_qsl(asked.query, keep_blank_values=True):
        if name not in {each.name for each in operation.query} or "\0" in value:
            raise RequestRefused(f"There is no {name[:40]!r} to ask for.", code="request.query")
        query.setdefault(name, []).append(value)
    return Call(
        officer=token.officer,
        facts=authority.facts(officer=token.officer, at=at),
        machine=hasattr(token.officer, "machine"),
        at=at,
        vault=vault,
        place=place,
        query=query,
        body=_body(operation, asked),
    )


def _body(operation: Operation, asked: Asked) -> object:
    if operation.takes is None:
        return None
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        raise RequestRefused(f"The body is {_JSON}.", code="request.content_type")
    try:
        value = json.loads(asked.body)
    except (ValueError, RecursionError):
        raise RequestRefused("The body is no JSON.", code="request.body") from None
    return shapes.read(operation.takes, value)


def _done(operation: Operation, call: Call) -> Reply:
    return Reply(operation.status, json.dumps(shapes.write(operation.run(call))).encode())
