"""A store with as many recordings as a large force has: rows made by the database itself, quickly.

Written straight into the tables of a scratch database: spread over units, officers, cameras,
incidents, categories and words as a force's are, in the order in which they came, some officers
with many more than others. For every ten that are there, three more are tombstones of what was
deleted, among the older ones. What else a row holds (claim, reasons, dates) is as wide as in life.

What would make it slow, and is safe to leave out for a file that is thrown away: indexes are taken
off before and made again afterwards, nothing is synced, SQLite keeps no journal.
"""

import contextlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, models, transaction
from django.db.models import Max
from tests.retention_world import AT

from fairwitness.config import statistics as database_statistics
from fairwitness.evidence import cells, places
from fairwitness.evidence.models import PlaceEpoch, PlaceMark, Recording, State
from fairwitness.vault.keyring import KeyRing

DAYS: Final = 300
NOW: Final = AT + timedelta(days=30)
CATEGORIES: Final = ("", "", "", "stop-search", "burglary", "arrest", "domestic", "traffic")
TOMBSTONES: Final = 0.3
CELLS_EACH: Final = 5
PER_CELL: Final = 70
"""Marks of one cell: five million over the seventy thousand cells of London."""
SPOTS: Final = 12
_RARE: Final = 50_000
_WHOLE: Final = 1 << 63
_TABLES: Final = ("evidence_recording", "evidence_word", "evidence_placemark")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place at which something was filmed, degrees times ten million."""

    latitude: int
    longitude: int


def fill(*, live: int) -> None:
    """Add recordings until so many are there that are not deleted.

    Officers, cameras and their units must be there. Run again with more, it adds the difference.
    """
    there = Recording.objects.aggregate(last=Max("counter"))["last"]
    first, end = 0 if there is None else there + 1, round(live * (1 + TOMBSTONES))
    with quickly(_TABLES):
        _deal()
        _recordings(first, end)
        _words(first)
        _foreign_marks(count=(end - first) * CELLS_EACH, seed=first)
    look()


def look() -> None:
    """Have the database know what it holds, as the product has it."""
    if not database_statistics.renew():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def spots(dice: random.Random) -> list[Spot]:
    """Places, the same for the same dice."""
    return [
        Spot(dice.randrange(513_000_000, 516_900_000), dice.randrange(-5_100_000, 3_300_000))
        for _ in range(SPOTS)
    ]


def mark(around: Sequence[Spot], dice: random.Random, ring: KeyRing) -> None:
    """Have recordings be found around these places: each cell within a kilometre has some."""
    epoch = PlaceEpoch.objects.create(pk=uuid4(), begun_at=NOW)
    key = places._Key(epoch.pk, ring.create(epoch.pk))  # noqa: SLF001 - marks without any trail
    ids = _sample_of_ids()
    within = {
        cell
        for spot in around
        for cell in cells.cells_near(spot.latitude, spot.longitude, metres=1000)
    }
    with transaction.atomic():
        for packed in sorted(cells.pack([cell]) for cell in within):
            marks = [key.mark(packed, pk) for pk in dice.sample(ids, PER_CELL)]
            PlaceMark.objects.bulk_create(marks)


def _sample_of_ids() -> Sequence[UUID]:
    """The first by id are any: ids are random."""
    rows = Recording.objects.filter(state=State.LIVE).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:50_000])


@contextlib.contextmanager
def quickly(without_indexes: Sequence[str] = ()) -> Iterator[None]:
    """Write without what a store that is kept would need; these tables' indexes come at the end."""
    sqlite = connection.vendor == "sqlite"
    before = (
        ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-1000000")
        if sqlite
        else (
            "SET synchronous_commit=off",
            "SET session_replication_role=replica",
            "SET maintenance_work_mem='512MB'",
        )
    )
    with connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)
        indexes = _indexes(without_indexes) if without_indexes else []
        for name, _made in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _name, made in indexes:
            cursor.execute(made)
        if sqlite:
            cursor.execute("PRAGMA journal_mode=WAL")
    connection.close()  # the next one has the product's own settings


