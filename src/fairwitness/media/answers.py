"""Reading the child's answers as strictly as any stranger's: it may have been taken over.

Each value is checked for its type and range before it becomes a fact; whatever is amiss is
`MediaUnreadable` with the code `media.crashed`, for a child that answers so is broken.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from fairwitness.media.child import MediaUnreadable

_LONGEST_TEXT = 500
_LARGEST = 1 << 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1900 = -2_208_988_800
_YEAR_9000 = 221_845_392_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The facts that a child gave, read one by one."""

    facts: dict[str, object]

    def text(self, name: str, *, longest: int = _LONGEST_TEXT) -> str:
        """A string of at most so many characters."""
        value = self.facts.get(name)
        if not isinstance(value, str) or len(value) > longest:
            raise _broken()
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self.facts.get(name)
        if not isinstance(values, list) or len(values) > _LONGEST_TEXT:
            raise _broken()
        return tuple(Answer({"text": value}).text("text") for value in values)

    def number(self, name: str, *, least: int = 0, most: int = _LARGEST) -> int:
        """A whole number from `least` to `most`."""
        value = self.facts.get(name)
        if type(value) is not int or not least <= value <= most:
            raise _broken()
        return value

    def yes(self, name: str) -> bool:
        """True or False."""
        value = self.facts.get(name)
        if not isinstance(value, bool):
            raise _broken()
        return value

    def time(self, name: str) -> datetime | None:
        """A time given as whole seconds since 1970, UTC; None when there is none."""
        if self.facts.get(name) is None:
            return None
        return _EPOCH + timedelta(seconds=self.number(name, least=_YEAR_1900, most=_YEAR_9000))

    def part(self, name: str) -> "Answer | None":
        """A nested object; None when there is none."""
        value = self.facts.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _broken()
        return Answer(cast("dict[str, object]", value))

    def parts(self, name: str) -> "tuple[Answer, ...]":
        """A list of nested objects."""
        values = self.facts.get(name)
        if not isinstance(values, list) or len(values) > _LONGEST_TEXT:
            raise _broken()
        found = tuple(Answer({"part": value}).part("part") for value in values)
        return tuple(part for part in found if part is not None)


def _broken() -> MediaUnreadable:
    return MediaUnreadable(
        "The program that reads video gave an answer that can't be true.",
        code="media.crashed",
    )
