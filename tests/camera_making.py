"""Cameras for tests: one that films the test picture, and readers for what it made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import av
import numpy as np
from numpy.typing import NDArray

from fairwitness.camera.clock import ClockCard
from fairwitness.camera.identity import Identity, load_camera, make_camera
from fairwitness.camera.running import MakeScene, Played, VirtualCamera, World
from fairwitness.camera.scene import TestScene
from fairwitness.camera.script import parse
from fairwitness.camera.settings import Settings
from fairwitness.camera.volume import Volume
from fairwitness.formats import dsse
from fairwitness.formats.recording import Profile, RecordingClaim
from fairwitness.formats.statement import open_statement

STARTED = datetime(2017, 7, 5, 13, 0, tzinfo=UTC)
CLOCK = ClockCard(set=True, set_at=STARTED, source="dock 0007")
QUICK = Settings(buffer_seconds=0)


def test_picture(picture: object) -> TestScene:
    del picture
    return TestScene(640, 360)


test_picture.__test__ = False  # type: ignore[attr-defined] # a maker of scenes, not a test


@dataclass(frozen=True)
class Kit:
    """A camera's folders."""

    volume: Path
    device: Path

    @property
    def identity(self) -> Identity:
        return load_camera(volume=self.volume, device=self.device)

    def play(
        self,
        script: str,
        *,
        settings: Settings | None = None,
        scene: MakeScene = test_picture,
        **world: object,
    ) -> Played:
        surroundings = World(
            started=STARTED,
            scene=scene,
            settings=settings,
            **world,  # type: ignore[arg-type] # by name
        )
        camera = VirtualCamera(volume=self.volume, device=self.device, world=surroundings)
        try:
            return camera.play(parse(script))
        finally:
            camera.close()

    def claim(self, name: str) -> RecordingClaim:
        """The claim of a recording, its signature checked with the key on the volume."""
        envelope = dsse.parse(Volume(self.volume).statement(name).read_bytes())
        key = self.identity.key.public
        return open_statement(envelope, RecordingClaim, {key.keyid: key}).predicate

    def video(self, name: str) -> Path:
        return Volume(self.volume).video(name)

    @property
    def logged(self) -> list[Mapping[str, object]]:
        lines = Volume(self.volume).log.read_text().splitlines()
        return [json.loads(line) for line in lines]


def make_kit(folder: Path, *, profile: Profile = Profile.BODY2, clock: ClockCard = CLOCK) -> Kit:
    kit = Kit(volume=folder / "volume", device=folder / "device")
    make_camera(
        volume=kit.volume,
        device=kit.device,
        serial="00417",
        profile=profile,
        volume_id=UUID(int=0x417),
        clock=clock,
    )
    return kit


def pictures(path: Path) -> int:
    """How many pictures decode, every one of them."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def loudness(path: Path) -> NDArray[np.float64]:
    """The loudest sample of each tenth of a second, 0 to 1."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [(frame.time or 0.0, frame.to_ndarray()[0]) for frame in container.decode(stream)]
        rate = stream.sample_rate
    ends = max(round(at * rate) + len(samples) for at, samples in frames)
    sound = np.zeros(ends)
    for at, samples in frames:
        first = round(at * rate)
        sound[first : first + len(samples)] = np.abs(samples)
    tenth = rate // 10
    whole = len(sound) // tenth * tenth
    return np.asarray(sound[:whole].reshape(-1, tenth).max(axis=1))
