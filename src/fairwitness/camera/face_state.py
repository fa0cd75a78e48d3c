"""The state of a camera's face as JSON: all that the page shows, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fairwitness.camera import face_words
from fairwitness.camera.device import Camera, Mode
from fairwitness.camera.inputs import Memory
from fairwitness.camera.live import LiveCamera, Said
from fairwitness.camera.outputs import Log, Prompt, Signal
from fairwitness.camera.signals import PATTERNS, Pattern
from fairwitness.camera.volume import Volume
from fairwitness.formats import dsse, timestamp
from fairwitness.formats.canonical import Json
from fairwitness.formats.errors import FormatError
from fairwitness.formats.recording import RecordingClaim
from fairwitness.formats.statement import open_statement

LONDON: Final = ZoneInfo("Europe/London")
DAYS_KEPT: Final = 31
_MEMORY: Final = {
    Memory.ENOUGH: "enough room",
    Memory.LOW: "nearly full",
    Memory.FULL: "full: it will not record",
}


class FaceState:
    """Reads a live camera; remembers how long the recordings on its volume are."""

    def __init__(self, live: LiveCamera) -> None:
        self._live = live
        self._volume = Volume(live.volume)
        self._lengths: dict[str, int] = {}

    def read(self, *, at: datetime) -> dict[str, Json]:
        """Everything the page shows.

        Args:
            at: true time, for the day on which a recording that ends now is deleted.
        """
        live = self._live
        running, camera = live.camera, live.camera.camera
        title, sentence = face_words.state_of(camera)
        kind = running.identity.profile
        return {
            "version": live.version,
            "serial": running.identity.serial,
            "title": kind.title,
            "profile": kind.profile.value,
            "mount": running.identity.card.mount.value,
            "lens": kind.lens_degrees,
            "mode": camera.mode.value,
            "state": title,
            "sentence": sentence,
            "trouble": live.trouble,
            "on": camera.powered,
            "docked": camera.mode is Mode.DOCKED,
            "cable": camera.cable_in if kind.has_cable else None,
            "lights": {
                "operation": camera.lights.operation.value,
                "function": camera.lights.function.value,
                "battery": camera.lights.battery.value,
                "public": camera.lights.public.value,
            },
            "uses": [
                {"button": use.button.value, "how": use.how, "does": use.does, "works": use.works}
                for use in face_words.uses_of(camera)
            ],
            "recording": self._recording(camera),
            "people": self._people(),
            "levels": self._levels(camera),
            "stored": self._stored(),
            "deletes": _day(at + timedelta(days=DAYS_KEPT)),
            "said": [_told(said) for said in live.said],
        }

    def _recording(self, camera: Camera) -> Json:
        facts = self._live.recording
        if facts is None:
            return None
        now = self._live.camera.clock.at(camera.now)
        return {
            "name": f"{self._live.camera.identity.serial}-{facts.counter}",
            "number": facts.counter,
            "part": facts.part,
            "since": timestamp.text(facts.started_at + timedelta(milliseconds=facts.buffer_ms)),
            "lasts_ms": (now - facts.started_at) // timedelta(milliseconds=1) - facts.buffer_ms,
            "buffer_seconds": round(facts.buffer_ms / 1000),
            "muted": camera.muted,
            "markers": sum(1 for event in facts.events if event.kind.value == "marker"),
        }

    def _people(self) -> Json:
        people = self._live.people
        if not people.asked:
            return None
        return {"say": face_words.SAY, "told": people.answer}

    def _levels(self, camera: Camera) -> Json:
        settings, recorder = camera.settings, self._live.camera.recorder
        used = self._volume.used_bytes() * 100 // self._live.camera.identity.profile.memory_bytes
        return {
            "battery": camera.percent,
            "minutes_left": camera.minutes_left,
            "memory_used": used,
            "memory": _MEMORY[camera.memory],
            "buffer_seconds": settings.buffer_seconds,
            "buffered_seconds": recorder.buffered_ms // 1000,
            "clock": "set" if camera.clock_set else "not set: dock it",
            "settings": f"version {settings.version}, {settings.quality}",
        }

    def _stored(self) -> Mapping[str, Json]:
        names = sorted(path.stem for path in self._volume.recordings.glob("*.mp4"))
        lengths = [self._length(name) for name in names]
        receipts = self._volume.root / "receipts"
        return {
            "names": list(names),
            "seconds": sum(lengths) // 1000,
            "received": sum(1 for _ in receipts.glob("*.json")) if receipts.exists() else 0,
            "volume": str(self._volume.root.absolute()),
            "bay": self._live.bays is not None,
        }

    def _length(self, name: str) -> int:
        if name not in self._lengths:
            key = self._live.camera.identity.key.public
            try:
                envelope = dsse.parse(self._volume.statement(name).read_bytes())
                claim = open_statement(envelope, RecordingClaim, {key.keyid: key}).predicate
            except (OSError, FormatError):
                return 0  # a dock is erasing it
            lasted = claim.ended_at - claim.started_at
            self._lengths[name] = lasted // timedelta(milliseconds=1)
        return self._lengths[name]


def _told(said: Said) -> Json:
    pattern, words = Pattern(0, 0), ""
    match said.output:
        case Signal(meaning=meaning, beeps=beeps, buzzes=buzzes, pace=pace):
            pattern = Pattern(beeps, buzzes, pace, PATTERNS[meaning].every_ms)
            words = meaning.value[:1].upper() + meaning.value[1:]
        case Prompt(text=text):
            words = text
        case Log(what=what, detail=detail):
            words = f"{what[:1].upper()}{what[1:]}{f': {detail}' if detail else ''}"
    return {
        "number": said.number,
        "at": said.at.astimezone(UTC).isoformat(),
        "beeps": pattern.beeps,
        "buzzes": pattern.buzzes,
        "pace": pattern.pace.value,
        "every_ms": pattern.every_ms,
        "caption": face_words.caption(pattern) if pattern.beeps or pattern.buzzes else None,
        "light": said.operation,
        "words": words,
    }


def _day(at: datetime) -> str:
    day = at.astimezone(LONDON)
    return f"{day:%a} {day.day} {day:%B %Y}"
