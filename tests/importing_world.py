"""Imports in tests: planned and carried out as the command does it."""

from collections.abc import Callable
from pathlib import Path

from tests.ingest_world import World

from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.ingest import import_plan, importing
from fairwitness.ingest.import_list import Wanted
from fairwitness.ingest.import_plan import Plan
from fairwitness.ingest.models import Upload
from fairwitness.ingest.particulars import Particulars


def planned(
    world: World, path: Path, *, told: Particulars | None = None, officer: Officer | None = None
) -> Plan:
    return import_plan.plan(
        wanted=[Wanted(path, path.name, told=told or Particulars())],
        officer=officer or world.force.manager,
        tools=world.tools,
        measure=measured,
    )


def measured(wanted: Wanted) -> tuple[int, bytes]:
    return importing.measure(wanted.path, lambda _bytes: None)


def carried_out(
    world: World,
    plan: Plan,
    *,
    officer: Officer | None = None,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Upload:
    (one,) = plan.files
    return importing.import_file(
        path=one.wanted.path,
        size=one.size,
        sha256=one.sha256,
        told=one.wanted.told,
        again=one.again,
        officer=officer or world.force.manager,
        tools=world.tools,
        receiver=world.receiver,
        progress=progress,
    )


def brought(
    world: World,
    path: Path,
    data: bytes,
    *,
    told: Particulars | None = None,
    officer: Officer | None = None,
) -> Recording:
    """A file of these bytes, registered."""
    path.write_bytes(data)
    plan = planned(world, path, told=told, officer=officer)
    upload = carried_out(world, plan, officer=officer)
    world.accept()
    upload.refresh_from_db()
    assert upload.received_as is not None
    return Recording.objects.get(pk=upload.received_as)
