"""Each quality really has its size, its pictures a second and its bits a second."""

from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from tests.camera_making import make_kit

from fairwitness.camera.scene import Pixels, Samples, tone
from fairwitness.camera.settings import QUALITIES, Picture, Quality, Settings

GIGABYTES_AN_HOUR = {
    Quality.FULL_HD: 5.4,
    Quality.HD_HIGH: 3.6,
    Quality.HD_LOW: 1.8,
    Quality.SD: 0.8,
}
"""As the field notes have them for the real cameras."""


class Crowd:
    """A busy scene: shapes and grain that move, as in a street at night, the same each time."""

    def __init__(self, picture: Picture) -> None:
        random = np.random.default_rng(417)
        height, width = picture.height * 3 // 2, picture.width
        coarse = random.integers(40, 200, (height // 8 + 1, width // 8 + 1), dtype=np.uint8)
        shapes = np.kron(coarse, np.ones((8, 8), dtype=np.uint8))[:height, :width]
        grain = random.integers(0, 24, (height, width), dtype=np.uint8)
        self._pixels = shapes + grain

    has_picture = True

    def picture(self, at_ms: float) -> Pixels:
        return np.roll(self._pixels, int(at_ms / 10), axis=1)

    def sound(self, start: int, count: int) -> Samples:
        return tone(start, count)

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.mark.parametrize("quality", list(GIGABYTES_AN_HOUR))
def test_a_busy_street_takes_the_bits_that_its_quality_promises(
    tmp_path: Path, quality: Quality
) -> None:
    kit, wanted = make_kit(tmp_path), QUALITIES[quality]
    script = "at 0s boot\nat 4s double-press\nat 13s hold-event\nat 17s off\n"
    settings = Settings(quality=quality, buffer_seconds=0)
    (name,) = kit.play(script, settings=settings, scene=Crowd).recordings
    claim = kit.claim(name)
    assert (claim.width, claim.height) == (wanted.width, wanted.height)
    with av.open(str(kit.video(name))) as container:
        pictures = [packet.size for packet in container.demux(video=0) if packet.size]
    seconds = (claim.ended_at - claim.started_at) / timedelta(seconds=1)
    assert len(pictures) / seconds == pytest.approx(wanted.frames_per_second, rel=0.01)
    reached = sum(pictures) * 8 / seconds
    assert reached == pytest.approx(wanted.bit_rate, rel=0.1)
    assert claim.size * 3600 / seconds / 1e9 == pytest.approx(GIGABYTES_AN_HOUR[quality], rel=0.12)
