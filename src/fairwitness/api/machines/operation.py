"""One operation of the JSON API: what it is called with, what it does and gives.

From the table of these both the routing and the OpenAPI document are made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, TypeVar
from uuid import UUID

from django.db import transaction

from fairwitness.api.exchange import RequestRefused
from fairwitness.custody import ledger
from fairwitness.force import authority, permissions
from fairwitness.force.asking import Action, NotAllowed, OfficerFacts, Subject
from fairwitness.force.models import Officer
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.vault.vault import Vault

T = TypeVar("T")
PREFIX: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name in an address's query, and what it says."""

    name: str
    says: str
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call by a token we know: as whom, when, with what.

    Attributes:
        officer: the account that acts.
        facts: its roles now.
        machine: it is another system's account, which is never one of two people.
        at: now.
        vault: has the keys that a search by place needs, and takes what is attached.
        place: the ids and numbers in the address.
        query: the address's query.
        body: what the operation takes, or None.
    """

    officer: Officer
    facts: OfficerFacts
    machine: bool
    at: datetime
    vault: Vault
    place: Mapping[str, UUID | int] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: object = None

    @property
    def id(self) -> UUID:
        """The one id in the address."""
        return UUID(str(self.place["id"]))

    @property
    def number(self) -> int:
        """The one number in the address, of what is counted and has no id."""
        return int(self.place["number"])

    def taken(self, shape: type[T]) -> T:
        """The body, which the door has read as what the operation takes."""
        if not isinstance(self.body, shape):
            raise TypeError
        return self.body

    def one(self, name: str) -> str:
        """The value of a name in the query, said at most once; empty when it is not there."""
        values = self.query.get(name, ())
        if len(values) > 1:
            raise RequestRefused(f"{name} is given twice.", code="request.query")
        return values[0] if values else ""

    def reach(self, action: Action, like: Subject | None = None) -> frozenset[str] | None:
        """The units whose records a list may hold, or None for all; none at all is refused.

        Args:
            action: what the list is for.
            like: what its records have in common, whatever their unit.

        Raises:
            NotAllowed: written down.
        """
        like = like or Subject()
        units = permissions.units_where(self.facts, action, like)
        if units is not None and not units:
            self.demand(action, subject=replace(like, unit=self.officer.unit.code))
        return units

    def demand(
        self, action: Action, *, about: str = "force", subject: Subject | None = None
    ) -> None:
        """Go on only when the account may.

        Raises:
            NotAllowed: written down.
        """
        authority.demand(
            actor=self.officer,
            action=action,
            subject=subject or Subject(unit=self.officer.unit.code),
            about=about,
            at=self.at,
        )

    def allows(self, action: Action, *, about: str, subject: Subject) -> bool:
        """Whether the account may; that it may not is written down, and not told apart."""
        try:
            self.demand(action, about=about, subject=subject)
        except NotAllowed:
            return False
        return True

    def demand_person(self) -> None:
        """Refuse a machine account a step of two people, the first as well as the second.

        Raises:
            RequestRefused: code `token.second_person`.
        """
        self.demand_own_decision(None)

    def demand_own_decision(self, owner: UUID | None) -> None:
        """Refuse a machine account what two people decide: it may only undo what is its own.

        Raises:
            RequestRefused: code `token.second_person`.
        """
        if self.machine and owner != self.officer.pk:
            raise RequestRefused(
                "A machine account is never one of two people. Its own it may end by itself.",
                code="token.second_person",
            )

    def note(
        self,
        *,
        of: str,
        shown: int,
        about: str = "force",
        sought: Mapping[str, str] | None = None,
    ) -> None:
        """Write down that a list of recordings was given, or searched."""
        narrowed = {name: value for name, value in (sought or {}).items() if value}
        with transaction.atomic():
            ledger.append(
                subject=about,
                act=Act.RECORDING_SEARCHED if narrowed else Act.RECORDING_LISTED,
                actor=authority.text(self.officer),
                at=self.at,
                reason=narrowed.pop("words", ""),
                detail={"list": of, "shown": shown, **narrowed},
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        name: stable, for those who make clients.
        method: GET changes nothing and may be repeated; POST takes an idempotency key.
        path: under `/api/v1`; `{id}` stands for a UUID, `{number}` for a whole number.
        says: what it does, in a sentence.
        scope: what a token needs.
        run: does it.
        gives: what it answers.
        takes: its body; None for none.
        query: names in its query.
        status: when it works.
        writes: the act in the custody log that stands for it; None where pages write none either.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    says: str
    scope: Scope
    run: Callable[[Call], object]
    gives: type
    takes: type | None = None
    query: tuple[Parameter, ...] = ()
    status: int = 200
    writes: Act | None = None


def not_here() -> RequestRefused:
    """The same answer for what is not and for what is not for this account."""
    return RequestRefused("There is nothing here, or nothing for you.", code="request.not_found")
