"""What an Axis body-worn system told of a recording, for its page, which says that it is claims."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from fairwitness.web import times
from fairwitness.web.facts import Fact

_LINES: Final = (
    ("camera", "Camera"),
    ("model", "Model"),
    ("firmware", "Software"),
    ("trigger_on", "Started by"),
    ("trigger_off", "Stopped by"),
    ("time_zone", "Time zone"),
    ("location_on", "Started at"),
    ("location_off", "Stopped at"),
    ("user", "Worn by, in the Axis system"),
)


@dataclass(frozen=True, slots=True)
class Places:
    """The buffer, and each marker's place in milliseconds with its words."""

    buffer_ms: int
    buffer_words: str
    markers: tuple[tuple[int, str], ...]


def clock(said: Mapping[str, Any]) -> Fact:
    """Nobody here compared it; all that is known is when the bytes came."""
    note = "It counts as ending when it was docked, by our clock"
    ahead = said.get("ahead_at_least_ms")
    if isinstance(ahead, int) and ahead > 0:
        least = times.give_or_take(ahead * 1000)
        return Fact("Clock", f"at least {least} ahead: it claims an end after its arrival", note)
    return Fact("Clock", "the camera’s own, not compared by us", note)


def about(said: Mapping[str, Any]) -> tuple[Fact, ...]:
    """The lines of *About it* that are claims; none when nothing was told."""
    facts = [Fact(name, said[key]) for key, name in _LINES if isinstance(said.get(key), str)]
    facts = [fact for fact in facts if fact.value]
    trail = said.get("trail")
    if trail:
        seconds = timedelta(seconds=max(at for at, *_ in trail) - min(at for at, *_ in trail))
        facts.append(Fact("Route", f"{len(trail)} positions", f"over {times.length(seconds)}"))
    return tuple(facts)


def places(said: Mapping[str, Any]) -> Places:
    """What is drawn under the player."""
    return Places(
        buffer_ms=int(said.get("buffer_ms") or 0),
        buffer_words="Buffer: from before record was pressed",
        markers=tuple(_markers(said.get("bookmarks") or [])),
    )


def _markers(bookmarks: list[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    for one in bookmarks:
        words = [str(one[key]) for key in ("category_name", "text", "tags") if one.get(key)]
        yield int(one.get("at_ms") or 0), "Bookmark" + (f": {', '.join(words)}" if words else "")
