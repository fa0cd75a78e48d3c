"""The turns of `benchmarks.search`, run in a process of its own whose Django is set up already."""

import json
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from tests.retention_world import AT, SETUP, World

from fairwitness.accountability import finding, search
from fairwitness.evidence.models import Provenance, Recording
from fairwitness.force import authority, officers, roles, units
from fairwitness.force.asking import Role
from fairwitness.force.models import Camera, CameraStatus, Mount, Officer, Profile, Unit, UnitKind
from fairwitness.force.officers import NewOfficer
from fairwitness.force.units import NewUnit
from fairwitness.vault.keyring import KeyRing

SMALL = 100_000
TIMES = 10
EACH = 60
UNITS = 30
OFFICERS = 1500
CAMERAS = 1500
CATEGORIES = ("", "", "", "stop-search", "burglary", "arrest", "domestic", "traffic")
NOW = AT + timedelta(days=30)
Fields = dict[str, list[str]]


def main() -> None:
    """Print the figures as JSON."""
    root = Path(sys.argv[1])
    call_command("migrate", verbosity=0)
    world = World.make(root / "world")
    dice = random.Random(1)  # noqa: S311 - rows, not secrets
    people, cameras = _force(world)
    _fill(dice, people, cameras)
    small = _measured(dice, world, people, cameras)
    for number in range(1, TIMES):
        _again(number)
    _words(above=SMALL)
    _analyse()
    large = _measured(dice, world, people, cameras)
    json.dump({"small": small, "large": large}, sys.stdout)


def _force(world: World) -> tuple[list[Officer], list[Camera]]:
    codes = [f"U{number:02}" for number in range(UNITS)]
    made = units.register_many(
        actor=SETUP,
        units=[NewUnit(code, f"Unit {code}", UnitKind.BOROUGH) for code in codes],
        at=AT,
    )
    new = [
        NewOfficer(f"{number}ZZ", f"Officer {number}", "ZZ", codes[number % UNITS], "PC")
        for number in range(OFFICERS)
    ]
    people = officers.register_officers_many(actor=SETUP, officers=new, at=AT - timedelta(days=1))
    cameras = [
        Camera(
            serial=f"7{number:05}",
            profile=Profile.BODY2,
            mount=Mount.CHEST,
            public_key="none",
            keyid=f"{number + 1:064}",
            status=CameraStatus.APPROVED,
            requested_at=AT,
            approved_at=AT,
            unit=made[number % UNITS],
            station=world.camera.station,
        )
        for number in range(CAMERAS)
    ]
    return people, Camera.objects.bulk_create(cameras)


def _fill(dice: random.Random, people: list[Officer], cameras: list[Camera]) -> None:
    rows = (_recording(dice, number, people, cameras) for number in range(SMALL))
    while batch := list(islice(rows, 2000)):
        Recording.objects.bulk_create(batch)
    _words(above=-1)
    _analyse()


def _recording(
    dice: random.Random, number: int, people: list[Officer], cameras: list[Camera]
) -> Recording:
    wearer, camera = dice.choice(people), dice.choice(cameras)
    began = AT - timedelta(minutes=dice.randrange(60 * 24 * 300))
    return Recording(
        id=uuid.UUID(int=dice.getrandbits(128), version=4),
        reference=f"{camera.serial}-{number}/1",
        camera=camera,
        unit_id=wearer.unit_id,
        station_id=camera.station_id,
        wearer=wearer,
        provenance=Provenance.UNSIGNED,
        sha256="0" * 64,
        received_at=began,
        docked_at=began + timedelta(hours=3),
        clock_started_at=began,
        started_at=began,
        ended_at=began + timedelta(minutes=12),
        size=number,
        commitment=f"{number:064}",
        media_type="video/mp4",
        category=dice.choice(CATEGORIES),
        incident=f"CAD {dice.randrange(SMALL // 4)}" if dice.random() < 0.4 else "",
        evidential=dice.random() < 0.2,
        locked=dice.random() < 0.001,
        late=dice.random() < 0.02,
    )


def _columns() -> list[str]:
    """The columns of a recording that one writes."""
    fields = Recording._meta.concrete_fields  # noqa: SLF001 - Django's own documented API
    return [field.column for field in fields if field.column and not field.generated]


