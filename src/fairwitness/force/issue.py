"""Issuing cameras: who had which camera when.

An issue is an interval: from its first moment up to, but not at, its last; open while the camera is
out. A camera is in one person's hands at a time: these functions say so in words, and triggers in
the database say so to whoever else writes (`force.migrations`). Whose recording it is follows from
this table and from nothing that the camera says, so nobody issues a camera to himself or herself;
only a pool camera is taken from the shelf by its wearer, from that moment on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Q

from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Subject
from fairwitness.force.authority import Actor
from fairwitness.force.models import Camera, CameraStatus, Issue, Officer
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act

BACKDATED = timedelta(hours=12)
"""An issue that begins longer ago than this, a shift, needs a reason."""


class IssueRefused(FairwitnessError):
    """A camera that can't be issued or returned as asked."""

    code: ClassVar[str] = "issue.refused"


class IssueOverlaps(IssueRefused):
    """Somebody has the camera in that time."""

    code: ClassVar[str] = "issue.overlaps"


@dataclass(frozen=True, slots=True)
class NewIssue:
    """A camera for an officer, from a moment until another or until it is returned."""

    camera: Camera
    officer: Officer
    begins_at: datetime
    ends_at: datetime | None = None


def issue_many(
    *, actor: Actor, issues: Sequence[NewIssue], at: datetime, reason: str = ""
) -> list[Issue]:
    """Issue cameras: all of them, or none. One that stands already is given back as it is.

    Raises:
        IssueRefused: a camera that is not approved (`issue.camera`), an officer who has left
            (`issue.officer`), an interval that ends before it begins (`issue.interval`), or one
            that begins long ago without a reason (`issue.backdated`).
        IssueOverlaps: somebody has a camera in that time.
        NotAllowed: the actor may not.
    """
    for new in issues:
        _check(new, at=at, reason=reason)
    _demand(actor, Action.ISSUE_CAMERA, [(new.camera, new.officer) for new in issues], at)
    return _write(actor=actor, issues=issues, at=at, reason=reason)


def issue_camera(
    *,
    camera: Camera,
    officer: Officer,
    actor: Actor,
    at: datetime,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
) -> Issue:
    """Issue one camera, from now unless said otherwise; as `issue_many`."""
    new = NewIssue(camera=camera, officer=officer, begins_at=begins_at or at, ends_at=ends_at)
    (issue,) = issue_many(actor=actor, issues=[new], at=at, reason=reason)
    return issue


def take_pool_camera(*, camera: Camera, officer: Officer, at: datetime) -> Issue:
    """An officer takes a pool camera from the shelf, from now until it is returned.

    Raises:
        IssueRefused: as `issue_many`.
        NotAllowed: it is no pool camera, or the officer may not.
    """
    new = NewIssue(camera=camera, officer=officer, begins_at=at)
    _check(new, at=at, reason="")
    _demand(officer, Action.TAKE_POOL_CAMERA, [(camera, officer)], at)
    (issue,) = _write(actor=officer, issues=[new], at=at, reason="")
    return issue


def return_many(
    *, actor: Actor, cameras: Sequence[Camera], at: datetime, reason: str = ""
) -> list[Issue]:
    """Take cameras back now: all of them, or none.

    An issue that has not begun is called off. The wearer may return the camera too.

    Raises:
        IssueRefused: `issue.not_out` for a camera that nobody has.
        NotAllowed: the actor may not.
    """
    out = _out([camera.pk for camera in cameras], at)
    for camera in cameras:
        if camera.pk not in out:
            raise IssueRefused(f"Nobody has {camera}.", code="issue.not_out")
    if isinstance(actor, Officer):
        others = [c for c in cameras if out[c.pk].officer_id != actor.pk]
        _demand(actor, Action.ISSUE_CAMERA, [(c, None) for c in others], at)
    with transaction.atomic():
        asked = {out[camera.pk].pk: out[camera.pk] for camera in cameras}
        locked = Issue.objects.select_for_update().filter(pk__in=asked).order_by("pk")
        for row in locked:
            if row.ends_at != asked[row.pk].ends_at:
                raise IssueRefused("Somebody returned it meanwhile.", code="issue.not_out")
        return end_issues(list(asked.values()), actor=actor, at=at, reason=reason)


