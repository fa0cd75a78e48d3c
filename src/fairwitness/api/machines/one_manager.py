"""Whether the force runs with one evidence manager, for programs: read, begin, end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation
from fairwitness.force import one_manager
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act


@dataclass(frozen=True, slots=True)
class OneManagerNow:
    """Since when notice may take a second person's place; null when it may not."""

    since: datetime | None


def _now(call: Call) -> OneManagerNow:
    found = one_manager.in_force(at=call.at)
    return OneManagerNow(found.begun_at if found else None)


def _begin(call: Call) -> OneManagerNow:
    call.demand_person()
    one_manager.begin(actor=call.officer, reason=call.taken(Why).reason, at=call.at)
    return _now(call)


def _end(call: Call) -> OneManagerNow:
    call.demand_person()
    one_manager.end(actor=call.officer, reason=call.taken(Why).reason, at=call.at)
    return _now(call)


OPERATIONS: Final = (
    Operation(
        name="readOneManager",
        method="GET",
        path="/one-manager",
        says="Tell whether the force runs with one evidence manager; that is public.",
        scope=Scope.RULES_READ,
        run=_now,
        gives=OneManagerNow,
    ),
    Operation(
        name="beginOneManager",
        method="POST",
        path="/one-manager/begin",
        says="As an administrator, let notice and delay take the second person's place.",
        scope=Scope.RULES_WRITE,
        run=_begin,
        takes=Why,
        gives=OneManagerNow,
        writes=Act.ONE_MANAGER_BEGUN,
    ),
    Operation(
        name="endOneManager",
        method="POST",
        path="/one-manager/end",
        says="As an administrator, need a second person again.",
        scope=Scope.RULES_WRITE,
        run=_end,
        takes=Why,
        gives=OneManagerNow,
        writes=Act.ONE_MANAGER_ENDED,
    ),
)
