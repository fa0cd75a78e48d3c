"""What a search finds as CSV: the newest first, up to a thousand rows.

Who may see what is decided for all of it at once, by the walk; then rows are read, with the columns
that are written and no others, and names apart from them. What a camera claimed is never read.

It is written whole, and the log's entry before it: a thousand rows are 140 kB.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from fairwitness.accountability import finding, search
from fairwitness.accountability.search import SearchInvalid
from fairwitness.evidence.knowing import Reader
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer, Station, Unit, titled
from fairwitness.web import showing, times, visits
from fairwitness.web.finding import MOST_ROWS, note, refused

_COLUMNS: Final = (
    *("number", "began", "length in seconds", "worn by", "collar number", "unit", "station"),
    *("category", "incident", "kept as evidence", "docked late", "deleted by", "kept because"),
)
_READ: Final = (
    *("reference", "started_at", "docked_at", "duration_ms", "category", "incident", "evidential"),
    *("late", "wearer", "unit", "station"),
)
_DATES: Final[Mapping[Reader, tuple[str, ...]]] = {
    Reader.WEARER: ("shown_gone_by", "shown_hidden_from", "shown_reason"),
    Reader.FORCE: ("force_gone_by", "force_hidden_from", "force_reason"),
    Reader.OVERSIGHT: ("gone_by", "hidden_from", "keep_reason"),
}
"""What `knowing.dates` reads for each; Django makes a time of each column of each row."""
_FORMULA: Final = ("=", "+", "-", "@")


@require_safe
@visits.signed_in
def table(request: HttpRequest, visit: visits.SignedVisit) -> HttpResponse:
    """The table of a search."""
    try:
        sought = search.read(dict(request.GET.lists())).demand_asked()
    except SearchInvalid as error:
        return refused(request, error)
    found = finding.walk(
        sought=sought,
        facts=visit.facts,
        at=visit.at,
        ring=visit.works.vault.ring,
        limit=MOST_ROWS,
    )
    note(visit, sought, len(found.recordings), "search as CSV")
    names = showing.category_names()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row, named in _rows(found.recordings, visit):
        writer.writerow([_cell(each) for each in _line(row, named, names, visit)])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="search.csv"'
    return answer


@dataclass(frozen=True, slots=True)
class _Named:
    """What a recording belongs to, by name: the officer and their collar number, unit, station."""

    wearer: tuple[str, str]
    unit: str
    station: str


def _rows(some: Sequence[UUID], visit: visits.SignedVisit) -> Iterator[tuple[Recording, _Named]]:
    """These recordings in this order, each with names that were looked up once for all."""
    wears = Q(wearer=visit.officer)
    oversees = visit.facts.holds_anywhere(Role.INDEPENDENT_INVESTIGATOR)
    others = _DATES[Reader.OVERSIGHT if oversees else Reader.FORCE]
    mine = Recording.objects.filter(wears).only(*_READ, *_DATES[Reader.WEARER]).in_bulk(some)
    found = mine | Recording.objects.exclude(wears).only(*_READ, *others).in_bulk(some)
    worn = Officer.objects.filter(pk__in={r.wearer_id for r in found.values() if r.wearer_id})
    wearers = {
        pk: (titled(rank, name), collar_number)
        for pk, rank, name, collar_number in worn.values_list("pk", "rank", "name", "collar_number")
    }
    units = dict(Unit.objects.values_list("pk", "name"))
    stations = dict(Station.objects.values_list("pk", "name"))
    for pk in some:
        row = found.get(pk)
        if row is not None:
            yield (
                row,
                _Named(
                    wearers[row.wearer_id] if row.wearer_id else ("", ""),
                    units[row.unit_id] if row.unit_id else "",
                    stations[row.station_id] if row.station_id else "",
                ),
            )


def _line(
    recording: Recording, named: _Named, names: Mapping[str, str], visit: visits.SignedVisit
) -> tuple[object, ...]:
    known = showing.dates(recording, to=showing.reader(recording, visit.facts))
    return (
        recording.reference,
        times.london(showing.began(recording)).isoformat(timespec="seconds"),
        recording.duration_ms // 1000,
        *named.wearer,
        named.unit,
        named.station,
        showing.category(recording, names),
        recording.incident,
        "yes" if recording.evidential else "no",
        "yes" if recording.late else "no",
        times.london(known.gone_by).isoformat(timespec="seconds") if known.gone_by else "",
        known.because if known.gone_by is None else "",
    )


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
