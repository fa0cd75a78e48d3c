"""The days of a made-up force, one after the other, up to now.

Each day: what was docked is registered, a little of it is watched, desks mark what waited for
them, holds are placed, and the sweep of retention runs as it does in earnest, with its lists 48
hours ahead. The custody log is signed every tenth day and at the end. Interrupted, no more comes
in, but the days that are left pass, so that nothing is overdue and all that is there is whole.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.db import transaction

from fairwitness.accountability import figures, publishing
from fairwitness.accountability.models import Loss
from fairwitness.config import deletion, statistics, unfinished
from fairwitness.config.composition import Deployment
from fairwitness.config.seeding import declaring, docked, handing_over, losing, plan, working
from fairwitness.config.seeding.arriving import Arriving
from fairwitness.config.seeding.plan import Plan, Planned, Worn
from fairwitness.custody.integrator import Integrator
from fairwitness.disclosure.models import Disclosure
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import unassigned
from fairwitness.evidence.models import Recording, State
from fairwitness.force import cameras
from fairwitness.force.models import Camera, CameraStatus, Dock, Issue, Officer
from fairwitness.force.seed import SYSTEM
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest import counter_gaps, quarantine
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.retention import rules, sweep
from fairwitness.retention.models import Disposal

_BATCH: Final = 1000
_DAY: Final = timedelta(days=1)
_SWEPT_AT: Final = timedelta(hours=28)  # at four in the morning after
_FATES: Final = (
    (CameraStatus.LOST, "not found after a foot chase"),
    (CameraStatus.STOLEN, "torn off in a scuffle"),
    (CameraStatus.REPAIR, "the button sticks"),
)
_FATE_EVERY: Final = 70
_STATISTICS_EVERY: Final = 15  # days
_SIGNED_EVERY: Final = 10  # days; nobody asks for a proof meanwhile, and the tree is the same

Told = Callable[[int, int], None]
"""Told how many recordings of how many are in."""


class NothingToRecordWith(FairwitnessError):
    """A made-up force without cameras that are issued and docks to dock them in."""

    code: ClassVar[str] = "seed.no_cameras"


class DeletionStopped(FairwitnessError):
    """The sweep stopped itself in the middle of the made-up story."""

    code: ClassVar[str] = "seed.deletion_stopped"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What there is at the end; counted, not planned."""

    recordings: int
    live: int
    deleted: int
    with_footage: int
    late: int
    unassigned: int
    never_arrived: int
    quarantined: int
    docked: int
    copies_for_court: int
    deleted_early: int
    once_lost: int
    interrupted: bool


def tell(
    *,
    deployment: Deployment,
    keys: Mapping[str, SigningKey],
    count: int,
    number: int,
    told: Told,
    stopped: Callable[[], bool],
) -> Recorded:
    """Bring in `count` recordings over the last months and let the force work on them.

    Args:
        deployment: a training one, with a force and nothing recorded.
        keys: of cameras and docks, by serial number.
        count: how many recordings.
        number: the same gives the same story.
        told: is told how far it is.
        stopped: asked between two batches whether no more is to come in.

    Raises:
        NothingToRecordWith: no camera is issued.
        DeletionStopped: the sweep stopped itself; it says why. The folder is of no use then.
    """
    until = deployment.clock()
    own, pool = _cameras()
    if not own:
        raise NothingToRecordWith("No camera of this force is issued, so nothing can be recorded.")
    through_docks = docked.number(count)
    planned = plan.make(own=own, pool=pool, count=count - through_docks, at=until, number=number)
    arriving = Arriving(
        deployment=deployment, camera_keys=keys, until=until, with_all=planned.first_day
    )
    staff = working.Working(supervisors=working.supervisors(), until=until)
    done = 0
    with _filling(deployment) as integrator:
        for day, recordings in _days(planned.recordings, until):
            for batch in _batches(recordings):
                if stopped():
                    break
                ids = arriving.bring_in(batch)
                staff.note(batch, ids)
                staff.watch(batch, ids)
                done += len(batch)
                told(done, count)
            staff.work(day)
            if planned.days_before(day) % _SIGNED_EVERY == 0:
                integrator.step()
            _sweep(deployment, min(day + _SWEPT_AT, until))
            if not planned.days_before(day):
                _lose(deployment, arriving, day + _SWEPT_AT)
        _note_cameras(planned, until)
        whole = done == len(planned.recordings)
        if whole:
            arriving.with_footage += docked.bring(
                deployment=deployment, own=own, keys=keys, count=through_docks, until=until
            )
            _to_court(deployment, integrator, until)
        _end(staff, until)
        integrator.step()
    return _counted(arriving.with_footage, interrupted=not whole)


@contextmanager
def _filling(deployment: Deployment) -> Iterator[Integrator]:
    """Syncs are put off, and nobody else integrates the log."""
    places = deployment.environment
    deployment.recover_log()
    gc.collect()
    gc.freeze()  # plan and program stay to the end; looking through them took a twentieth
    with (
        unfinished.writing(deployment.data, folders=(places.vault, *places.keyring)),
        deployment.integrator() as integrator,
    ):
        yield integrator


