"""Every page's address with real numbers in it, for the benchmark of the pages and its people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from django.urls import reverse
from django.urls.exceptions import NoReverseMatch

from fairwitness.accountability.models import Discharge
from fairwitness.cases.models import Case, CriticalIncident
from fairwitness.custody.models import Entry
from fairwitness.disclosure.request_rows import KeepRequest
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera, Dock, Officer
from fairwitness.ingest.models import Quarantine
from fairwitness.retention.models import (
    DipSample,
    Disposal,
    Drawn,
    EarlyDeletion,
    Hold,
    RuleChange,
    RuleTrial,
    Unmarking,
)
from fairwitness.web import urls

NARROWED: Final[Mapping[str, tuple[str, ...]]] = {
    "recordings": ("?scope=unit", "?scope=unit&words=CAD", "?when=gone"),
    "search": (
        "?unit=U03&category=arrest",
        "?flag=evidential",
        "?words=common3",
        "?place=51.5%2C-0.1&radius=500",
    ),
    "search-csv": ("?unit=U03&category=arrest",),
    "search-pictures": ("?unit=U03&category=arrest",),
    "log": ("?search=1&act=recording.viewed", "?search=1&refusals=1"),
    "staff-figures": ("?by=unit", "?by=month", "?by=category", "?unit=U03"),
    "deletion-records": ("?number=7000", "?day=2026-11-01"),
    "force-cameras": ("?words=7001", "?unit=U03", "?state=approved"),
    "force-officers": ("?words=70", "?unit=U03"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One address: its name in `urls`, and where it leads."""

    name: str
    path: str


def every(mine: Recording, theirs: Recording) -> Iterator[Asked]:
    """Each address of the site, filled in.

    Args:
        mine: a recording of whoever asks, if they wear a camera.
        theirs: one of their unit.
    """
    known = _numbers(theirs)
    for pattern in urls.urlpatterns:
        name = str(pattern.name)
        path = _path(name, known, theirs)
        if path is None:
            continue
        yield Asked(name, path + _needed(name, theirs))
        for narrower in NARROWED.get(name, ()):
            yield Asked(f"{name} {narrower}", path + narrower)
        if name in {"recording", "looks", "entries", "say", "categorise"}:
            yield Asked(f"{name} (own)", reverse(name, args=[mine.pk]))


def _needed(name: str, theirs: Recording) -> str:
    if name == "hold-new":
        return f"?recording={theirs.pk}"
    if name in {"together", "together-watch"}:
        return f"?recording={theirs.pk}"
    if name == "break-glass":
        return f"?number={quote(theirs.reference)}"
    return ""


def _numbers(one: Recording) -> Mapping[str, object]:
    """What stands in the place of the number in addresses, by their names."""
    first: dict[str, object] = {
        "assign": Recording.objects.filter(wearer=None, state="live").first(),
        "case": Case.objects.first(),
        "incident": CriticalIncident.objects.first(),
        "workspace": CriticalIncident.objects.first(),
        "quarantine-case": Quarantine.objects.filter(state="held").first(),
        "deletion-record": Disposal.objects.order_by("-disposed_at").first(),
        "deletion-record-page": Disposal.objects.order_by("-disposed_at").first(),
        "early-decide": EarlyDeletion.objects.first(),
        "hold-lift": Hold.objects.filter(lifted_at=None).first(),
        "hold-review": Hold.objects.filter(lifted_at=None).first(),
        "rule-trial": RuleTrial.objects.first(),
        "rule-change": RuleChange.objects.first(),
        "review-decide": Recording.objects.filter(review__isnull=False).first(),
        "camera-log": Camera.objects.last(),
        "force-camera": Camera.objects.last(),
        "force-camera-report": Camera.objects.last(),
        "force-dock": Dock.objects.first(),
        "request": KeepRequest.objects.first(),
        "dip-sample": DipSample.objects.first(),
        "dip-sample-list": DipSample.objects.first(),
        "dip-sample-form": Drawn.objects.first(),
        "firearms-investigate": Discharge.objects.first(),
        "unmark": Unmarking.objects.values_list("recording", flat=True).first(),
    }
    officers = ("force-officer", "force-officer-change", "force-officer-move")
    first |= dict.fromkeys(
        (*officers, "force-officer-leave", "force-role-grant"),
        Officer.objects.filter(unit=one.unit_id).first(),
    )
    return {name: getattr(row, "pk", row) for name, row in first.items() if row is not None}


def _path(name: str, known: Mapping[str, object], one: Recording) -> str | None:
    """The address of this name; None where there is nothing that could stand in it."""
    for filled in (
        [],
        [known.get(name, one.pk)],
        [one.unit.code if one.unit else ""],
        ["body-2"],
        [Entry.objects.latest("pk").leaf_hash.hex()],
    ):
        try:
            return reverse(name, args=filled)
        except NoReverseMatch:
            continue
    return None
