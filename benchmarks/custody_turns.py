"""The turns of `benchmarks.custody`, run in a process of its own whose Django is set up already."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from benchmarks.measuring import in_turns
from django.core.management import call_command
from django.db import connection, transaction

from fairwitness.custody import keys, ledger
from fairwitness.custody.integrator import Integrator
from fairwitness.formats.custody import Act

AT = datetime(2017, 6, 8, 22, 13, 10, 123456, tzinfo=UTC)
EACH = 150
DETAIL = {"task": "case", "reference": "01/1234/17", "kind": "working"}
REASON = "Preparing the file for the Crown Prosecution Service"


def plain_inserts(turn: int) -> None:
    """What most systems call an audit trail: one row in one table, committed."""
    detail = json.dumps(DETAIL)
    for number in range(EACH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO plain (subject, act, at, actor, reason, detail)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [
                    f"recording:{turn * EACH + number}",
                    "recording.viewed",
                    connection.ops.adapt_datetimefield_value(AT),
                    "officer:7a1c1e9e-0d5e-4a53-8f6b-0b8d1e2f3a4b",
                    REASON,
                    detail,
                ],
            )


def custody_entries(turn: int) -> None:
    """The same act as a custody entry: chained, salted, committed."""
    for number in range(EACH):
        with transaction.atomic():
            ledger.append(
                subject=f"recording:{turn * EACH + number}",
                act=Act.RECORDING_VIEWED,
                actor="officer:7a1c1e9e-0d5e-4a53-8f6b-0b8d1e2f3a4b",
                at=AT,
                reason=REASON,
                detail=DETAIL,
            )


def bulk_entries(turn: int) -> None:
    """The same number of entries in one transaction."""
    drafts = [
        ledger.Draft(
            f"camera:{turn * EACH + number}", Act.CAMERA_DOCKED, "dock:1", AT, REASON, DETAIL
        )
        for number in range(EACH)
    ]
    with transaction.atomic():
        ledger.append_many(drafts)


def _rate(work: Callable[[int], None], turn: int) -> float:
    start = time.perf_counter()
    work(turn)
    return EACH / (time.perf_counter() - start)


def main() -> None:
    """Print the figures as JSON."""
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    call_command("migrate", verbosity=0)
    _make_plain_table()
    turns: dict[str, Iterator[int]] = {name: count() for name in ("entries", "inserts", "bulk")}
    seen = in_turns(
        rounds,
        lambda: _rate(custody_entries, next(turns["entries"])),
        lambda: _rate(plain_inserts, next(turns["inserts"])),
    )
    bulk = [_rate(bulk_entries, next(turns["bulk"])) for _ in range(rounds + 1)][1:]
    figures = {
        "entries": seen.ours,
        "inserts": seen.theirs,
        "bulk": statistics.median(bulk),
        "integrated": _integrated(folder),
    }
    sys.stdout.write(json.dumps(figures))


def _make_plain_table() -> None:
    kind = "bigserial" if connection.vendor == "postgresql" else "integer"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE plain (id {kind} PRIMARY KEY, subject text, act text, at timestamp,"
            " actor text, reason text, detail text)"
        )
        cursor.execute("CREATE INDEX plain_subject ON plain (subject, id)")


def _integrated(folder: Path) -> float:
    """Entries a second that one step brings into the public log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM custody_entry")
        (entries,) = cursor.fetchone()
    start = time.perf_counter()
    _integrate(folder)
    return float(entries / (time.perf_counter() - start))


def _integrate(folder: Path) -> None:
    integrator = Integrator(
        folder / "log",
        signer=keys.log_signer(folder / "log.pem"),
        sealing_key=keys.sealing_key(folder / "log-sealing"),
        clock=lambda: AT,
    )
    with integrator:
        integrator.step()
