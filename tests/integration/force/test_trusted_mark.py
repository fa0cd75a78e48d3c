"""The mark of the published keys differs when the list would, and at no other time."""

from datetime import UTC, datetime, timedelta

import pytest

from fairwitness.force import trusted
from fairwitness.force.models import Camera, CameraStatus, Mount, Profile

AT = datetime(2017, 6, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def camera(number: int, **changes: object) -> Camera:
    """A camera of some key; not approved, unless it is said."""
    fields = {
        "serial": f"{number:05}",
        "profile": Profile.BODY2,
        "mount": Mount.CHEST,
        "public_key": f"key {number}",
        "keyid": f"{number:064}",
        "requested_at": AT,
        **changes,
    }
    return Camera.objects.create(**fields)


def approved(number: int, at: datetime = AT) -> Camera:
    return camera(number, status=CameraStatus.APPROVED, approved_at=at)


def test_it_differs_after_each_key_that_is_approved_and_revoked_and_replaced() -> None:
    marks = [trusted.mark()]
    first = approved(1)
    marks.append(trusted.mark())
    approved(3)
    marks.append(trusted.mark())
    middle = approved(2)  # as old as the others, and between them
    marks.append(trusted.mark())
    for row in (first, middle):
        row.status, row.revoked_at = CameraStatus.REVOKED, AT + HOUR
        row.save()
        marks.append(trusted.mark())
    middle.keyid, middle.requested_at = "5" * 64, AT + 2 * HOUR
    middle.save()
    marks.append(trusted.mark())
    assert len(set(marks)) == len(marks)


def test_it_stays_when_nothing_that_is_published_changes() -> None:
    row = approved(1)
    before = trusted.mark()
    camera(2)
    row.last_docked_at, row.status = AT + HOUR, CameraStatus.LOST
    row.save()
    assert trusted.mark() == before
