"""Looking through recordings that are not one's own is an act: one entry for each page of a list.

A list names recordings by the dozen. One entry says who looked, at which list, with which words,
and how many were shown: an entry for each recording would drown what matters. One's own list needs
none: everybody may know what they recorded themselves.
"""

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from fairwitness.custody import ledger
from fairwitness.force import authority
from fairwitness.formats.acts import Act
from fairwitness.web import visits

_LONGEST: Final = 80


def words(typed: str) -> str:
    """What somebody searches by, as an entry can hold it: one short line of printable text."""
    return "".join(each for each in typed if each.isprintable()).strip()[:_LONGEST]


def note(
    visit: visits.SignedVisit,
    *,
    of: str,
    shown: int,
    sought: Mapping[str, str] | None = None,
    about: str = "force",
) -> None:
    """Write down that somebody was shown a list, or searched it; nothing where there is nothing.

    Args:
        visit: who, and when.
        of: which list: `unit`, `unassigned` ...
        shown: how many recordings.
        sought: what the list was narrowed by; empty values don't count.
        about: the custody subject.
    """
    narrowed = {name: value for name, value in (sought or {}).items() if value}
    if not shown and not narrowed:
        return
    with transaction.atomic():
        ledger.append(
            subject=about,
            act=Act.RECORDING_SEARCHED if narrowed else Act.RECORDING_LISTED,
            actor=authority.text(visit.officer),
            at=visit.at,
            reason=narrowed.pop("words", ""),
            detail={"list": of, "shown": shown, **narrowed},
        )
