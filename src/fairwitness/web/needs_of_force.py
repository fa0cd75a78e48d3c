"""What the force needs of this person: lost cameras, stolen ones' keys, watchers who are gone."""

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet

from fairwitness.evidence.reaching import within
from fairwitness.force import permissions, watching
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera, CameraStatus, RoleGrant
from fairwitness.force.report_rows import CameraReport, ReportKind
from fairwitness.web import visits

RECENT: Final = timedelta(days=14)
"""So long Today tells of it; the list of cameras, or the log, shows it for good."""


def missing(visit: visits.SignedVisit) -> QuerySet[CameraReport]:
    """Reports of the last days that a camera is lost or stolen, and that still stand."""
    units = permissions.units_where(visit.facts, Action.ISSUE_CAMERA)
    return CameraReport.objects.filter(
        within(units, "camera__unit__code"),
        kind__in=[ReportKind.LOST, ReportKind.STOLEN],
        ended_at__isnull=True,
        reported_at__gt=visit.at - RECENT,
    )


def believed(visit: visits.SignedVisit) -> QuerySet[Camera]:
    """Stolen cameras whose key is still believed, and that this visitor may revoke."""
    units = permissions.units_where(visit.facts, Action.REVOKE_DEVICE)
    return Camera.objects.filter(within(units, "unit__code"), status=CameraStatus.STOLEN)


def watchers_gone(visit: visits.SignedVisit) -> QuerySet[RoleGrant]:
    """Roles that watch the force and ended in the last days, to who reads the log there (ADR 0061).

    An administrator may end one alone, and at once: so those who are left are told at once.
    """
    units = permissions.units_where(visit.facts, Action.READ_LOG)
    ended = RoleGrant.objects.filter(
        within(units, "unit__code"),
        role__in=[role.value for role in watching.AGREES],
        ends_at__gt=visit.at - RECENT,
        ends_at__lte=visit.at,
    )
    return ended.exclude(officer=visit.officer).select_related("officer").order_by("-ends_at", "pk")
