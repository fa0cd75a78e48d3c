"""What a page shows of the footage itself, each drawing with the same in words beside it.

That is what the file is, how far its copies are, its stills and its sound; `trail_map` draws
where the camera was.

What the file says of itself (times, codecs) is a claim, and is shown as one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fairwitness.evidence import footage_facts, glimpses
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording
from fairwitness.vault.vault import Vault
from fairwitness.web import form_to_fill, times
from fairwitness.web.facts import Fact

STILLS: Final = 20
_COLUMNS: Final = 500
_MIDDLE, _TALL = 11, 10
_QUIET: Final = 2
_SHORTEST_SILENCE: Final = 3
_MOST_SILENCES: Final = 20
_CONTAINERS: Final = {"mov": "MP4", "matroska": "Matroska", "avi": "AVI", "mpegts": "MPEG-TS"}
_HARMLESS: Final = frozenset({"media.no_sound", "media.browser"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with the file, and how far the copy for watching is."""

    findings: tuple[str, ...]
    serious: bool
    copy: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A path for the lane of sound, and the silences in words."""

    path: str
    silences: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Stills:
    """The strip: where it is asked for, how many there are, and when each begins."""

    source: str
    count: int
    moments: tuple[str, ...]
    words: str


def told(recording: Recording) -> Told:
    """What is wrong with the file, and what became of its copies."""
    media = footage_facts.of(recording) or {}
    findings = media.get("findings", [])
    return Told(
        findings=tuple(finding["message"] for finding in findings),
        serious=any(finding["code"] not in _HARMLESS for finding in findings),
        copy=_copy(recording),
    )


def playing(recording: Recording, *, token: str, said: Mapping[str, str]) -> dict[str, object]:
    """Where the player gets the footage from, and the way to the other of copy and original.

    Args:
        recording: what is played.
        token: of the viewing that was granted.
        said: the query of the page.
    """
    copied = Copy.objects.filter(
        recording=recording, kind=CopyKind.WORKING, state=CopyState.READY
    ).exists()
    original = said.get("original") == "1"
    other = {"form": form_to_fill.read(said.get("form", ""))}
    other["original"] = "" if original else "1"
    query = urlencode({name: text for name, text in other.items() if text}, safe="/")
    return {
        "source": f"/play/{token}/{'working' if copied and not original else 'master'}",
        "original": original,
        "instead": f"/recordings/{recording.pk}{query and '?'}{query}#player" if copied else "",
    }


def _copy(recording: Recording) -> str:
    working = Copy.objects.filter(recording=recording, kind=CopyKind.WORKING).first()
    if working is None or working.state == CopyState.READY:
        return ""
    if working.state == CopyState.FAILED:
        return (
            f"No copy for watching can be made: {working.problem} "
            "The original is kept as it came; your browser may not play it."
        )
    how = "encoded again, because browsers don’t play the original well" if working.encode else ""
    done = f", {working.progress} % done" if working.state == CopyState.MAKING else ""
    return (
        f"The copy for watching is being made{done}. "
        f"{f'It is {how}; this takes about as long as the recording. ' if how else ''}"
        "Until then the original is played, as far as your browser can."
    )


def about(recording: Recording) -> tuple[Fact, ...]:
    """The lines of *About it* that the file itself tells."""
    media = footage_facts.of(recording)
    if not media or "container" not in media:
        return ()
    container = media["container"].partition(",")[0]
    parts = [_CONTAINERS.get(container, container), media.get("picture", "")]
    parts.append(media.get("sound") or "no sound")
    uneven = "Pictures come at an uneven rate" if media.get("variable") else ""
    facts = [Fact("File", "; ".join(part for part in parts if part), uneven)]
    if media.get("rotation"):
        facts.append(Fact("Turned", f"{media['rotation']} degrees against the clock, for watching"))
    if media.get("created_at"):
        moment = times.exact(datetime.fromisoformat(media["created_at"]))
        facts.append(Fact("File made", moment, "as the file says; nobody has checked it"))
    if media.get("timecode"):
        facts.append(Fact("Timecode", media["timecode"], "of the first picture, as the file says"))
    return tuple(facts)


def stills(recording: Recording, *, token: str) -> Stills | None:
    """The strip of stills, when there is one."""
    made = Copy.objects.filter(recording=recording, kind=CopyKind.STRIP, state=CopyState.READY)
    if not made.exists():
        return None
    moments = tuple(
        times.counter(recording.duration_ms * number // STILLS) for number in range(STILLS)
    )
    return Stills(
        source=f"/play/{token}/strip",
        count=STILLS,
        moments=moments,
        words=f"{STILLS} stills, from {moments[0]} to {moments[-1]}",
    )


def sound(*, token: str, at: datetime, vault: Vault) -> Sound | None:
    """The sound, drawn and in words; None when it was not measured."""
    peaks = glimpses.peaks(token=token, at=at, vault=vault)
    if not peaks:
        return None
    share = max(1, math.ceil(len(peaks) / _COLUMNS))
    columns = [max(peaks[start : start + share]) for start in range(0, len(peaks), share)]
    path = " ".join(
        f"M{round(number * 1000 * share / len(peaks))} {_MIDDLE - tall}V{_MIDDLE + tall}"
        for number, column in enumerate(columns)
        if (tall := round(column * _TALL / 255)) > 0
    )
    return Sound(path=f"M0 {_MIDDLE}H1000 {path}".strip(), silences=_silences(peaks))


def _silences(peaks: bytes) -> tuple[tuple[str, str], ...]:
    rows = []
    began: int | None = None
    for number, peak in enumerate([*peaks, 255]):
        if peak <= _QUIET:
            began = number if began is None else began
        elif began is not None:
            if number - began >= _SHORTEST_SILENCE * glimpses.PEAKS_PER_SECOND:
                rows.append((f"{_counter(began)} to {_counter(number)}", "No sound is heard"))
            began = None
    return tuple(rows[:_MOST_SILENCES])


def _counter(tenth: int) -> str:
    return times.counter(tenth * 1000 // glimpses.PEAKS_PER_SECOND)
