"""Footage from elsewhere, brought in by a browser: asked about first, then sent as any upload.

Rules, for a browser says of its files whatever it likes:

1. **Asked before anything is sent.** `ask` says what stands in the way, row by row for a list, and
   changes nothing. A list is brought in whole or not at all.
2. **A ticket for each file** that may come: signed by us, good for a day, it names the officer, the
   file and what is told of it, so that nothing else is begun with it. It grants nothing by itself:
   `begin` asks permission again.
3. **A pass for each upload** that a page has begun. A session sends bytes only with it: a page of
   somebody else's can't know it, and an upload of somebody else's has another.
4. What the bytes are is found out when they are read back, as for any upload.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from django.core import signing

from fairwitness.dock import folder
from fairwitness.errors import FairwitnessError
from fairwitness.force import authority
from fairwitness.force.asking import Action, Refused
from fairwitness.force.models import Officer
from fairwitness.ingest import (
    ending,
    import_list,
    import_plan,
    importing,
    particulars,
    tus,
    uploads,
)
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.import_list import ListInvalid, Problem, Wanted
from fairwitness.ingest.import_plan import Plan, Planned
from fairwitness.ingest.importing import ImportRefused
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.particulars import Particulars
from fairwitness.ingest.uploads import UploadUnknown

TICKET_SECONDS: Final = 24 * 3600
MOST_FILES: Final = 200
"""Files in one go; the command takes any number."""

_TICKET: Final = "fairwitness.import.ticket"
_PASS: Final = "fairwitness.import.pass"  # noqa: S105 # a salt, and no secret
_LONGEST: Final = 200
_NAME_LONGEST: Final = 200
_DIGEST_SIZE: Final = 32


class DeskInvalid(FairwitnessError):
    """Something that the page asks for and did not get, or that is too much for it."""

    code = "import.desk"


class TicketInvalid(FairwitnessError):
    """A ticket that we did not give to this officer, or that has run out."""

    code = "import.ticket"


class PassInvalid(FairwitnessError):
    """No pass of this officer's for this upload."""

    code = "import.pass"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that an officer chose in a browser, as the browser tells of it.

    Attributes:
        name: what it is called there.
        size: bytes.
        sha256: of them, hexadecimal; empty until the browser has read it.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer wants to bring in.

    Attributes:
        files: that were chosen.
        came_from: who or what they were got from.
        why: why they are brought in.
        told: of each of them, by the names of a list's columns; with a list, the list tells.
        listing: the text of a list; None without one.
    """

    files: tuple[Chosen, ...]
    came_from: str
    why: str
    told: Mapping[str, str]
    listing: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What it comes to.

    Attributes:
        plan: the files that may come, once their digests are known; problems; what is passed over.
        whole: every digest was known, so that there is nothing more to ask.
        refused: nothing may come: a row of the list, or what is told of all, is not as it should.
    """

    plan: Plan
    whole: bool
    refused: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """An upload that bytes may be sent to.

    Attributes:
        upload: its row.
        planned: how it stood just before.
        may_send: the pass for its bytes.
    """

    upload: Upload
    planned: Planned
    may_send: str


def ask(*, asked: Asked, officer: Officer, tools: Acceptance) -> Answer:
    """Find out what bringing these files in would come to; nothing is changed.

    Raises:
        NotAllowed: this officer may not bring in footage; the refusal was written down.
        DeskInvalid: nothing is chosen, too much is, or it is not said from where and why.
        ListInvalid: the list can't be read as a whole, or what is told of all files.
    """
    at = tools.clock()
    importing.demand(officer, at)
    _check(asked)
    chosen = {each.name: each for each in asked.files}
    wanted, problems, passed = _wanted(asked, chosen, at)
    known = {str(each.path): chosen[str(each.path)] for each in wanted}
    whole = all(each.sha256 for each in known.values())

    def measure(each: Wanted) -> tuple[int, bytes]:
        return _measure(known[str(each.path)])

    plan = Plan((), (), ())
    if whole:
        plan = import_plan.plan(wanted=wanted, officer=officer, tools=tools, measure=measure)
    else:
        problems += import_plan.not_theirs(wanted, officer, at)
        problems += _unfit(wanted, known)
    ordered = sorted([*problems, *plan.problems], key=lambda one: one.line or 0)
    listed = asked.listing is not None
    return Answer(
        Plan(plan.files, tuple(ordered), (*passed, *plan.passed_over)),
        whole=whole,
        refused=bool(ordered) if listed else len(ordered) >= len(asked.files),
    )