def _indexes(tables: Sequence[str]) -> list[tuple[str, str]]:
    """Name and statement of each index that can be taken off: those of no constraint."""
    if connection.vendor == "sqlite":
        listed = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        table = "tbl_name"
    else:
        listed = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE NOT EXISTS"
            " (SELECT 1 FROM pg_constraint WHERE conindid = indexname::regclass)"
        )
        table = "tablename"
    wanted = ", ".join(f"'{name}'" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"{listed} AND {table} IN ({wanted})")
        return list(cursor.fetchall())


def _deal() -> None:
    """Number officers and cameras, so that rows can be dealt to them."""
    dealt = {
        "dealt_wearer": "SELECT row_number() OVER (ORDER BY collar_number) - 1 AS place,"
        " id AS wearer_id, unit_id FROM force_officer",
        "dealt_camera": "SELECT row_number() OVER (ORDER BY serial) - 1 AS place,"
        " id AS camera_id, serial, station_id FROM force_camera",
    }
    with connection.cursor() as cursor:
        for name, rows in dealt.items():
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {rows}")
            cursor.execute(f"CREATE UNIQUE INDEX {name}_place ON {name} (place)")


def _recordings(first: int, end: int) -> None:
    own = _own(first, end)
    plain = {
        field.column: field.get_db_prep_save(field.value_from_object(_plain()), connection)
        for field in _fields()
        if field.column not in own
    }
    names = ", ".join(f'"{name}"' for name in (*own, *plain))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_thrown(first, end)} INSERT INTO evidence_recording ({names})"  # noqa: S608 - our own
            f" SELECT {', '.join(own.values())}, {', '.join(['%s'] * len(plain))} FROM thrown"
            " JOIN dealt_wearer w ON w.place = wearer JOIN dealt_camera c ON c.place = camera",
            list(plain.values()),
        )


def _fields() -> list["models.Field[Any, Any]"]:
    """The columns of a recording that one writes."""
    fields = Recording._meta.concrete_fields  # noqa: SLF001 - Django's own documented API
    return [field for field in fields if field.column and not field.generated]


def _plain() -> Recording:
    """What all rows have alike."""
    return Recording(media_type="video/mp4", duration_ms=720_000, part=1)


def _thrown(first: int, end: int) -> str:
    """Numbered rows with their dice thrown: once each, whatever is made of them afterwards."""
    gone = round(1000 * TOMBSTONES / (1 + TOMBSTONES) / 0.8)
    return (
        f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL"  # noqa: S608 - our own
        f" SELECT n + 1 FROM numbers WHERE n < {end - 1}),"
        f" first_throw AS MATERIALIZED (SELECT n, {_dice(100_000)} AS share,"
        f" {_dice(1000)} AS luck, {_dice(1000)} AS fate, {_dice(8)} AS sort,"
        f" {_dice(5)} AS told, {_dice(max(1, (end - first) // 4))} AS incident FROM numbers),"
        " sizes AS (SELECT (SELECT count(*) FROM dealt_wearer) AS wearers,"
        " (SELECT count(*) FROM dealt_camera) AS cameras),"
        " thrown AS MATERIALIZED (SELECT t.*,"
        " (share * share / 100000 * wearers / 100000) AS wearer,"
        " (n %% cameras) AS camera,"
        f" (fate < {gone} AND n < {first} + {end - first} * 0.8) AS gone"
        " FROM first_throw t, sizes)"
    )


