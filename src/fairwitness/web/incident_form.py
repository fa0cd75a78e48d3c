"""The form that declares a critical incident: read strictly, and shown again as it was typed."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from fairwitness.cases.declaring import IncidentInvalid, Particulars
from fairwitness.cases.models import Happening
from fairwitness.force import officers
from fairwitness.force.models import Camera, Officer, Station, Unit
from fairwitness.web import times

M = TypeVar("M", bound=Model)
AGO: Final = timedelta(minutes=30)
_FIELDS: Final = (
    *("happening", "about", "place", "day", "time", "until"),
    *("officers", "cameras", "unit", "station"),
)
_MOST: Final = 60


def typed(form: QueryDict, at: datetime) -> Mapping[str, str]:
    """What the form shows: what was typed, or half an hour ago today."""
    ago = times.london(at - AGO)
    given = {name: form.get(name, "").strip() for name in _FIELDS}
    return given | {
        "happening": given["happening"] or Happening.SHOOTING.value,
        "day": given["day"] or ago.date().isoformat(),
        "time": given["time"] or f"{ago:%H:%M}",
    }


def read(form: QueryDict) -> Particulars:
    """What is said of the incident.

    Raises:
        IncidentInvalid: a field that can't be read, a camera, unit or station that is not.
        OfficerInvalid: an officer who is not.
    """
    said = {name: form.get(name, "").strip() for name in _FIELDS}
    if said["happening"] not in Happening.values:
        raise IncidentInvalid("Say what happened.")
    began = moment(said["day"], said["time"], what="it began")
    ended = None
    if said["until"]:
        ended = moment(said["day"], said["until"], what="it ended")
        if ended < began:
            ended += timedelta(days=1)  # past midnight
    return Particulars(
        happening=Happening(said["happening"]),
        about=said["about"][:300],
        place=said["place"][:200],
        began_at=began,
        ended_at=ended,
        officers=_officers(said["officers"]),
        cameras=_cameras(said["cameras"]),
        units=_one(Unit.objects.all(), said["unit"]),
        stations=_one(Station.objects.all(), said["station"]),
    )


def moment(day: str, clock: str, *, what: str) -> datetime:
    """A London day and time as a moment.

    Raises:
        IncidentInvalid: it is none.
    """
    found = times.typed_moment(f"{day.strip()}T{clock.strip()}")
    if found is None:
        raise IncidentInvalid(
            f"Say on what day and at what time {what}, such as 22:13.", code="incident.times"
        )
    return found


def _words(text: str) -> list[str]:
    found = list(dict.fromkeys(re.split(r"[\s,;]+", text.strip()))) if text.strip() else []
    if len(found) > _MOST:
        raise IncidentInvalid(f"Name at most {_MOST}; for more, name their unit or station.")
    return found


def _officers(text: str) -> tuple[Officer, ...]:
    return tuple({each.pk: each for each in map(officers.named, _words(text))}.values())


def _cameras(text: str) -> tuple[Camera, ...]:
    serials = _words(text)
    found = {each.serial: each for each in Camera.objects.filter(serial__in=serials)}
    unknown = [serial for serial in serials if serial not in found]
    if unknown:
        raise IncidentInvalid(f"There is no camera {', '.join(unknown)}.", code="incident.camera")
    return tuple(found.values())


def _one(found: QuerySet[M], code: str) -> tuple[M, ...]:
    if not code:
        return ()
    rows = tuple(found.filter(code=code))
    if not rows:
        raise IncidentInvalid(f"There is no unit or station {code}.")
    return rows