def ticket(*, name: str, size: int, sha256: str, told: Particulars, officer: Officer) -> str:
    """What lets this officer begin the upload of this file, within a day."""
    claims = {
        "officer": str(officer.pk),
        "name": name,
        "size": size,
        "sha256": sha256,
        "told": told.encode().decode(),
    }
    return signing.dumps(claims, salt=_TICKET, compress=True)


def ticket_for(planned: Planned, officer: Officer) -> str:
    """The ticket of a file that may come."""
    return ticket(
        name=planned.wanted.path.name,
        size=planned.size,
        sha256=planned.sha256,
        told=planned.wanted.told,
        officer=officer,
    )


def begin(*, given: str, officer: Officer, tools: Acceptance) -> Begun:
    """Begin the upload that a ticket is for, or go on with the one there is.

    Raises:
        TicketInvalid: it is not ours, not this officer's, or has run out.
        NotAllowed: to import, or to say who wore the camera; after it was written down.
    """
    at = tools.clock()
    try:
        claims = signing.loads(given, salt=_TICKET, max_age=TICKET_SECONDS)
    except signing.BadSignature as error:
        raise TicketInvalid("This page is too old. Load it again, and choose the file.") from error
    if claims["officer"] != str(officer.pk):
        raise TicketInvalid("Somebody else asked for this. Load the page again.")
    told = particulars.read(claims["told"].encode())
    wanted = Wanted(Path(claims["name"]), claims["name"], told=told)
    planned = import_plan.planned(wanted, (claims["size"], claims["sha256"]), officer, tools, at)
    upload = importing.begin(
        name=claims["name"],
        size=planned.size,
        sha256=planned.sha256,
        told=told,
        again=planned.again,
        officer=officer,
        tools=tools,
    )
    return Begun(upload, planned, _pass(upload.pk, officer))


def admit(*, upload: UUID, given: str, officer: Officer, at: datetime) -> None:
    """Go on only when this officer may send bytes to this upload.

    Raises:
        PassInvalid, NotAllowed: after the refusal was written down.
    """
    importing.demand(officer, at)
    try:
        held = signing.loads(given, salt=_PASS, max_age=uploads.EXPIRY)
    except signing.BadSignature:
        held = None
    if held != _held(upload, officer):
        refusal = "These bytes can't be taken: begin on the page Bring in footage."
        _note(upload, officer, Refused("pass", refusal), at)
        raise PassInvalid(refusal)


def own(*, upload: UUID, officer: Officer, at: datetime) -> Upload:
    """An upload of this officer's own.

    Raises:
        UploadUnknown: it is none; written down.
    """
    try:
        return uploads.of_sender(upload=upload, sender=officer)
    except UploadUnknown as error:
        _note(upload, officer, Refused("unknown", error.message), at)
        raise


def give_up(*, upload: UUID, officer: Officer, at: datetime) -> str:
    """End an unfinished upload of this officer's own; gives the name of its file.

    Raises:
        UploadUnknown: it is none; written down.
        UploadRefused: it is over already, or all of it is here.
    """
    mine = own(upload=upload, officer=officer, at=at)
    ending.terminate(upload=mine.pk, sender=officer, at=at)
    return mine.filename


def unfinished(*, officer: Officer) -> list[Upload]:
    """This officer's uploads that still lack bytes, the oldest first."""
    lacking = Upload.objects.filter(officer=officer, state=UploadState.RECEIVING)
    return list(lacking.order_by("created_at")[:MOST_FILES])


