"""The front page: what anyone comes for. People who are signed in go to their own."""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from fairwitness.accountability import publishing, roll_out
from fairwitness.accountability.models import PublishedFigures
from fairwitness.disclosure import sampling
from fairwitness.web import page, times, visits
from fairwitness.web.arrivals import HOME
from fairwitness.web.roll_out import tile_map

_TOP: Final = 94
_BOTTOM: Final = 226
_GAP: Final = 2
_THIN: Final = 1.5
_ENDS: Final = {"kept": 40, "days": 120, "deleted": 200}


@dataclass(frozen=True, slots=True)
class Band:
    """One stream of the picture, in its own units: a path and where and how wide it ends."""

    kind: str
    path: str
    middle: float
    width: float

    @property
    def ends_as(self) -> str:
        """What it runs into, so that it is told apart without colour: it goes on, or it stops."""
        half = self.width / 2 + 8
        low, high = self.middle - half, self.middle + half
        if self.kind == "deleted":
            return f"M588 {low:.1f}h10V{high:.1f}h-10z"
        return f"M588 {low:.1f}L600 {self.middle}L588 {high:.1f}z"


@dataclass(frozen=True, slots=True)
class Flow:
    """The published figures as one picture and its sum."""

    received: str
    kept: str
    days: str
    deleted: str
    lost: str
    checked: int
    adds_up: bool
    counted: str
    bands: tuple[Band, ...]


def _streams(total: dict[str, Any]) -> dict[str, int]:
    """Where all that was received is: the same numbers as in the table, in four."""
    return {
        "kept": total["kept_in_all"] + total["in_quarantine"],
        "days": total["not_yet_due"] + total["under_way"],
        "deleted": total["deleted_by_rule"] + total["deleted_by_person"],
    }


def _bands(streams: dict[str, int]) -> tuple[Band, ...]:
    """Bands with widths to scale, from one block on the left to their places on the right."""
    there = {kind: number for kind, number in streams.items() if number}
    room = _BOTTOM - _TOP - _GAP * max(0, len(there) - 1)
    whole = sum(there.values()) or 1
    bands, top = [], float(_TOP)
    for kind, number in there.items():
        width = max(_THIN, room * number / whole)
        begins, ends = top, _ENDS[kind] - width / 2
        path = (
            f"M150 {begins:.1f}C290 {begins:.1f} 290 {ends:.1f} 430 {ends:.1f}H588"
            f"V{ends + width:.1f}H430C290 {ends + width:.1f} 290 {begins + width:.1f}"
            f" 150 {begins + width:.1f}Z"
        )
        bands.append(Band(kind, path, _ENDS[kind], width))
        top += width + _GAP
    return tuple(bands)


def _flow(published: PublishedFigures | None) -> Flow | None:
    if published is None:
        return None
    told = json.loads(bytes(published.file))
    total, streams = told["total"], _streams(told["total"])
    return Flow(
        received=f"{total['received']:,}",
        kept=f"{streams['kept']:,}",
        days=f"{streams['days']:,}",
        deleted=f"{streams['deleted']:,}",
        lost=f"{total['lost']:,}",
        checked=total["in_quarantine"],
        adds_up=bool(told["adds_up"]),
        counted=times.long_moment(published.at),
        bands=_bands(streams),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What happens to footage, who has cameras, and the ways in; one's own page if signed in."""
    visit = visits.of(request)
    if visit.signed_in:
        return HttpResponseRedirect(HOME)
    counted = roll_out.count(at=visit.at)
    context = {
        "flow": _flow(publishing.latest()),
        "issued": f"{counted.issued:,}",
        "planned": f"{counted.planned:,}",
        "boroughs_begun": counted.boroughs_begun,
        "boroughs": len(counted.boroughs),
        "map": tile_map(counted),
        "fingerprint": visit.works.fingerprint_at_hand(),
    }
    return page.render(request, "pages/front.html", context)


@require_safe
def figures_file(request: HttpRequest) -> HttpResponse:
    """The figures as they were published last, byte for byte; their digest is in the log."""
    published = publishing.latest()
    if published is None:
        return page.refuse(
            request,
            title="Not published yet",
            sentence="No figures have been published yet.",
            detail="The page of figures counts them now.",
            back="/figures",
            status=404,
        )
    answer = HttpResponse(bytes(published.file), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="figures.json"'
    return answer


@require_safe
def sample(request: HttpRequest, name: str) -> HttpResponseBase:
    """The sample to download and spoil, and the keys that it is checked with."""
    path = visits.of(request).works.sample / name
    if name not in sampling.NAMES or not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=sampling.NAMES[name]
    )