def return_camera(*, camera: Camera, actor: Actor, at: datetime, reason: str = "") -> Issue:
    """Take one camera back; as `return_many`."""
    (issue,) = return_many(actor=actor, cameras=[camera], at=at, reason=reason)
    return issue


def end_issues(issues: Sequence[Issue], *, actor: Actor, at: datetime, reason: str) -> list[Issue]:
    """End these issues in the caller's transaction, without asking whether the actor may."""
    for issue in issues:
        issue.ends_at = max(at, issue.begins_at)
    Issue.objects.bulk_update(issues, ["ends_at"], batch_size=200)
    ledger.append_many(
        [
            ledger.Draft(
                subject=f"camera:{issue.camera_id}",
                act=Act.CAMERA_RETURNED,
                actor=authority.text(actor),
                at=at,
                reason=reason,
                detail={"officer": str(issue.officer_id), "issue": str(issue.pk)},
            )
            for issue in issues
        ]
    )
    return list(issues)


def issue_at(*, camera: Camera, at: datetime) -> Issue | None:
    """The issue under which a camera was out at a moment, or None."""
    return (
        Issue.objects.select_related("officer__unit")
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), camera=camera, begins_at__lte=at)
        .first()
    )


def wearer_at(*, camera: Camera, at: datetime) -> Officer | None:
    """Who had the camera at a moment; None when nobody had, as the table stands."""
    found = issue_at(camera=camera, at=at)
    return found.officer if found else None


def wearer_between(*, camera: Camera, begins_at: datetime, ends_at: datetime) -> Officer | None:
    """The one person who had the camera all through a span; None when nobody, or two, had it.

    A recording's time is known with an error: its wearer is certain only when the whole of the
    interval lies in one issue.
    """
    found = issue_at(camera=camera, at=begins_at)
    if found is None or (found.ends_at is not None and found.ends_at < ends_at):
        return None
    return found.officer


def held_by(*, officer: Officer, at: datetime) -> list[Issue]:
    """The issues under which an officer has cameras at a moment, with the cameras."""
    return list(
        Issue.objects.select_related("camera__unit")
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), officer=officer, begins_at__lte=at)
        .order_by("begins_at")
    )


def out_now(*, at: datetime) -> list[Issue]:
    """Every issue that runs, by serial number, with camera and officer."""
    return list(
        Issue.objects.select_related("camera", "officer__unit")
        .filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), begins_at__lte=at)
        .order_by("camera__serial")
    )


def _check(new: NewIssue, *, at: datetime, reason: str) -> None:
    _demand_approved(new.camera)
    if not new.officer.active:
        raise IssueRefused(f"{new.officer.title} has left the force.", code="issue.officer")
    if new.ends_at is not None and new.ends_at <= new.begins_at:
        raise IssueRefused("An issue ends after it begins.", code="issue.interval")
    if at - new.begins_at > BACKDATED and not reason.strip():
        raise IssueRefused(
            "This would begin more than 12 hours ago, and change whose recordings they are. "
            "Give a reason.",
            code="issue.backdated",
        )


def _demand_approved(camera: Camera) -> None:
    if camera.status != CameraStatus.APPROVED:
        raise IssueRefused(
            f"{camera} can't be issued: it is {camera.get_status_display()}.",
            code="issue.camera",
        )


def _demand(
    actor: Actor, action: Action, asked: Iterable[tuple[Camera, Officer | None]], at: datetime
) -> None:
    authority.demand_all(
        actor=actor,
        action=action,
        questions=[
            (
                Subject(
                    unit=camera.unit.code if camera.unit else None,
                    person=officer.pk if officer else None,
                    pool=camera.pool,
                ),
                f"camera:{camera.pk}",
            )
            for camera, officer in asked
        ],
        at=at,
    )


