"""Cameras handed out and taken back, lost, faulty and found again, for programs."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.api.machines.operation import Call, Operation
from fairwitness.force import cameras, issue, officers
from fairwitness.force.asking import Action, Subject
from fairwitness.force.models import CameraStatus, Issue
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.ingest import on_camera


class Became(enum.StrEnum):
    """What became of a camera; `approved`: it is back in use."""

    LOST = CameraStatus.LOST.value
    STOLEN = CameraStatus.STOLEN.value
    REPAIR = CameraStatus.REPAIR.value
    BACK = CameraStatus.APPROVED.value


@dataclass(frozen=True, slots=True)
class IssueSaid:
    """Which camera goes to whom, by serial and collar number; from now unless said otherwise.

    What began more than 12 hours ago needs a reason.
    """

    camera: str
    officer: str
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class IssueRow:
    """Who has, or had, which camera, from when to when."""

    id: UUID
    camera: str
    officer: str
    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnSaid:
    """Which camera is back."""

    camera: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportSaid:
    """What became of a camera, and how."""

    camera: str
    became: Became
    reason: str


@dataclass(frozen=True, slots=True)
class ReportMade:
    """How a camera stands now."""

    camera: str
    status: str


def _row(row: Issue, camera: str, officer: str) -> IssueRow:
    return IssueRow(row.pk, camera, officer, row.begins_at, row.ends_at)


def _issue(call: Call) -> IssueRow:
    said = call.taken(IssueSaid)
    camera, officer = cameras.named(said.camera.strip()), officers.named(said.officer.strip())
    if camera.pool and officer.pk == call.officer.pk:
        made = issue.take_pool_camera(camera=camera, officer=call.officer, at=call.at)
    else:
        made = issue.issue_camera(
            camera=camera,
            officer=officer,
            actor=call.officer,
            at=call.at,
            begins_at=said.begins_at,
            ends_at=said.ends_at,
            reason=said.reason.strip(),
        )
    return _row(made, camera.serial, officer.collar_number)


def _return(call: Call) -> IssueRow:
    said = call.taken(ReturnSaid)
    camera = cameras.named(said.camera.strip())
    ended = issue.return_camera(
        camera=camera, actor=call.officer, at=call.at, reason=said.reason.strip()
    )
    return _row(ended, camera.serial, ended.officer.collar_number)


def _report(call: Call) -> ReportMade:
    said = call.taken(ReportSaid)
    camera = cameras.named(said.camera.strip())
    running = issue.issue_at(camera=camera, at=call.at)
    call.demand(
        Action.REPORT_CAMERA,
        about=f"camera:{camera.pk}",
        subject=Subject(
            unit=camera.unit.code if camera.unit else None,
            wearer=running.officer_id if running else None,
        ),
    )
    changed = cameras.report(
        camera=camera,
        status=CameraStatus(said.became.value),
        actor=call.officer,
        at=call.at,
        reason=said.reason,
        on_it=on_camera.known(camera).detail(),
    )
    return ReportMade(changed.serial, changed.status)


OPERATIONS: Final = (
    Operation(
        name="issueCamera",
        method="POST",
        path="/force/issues",
        says="Issue a camera; one's own account takes a pool camera so.",
        scope=Scope.FORCE_WRITE,
        run=_issue,
        takes=IssueSaid,
        gives=IssueRow,
        status=201,
        writes=Act.CAMERA_ISSUED,
    ),
    Operation(
        name="returnCamera",
        method="POST",
        path="/force/returns",
        says="Take a camera back.",
        scope=Scope.FORCE_WRITE,
        run=_return,
        takes=ReturnSaid,
        gives=IssueRow,
        writes=Act.CAMERA_RETURNED,
    ),
    Operation(
        name="reportCamera",
        method="POST",
        path="/force/camera-reports",
        says="Say that a camera is lost, stolen, in repair, or back.",
        scope=Scope.FORCE_WRITE,
        run=_report,
        takes=ReportSaid,
        gives=ReportMade,
        writes=Act.CAMERA_REPORTED_LOST,
    ),
)