def _own(first: int, end: int) -> dict[str, str]:
    """What each row has of its own, as SQL over `thrown`."""
    step = DAYS * 86_400 / (end - first)
    began = f"(n - {end}) * {step}"
    month = end - round(31 * 86_400 / step)
    gone_by = (
        f"CASE WHEN n > {month} THEN {began} + 2678400 ELSE (luck %% 180) * 86400 + 2592000 END"
    )
    claim = json.dumps({"camera": "00417", "profile": "body2", "events": ["x" * 780]})
    live = "CASE WHEN gone THEN {} ELSE {} END"
    kept = "CASE WHEN gone OR luck < 200 THEN NULL ELSE {} END"
    categories = " ".join(f"WHEN {n} THEN '{code}'" for n, code in enumerate(CATEGORIES))
    return {
        "id": _uuid(),
        "reference": "serial || '-' || n",
        "counter": "n",
        "activation": "n",
        "camera_id": "camera_id",
        "unit_id": "unit_id",
        "station_id": "station_id",
        "wearer_id": "CASE WHEN luck = 501 THEN NULL ELSE wearer_id END",
        "state": live.format(f"'{State.DISPOSED}'", f"'{State.LIVE}'"),
        "sha256": live.format("''", f"'{'0' * 64}'"),
        "commitment": f"'{'0' * 56}' || (10000000 + n)",
        "claim": live.format("NULL", _json(claim)),
        "received_at": _moment(f"{began} + 10800"),
        "docked_at": _moment(f"{began} + 10800"),
        "clock_started_at": _moment(began),
        "started_at": live.format("NULL", _moment(began)),
        "ended_at": live.format("NULL", _moment(f"{began} + 720")),
        "size": "1000000 + n",
        "category": f"CASE sort {categories} END",
        "incident": "CASE WHEN gone OR told > 1 THEN '' ELSE 'CAD ' || incident END",
        "evidential": _yes("NOT gone AND luck < 200"),
        "locked": _yes("NOT gone AND luck = 500"),
        "late": _yes("luck >= 980"),
        "access_class": "CASE WHEN luck = 502 THEN 'restricted' ELSE 'open' END",
        "provenance": "CASE WHEN luck = 503 THEN 'unsigned' ELSE 'signed' END",
        "gone_by": kept.format(_moment(gone_by)),
        "shown_gone_by": kept.format(_moment(gone_by)),
        "force_gone_by": kept.format(_moment(gone_by)),
        "hidden_from": kept.format(_moment(f"({gone_by}) - 259200")),
        "shown_hidden_from": kept.format(_moment(f"({gone_by}) - 259200")),
        "force_hidden_from": kept.format(_moment(f"({gone_by}) - 259200")),
        "keep_reason": live.format("''", "'category Use of force keeps it 366 days'"),
        "force_reason": live.format("''", "'category Use of force keeps it 366 days'"),
        "shown_reason": live.format("''", "'category Use of force keeps it 366 days'"),
        "entry_leaf": f"'{'0' * 56}' || (10000000 + n)",
    }


def _words(first: int) -> None:
    """Two words for each: one that some fifty thousandth has, and one that a twentieth has."""
    for word in (f"'rare' || (counter % {_RARE})", "'common' || (counter % 20)"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO evidence_word (word, recording_id) SELECT {word}, id"  # noqa: S608 - our own
                f" FROM evidence_recording WHERE counter >= {first} AND state = 'live'"
                " ORDER BY 1, 2"
            )


def _foreign_marks(*, count: int, seed: int) -> None:
    """Marks of all other places: as many as there would be, under a key that nobody has."""
    epoch = PlaceEpoch.objects.create(pk=uuid4(), begun_at=AT)
    apart = _WHOLE // (count + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL"  # noqa: S608 - our own
            f" SELECT n + 1 FROM numbers WHERE n < {count})"
            " INSERT INTO evidence_placemark (id, label, who, epoch_id)"
            f" SELECT n * {apart} + {seed % 1000}, {_dice(_WHOLE - 1)}, {_bytes()},"
            " %s FROM numbers",
            [epoch.pk.hex if connection.vendor == "sqlite" else epoch.pk],
        )


def _dice(sides: int) -> str:
    if connection.vendor == "sqlite":
        return f"abs(random() %% {sides})"
    return f"floor(random() * {sides})::bigint"


def _uuid() -> str:
    return "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"


def _bytes() -> str:
    return "randomblob(16)" if connection.vendor == "sqlite" else "uuid_send(gen_random_uuid())"


def _moment(seconds: str) -> str:
    """So many seconds after `NOW`, which may be before it."""
    base = f"{NOW:%Y-%m-%d %H:%M:%S}"
    if connection.vendor == "sqlite":
        return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', '{base}', ({seconds}) || ' seconds')"
    return f"timestamptz '{base}+00' + ({seconds}) * interval '1 second'"


def _json(text: str) -> str:
    return f"'{text}'" if connection.vendor == "sqlite" else f"'{text}'::jsonb"


def _yes(condition: str) -> str:
    return f"({condition})"
