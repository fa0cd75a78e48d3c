"""Kills an act of the database before its statements and commits, and looks at what is left.

`main` is started with Django set up and `FAIRWITNESS_DATA` set to FOLDER/live: one thread, which
for each step forks a child that does the act and dies, then a child that looks, does the rest and
looks again. A step is a statement or a commit; every STRIDEth is tried, and the last. It prints
how many steps there were, how many kills, and what was found wrong, as JSON.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from tests import migrated
from tests.critical_world import Critical
from tests.faults.dying_disk import KILLED
from tests.faults.vault_kills import Say, in_child
from tests.retention_world import AT, DAY, HOUR, World, acts

from fairwitness.cases.models import CriticalIncident, Involvement, Notice
from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera, Officer
from fairwitness.formats.acts import Act
from fairwitness.retention import event_desk
from fairwitness.retention.event_rows import Event, EventList, EventMatch
from fairwitness.retention.list_rows import ListInHand
from fairwitness.retention.models import Hold, HoldBinding

STRIDE: Final = 5
LINES: Final = 3
NOW: Final = AT + DAY


def prepare(live: Path) -> None:
    migrated.copy(live / "fairwitness.sqlite3")
    world = World.make(live / "world")
    Critical.make(world, AT)
    world.record()
    world.record()


def _critical() -> Critical:
    people = {one.collar_number: one for one in Officer.objects.select_related("unit")}
    world = World.__new__(World)
    world.ada, world.manager, world.investigator = people["614LX"], people["4101"], people["9001"]
    world.camera = Camera.objects.get()
    return Critical(world, people["31MO"], people["7MO"], AT)


def bring() -> None:
    head = (
        "event id,record type,officer badge id,officer dispatched datetime,"
        "officer cleared datetime,incident number,call type\n"
    )
    lines = "S/7,search,614LX,2017-06-08T22:05:00Z,2017-06-08T22:15:00Z,CAD 8812,\n" + "".join(
        f"S/{number},search,702LX,2017-06-08T22:05:00Z,2017-06-08T22:15:00Z,,\n"
        for number in range(8, 7 + LINES)
    )
    actor = _critical().world.manager
    event_desk.bring_in(data=(head + lines).encode(), name="night.csv", actor=actor, at=NOW)


def list_done() -> None:
    """A list that was cut is nothing at all, or done to its end by who comes next, and told."""
    begun = ListInHand.objects.exists() or EventList.objects.exists()
    assert begun or not Event.objects.exists(), "lines were done and nobody knows of the list"
    assert event_desk.finish_cut(at=NOW + HOUR / 2) == 0, "it may still be at work"
    cut = ListInHand.objects.count()
    assert event_desk.finish_cut(at=NOW + 2 * HOUR) == cut
    assert not ListInHand.objects.exists()
    listed = list(EventList.objects.all())
    assert len(listed) == begun
    for row in listed:
        assert row.counts == {"matched": 1, "none": LINES - 1}, row.counts
        assert acts(f"event_list:{row.pk}") == ["event.listed"]
        assert Event.objects.count() == LINES
        assert EventMatch.objects.count() == 2
        for event in Event.objects.all():
            assert acts(f"event:{event.pk}") == ["event.received"]


def declare() -> None:
    _critical().declare(AT + 9 * HOUR)


def incident_whole() -> None:
    """An incident is declared with its hold, locks, notices and entries, or not at all."""
    if not CriticalIncident.objects.exists():
        assert _kept() == (0, 0, 0, 0, 0, 0), _kept()
        declare()
    assert _kept() == (1, 1, 2, 1, 2, 1), _kept()


def _kept() -> tuple[int, ...]:
    return (
        Involvement.objects.count(),
        Hold.objects.count(),
        HoldBinding.objects.count(),
        Notice.objects.count(),
        Recording.objects.filter(locked=True).count(),
        len(ledger.search(act=Act.INCIDENT_DECLARED)),
    )


@dataclass(frozen=True)
class Scenario:
    """What is killed, and what does the rest and asserts that all is right."""

    act: Callable[[], None]
    check: Callable[[], None]


SCENARIOS: Final = {
    "list": Scenario(bring, list_done),
    "incident": Scenario(declare, incident_whole),
}


def dying(dies_at: int, say: Say) -> None:
    """Count each statement and each commit, and die before one of them."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done == dies_at:
            os._exit(KILLED)
        say("step", done)

    def and_execute(execute: Callable[..., Any], *asked: object) -> object:
        step()
        return execute(*asked)

    commit = connection.commit

    def and_commit() -> None:
        step()
        commit()

    connection.execute_wrappers.append(and_execute)
    connection.commit = and_commit  # type: ignore[method-assign] # where Django commits


def main() -> None:
    """Kills one act at its steps and prints what was found."""
    root, scenario = Path(sys.argv[1]), SCENARIOS[sys.argv[2]]
    live, base = root / "live", root / "base"
    live.mkdir(exist_ok=True)
    _, said = in_child(lambda _say: prepare(live))
    wrong = [words[1] for words in said if words[0] == "error"]
    live.rename(base)
    kills, steps, at = 0, 0, 1
    while not wrong and not steps:
        shutil.copytree(base, live)
        ended, died = in_child(_killed(scenario, at))
        _, found = in_child(_looked(scenario))
        wrong += [f"at step {at}: {w[1]}" for w in died + found if w[0] == "error"]
        shutil.rmtree(live)
        kills += ended == KILLED
        steps = 0 if ended == KILLED else sum(words[0] == "step" for words in died)
        at += STRIDE
    json.dump({"kills": kills, "steps": steps, "wrong": wrong}, sys.stdout)


def _killed(scenario: Scenario, at: int) -> Callable[[Say], None]:
    def act(say: Say) -> None:
        dying(at, say)
        scenario.act()

    return act


def _looked(scenario: Scenario) -> Callable[[Say], None]:
    return lambda _say: scenario.check()
