"""The disclosure statement: what a bundle holds, for whom, and why.

It signs the bundle's tag manifest, which names every other file of the bundle by digest: a change
to any byte of any file, or a file more or less, breaks it.

Specification: docs/specs/statements.md.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from fairwitness.formats.invariants import require, require_sha256, require_text
from fairwitness.formats.statement import Subject

_CODE = "format.disclosure"
_EXHIBITS = 10_000
_REFERENCE = re.compile(r"[0-9A-Za-z]{1,12}(/[0-9A-Za-z]{1,12}){0,2}")

TAG_MANIFEST = "tagmanifest-sha256.txt"
"""The file that the statement signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedExhibit:
    """One exhibit in a bundle.

    Attributes:
        reference: `ABC/1`; of a further part of one activation `ABC/1/2`.
        recording: the recording's id.
        recording_reference: how people name the recording.
        master_sha256: of the master, in hexadecimal.
        working_copy_sha256: of the copy that plays, in hexadecimal; None when there is none.
    """

    reference: str
    recording: UUID
    recording_reference: str
    master_sha256: str
    working_copy_sha256: str | None

    def __post_init__(self) -> None:
        good = _REFERENCE.fullmatch(self.reference) is not None
        require(good, "An exhibit reference looks like ABC/1.", code=_CODE)
        require_text(self.recording_reference, "recording_reference", code=_CODE)
        require_sha256(self.master_sha256, "master_sha256", code=_CODE)
        require_sha256(self.working_copy_sha256, "working_copy_sha256", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureClaim:
    """That a bundle was made.

    Attributes:
        disclosure: its id.
        case: the case's reference.
        recipient: for whom.
        purpose: why.
        produced_by: who produced it, as the court knows them.
        made_at: when, by the server's clock.
        exhibits: in order of reference, each once.
        tag_manifest_sha256: of `tagmanifest-sha256.txt`, in hexadecimal.
    """

    PREDICATE: ClassVar[str] = "disclosure"

    disclosure: UUID
    case: str
    recipient: str
    purpose: str
    produced_by: str
    made_at: datetime
    exhibits: tuple[DisclosedExhibit, ...]
    tag_manifest_sha256: str

    def __post_init__(self) -> None:
        for name in ("case", "recipient", "purpose", "produced_by"):
            require_text(getattr(self, name), name, code=_CODE)
        require_sha256(self.tag_manifest_sha256, "tag_manifest_sha256", code=_CODE)
        require(len(self.exhibits) <= _EXHIBITS, f"At most {_EXHIBITS} exhibits.", code=_CODE)
        references = [exhibit.reference for exhibit in self.exhibits]
        require(references == sorted(set(references)), "Exhibits must be in order.", code=_CODE)

    def subjects(self) -> tuple[Subject, ...]:
        """The bundle's tag manifest."""
        return (Subject(name=TAG_MANIFEST, digest=self.tag_manifest_sha256),)