def _pass(upload: UUID, officer: Officer) -> str:
    return signing.dumps(_held(upload, officer), salt=_PASS)


def _held(upload: UUID, officer: Officer) -> list[str]:
    return [str(upload), str(officer.pk)]


def _note(upload: UUID, officer: Officer, refused: Refused, at: datetime) -> None:
    authority.note_refusal(
        actor=officer,
        action=Action.IMPORT_FOOTAGE,
        refused=refused,
        about=f"upload:{upload}",
        at=at,
    )


def _check(asked: Asked) -> None:
    if not asked.files:
        raise DeskInvalid("Choose at least one file.")
    if len(asked.files) > MOST_FILES:
        raise DeskInvalid(
            f"Choose at most {MOST_FILES} files in one go; for more, `fairwitness import`."
        )
    for text, what in ((asked.came_from, "where it comes from"), (asked.why, "why it is needed")):
        if not text.strip():
            raise DeskInvalid(f"Say {what}.")
        if len(text) > _LONGEST or not text.isprintable():
            raise DeskInvalid(f"Say {what} in one line of at most {_LONGEST} characters.")
    names = [each.name for each in asked.files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DeskInvalid(f"Two files are called {folder.shown(twice)}. Choose them one by one.")
    if any(not name or "/" in name or len(name) > _NAME_LONGEST for name in names):
        raise DeskInvalid(f"A file has no name, or one longer than {_NAME_LONGEST} characters.")


def _wanted(
    asked: Asked, chosen: Mapping[str, Chosen], at: datetime
) -> tuple[list[Wanted], list[Problem], list[tuple[str, str]]]:
    """Files with what is told of each, problems, and what is passed over."""
    came_from, why = asked.came_from.strip(), asked.why.strip()
    if asked.listing is None:
        told = import_list.told(asked.told, at=at)
        told = dataclasses.replace(told, came_from=came_from, why=why)
        return [Wanted(Path(name), folder.shown(name), told=told) for name in chosen], [], []
    taken: set[str] = set()

    def place(text: str) -> Path:
        name = import_list.names_of(text)[-1]
        if name not in chosen:
            raise ListInvalid("It is on the list, but not among the files that you chose.")
        if name in taken:
            raise ListInvalid("Another row has a file of this name: here, names tell them apart.")
        taken.add(name)
        return Path(name)

    listed = import_list.rows(text=asked.listing, called="The list", place=place, at=at)
    wanted = [
        dataclasses.replace(each, told=dataclasses.replace(each.told, came_from=came_from, why=why))
        for each in listed.wanted
    ]
    passed = [(f"column {name}", "it is not read") for name in listed.unread]
    named = taken | {
        problem.name.replace("\\", "/").rpartition("/")[2] for problem in listed.problems
    }
    passed += [(folder.shown(name), "not on the list") for name in chosen if name not in named]
    return wanted, list(listed.problems), passed


def _measure(file: Chosen) -> tuple[int, bytes]:
    _check_size(file)
    try:
        digest = bytes.fromhex(file.sha256)
    except ValueError:
        digest = b""
    if len(digest) != _DIGEST_SIZE:
        raise DeskInvalid(f"The digest of {folder.shown(file.name)} is no SHA-256.")
    return file.size, digest


def _check_size(file: Chosen) -> None:
    if file.size <= 0:
        raise ImportRefused("It is empty.")
    if file.size > tus.MAX_SIZE:
        most = tus.MAX_SIZE >> 30
        raise ImportRefused(f"It is larger than {most} GiB. Whoever exported it can divide it.")


def _unfit(wanted: Sequence[Wanted], known: Mapping[str, Chosen]) -> Iterator[Problem]:
    for each in wanted:
        try:
            _check_size(known[str(each.path)])
        except ImportRefused as error:
            yield Problem(each.name, error.message, each.line)
