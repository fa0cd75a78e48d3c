"""Counting for the public takes no writer's lock, on which the whole force would wait."""

import threading

from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from tests.ingest_world import World
from typer.testing import CliRunner

from fairwitness.config.commands import figures
from fairwitness.force.models import Unit


def test_the_public_figures_are_counted_while_somebody_writes(settled_world: World) -> None:
    settled_world.publish_log()
    writes, read = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            Unit.objects.update(name=F("name"))
            writes.set()
            read.wait(120)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert writes.wait(60)
        assert Client().get("/figures").status_code == 200
        told = CliRunner().invoke(figures.app, ["--json"])
        assert told.exit_code in {0, 1}, told.output
        assert '"total"' in told.output
        assert not read.is_set()
        assert writer.is_alive()
    finally:
        read.set()
        writer.join()
