"""What a visitor may know of who can open a recording: its class, and who is named for it."""

from collections.abc import Mapping
from typing import Final

from fairwitness.cases import case_leave
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.evidence import circle, glass, naming
from fairwitness.evidence.leave_rows import Naming
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import AccessClass, Action
from fairwitness.web import times, visits

CLASSES: Final[Mapping[AccessClass, tuple[str, str]]] = {
    AccessClass.OPEN: ("Normal", "whoever has a role for its unit, was there, or is named"),
    AccessClass.RESTRICTED: (
        "Restricted",
        "its wearer, evidence managers, professional standards, and who is named",
    ),
    AccessClass.CONFIDENTIAL: (
        "Confidential",
        "its wearer, professional standards, and who is named",
    ),
}
"""Each class as people call it, and who sees it then."""


def card(visit: visits.SignedVisit, found: Recording) -> dict[str, object]:
    """For the recording's own page: what this visitor may know of who can open it."""
    subject = circle.subject_of(recording=found, at=visit.at, asking=visit.officer.pk)
    may = visits.may(visit, Action.SET_ACCESS_CLASS, subject)
    named = list(naming.standing(recording=found, at=visit.at))
    mine = next((each for each in named if each.officer_id == visit.officer.pk), None)
    cases = case_leave.through_case(recording=found, at=visit.at) if subject.named else []
    through = next((each for each in cases if each.officer_id == visit.officer.pk), None)
    broken = None
    if visit.officer.pk in subject.broken:
        broken = glass.open_now(recording=found, officer=visit.officer, at=visit.at)
    return {
        "leave": {
            "class": class_words(found)[0] if found.access_class != AccessClass.OPEN else "",
            "sees": class_words(found)[1],
            "named": [row(each) for each in named] if may else [],
            "cases": [_through(each) for each in cases] if may else [],
            "mine": row(mine) if mine else _through(through) if through else None,
            "broken": times.clock(broken.ends_at) if broken else "",
            "href": f"/recordings/{found.pk}/access" if may else "",
        }
    }


def _through(each: CaseLeave) -> dict[str, str]:
    """Leave for the whole case that this recording is of."""
    return {
        "who": each.officer.title,
        "by": each.given_by.title,
        "until": times.long_moment(each.ends_at),
        "reason": each.reason,
        "case": each.case.reference,
        "href": f"/cases/{each.case_id}/leave",
    }


def class_words(found: Recording) -> tuple[str, str]:
    """Its class, and who sees it then."""
    return CLASSES[AccessClass(found.access_class)]


def row(each: Naming) -> dict[str, str]:
    """One name, as a page shows it."""
    return {
        "id": str(each.pk),
        "who": each.officer.title,
        "by": each.named_by.title,
        "until": times.long_moment(each.ends_at),
        "reason": each.reason,
    }
