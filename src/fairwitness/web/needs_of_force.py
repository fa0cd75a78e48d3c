"""What the force's cameras need of this person: lost ones to know of, stolen ones' keys."""

from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet

from fairwitness.force import permissions
from fairwitness.force.asking import Action
from fairwitness.force.models import Camera, CameraStatus
from fairwitness.force.report_rows import CameraReport, ReportKind
from fairwitness.web import visits

RECENT: Final = timedelta(days=14)
"""So long a lost or stolen camera is told on Today; the list of cameras shows it for good."""


def _within(units: frozenset[str] | None, path: str) -> Q:
    return Q() if units is None else Q(**{f"{path}__in": units})


def missing(visit: visits.SignedVisit) -> QuerySet[CameraReport]:
    """Reports of the last days that a camera is lost or stolen, and that still stand."""
    units = permissions.units_where(visit.facts, Action.ISSUE_CAMERA)
    return CameraReport.objects.filter(
        _within(units, "camera__unit__code"),
        kind__in=[ReportKind.LOST, ReportKind.STOLEN],
        ended_at__isnull=True,
        reported_at__gt=visit.at - RECENT,
    )


def believed(visit: visits.SignedVisit) -> QuerySet[Camera]:
    """Stolen cameras whose key is still believed, and that this visitor may revoke."""
    units = permissions.units_where(visit.facts, Action.REVOKE_DEVICE)
    return Camera.objects.filter(_within(units, "unit__code"), status=CameraStatus.STOLEN)
