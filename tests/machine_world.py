"""Another system and its tokens, at the door that it calls, over the small force of the pages."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.critical_world import Critical
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.api.exchange import Threads
from fairwitness.api.machines.answers import Reply
from fairwitness.api.machines.door import Asked, Machines, Pace
from fairwitness.cases import producing
from fairwitness.cases.models import Exhibit
from fairwitness.disclosure import keep_requests
from fairwitness.disclosure.keep_requests import LONDON
from fairwitness.disclosure.models import Disclosure, KeepRequest
from fairwitness.force import officers, roles, tokens
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import Scope
from fairwitness.retention import holds
from fairwitness.retention.models import Disposal, Hold, HoldKind

ALL = frozenset(Scope)
_DESK = (Role.SUPERVISOR, Role.EVIDENCE_MANAGER, Role.DUTY_OFFICER, Role.POST_INCIDENT_MANAGER)


@dataclass
class Callers:
    """Who calls, each with a token of every scope, and what there is to call about."""

    pages: Pages
    people: dict[str, Officer]
    critical: Critical
    texts: dict[str, str] = field(default_factory=dict)
    machines: Machines = field(init=False)

    def __post_init__(self) -> None:
        self.machines = Machines(
            clock=lambda: datetime.now(UTC),
            threads=Threads(),
            vault=self.pages.world.vault,
            pace=Pace(10_000),
        )

    @classmethod
    def make(cls, pages: Pages) -> "Callers":
        at = datetime.now(UTC)
        critical = Critical.make(pages.world, at - timedelta(days=2))
        elsewhere, plain, desk, administrator = officers.register_officers_many(
            actor=SETUP,
            officers=[
                NewOfficer("77LW", "Elsie Where", "EW", "LSH", "DS", (Role.INVESTIGATOR,)),
                NewOfficer("78LW", "Nell Role", "NR", "LSH", "", (Role.AUDITOR,)),
                NewOfficer("79LW", "Dee Esk", "DE", "LSH", "", _DESK),
                NewOfficer("80LW", "Addie Min", "AM", "LSH", "", (), (Role.ADMINISTRATOR,)),
            ],
            at=at - timedelta(days=3),
        )
        people = {name: one for name, one in pages.people.items() if one is not None}
        people |= {
            "elsewhere": elsewhere,
            "auditor elsewhere": plain,
            "desk elsewhere": desk,
            "administrator": administrator,
            "duty": critical.duty,
            "post-incident": critical.manager,
            "oversight": pages.world.investigator,
        }
        world = cls(pages, people, critical)
        for name, officer in people.items():
            if name in {"wearer", "colleague"}:
                roles.grant(
                    actor=SETUP, officer=officer, role=Role.AUDITOR, unit=elsewhere.unit, at=at
                )
            world.texts[name] = world.token(officer)
        return world

    def token(
        self, officer: Officer, scopes: frozenset[Scope] = ALL, name: str = "a records system"
    ) -> str:
        at = datetime.now(UTC)
        return tokens.make(
            officer=officer,
            name=name,
            scopes=scopes,
            expires_at=at + timedelta(days=30),
            actor=officer,
            at=at,
        ).text

    def call(
        self,
        method: str,
        path: str,
        *,
        who: str = "manager",
        body: object = None,
        headers: Mapping[str, str] | None = None,
        text: str | None = None,
    ) -> Reply:
        path, _, query = path.partition("?")
        sent = {
            "authorization": f"Bearer {text or self.texts[who]}",
            "content-type": "application/json",
            "idempotency-key": uuid.uuid4().hex,
        }
        data = b"" if body is None else json.dumps(body).encode()
        asked = Asked(method, f"/api/v1{path}", query, sent | dict(headers or {}), data)
        return self.machines.answer(asked)

    @property
    def recording(self) -> str:
        return str(self.pages.recording.pk)

    @property
    def case(self) -> str:
        return str(self.pages.case.pk)

    def hold(self) -> Hold:
        placed = holds.place(
            terms=holds.Terms(
                HoldKind.CASE,
                "01/1/17",
                "needed",
                (datetime.now(UTC) + timedelta(days=90)).date(),
                silent=False,
            ),
            owner=self.people["manager"],
            at=datetime.now(UTC),
            recordings=[self.pages.recording.pk],
        )
        return Hold.objects.get(pk=placed.hold)

    def exhibit(self) -> Exhibit:
        return producing.produce(
            case=self.pages.case,
            recording=self.pages.recording,
            producer=self.people["wearer"],
            title="what the camera saw",
            officer=self.people["detective"],
            at=datetime.now(UTC),
        ).exhibit

    def copy(self) -> Disclosure:
        return Disclosure.objects.create(
            id=uuid.uuid4(),
            case=self.pages.case,
            recipient="the defence",
            purpose="trial",
            exhibits=["AW/1"],
            made_by=self.people["detective"],
            made_at=datetime.now(UTC),
            tag_manifest_sha256="0" * 64,
        )

    def disposal(self) -> Disposal:
        at = datetime.now(UTC)
        row = self.pages.world.record(ended_at=at - timedelta(days=40))
        row.state, row.sha256 = "disposed", ""
        row.save(update_fields=["state", "sha256"])
        return Disposal.objects.create(
            recording=row,
            rule="default",
            due=at,
            disposed_at=at,
            state="recorded",
            ring_copies=2,
            statement='{"payload":""}',
        )

    def request(self) -> KeepRequest:
        at = datetime.now(UTC)
        asked = keep_requests.Asked(
            form_key=uuid.uuid4(),
            moment=(at - timedelta(days=2)).astimezone(LONDON).replace(tzinfo=None),
            within=timedelta(minutes=30),
            number="614LX",
        )
        given = keep_requests.ask(asked=asked, address=uuid.uuid4().hex, at=at)
        return KeepRequest.objects.get(code=given.code.replace("-", ""))


def told(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    return json.loads(reply.body)
