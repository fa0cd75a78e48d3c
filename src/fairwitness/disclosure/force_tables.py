"""The tables of a whole-force export: rows as lines of JSON, without anything secret.

Specification: docs/specs/force-export.md.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import BinaryField, Model, Q, QuerySet

from fairwitness.cases.models import Account, Case, CriticalIncident, Exhibit, Involvement
from fairwitness.disclosure.force_sight import Two
from fairwitness.disclosure.models import Disclosure, KeepRequest
from fairwitness.evidence import knowing
from fairwitness.evidence.models import Recording, State
from fairwitness.force.asking import Action
from fairwitness.force.models import (
    Camera,
    Dock,
    Issue,
    Officer,
    RoleGrant,
    Station,
    Unit,
    Volume,
)
from fairwitness.ingest import device_logs
from fairwitness.ingest.models import CounterGap, DeviceLogChunk
from fairwitness.retention import categories, deletion_sight
from fairwitness.retention.event_rows import SILENT, Event, EventMatch, EventVersion
from fairwitness.retention.models import Disposal, Hold, HoldBinding, RuleChange

_SECRET: Final = frozenset({"password", "last_login"})
_APART: Final = frozenset({"force_hidden_from", "force_gone_by", "force_reason"})
_CHUNK: Final = 500

Rows = Callable[[], "QuerySet[Any]"]


def tables(two: Two, at: datetime) -> Mapping[str, Rows]:
    """Each table's name and the rows of it that these two may take.

    Without oversight what is gone of cameras' logs is left out whole: whether it was deleted, or
    stays for what oversight keeps, is nothing that the other rows may tell.
    """
    apart: dict[str, bool] = {} if two.oversight else {"oversight": False}
    of_case = {f"case__{key}": value for key, value in apart.items()}
    found: dict[str, Rows] = {
        "units": Unit.objects.all,
        "stations": Station.objects.all,
        "officers": Officer.objects.all,
        "roles": RoleGrant.objects.all,
        "cameras": Camera.objects.all,
        "docks": Dock.objects.all,
        "volumes": Volume.objects.all,
        "issues": Issue.objects.all,
        "rule_changes": RuleChange.objects.all,
        "counter_gaps": CounterGap.objects.all,
        "camera_logs": DeviceLogChunk.objects.all
        if two.oversight
        else lambda: device_logs.there_for(two.facts[0], at),
        "deleted": lambda: Recording.objects.exclude(state=State.LIVE),
        "deletions": lambda: Disposal.objects.filter(
            Q() if two.oversight else deletion_sight.for_force()
        ),
        "cases": lambda: Case.objects.filter(**apart),
        "exhibits": lambda: Exhibit.objects.filter(**of_case),
        "disclosures": lambda: Disclosure.objects.filter(**of_case),
        "holds": lambda: Hold.objects.filter(two.holds()),
        "bindings": lambda: HoldBinding.objects.filter(
            hold__in=Hold.objects.filter(two.holds()).values("pk")
        ),
    }
    if two.may(Action.SEE_REQUESTS):
        found |= {
            "requests": lambda: requests(two),
            "request_holds": lambda: KeepRequest.holds.through.objects.filter(
                keeprequest__in=requests(two).values("pk"),
                hold__in=Hold.objects.filter(two.holds()).values("pk"),
            ),
        }
    if two.may(Action.BRING_EVENTS):
        found |= {
            "events": lambda: Event.objects.filter(two.events()),
            "event_versions": lambda: EventVersion.objects.filter(two.events("event__")),
            "event_matches": lambda: EventMatch.objects.filter(two.events("event__")).exclude(
                event__kind__in=SILENT, recording__wearer__in=two.people
            ),
        }
    if two.may(Action.SEE_INCIDENT):
        found |= {
            "incidents": CriticalIncident.objects.all,
            "incident_people": Involvement.objects.all,
            "incident_accounts": Account.objects.all,
        }
    return found


def requests(two: Two) -> "QuerySet[KeepRequest]":
    """Requests of people who were filmed; none that is about one of the two."""
    return KeepRequest.objects.exclude(officer__in=two.people)


def left_out(two: Two) -> list[str]:
    """What these two can't take, by their roles alone: it does not tell whether there is any."""
    found = []
    if not two.oversight:
        found.append(
            "cases, silent holds and acts of the independent investigation, if there are any"
        )
    if not two.may(Action.BRING_EVENTS):
        found.append("records of force, search, arrest and complaint, and of calls")
    if not two.may(Action.SEE_INCIDENT):
        found.append("critical incidents, with the people in them and their accounts")
    return found


def of_categories() -> Iterator[bytes]:
    """The categories as they stand, shipped ones and the force's own."""
    for code, facts in sorted(categories.current().items()):
        yield encode(asdict(facts) | {"code": code})


def lines(rows: "QuerySet[Any]", two: Two) -> Iterator[bytes]:
    """Rows as lines, in the order of their keys, a few in memory at once."""
    for row in rows.order_by("pk").iterator(chunk_size=_CHUNK):
        yield encode(recording(row, two) if isinstance(row, Recording) else columns(row))


def recording(row: Recording, two: Two) -> dict[str, object]:
    """A recording's columns, with the dates and the reason that these two may know."""
    known = knowing.dates(row, to=two.reader(row))
    told = {name: value for name, value in columns(row).items() if name not in _APART}
    return told | {
        "hidden_from": known.hidden_from,
        "gone_by": known.gone_by,
        "keep_reason": known.because,
    }


def columns(row: Model) -> dict[str, object]:
    """A row's columns by name, without what is secret."""
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django's documented API
    names = (each.attname for each in fields if not isinstance(each, BinaryField))
    return {name: getattr(row, name) for name in names if name not in _SECRET}


def many(rows: Iterable[Model]) -> list[dict[str, object]]:
    """As `columns`, of a few rows."""
    return [columns(row) for row in rows]


def encode(value: Mapping[str, object]) -> bytes:
    """One line of JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)
    return text.encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)