def _cameras() -> tuple[list[Worn], list[Worn]]:
    """The cameras that are issued, and those of a pool that are not, each with its dock."""
    docks = {dock.station_id: dock for dock in Dock.objects.order_by("-serial")}
    issued = {
        issue.camera_id: issue
        for issue in Issue.objects.filter(ends_at__isnull=True).select_related("officer")
    }
    own: list[Worn] = []
    pool: list[Worn] = []
    found = Camera.objects.filter(status=CameraStatus.APPROVED).select_related("unit", "station")
    for camera in found.order_by("serial"):
        if camera.unit is None or camera.station is None or camera.station_id not in docks:
            continue
        wearer: Officer | None = None
        since = camera.approved_at or camera.requested_at
        if issue := issued.get(camera.pk):
            wearer, since = issue.officer, issue.begins_at
        worn = Worn(camera, wearer, since, camera.unit, camera.station, docks[camera.station_id])
        (own if wearer else pool).append(worn)
    return own, pool


def _days(
    recordings: Sequence[Planned], until: datetime
) -> Iterator[tuple[datetime, list[Planned]]]:
    """Each day up to today with what is docked on it, quiet days too."""
    if not recordings:
        return
    waiting = list(reversed(recordings))
    day = recordings[0].docked_at.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= until:
        today = []
        while waiting and waiting[-1].docked_at < day + _DAY:
            today.append(waiting.pop())
        yield day, today
        day += _DAY


def _batches(recordings: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(recordings), _BATCH):
        yield recordings[start : start + _BATCH]


def _to_court(deployment: Deployment, integrator: Integrator, at: datetime) -> None:
    """Receipts for what came through docks, once the log has signed it, and copies of some."""
    integrator.step()
    docked.give_receipts(deployment=deployment, at=at)
    handing_over.to_court(deployment=deployment, integrator=integrator, at=at)


def _lose(deployment: Deployment, arriving: Arriving, at: datetime) -> None:
    """The first night's bad disk."""
    going = [pk for each, pk in arriving.first if not (each.category or each.held)]
    kept = [pk for each, pk in arriving.first if each.incident]
    losing.tell(deployment=deployment, found_again=kept or going[1:], never=going, at=at)


def _sweep(deployment: Deployment, at: datetime) -> None:
    tools = replace(deletion.tools(deployment), batch=_BATCH)  # nobody waits for a turn
    if at.toordinal() % _STATISTICS_EVERY == 0:
        statistics.renew()  # as the server does; an index is chosen by them
    outcome = sweep.run(tools, at=at, second_clock=lambda: at)
    if outcome.stopped is not None:
        raise DeletionStopped(f"Deletion stopped itself: {outcome.stopped.message}")


def _end(staff: working.Working, at: datetime) -> None:
    """What stands at the end, a critical incident, and figures for the public's front page."""
    staff.finish()
    declaring.tell(at)
    counted = figures.count(at=at)
    file = publishing.file_of(counted, training=True)
    publishing.publish(counted=counted, file=file, actor=SYSTEM, at=at)


def _note_cameras(planned: Plan, at: datetime) -> None:
    """What the docks know of each camera, which numbers never came, and which were lost."""
    highest: dict[str, Planned] = {}
    for each in planned.recordings:
        serial = each.worn.camera.serial
        if serial not in highest or each.counter > highest[serial].counter:
            highest[serial] = each
    for place, (serial, each) in enumerate(sorted(highest.items())):
        camera = cameras.note_docking(
            camera=each.worn.camera, last_counter=each.counter, at=each.docked_at
        )
        if missing := planned.missing.get(serial):
            with transaction.atomic():
                counter_gaps.note(
                    camera=camera, missing=missing, actor=f"dock:{each.worn.dock.pk}", at=at
                )
        if place % _FATE_EVERY == _FATE_EVERY - 1:
            status, reason = _FATES[place // _FATE_EVERY % len(_FATES)]
            cameras.report(camera=camera, status=status, actor=SYSTEM, at=at, reason=reason)


def _counted(with_footage: int, *, interrupted: bool) -> Recorded:
    rows = Recording.objects.all()
    return Recorded(
        recordings=rows.count(),
        live=rows.filter(state=State.LIVE).count(),
        deleted=rows.filter(state=State.DISPOSED).count(),
        with_footage=with_footage,
        late=rows.filter(late=True).count(),
        unassigned=unassigned.waiting().count(),
        never_arrived=counter_gaps.open_gaps().count(),
        quarantined=quarantine.waiting().count(),
        docked=Upload.objects.filter(state=UploadState.RECEIVED).count(),
        copies_for_court=Disclosure.objects.count(),
        deleted_early=Disposal.objects.filter(rule=rules.EARLY).count(),
        once_lost=Loss.objects.count(),
        interrupted=interrupted,
    )
