"""What a bundle's page and its PDF say of an exhibit, in the same words. Pure.

Both are drawn from `exhibit.json`, which the bundle carries, so that neither can say more than the
facts do. Times are those of London, with their error bounds.
"""

import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairwitness.formats.exhibit import ExhibitFacts
from fairwitness.formats.manifest import Provenance

_LONDON = zoneinfo.ZoneInfo("Europe/London")

NOT_PROVED = (
    "That the clock was right to better than the bounds given.",
    "What happened before or after, or out of view.",
    "Who anyone in the picture is.",
    "That nobody filmed something else with another camera.",
)
"""What none of our proofs proves; said wherever one is shown."""


_MOST_COUNTERS = 20

SILENCE = "Without sound"
"""The name of the line that lists the stretches without sound."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact for people: a name and its words."""

    name: str
    value: str


def moment(at: datetime) -> str:
    """'Tuesday 4 July 2017, 21:15:08 BST', on a London clock."""
    return f"{_day_and_time(at)} {at.astimezone(_LONDON):%Z}"


def _day_and_time(at: datetime) -> str:
    local = at.astimezone(_LONDON)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M:%S}"


def seconds(microseconds: int) -> str:
    """'0.4 s', never rounded down to nothing."""
    tenths = max(1, -(-abs(microseconds) // 100_000))
    return f"{tenths / 10:.1f} s"


def counter(milliseconds: int) -> str:
    """'07:32', a place in the recording, to the second before."""
    minutes, rest = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def stretch(from_ms: int, to_ms: int) -> str:
    """'01:00 to 01:48', never shorter than what it names."""
    return f"{counter(from_ms)} to {counter(to_ms + 999)}"


def length(milliseconds: int) -> str:
    """'7 min 32 s'."""
    minutes, rest = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    said = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(said[:2]) or "0 s"


def when(facts: ExhibitFacts) -> str:
    """When it began and ended, give or take what; or what is not known."""
    between = facts.started_between
    if facts.started_at is None or facts.ended_at is None:
        return f"The device gave no time. Received {moment(facts.received_at)}."
    if between is None:
        return (
            f"{moment(facts.started_at)} by the camera's own clock, which was not compared with"
            " another both before and after: it may be wrong by any amount."
        )
    low, high = between
    middle = low + (high - low) / 2
    slack = (high - low) / 2 // timedelta(microseconds=1)
    lasted = facts.ended_at - facts.started_at
    end = (middle + lasted).astimezone(_LONDON)
    begin = _day_and_time(middle)
    if end.tzname() != middle.astimezone(_LONDON).tzname():
        begin = moment(middle)  # the clocks changed while it recorded
    return f"{begin} to {end:%H:%M:%S %Z}, give or take {seconds(slack)}"


def life(facts: ExhibitFacts, *, recipient: str, made_at: datetime) -> tuple[Line, ...]:
    """The life line of what is handed out: where it came from, and where this copy goes."""
    between = facts.started_between
    began = "not known when"
    if between is not None:
        began = moment(between[0] + (between[1] - between[0]) / 2)
    elif facts.started_at is not None:
        began = f"{moment(facts.started_at)}, by its own clock"
    where = f", {facts.station}" if facts.station else ""
    return (
        Line("Recorded", began),
        Line("Received, sealed", f"{moment(facts.received_at)}{where}"),
        Line("Copy for court", f"{moment(made_at)}, for {recipient}"),
    )


def clock(facts: ExhibitFacts) -> str:
    """How the camera's clock stood."""
    low, high = facts.clock_ahead_us_min, facts.clock_ahead_us_max
    if low is None or high is None:
        return "Not compared with another clock both before and after."
    return (
        f"Set at one docking and measured at the next: in between it was from {_off(low)} to"
        f" {_off(high)}. The times above are corrected for it."
    )


def _off(microseconds: int) -> str:
    if microseconds < 0:
        return f"{seconds(microseconds)} behind"
    return f"{seconds(microseconds)} ahead"


def gaps(facts: ExhibitFacts) -> str:
    """Whether something is missing: numbers that never arrived, an interruption, other parts."""
    said = []
    if facts.counters_missing:
        numbers = ", ".join(str(number) for number in facts.counters_missing[:_MOST_COUNTERS])
        left = len(facts.counters_missing) - _MOST_COUNTERS
        more = f" and {left} more, all in exhibit.json" if left > 0 else ""
        said.append(f"Recordings of this camera that had not arrived: {numbers}{more}.")
    if facts.interrupted:
        said.append("The recording was cut short (power or cable) and recovered.")
    if facts.part > 1 or not facts.last_part:
        said.append(f"This is part {facts.part} of a longer recording.")
    return " ".join(said) or _none("None known.", facts)


def _none(words: str, facts: ExhibitFacts) -> str:
    """Only a camera that signed can have said that there is none."""
    signed = facts.provenance is Provenance.SIGNED
    return words if signed else "Not known: no camera vouches for this recording."


def mutes(facts: ExhibitFacts, *, most: int | None = None) -> str:
    """Where there is no sound, and why.

    Args:
        facts: of the exhibit.
        most: how many muted stretches to name; the page names all, the paper what it has room for.
    """
    said = []
    if facts.buffer_ms:
        said.append(
            f"{stretch(0, facts.buffer_ms)}: buffer, from before record was pressed; it has no"
            " sound."
        )
    for span in facts.mute[:most]:
        reason = f" Reason: {span.reason}." if span.reason else ""
        said.append(f"{stretch(span.from_ms, span.to_ms)}: muted by the officer.{reason}")
    left = len(facts.mute[len(facts.mute[:most]) :])
    if left:
        total = sum(span.to_ms - span.from_ms for span in facts.mute)
        said.append(
            f"And {left} more muted stretches; all {len(facts.mute)} together last"
            f" {length(total)}. {_ELSEWHERE}"
        )
    return " ".join(said) or _none("None.", facts)


_ELSEWHERE = "The whole list is in index.html and in exhibit.json."


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; one that is cut says where the whole is."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()}… (whole in index.html)"


def verdict(facts: ExhibitFacts) -> str:
    """What the force says of the master, as checked when the copy was made."""
    if facts.provenance is Provenance.SIGNED:
        return f"Unchanged since camera {facts.camera} signed it"
    return "Unchanged since we received it (the camera did not sign)"


def _came_from(facts: ExhibitFacts) -> tuple[Line, ...]:
    if facts.provenance is not Provenance.VOLUME:
        return ()
    return (Line("Came from", "a stick or card of another maker's footage, taken by a dock"),)


def lines(facts: ExhibitFacts, *, most_mutes: int | None = None) -> tuple[Line, ...]:
    """Who, what and when; of the muted stretches at most so many."""
    worn = facts.wearer or "not known"
    return (
        Line("Case", facts.case),
        Line("Produced by", facts.producer),
        Line("Recording", facts.recording_reference),
        *_came_from(facts),
        Line("Worn by", f"{worn}, {facts.unit}" if facts.unit else worn),
        Line("When", when(facts)),
        Line("Camera's clock", clock(facts)),
        Line("Length", length(facts.duration_ms) if facts.duration_ms is not None else "not known"),
        Line("Received", f"{moment(facts.received_at)}; every byte was read back"),
        Line("Gaps", gaps(facts)),
        Line(SILENCE, mutes(facts, most=most_mutes)),
    )
