"""The derivative statement: which copy was made from which master, and how.

Whoever holds the master, the program and the recipe can make the copy again; whoever holds none
of them can at least see that the copy never claims to be the master.

Specification: docs/specs/statements.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from fairwitness.formats.invariants import (
    require,
    require_between,
    require_media_type,
    require_sha256,
    require_text,
)
from fairwitness.formats.statement import Subject

_CODE = "format.derivative"
_LARGEST = 2**53 - 1
_PARAMETERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What the copy was made from.

    Attributes:
        recording: the recording's id.
        sha256: of the master (or of the copy that this is a copy of), in hexadecimal.
        size: its bytes.
    """

    recording: UUID
    sha256: str
    size: int

    def __post_init__(self) -> None:
        require_sha256(self.sha256, "sha256", code=_CODE)
        require_between(self.size, "size", 0, _LARGEST, code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How it was made.

    Attributes:
        name: `remux`, `poster`, `clip`, `redaction` ...
        version: of the recipe and of the program that followed it.
        parameters: all that the recipe was given.
    """

    name: str
    version: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_text(self.name, "name", code=_CODE)
        require_text(self.version, "version", code=_CODE)
        require(len(self.parameters) <= _PARAMETERS, "Too many parameters.", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivativeClaim:
    """That a copy was made from a parent by a recipe.

    Attributes:
        parent: what it was made from.
        recipe: how.
        name: file name of the copy.
        media_type: of the copy.
        sha256: of the copy, in hexadecimal.
        size: of the copy, in bytes.
        made_at: when, by the server's clock.
    """

    PREDICATE: ClassVar[str] = "derivative"

    parent: Parent
    recipe: Recipe
    name: str
    media_type: str
    sha256: str
    size: int
    made_at: datetime

    def __post_init__(self) -> None:
        require_text(self.name, "name", code=_CODE)
        require_media_type(self.media_type, code=_CODE)
        require_sha256(self.sha256, "sha256", code=_CODE)
        require_between(self.size, "size", 0, _LARGEST, code=_CODE)

    def subjects(self) -> tuple[Subject, ...]:
        """The copy."""
        return (Subject(name=self.name, digest=self.sha256),)