def _write(*, actor: Actor, issues: Sequence[NewIssue], at: datetime, reason: str) -> list[Issue]:
    try:
        with transaction.atomic():
            _lock(issues)
            rows, fresh = _rows(issues)
            Issue.objects.bulk_create(fresh, batch_size=200)
            ledger.append_many([_draft(row, actor=actor, at=at, reason=reason) for row in fresh])
    except IntegrityError as error:  # two wrote at once, and the trigger let in the first
        raise IssueOverlaps("Somebody else has one of these cameras in that time.") from error
    return rows


def _lock(issues: Sequence[NewIssue]) -> None:
    """Take turns with whoever else hands out, loses or revokes these cameras, and look again."""
    wanted = sorted({new.camera.pk for new in issues})
    for start in range(0, len(wanted), 500):
        cameras = Camera.objects.select_for_update(no_key=True).order_by("pk")
        for camera in cameras.filter(pk__in=wanted[start : start + 500]):
            _demand_approved(camera)


def _rows(issues: Sequence[NewIssue]) -> tuple[list[Issue], list[Issue]]:
    """Rows for all, and those of them that are new; against the database and each other."""
    by_camera = _near(issues)
    rows: list[Issue] = []
    fresh: list[Issue] = []
    for new in issues:
        known = by_camera.setdefault(new.camera.pk, [])
        same = next((row for row in known if _same(row, new)), None)
        if same is not None:
            rows.append(same)
            continue
        clash = next((row for row in known if _overlap(row, new)), None)
        if clash is not None:
            raise IssueOverlaps(
                f"{clash.officer.title} ({clash.officer.collar_number}) has {new.camera} in that "
                "time. Take it back first, or choose another time."
            )
        row = Issue(
            camera=new.camera,
            officer=new.officer,
            begins_at=new.begins_at,
            ends_at=new.ends_at,
        )
        known.append(row)
        rows.append(row)
        fresh.append(row)
    return rows, fresh


def _near(issues: Sequence[NewIssue]) -> dict[object, list[Issue]]:
    cameras = list({new.camera.pk for new in issues})
    since = min((new.begins_at for new in issues), default=None)
    found: dict[object, list[Issue]] = {}
    for start in range(0, len(cameras), 500):
        for row in Issue.objects.select_related("officer").filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=since),
            camera__in=cameras[start : start + 500],
        ):
            found.setdefault(row.camera_id, []).append(row)
    return found


def _same(row: Issue, new: NewIssue) -> bool:
    return (row.officer_id, row.begins_at, row.ends_at) == (
        new.officer.pk,
        new.begins_at,
        new.ends_at,
    )


def _overlap(row: Issue, new: NewIssue) -> bool:
    if row.ends_at is not None and row.ends_at <= max(new.begins_at, row.begins_at):
        return False
    return new.ends_at is None or row.begins_at < new.ends_at


def _out(cameras: Sequence[object], at: datetime) -> dict[object, Issue]:
    """The issue of each camera that runs now, else the next that is to begin."""
    found: dict[object, Issue] = {}
    for start in range(0, len(cameras), 500):
        rows = Issue.objects.select_related("officer").filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            camera__in=list(cameras[start : start + 500]),
        )
        for row in rows.order_by("begins_at"):
            if row.ends_at is None or row.ends_at > row.begins_at:
                found.setdefault(row.camera_id, row)
    return found


def _draft(row: Issue, *, actor: Actor, at: datetime, reason: str) -> ledger.Draft:
    return ledger.Draft(
        subject=f"camera:{row.camera_id}",
        act=Act.CAMERA_ISSUED,
        actor=authority.text(actor),
        at=at,
        reason=reason,
        detail={
            "officer": str(row.officer_id),
            "collar_number": row.officer.collar_number,
            "issue": str(row.pk),
            "begins_at": timestamp.text(row.begins_at),
            "ends_at": timestamp.text(row.ends_at) if row.ends_at else None,
        },
    )
