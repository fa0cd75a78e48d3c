"""Audits of the world that ingest is tested in, and the loss of its database."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from tests.ingest_world import World

from fairwitness.accountability import audit, figures, rebuild
from fairwitness.accountability.audit import Report
from fairwitness.accountability.figures import Figures
from fairwitness.accountability.rebuild import Outcome
from fairwitness.custody import keys, triggers
from fairwitness.custody.audit import LogOnDisk
from fairwitness.evidence import copies
from fairwitness.evidence.copies import Making
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera, Dock
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustList, make_trust_list
from fairwitness.retention import sweep
from fairwitness.retention.disposal import Tools

HOUR = timedelta(hours=1)


def dispose(world: World, recording: Recording) -> None:
    """Listed, and then deleted when its day came."""
    assert recording.gone_by is not None
    tools = Tools(world.vault, SigningKey.generate())
    for before in (timedelta(days=3), HOUR):
        world.at = recording.gone_by - before
        sweep.run(tools, at=world.at, second_clock=lambda: world.at)
    assert Recording.objects.get(pk=recording.pk).state == "disposed"


def inspect(world: World, *, deep: bool = False) -> Report:
    """Publish the log and audit everything."""
    world.publish_log()
    log = LogOnDisk.at(
        world.root / "log",
        verifier=keys.log_signer(world.root / "keys" / "log.pem").verifier,
        sealing_key=keys.sealing_key(world.root / "keys" / "log-sealing"),
    )
    return audit.run(vault=world.vault, log=log, at=world.at, deep=deep)


def codes(report: Report) -> list[str]:
    """The codes of what was found, each once, sorted."""
    return sorted({finding.code for finding in report.findings})


def counted(world: World) -> Figures:
    """The figures, counted as the command does."""
    with transaction.atomic():
        return figures.count(at=world.at)


def make_copies(world: World) -> None:
    """Working copies and posters of everything."""
    copies.make_due(Making(world.vault, SigningKey.generate(), lambda: world.at))


def published_trust(world: World) -> TrustList:
    """The trust list as it was published, with the keys of camera and dock."""
    devices = [
        TrustedKey(
            role=role,
            name=device.serial,
            keyid=device.keyid,
            public_pem=device.public_key,
            valid_from=device.approved_at or world.at,
        )
        for role, device in ((KeyRole.CAMERA, world.camera), (KeyRole.DOCK, world.dock))
    ]
    listed = world.trust()
    return make_trust_list(
        force=listed.force,
        issued_at=listed.issued_at,
        log=listed.log,
        keys=(*listed.keys, *devices),
    )


def lose_database() -> None:
    """Every table is empty, as in a fresh database; what is outside of it stays."""
    tables = [
        name
        for name in connection.introspection.table_names()
        if not name.startswith(("django_", "sqlite_"))
    ]
    with connection.cursor() as cursor:
        for statement in _emptying(tables):
            cursor.execute(statement)
        for statement in triggers.create(connection.vendor):
            cursor.execute(statement)


def _emptying(tables: Sequence[str]) -> list[str]:
    names = triggers.names(connection.vendor)
    if connection.vendor == "postgresql":
        on = [f"DROP TRIGGER {name} ON {name[: name.index('_no_')]}" for name in names]
        return [*on, f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE"]
    drops = [f"DROP TRIGGER {name}" for name in names]
    deletes = [f'DELETE FROM "{table}"' for table in tables]  # noqa: S608 - our own tables
    return [*drops, "PRAGMA foreign_keys = OFF", *deletes, "PRAGMA foreign_keys = ON"]


def rebuild_from(world: World, *, trust: TrustList | None = None) -> Outcome:
    """Bring the log's entries back, then everything else, as the command does."""
    with world.integrator() as integrator:
        integrator.recover()
        tools = rebuild.Tools(world.vault, world.commitments, trust)
        outcome = rebuild.run(tools=tools, at=world.at, progress=lambda *_: None)
        integrator.step()
    return outcome


def rows_again(world: World) -> tuple[Camera, Dock]:
    """Camera and dock as the rebuilt register has them."""
    return Camera.objects.get(serial=world.camera.serial), Dock.objects.get(
        serial=world.dock.serial
    )


def every_row() -> str:
    """All that the database holds, as text; bytes as hexadecimal and as they read."""
    tables = connection.introspection.table_names()
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            for row in cursor.fetchall():
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else None
                    text = str(value) if raw is None else raw.hex() + raw.decode("latin-1")
                    found.append(text)
    return "\n".join(found)