def _again(number: int) -> None:
    """As many rows as there were at first once more, at other times and with other incidents."""
    names = _columns()
    if connection.vendor == "sqlite":
        fresh = "lower(hex(randomblob(16)))"
        later = "strftime('%%Y-%%m-%%d %%H:%%M:%%S', {}, '+%d seconds')"
    else:
        fresh, later = "gen_random_uuid()", "{} + interval '%d seconds'"
    shift = later % (number * 3571)
    own = {
        "id": fresh,
        "size": f"size + {number * SMALL}",
        "incident": f"case when incident = '' then '' else incident || '/{number}' end",
        "reference": f"reference || '/{number}'",
        **{at: shift.format(at) for at in ("started_at", "ended_at", "docked_at")},
    }
    chosen = ", ".join(own.get(name, f'"{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO evidence_recording ({listed}) SELECT {chosen}"  # noqa: S608 - our own
            f" FROM evidence_recording WHERE size < {SMALL}"
        )


def _words(*, above: int) -> None:
    """Two words for each: one that some fifty thousandth has, and one that a twentieth has."""
    for word in ("'rare' || (size % 50000)", "'common' || (size % 20)"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO evidence_word (word, recording_id) SELECT {word}, id"  # noqa: S608 - our own
                f" FROM evidence_recording WHERE size >= {max(above, 0)}"
            )


def _analyse() -> None:
    """As the database does by itself in its own time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measured(
    dice: random.Random, world: World, people: list[Officer], cameras: list[Camera]
) -> Mapping[str, Mapping[str, float]]:
    one_unit = people[7]
    _supervise(one_unit)
    manager, officer = world.manager, people[11]
    kinds: dict[str, tuple[Officer, Callable[[], Fields]]] = {
        "officer": (manager, lambda: {"officer": [dice.choice(people).collar_number]}),
        "camera": (manager, lambda: {"camera": [dice.choice(cameras).serial]}),
        "unit and category": (
            manager,
            lambda: {"unit": [_code(dice)], "category": [dice.choice(CATEGORIES[3:])]},
        ),
        "unit and window": (manager, lambda: {"unit": [_code(dice)], **_window(dice)}),
        "window": (manager, lambda: _window(dice)),
        "incident": (manager, lambda: {"incident": [f"CAD {dice.randrange(SMALL // 4)}"]}),
        "rare word": (manager, lambda: {"words": [f"rare{dice.randrange(50000)}"]}),
        "common word": (manager, lambda: {"words": [f"common{dice.randrange(20)}"]}),
        "rare word in a unit": (
            manager,
            lambda: {"words": [f"rare{dice.randrange(50000)}"], "unit": [_code(dice)]},
        ),
        "common word of an officer": (
            manager,
            lambda: {
                "words": [f"common{dice.randrange(20)}"],
                "officer": [dice.choice(people).collar_number],
            },
        ),
        "locked": (manager, lambda: {"flag": ["locked"]}),
        "category, one unit's supervisor": (
            one_unit,
            lambda: {"category": [dice.choice(CATEGORIES[3:])]},
        ),
        "incident, one unit's supervisor": (
            one_unit,
            lambda: {"incident": [f"CAD {dice.randrange(SMALL // 4)}"]},
        ),
        "window, one's own": (officer, lambda: _window(dice)),
        "another's, one's own": (
            officer,
            lambda: {"officer": [dice.choice(people).collar_number]},
        ),
    }
    return {kind: _kind(who, fields, world.vault.ring) for kind, (who, fields) in kinds.items()}


def _supervise(officer: Officer) -> None:
    """Let this officer supervise their own unit, once."""
    if authority.facts(officer=officer, at=NOW).by_unit:
        return
    unit = Unit.objects.get(pk=officer.unit_id)
    roles.grant(officer=officer, role=Role.SUPERVISOR, unit=unit, actor=SETUP, at=AT)


def _code(dice: random.Random) -> str:
    return f"U{dice.randrange(UNITS):02}"


def _window(dice: random.Random) -> Fields:
    begins: datetime = AT - timedelta(hours=dice.randrange(24, 24 * 290))
    ends = begins + timedelta(hours=2)
    return {"from": [begins.strftime("%Y-%m-%dT%H:%M")], "to": [ends.strftime("%Y-%m-%dT%H:%M")]}


def _kind(officer: Officer, fields: Callable[[], Fields], ring: KeyRing) -> Mapping[str, float]:
    facts = authority.facts(officer=officer, at=NOW)
    spent = []
    for _ in range(EACH):
        sought = search.read(fields())
        start = time.perf_counter()
        finding.find(sought=sought, facts=facts, at=NOW, ring=ring)
        spent.append((time.perf_counter() - start) * 1000)
    return {"p50": statistics.median(spent), "p95": statistics.quantiles(spent, n=20)[-1]}
