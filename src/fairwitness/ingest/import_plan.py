"""What an import would do, found out before anything changes.

Every file is read once and hashed. What is missing, empty, other than its list says, the same as
another, or not this officer's to say is a problem; with a single one, nothing of a list is brought
in. The same plan is what a dry run shows, and what a run that was killed begins with again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db.models import Q

from fairwitness.dock import folder
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import twins
from fairwitness.evidence.models import Recording, State
from fairwitness.force import authority
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Officer
from fairwitness.ingest import importing
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.import_list import Problem, Wanted
from fairwitness.ingest.models import Upload, UploadState


class Standing(StrEnum):
    """How far a file has come already, by this officer."""

    NEW = "new"
    BEGUN = "begun"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Planned:
    """One file as it will be brought in.

    Attributes:
        wanted: what was asked for.
        size: bytes.
        sha256: of them, hexadecimal.
        standing: how far it has come.
        again: how often these bytes came from this officer and were deleted since.
        same_as: references of recordings of the same bytes that this officer may see.
    """

    wanted: Wanted
    size: int
    sha256: str
    standing: Standing
    again: int
    same_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be brought in, what stands in the way, and what is passed over with reasons."""

    files: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    passed_over: tuple[tuple[str, str], ...]


def gather(paths: Iterable[Path]) -> tuple[list[Wanted], list[Problem], list[tuple[str, str]]]:
    """The files that these paths name, folders with all that is in them.

    Returns:
        Files, problems, and what in the folders is passed over.
    """
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    passed: list[tuple[str, str]] = []
    for path in paths:
        name = folder.shown(path)
        if path.is_symlink():
            problems.append(Problem(name, "It is a link, which is not followed."))
        elif path.is_dir():
            try:
                found = folder.walk(path)
            except OSError as error:
                problems.append(Problem(name, f"The folder can't be read: {error.strerror}."))
                continue
            wanted += [Wanted(each, folder.shown(each.relative_to(path))) for each in found.footage]
            passed += found.passed_over
        else:
            wanted.append(Wanted(path, folder.shown(path.name)))
    return wanted, problems, passed


def plan(
    *,
    wanted: Iterable[Wanted],
    officer: Officer,
    tools: Acceptance,
    measure: Callable[[Wanted], tuple[int, bytes]],
) -> Plan:
    """Find out what bringing these files in would come to; nothing is changed.

    Args:
        wanted: the files.
        officer: who brings them in and answers for what is told of them.
        tools: keyed digests and time.
        measure: size and SHA-256 of a file; raises OSError or `importing.ImportRefused`.

    Raises:
        NotAllowed: this officer may not import; the refusal was written down.
    """
    at = tools.clock()
    importing.demand(officer, at)
    asked = list(wanted)
    problems = list(not_theirs(asked, officer, at))
    files: list[Planned] = []
    passed: list[tuple[str, str]] = []
    first: dict[str, Wanted] = {}
    for each in asked:
        try:
            size, digest = measure(each)
        except (OSError, importing.ImportRefused) as error:
            problems.append(Problem(each.name, _why(error), each.line))
            continue
        sha256 = digest.hex()
        before = first.setdefault(sha256, each)
        if before is not each and each.line is None:
            passed.append((each.name, f"the same bytes as {before.name}, which is brought in"))
        elif before is not each:
            where = f"{before.name} in line {before.line}"
            problems.append(Problem(each.name, f"It has the same bytes as {where}.", each.line))
        elif each.sha256 and each.sha256 != sha256:
            message = f"Its digest is {sha256}, not that of the list: these are other bytes."
            problems.append(Problem(each.name, message, each.line))
        else:
            files.append(planned(each, (size, sha256), officer, tools, at))
    return Plan(tuple(files), tuple(problems), tuple(passed))


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file."
    if isinstance(error, OSError):
        return f"It can't be read: {error.strerror or error}."
    return error.message if isinstance(error, FairwitnessError) else str(error)


def not_theirs(wanted: list[Wanted], officer: Officer, at: datetime) -> Iterator[Problem]:
    """Whoever says who wore a camera must be one who may; the refusal is written down once each."""
    refused: dict[object, str] = {}
    for told in {each.told.wearer: each.told for each in wanted}.values():
        try:
            importing.demand_wearer(officer, told, at)
        except NotAllowed as error:
            refused[told.wearer] = error.message
    for each in wanted:
        if each.told.wearer in refused:
            yield Problem(each.name, refused[each.told.wearer], each.line)


def planned(
    wanted: Wanted, found: tuple[int, str], officer: Officer, tools: Acceptance, at: datetime
) -> Planned:
    """How one file will be brought in, its size and digest having been found."""
    size, sha256 = found
    commitment = tools.commitments.of(sha256)
    mine = f"officer:{officer.pk}"
    ours = Q(source=mine) | Q(source__startswith=f"{mine}/")
    over = ~Q(state=State.LIVE) | Q(gone_by__lte=at) | Q(force_gone_by__lte=at)
    again = Recording.objects.filter(ours, over, commitment=commitment).count()
    identity = f"{mine}/{again}" if again else mine
    upload = Upload.objects.filter(
        identity=identity,
        commitment=commitment,
        state__in=(UploadState.RECEIVING, UploadState.VERIFYING, UploadState.RECEIVED),
    ).first()
    standing = Standing.NEW
    if upload is not None:
        standing = Standing.HERE if upload.state == UploadState.RECEIVED else Standing.BEGUN
    same = twins.of(
        commitment=commitment,
        besides=upload.received_as if upload else None,
        facts=authority.facts(officer=officer, at=at),
        at=at,
    )
    return Planned(
        wanted=wanted,
        size=size,
        sha256=sha256,
        standing=standing,
        again=again,
        same_as=tuple(twin.reference for twin in same),
    )
