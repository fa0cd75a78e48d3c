"""Transcripts in words: who typed and attached them, and what the newest one says line by line."""

from dataclasses import dataclass
from datetime import datetime

from fairwitness.evidence import glimpses
from fairwitness.evidence.models import Recording, Transcript
from fairwitness.vault.vault import Vault
from fairwitness.web import moments, times


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line: where the player goes, when, who and what."""

    moment: str
    seconds: str
    counter: str
    voice: str
    text: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A transcript as a row: where it opens, empty without a viewing."""

    number: int
    href: str
    name: str
    made_by: str
    attached_by: str
    attached_at: str
    lines: int
    current: bool


def beside(row: Recording, *, token: str, at: datetime, vault: Vault) -> dict[str, object]:
    """What the player shows of the newest transcript: captions, and its lines."""
    newest = row.transcripts.select_related("attached_by").order_by("-number").first()
    if newest is None:
        return {}
    cues = glimpses.lines(token=token, at=at, vault=vault)
    return {
        "transcript": attached(row, newest, token=token, current=True),
        "spoken": [
            Spoken(
                moment=moments.write(cue.starts_ms),
                seconds=f"{cue.starts_ms / 1000:.3f}",
                counter=times.counter(cue.starts_ms),
                voice=cue.voice,
                text=cue.text,
            )
            for cue in cues
        ],
    }


def attached(row: Recording, made: Transcript, *, token: str, current: bool) -> Attached:
    """A transcript as a row; without a token its file does not open."""
    return Attached(
        number=made.number,
        href=f"/play/{token}/transcript-{made.number}" if token else "",
        name=f"{row.reference.replace('/', '-')}-transcript-{made.number}.vtt",
        made_by=made.made_by,
        attached_by=str(made.attached_by),
        attached_at=times.short_moment(made.attached_at),
        lines=made.lines,
        current=current,
    )
