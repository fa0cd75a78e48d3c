"""What an importer told of a recording, and which others have its bytes, for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from fairwitness.evidence import annotations, twins
from fairwitness.evidence.models import Growth, Provenance, Recording, State
from fairwitness.force.asking import OfficerFacts
from fairwitness.force.models import Officer
from fairwitness.web.facts import Fact

VERDICT: Final = "Unchanged since an officer brought it in (no camera of ours made it)"
CLOCK: Final = Fact("Clock", "not compared", "Its days count from when it was brought in")
BY_WHOSE_CLOCK: Final = "as told by whoever brought it in; nobody compared that clock"


@dataclass(frozen=True, slots=True)
class Twin:
    """A recording of the same bytes."""

    href: str
    reference: str


@dataclass(frozen=True, slots=True)
class Grown(Twin):
    """A recording of the same file, earlier or `later`."""

    later: bool


def about(recording: Recording) -> tuple[Fact, ...]:
    """The lines of *About it* that are the importer's word."""
    told = annotations.told_at_import(recording)
    lines = (
        ("Brought in by", _importer(recording)),
        ("What it is", told.get("title", "")),
        ("Its camera", told.get("camera", "")),
        ("Where it comes from", told.get("came_from", "")),
        ("Why it was brought in", told.get("why", "")),
        ("File", recording.filename),
        ("Kept as it came", told.get("trouble", "")),
    )
    return tuple(Fact(name, value) for name, value in lines if value)


def links(recording: Recording, *, facts: OfficerFacts, at: datetime) -> dict[str, object]:
    """Which others it is linked to, and merged with none."""
    return {
        "twins": same_bytes(recording, facts=facts, at=at),
        "grown": of_one_file(recording, facts=facts, at=at),
    }


def same_bytes(recording: Recording, *, facts: OfficerFacts, at: datetime) -> list[Twin]:
    """Other recordings of the very same bytes, as far as this visitor may see them."""
    found = twins.of(commitment=recording.commitment, besides=recording.pk, facts=facts, at=at)
    return [Twin(f"/recordings/{twin.pk}", twin.reference) for twin in found]


def of_one_file(recording: Recording, *, facts: OfficerFacts, at: datetime) -> list[Grown]:
    """What grew from a recording or it from, as far as this visitor may see it."""
    if recording.provenance != Provenance.VOLUME:
        return []
    links = Growth.objects.filter(Q(recording=recording) | Q(beginning=recording))
    found = []
    for link in links.select_related("recording__unit", "beginning__unit")[: twins.MOST]:
        later = link.beginning_id == recording.pk
        other = link.recording if later else link.beginning
        if other.state == State.LIVE and twins.may_see(other, facts=facts, at=at):
            found.append(Grown(f"/recordings/{other.pk}", other.reference, later))
    return found


def _importer(recording: Recording) -> str:
    """Who brought it in; the importer's id is the source, with a number when it came again."""
    kind, _, rest = recording.source.partition(":")
    if kind != "officer":
        return ""
    officer = Officer.objects.filter(pk=UUID(rest.partition("/")[0])).first()
    return str(officer) if officer else ""
