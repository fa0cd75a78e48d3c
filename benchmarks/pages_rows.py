"""What stands beside a million recordings in a force that has run for a year, written as rows.

`search_fill` makes the recordings. Here they get all that hangs on them: copies, holds, reviews,
records, cases, the custody log. Each table has as many rows for a recording as a force would have,
so that ten times the recordings are ten times all else, and what a page costs can be compared.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks import pages_deeds
from django.db import connection, models

from fairwitness.evidence.models import Copy, Viewing
from fairwitness.force.models import Camera
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest.models import (
    CounterGap,
    DeviceLogChunk,
    StoredReceipt,
    Upload,
)
from fairwitness.retention.models import (
    Announcement,
    CategoryMark,
    Disposal,
    DisposalListing,
    Event,
    EventMatch,
    ListedDisposal,
    NotRecorded,
    Review,
    Said,
    Unmarking,
)

DAY: Final = 86_400
_SLOT: Final = DAY // 2


def _later(column: str, seconds: str) -> str:
    """SQL of a time so many seconds later."""
    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f', {column}, ({seconds}) || ' seconds')"
    return f"({column} + ({seconds}) * interval '1 second')"


def _number(text: str) -> str:
    """SQL of the second of a time."""
    if connection.vendor == "sqlite":
        return f"CAST(strftime('%s', {text}) AS INTEGER)"
    return f"CAST(extract(epoch from {text}) AS bigint)"


def _date(text: str) -> str:
    return f"date({text})" if connection.vendor == "sqlite" else f"CAST({text} AS date)"


def _fresh() -> str:
    if connection.vendor == "sqlite":
        return "lower(hex(randomblob(16)))"
    return "gen_random_uuid()"


def _hex() -> str:
    if connection.vendor == "sqlite":
        return "lower(hex(randomblob(32)))"
    return "md5(random()::text) || md5(random()::text)"


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _copied(model: type[models.Model], values: dict[str, str], where: str) -> None:
    """One row of `model` for each recording `where`; columns by name, values in SQL."""
    names = ", ".join(f'"{name}"' for name in values)
    _run(
        f'INSERT INTO "{model._meta.db_table}" ({names})'  # noqa: S608, SLF001 - our own names
        f" SELECT {', '.join(values.values())} FROM evidence_recording r WHERE {where}"
    )


def keyed() -> None:
    """Give each camera a key of its own, since the list of keys is shown to anybody."""
    cameras = list(Camera.objects.all())
    for camera in cameras:
        key = SigningKey.generate().public
        camera.public_key, camera.keyid = key.pem().decode(), key.keyid
    Camera.objects.bulk_update(cameras, ["public_key", "keyid"], batch_size=200)


def beside(*, low: int, now: datetime, logged: int = 1) -> None:
    """All that hangs on the recordings from the number `low` on.

    Args:
        low: the first that has nothing yet.
        now: the time at which all this is so.
        logged: one recording of so many is in the custody log.
    """
    _one_for_each(low)
    _deletion(low, now)
    _some(low)
    pages_deeds.by_people(low=low, now=now)
    pages_deeds.logged(low=low, share=logged)


def _one_for_each(low: int) -> None:
    """Copies, receipts, uploads and pieces of logs: one for each recording."""
    live = f"counter >= {low} AND state = 'live'"
    for kind in ("working", "poster"):
        values = {
            "recording_id": "id",
            "kind": f"'{kind}'",
            "state": "'ready'",
            "size": "1000",
            "media_type": "'video/mp4'",
            "sha256": "''",
            "attempts": "1",
            "encode": "false",
            "progress": "100",
            "problem": "''",
        }
        _copied(Copy, values, live)
    receipt = {"recording_id": "id", "text": "''", "tree_size": "1", "made_at": "received_at"}
    _copied(StoredReceipt, receipt, f"counter >= {low}")
    _copied(
        Upload,
        {
            "id": _fresh(),
            "recording_id": "id",
            "received_as": "id",
            "identity": "'file:' || counter",
            "commitment": "commitment",
            "signed": "false",
            "officer_id": "wearer_id",
            "length": "counter + 1",
            "offset": "counter + 1",
            "generation": "0",
            "attempts": "1",
            "state": "'received'",
            "unsigned_allowed": "true",
            "metadata": "''",
            "statement": "''",
            "docking": "''",
            "sha256": "''",
            "filename": "''",
            "created_at": "received_at",
            "expires_at": "received_at",
            "completed_at": "received_at",
            "cleared": "true",
            "receipted": "true",
        },
        f"counter >= {low} AND wearer_id IS NOT NULL",
    )
    _copied(
        DeviceLogChunk,
        {
            "camera_id": "camera_id",
            "first_line": "counter * 100 + 1",
            "lines": "100",
            "sha256": "''",
            "body": "x''" if connection.vendor == "sqlite" else "''::bytea",
            "first_at": "started_at",
            "last_at": "ended_at",
            "received_at": "received_at",
            "keep_until": "received_at",
            "deleted_at": "received_at",
        },
        f"counter >= {low}",
    )


def _deletion(low: int, now: datetime) -> None:
    """A record for each deleted recording, and the lists that named it and those that go soon."""
    due = f"COALESCE(gone_by, {_later('docked_at', f'31 * {DAY}')})"
    slot = f"{_number(due)} / {_SLOT}"
    first = int((now - timedelta(days=400)).timestamp()) // _SLOT
    last = int((now + timedelta(days=3)).timestamp()) // _SLOT
    if not DisposalListing.objects.exists():
        DisposalListing.objects.bulk_create(
            DisposalListing(
                id=number,
                committed_at=datetime.fromtimestamp(number * _SLOT, UTC) - timedelta(hours=49),
                count=1000,
                digest="0" * 64,
                entry_leaf="0" * 64,
            )
            for number in range(first, last)
        )
    within = connection.ops.adapt_datetimefield_value(now + timedelta(hours=48))
    _copied(
        ListedDisposal,
        {"listing_id": slot, "recording_id": "id", "due": due},
        f"counter >= {low} AND (state = 'disposed' OR gone_by <= '{within}')",
    )
    _copied(
        Disposal,
        {
            "recording_id": "id",
            "rule": "'ordinary'",
            "because": "'31 days'",
            "due": due,
            "disposed_at": due,
            "entry_leaf": f"'{'0' * 64}'",
            "state": "'done'",
            "status": "'confirmed'",
            "key_destroyed_at": due,
            "copies_confirmed": "2",
            "ring_copies": "2",
            "statement": "'{}'",
            "signed_status": "'confirmed'",
            "problem": "''",
        },
        f"counter >= {low} AND state = 'disposed'",
    )


def _some(low: int) -> None:
    """What some recordings have: a category, a review, viewings, records of events, answers."""
    worn = f"counter >= {low} AND wearer_id IS NOT NULL"
    _copied(
        CategoryMark,
        {"recording_id": "id", "code": "category", "at": "received_at"},
        f"counter >= {low} AND category <> ''",
    )
    _copied(
        Review,
        {
            "recording_id": "id",
            "due_on": _date(_later("received_at", f"{DAY} * 360")),
            "marked_by_id": "wearer_id",
            "marked_at": "received_at",
        },
        f"{worn} AND evidential AND state = 'live'",
    )
    _copied(
        Announcement,
        {
            "officer_id": "wearer_id",
            "recording_id": "id",
            "text": "'Your recording will go after all.'",
            "at": "received_at",
            "seen_at": "CASE WHEN counter % 1000 = 0 THEN NULL ELSE received_at END",
        },
        f"{worn} AND counter % 50 = 0",
    )
    _copied(
        Unmarking,
        {
            "recording_id": "id",
            "reason": "'A mistake.'",
            "asked_by_id": "wearer_id",
            "asked_at": "received_at",
        },
        f"{worn} AND evidential AND state = 'live' AND counter % 400 = 0",
    )
    _copied(
        Viewing,
        {
            "token_hash": _hex(),
            "recording_id": "id",
            "officer_id": "wearer_id",
            "task_kind": "''",
            "task_reference": "''",
            "only": "''",
            "granted_at": "received_at",
            "expires_at": "received_at",
        },
        f"{worn} AND counter % 5 = 0",
    )
    _copied(
        Said,
        {
            "recording_id": "id",
            "matter": "'told'",
            "field": "''",
            "answer": "'yes'",
            "words": "''",
            "by_id": "wearer_id",
            "at": "received_at",
        },
        f"{worn} AND counter % 3 = 0",
    )
    _copied(
        NotRecorded,
        {
            "id": _fresh(),
            "officer_id": "wearer_id",
            "unit_id": "unit_id",
            "incident": "'CAD ' || counter",
            "happened_at": "docked_at",
            "reason": "'forgot'",
            "words": "''",
            "at": "received_at",
        },
        f"{worn} AND counter % 100 = 0",
    )
    _copied(
        Event,
        {
            "id": _fresh(),
            "kind": "CASE counter % 3 WHEN 0 THEN 'force' WHEN 1 THEN 'search' ELSE 'arrest' END",
            "reference": "'R' || counter",
            "officer_key": "''",
            "camera_key": "''",
            "officer_id": "wearer_id",
            "camera_id": "camera_id",
            "unit_id": "unit_id",
            "station_id": "station_id",
            "incident": "incident",
            "begins_at": "started_at",
            "ends_at": "ended_at",
            "call_type": "''",
            "place": "''",
            "version": "1",
            "received_at": "received_at",
            "missing": "counter % 200 = 0",
            "reason": "''",
        },
        f"{worn} AND counter % 20 = 0 AND state = 'live'",
    )
    _run(
        f"INSERT INTO {EventMatch._meta.db_table}"  # noqa: S608, SLF001 - our own names
        " (event_id, recording_id, certain, matched_at, looked_by_id, looked_at)"
        " SELECT e.id, r.id, true, r.received_at,"
        " CASE WHEN r.counter % 100 = 0 THEN NULL ELSE e.officer_id END,"
        " CASE WHEN r.counter % 100 = 0 THEN NULL ELSE r.received_at END"
        f" FROM {Event._meta.db_table} e JOIN evidence_recording r"  # noqa: SLF001 - as above
        " ON e.camera_id = r.camera_id AND e.begins_at = r.started_at"
        f" AND e.reference = 'R' || r.counter WHERE r.counter >= {low} AND NOT e.missing"
    )
    _copied(
        CounterGap,
        {
            "camera_id": "camera_id",
            "counter": "counter + 100000000",
            "named_at": "received_at",
            "explanation": "CASE WHEN counter % 500 = 0 THEN '' ELSE 'It was tested.' END",
            "explained_by_id": "CASE WHEN counter % 500 = 0 THEN NULL ELSE wearer_id END",
            "explained_at": "CASE WHEN counter % 500 = 0 THEN NULL ELSE received_at END",
        },
        f"{worn} AND counter % 50 = 0",
    )
