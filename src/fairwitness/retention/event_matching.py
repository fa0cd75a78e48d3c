"""Which recordings an event marks: pure, and in doubt it is said to be in doubt.

A record names an officer, a camera or an incident, and a time. A recording surely matches when it
is that officer's and was running at that time, whatever its clock's error within its bounds. It
may match when one of the two is not known for sure: nobody is known to have worn the camera, its
clock was not compared at both dockings, the record names another camera or station. What may match
is marked too, and told apart: keeping too much can be undone by a look, letting go can't.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

LEAD: Final = timedelta(minutes=5)
"""Forms and control rooms round: a recording that ended so shortly before is of the event."""

UNCHECKED: Final = timedelta(hours=1)
"""How far a clock that nobody compared is believed."""

NEXT_DOCKING: Final = timedelta(hours=24)
"""Footage without a time to believe is of an event if it was docked so soon after."""


class Answer(IntEnum):
    """Whether a recording is of an event."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a record says; at least an officer, a camera or an incident.

    Attributes:
        officer: who was there.
        camera: the camera's id.
        unit: where the officer belongs, by code.
        station: where the camera is docked, by code.
        incident: the number of the call, incident or crime.
        begins_at: the start, UTC.
        ends_at: the end, UTC.
    """

    officer: UUID | None = None
    camera: UUID | None = None
    unit: str | None = None
    station: str | None = None
    incident: str = ""
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What is known of a recording.

    Attributes:
        officer: its wearer; None when nobody is known.
        camera: its camera.
        unit: its unit's code.
        station: its station's code.
        incident: the number that it has.
        started: its start by its own clock.
        ended: its end by its own clock.
        ahead: how far that clock was ahead, least and most; None when nobody compared it.
        docked_at: when it was docked.
        worn: it came from a body-worn camera.
    """

    officer: UUID | None = None
    camera: UUID | None = None
    unit: str | None = None
    station: str | None = None
    incident: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    ahead: tuple[timedelta, timedelta] | None = None
    docked_at: datetime
    worn: bool = True


def matches(wanted: Wanted, footage: Footage) -> Answer:
    """Whether the recording is of the event."""
    who = _who(wanted, footage)
    if who is Answer.NO:
        return Answer.NO
    return min(who, _when(wanted, footage), _where(wanted, footage))


def _who(wanted: Wanted, footage: Footage) -> Answer:
    if wanted.officer is not None:
        return _of_officer(wanted, footage)
    if wanted.camera is not None:
        return Answer.YES if footage.camera == wanted.camera else Answer.NO
    same = bool(wanted.incident) and footage.incident == wanted.incident
    return Answer.YES if same else Answer.NO


def _of_officer(wanted: Wanted, footage: Footage) -> Answer:
    if footage.officer == wanted.officer:
        other = None not in (wanted.camera, footage.camera) and footage.camera != wanted.camera
        return Answer.MAYBE if other else Answer.YES
    if footage.officer is not None or not footage.worn:
        return Answer.NO
    if wanted.camera is not None:
        return Answer.MAYBE if footage.camera == wanted.camera else Answer.NO
    near = footage.unit is None or wanted.unit is None or footage.unit == wanted.unit
    return Answer.MAYBE if near else Answer.NO


def _where(wanted: Wanted, footage: Footage) -> Answer:
    """Another station or incident than the record says makes it doubtful, not impossible."""
    for said, known in (
        (wanted.station, footage.station),
        (wanted.incident, footage.incident),
    ):
        if said and known and said != known:
            return Answer.MAYBE
    return Answer.YES


def _when(wanted: Wanted, footage: Footage) -> Answer:
    if footage.docked_at < wanted.begins_at - LEAD:
        return Answer.NO
    first, last = wanted.begins_at - LEAD, wanted.ends_at
    started, ended = footage.started, footage.ended
    if started is None or ended is None:
        return _by_docking(wanted, footage)
    if footage.ahead is None:
        claimed = _sub(started, UNCHECKED) <= last and _add(ended, UNCHECKED) >= first
        return Answer.MAYBE if claimed else _by_docking(wanted, footage)
    least, most = footage.ahead
    if _sub(started, least) <= last and _sub(ended, most) >= first:
        return Answer.YES
    if _sub(started, most) <= last and _sub(ended, least) >= first:
        return Answer.MAYBE
    return Answer.NO


def _by_docking(wanted: Wanted, footage: Footage) -> Answer:
    soon = footage.docked_at <= wanted.ends_at + NEXT_DOCKING
    return Answer.MAYBE if soon else Answer.NO


def _sub(moment: datetime, span: timedelta) -> datetime:
    return _add(moment, -span)


def _add(moment: datetime, span: timedelta) -> datetime:
    """The sum, or the moment itself where the calendar ends: such a clock says nothing anyway."""
    try:
        return moment + span
    except OverflowError:
        return moment
