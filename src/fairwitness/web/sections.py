"""Where one can go: sections in the bar at the top, and the pages of the section one is in.

A page is listed only to those whom it will not refuse; a section whose pages are all refused is
not there, and one that has a single page goes by that page's name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.force.asking import Action


@dataclass(frozen=True, slots=True)
class Page:
    """A page one can go to, and the acts of which one must be allowed; none: for everyone.

    `whole`: in the whole force, for what it shows is of no unit.
    """

    name: str
    href: str
    acts: tuple[Action, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together, the one to begin with first."""

    name: str
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One link of the navigation."""

    name: str
    href: str
    current: bool


SECTIONS: Final = (
    Section("Today", (Page("Today", "/today"),)),
    Section(
        "Recordings",
        (
            Page("Recordings", "/recordings"),
            Page("Search", "/search"),
            Page("Categorise", "/categorise"),
            Page("Not recorded", "/not-recorded"),
            Page("Unassigned", "/unassigned", (Action.SEE_UNASSIGNED,)),
            Page("Quarantine", "/quarantine", (Action.SEE_QUARANTINE,)),
            Page("Bring in footage", "/bring-in", (Action.IMPORT_FOOTAGE,)),
            Page("In an emergency", "/break-glass", (Action.BREAK_GLASS,)),
            Page("Broken glass", "/broken-glass", (Action.JUDGE_GLASS,)),
        ),
    ),
    Section(
        "My team",
        (
            Page("My team", "/team", (Action.CHECK_SAMPLE,)),
            Page("Records", "/records", (Action.LOOK_AT_EVENT,)),
            Page("Unmarked", "/unmarked", (Action.CHECK_SAMPLE,)),
        ),
    ),
    Section(
        "Cases",
        (
            Page("Cases", "/cases"),
            Page("Incidents", "/incidents", (Action.SEE_INCIDENT,)),
        ),
    ),
    Section(
        "Retention",
        (
            Page("Holds", "/holds", (Action.SEE_HOLDS, Action.PLACE_HOLD)),
            Page("Standing hold", "/holds/standing", (Action.PLACE_STANDING_HOLD,)),
            Page("Requests", "/requests", (Action.SEE_REQUESTS,)),
            Page("Deletions", "/deletions", (Action.SEE_DISPOSALS,)),
            Page(
                "Early deletion",
                "/early-deletions",
                (Action.ASK_EARLY_DELETION, Action.SET_ACCESS_CLASS),
            ),
            Page("Reviews", "/reviews", (Action.CHECK_SAMPLE, Action.PLACE_HOLD)),
            Page("Rules", "/rules", (Action.SEE_DISPOSALS,)),
            Page("Notices", "/notices", (Action.SEE_DISPOSALS, Action.RUN_WITH_ONE_MANAGER)),
        ),
    ),
    Section(
        "Force",
        (
            Page("Issue and return", "/force/issue"),
            Page("Cameras", "/force/cameras", (Action.SEE_FORCE,)),
            Page("Docks", "/force/docks", (Action.SEE_FORCE,)),
            Page("Stations", "/force/stations", (Action.SEE_FORCE,)),
            Page("Officers", "/force/officers", (Action.SEE_FORCE,)),
            Page("Units", "/force/units", (Action.SEE_FORCE,)),
            Page("Settings", "/force/settings", (Action.SEE_FORCE,)),
            Page("Volumes", "/volumes", (Action.APPROVE_ENROLMENT,)),
            Page("Camera logs", "/camera-logs", (Action.READ_LOG,)),
            Page("Tokens", "/tokens", (Action.LET_PROGRAM_ACT,)),
        ),
    ),
    Section(
        "Figures and log",
        (
            Page("Figures", "/figures/force"),
            Page("Firearms", "/figures/firearms"),
            Page("The log", "/log", (Action.READ_LOG,), whole=True),
            Page("What stands out", "/stands-out", (Action.READ_LOG,), whole=True),
            Page("Who may do what", "/who-may"),
        ),
    ),
)


def places(
    *,
    path: str,
    may: Callable[[Action], bool],
    everywhere: Callable[[Action], bool] | None = None,
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The links of both rows for whoever may do what `may` says, at the page `path`.

    Args:
        path: of the page that is shown.
        may: whether they may do something anywhere.
        everywhere: whether they may in the whole force; as `may` when it is not given.

    Returns:
        The sections, and the pages of the section one is in (none when it has only one).
    """
    bar: list[Place] = []
    below: tuple[Place, ...] = ()
    for section in SECTIONS:
        open_to_them = _open_pages(section, may, everywhere or may)
        if not open_to_them:
            continue
        here = _current(open_to_them, path)
        first = open_to_them[0]
        name = section.name if len(open_to_them) > 1 else first.name
        bar.append(Place(name=name, href=first.href, current=here is not None))
        if here is not None and len(open_to_them) > 1:
            below = tuple(Place(p.name, p.href, current=p is here) for p in open_to_them)
    return tuple(bar), below


def _open_pages(
    section: Section, may: Callable[[Action], bool], everywhere: Callable[[Action], bool]
) -> Sequence[Page]:
    return [
        page
        for page in section.pages
        if not page.acts or any(map(everywhere if page.whole else may, page.acts))
    ]


def _current(pages: Sequence[Page], path: str) -> Page | None:
    """The page that `path` is or lies under; the longest address wins."""
    under = [page for page in pages if path == page.href or path.startswith(f"{page.href}/")]
    return max(under, key=lambda page: len(page.href), default=None)
