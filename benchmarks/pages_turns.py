"""The turns of `benchmarks.pages`, run in a process of its own whose Django is set up already."""

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import pages_asked, pages_rows, search_fill, search_turns, standing
from benchmarks.search_fill import NOW
from benchmarks.spending import Spending, Spent
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.test import Client
from tests.critical_world import Critical
from tests.retention_world import AT, SETUP, World

from fairwitness.accountability import counting, standing_out
from fairwitness.cases.models import CriticalIncident
from fairwitness.config import clock, composition
from fairwitness.evidence.models import Recording
from fairwitness.force import officers, roles
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.retention import sampling, week_ahead

LOGGED = 10
"""One recording of so many is in the custody log, which is written entry by entry."""
PLAIN = "/accessibility"
OTHERS = (Role.AUDITOR, Role.ADMINISTRATOR, Role.DISCLOSURE_OFFICER)
"""Roles that nobody has in the world of the tests."""
_SHOWN = 200
_NOT_A_PAGE = frozenset({302, 405})
_REFUSED = 403


@dataclass
class Seen:
    """What one page cost one person: milliseconds of a processor and by the clock, and queries.

    The statement is the one that took longest by the clock.
    """

    status: int
    p50: float
    p95: float
    clock: float
    database: float
    queries: int
    slowest: float
    statement: str
    size: int


class Watch:
    """Counts the queries of one page, and remembers the slowest."""

    def __init__(self) -> None:
        self.number = 0
        self.spent = 0.0
        self.slowest = (0.0, "")

    def __call__(
        self,
        execute: Callable[[str, Any, bool, dict[str, Any]], Any],
        sql: str,
        params: Any,  # noqa: ANN401 - whatever a query takes
        many: bool,  # noqa: FBT001 - as Django calls it
        context: dict[str, Any],
    ) -> Any:  # noqa: ANN401 - whatever a query gives
        """Let one query go by."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent = (time.perf_counter() - began) * 1000
            self.number += 1
            self.spent += spent
            self.slowest = max(self.slowest, (spent, f"{sql} -- {params}"[:4000]))


def main() -> None:
    """Print the figures as JSON: for each number of recordings, who and page, what it cost."""
    clock.now = lambda: NOW  # what is made up is of that year, and pages know only now
    each, live, kept = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"
    if kept:
        standing.stand(Path(sys.argv[1]), live)
        gc.collect()
        gc.freeze()
        seen = measured(people(), each)
        json.dump({live: {name: asdict(one) for name, one in seen.items()}}, sys.stdout)
        return
    call_command("migrate", verbosity=0)
    world = World.make(Path(sys.argv[1]) / "world")
    search_turns.force(world)
    pages_rows.keyed()
    critical = Critical.make(world, AT)
    appoint()
    asking = people()
    found: dict[int, Mapping[str, Mapping[str, object]]] = {}
    low = 0
    for size in (live // 10, live):
        _tell(f"{size} recordings")
        search_fill.fill(live=size)
        with search_fill.quickly():
            pages_rows.beside(low=low, now=NOW, logged=LOGGED)
        low = round(size * (1 + search_fill.TOMBSTONES))
        if not CriticalIncident.objects.exists():
            critical.declare(at=NOW, began_at=NOW - timedelta(days=5), officers=busiest())
        settle()
        gc.collect()
        gc.freeze()  # as the server does; and what was dealt lies here only because it was
        _tell("filled")
        found[size] = {name: asdict(seen) for name, seen in measured(asking, each).items()}
    json.dump(found, sys.stdout)


def _tell(what: str) -> None:
    load = os.getloadavg()[0]
    sys.stderr.write(f"{time.strftime('%X')} pages: {what}, load average {load:.1f}\n")
    sys.stderr.flush()


def busiest() -> tuple[Officer, ...]:
    """Two of those who wear cameras most often, by how the recordings are dealt."""
    return tuple(Officer.objects.filter(collar_number__endswith="ZZ").order_by("collar_number")[:2])


def appoint() -> None:
    """Have somebody of each role that nobody has in the worlds of the tests."""
    officers.register_officers_many(
        actor=SETUP,
        officers=[
            NewOfficer(f"500{n}", f"{role.value} Wade", "UW", "LSH", "", (), (role,))
            for n, role in enumerate(OTHERS)
        ],
        at=AT,
    )
    supervisor = Officer.objects.get(collar_number="7ZZ")
    unit = Unit.objects.get(pk=supervisor.unit_id)
    roles.grant(officer=supervisor, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)


def people() -> dict[str, Officer | None]:
    """Somebody of each role, an officer who wears a camera, and nobody."""
    numbers = {
        "supervisor": "7ZZ",
        "evidence manager": "4101",
        "professional standards": "4103",
        "independent investigator": "9001",
        "investigator": "88LX",
        "duty officer": "31MO",
        "post-incident manager": "7MO",
        **{role.value.replace("_", " "): f"500{n}" for n, role in enumerate(OTHERS)},
        "officer": "11ZZ",
    }
    found = {who: Officer.objects.get(collar_number=number) for who, number in numbers.items()}
    return {**found, "nobody": None}


def settle() -> None:
    """What the background work keeps: the log's tree, samples, figures, statistics."""
    works = composition.deployment()
    with works.integrator() as integrator:
        integrator.recover()
        integrator.step()
        sampling.list_due(at=NOW)
        integrator.step()
    sampling.draw_due(files=works.log, at=NOW)
    search_fill.look()
    counting.renew(at=NOW)
    week_ahead.renew_due(at=NOW)
    standing_out.look(at=NOW)


def measured(
    asking: Mapping[str, Officer | None], each: int, only: Sequence[str] = ()
) -> dict[str, Seen]:
    """What each page costs each of these people, by who and page; those that refuse are left out.

    Args:
        asking: who asks.
        each: how often, after once that does not count.
        only: names of addresses, where not all are wanted.
    """
    found: dict[str, Seen] = {}
    live = Recording.objects.filter(state="live", wearer__isnull=False).order_by("-began_at")
    supervisor = asking["supervisor"]
    theirs = live.filter(unit=supervisor.unit_id if supervisor else None)[0]
    for who, officer in asking.items():
        mine = live.filter(wearer=officer).first() or theirs
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        plain = pages_asked.Asked("plain", PLAIN)
        for asked in (plain, *pages_asked.every(mine, theirs)):
            if only and asked.name.partition(" ")[0] not in {"plain", *only}:
                continue
            _stay_signed_in(client, officer)
            seen = _seen(client, asked.path, each)
            if seen is not None:
                found[f"{who}|{asked.name}"] = seen
    return found


def _stay_signed_in(client: Client, officer: Officer | None) -> None:
    """Sign in, unless the page before has left one signed in: that of signing out does not."""
    if officer is None or SESSION_KEY in client.session:
        return
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/log", {"reason": "To see how long it takes."})


def _seen(client: Client, path: str, each: int) -> Seen | None:
    """What it costs, the first asking left out; nothing for what is no page of this visitor's."""
    spent: list[Spent] = []
    watches: list[Watch] = []
    status = size = 0
    for _ in range(each + 1):
        watch = Watch()
        with connection.execute_wrapper(watch), Spending() as spending:
            answer = client.get(path)
            body = answer.getvalue()
        spent.append(spending.spent)
        watches.append(watch)
        status, size = answer.status_code, len(body)
        if status in _NOT_A_PAGE or status == _REFUSED:
            return None
        if status != _SHOWN:
            break
    counted, least = spent[1:] or spent, min(watches, key=lambda one: one.spent)
    own = [one.own for one in counted]
    return Seen(
        status=status,
        p50=statistics.median(own),
        p95=statistics.quantiles([*own, *own], n=20)[-1],
        clock=statistics.median(one.clock for one in counted),
        database=least.spent,
        queries=watches[-1].number,
        slowest=least.slowest[0],
        statement=least.slowest[1],
        size=size,
    )
