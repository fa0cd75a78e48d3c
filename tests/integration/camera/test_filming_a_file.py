"""A camera films real footage, over and over, with its sound."""

import itertools
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.camera_making import QUICK, Kit, loudness, make_kit
from tests.media_samples import encoded

from fairwitness.camera.file_scene import FileScene, SceneUnreadable
from fairwitness.camera.live import LiveCamera
from fairwitness.camera.scene import SOUND_RATE
from fairwitness.camera.settings import Picture


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of test picture, with two silent ones in the middle."""
    kit = make_kit(tmp_path_factory.mktemp("clip"))
    script = "at 0s boot\nat 4s double-press\nat 5s mute\nat 7s mute\nat 9s hold-event"
    (name,) = kit.play(script, settings=QUICK).recordings
    return kit.video(name)


def filmed(folder: Path, clip: Path) -> Kit:
    kit = make_kit(folder)

    def scene(picture: Picture) -> FileScene:
        return FileScene(clip, picture.width, picture.height)

    script = "at 0s boot\nat 4s double-press\nat 25s hold-event"
    kit.play(script, settings=QUICK, scene=scene)
    return kit


def test_a_file_that_turns_out_not_to_decode_stops_the_camera_in_order(tmp_path: Path) -> None:
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(encoded().replace(b"avc1", b"zzzz"))
    scene = FileScene(odd, 64, 48)
    with pytest.raises(SceneUnreadable, match="can't be filmed"):
        scene.picture(0)
    kit = make_kit(tmp_path)

    def scenes(picture: Picture) -> FileScene:
        return FileScene(odd, picture.width, picture.height)

    live = LiveCamera(
        volume=kit.volume, device=kit.device, scenes=scenes, clock=lambda: datetime.now(UTC)
    )
    with live:
        live.do("boot")
        deadline = time.monotonic() + 60
        while not live.trouble:
            assert time.monotonic() < deadline, "nobody is told"
            live.await_change(live.version, seconds=0.5)
        assert "odd.mp4 can't be filmed" in live.trouble


def test_a_short_clip_is_filmed_again_and_again(clip: Path, tmp_path: Path) -> None:
    path = filmed(tmp_path, clip).video("00417-1-1")
    sound = loudness(path)
    runs = [len(list(run)) for quiet, run in itertools.groupby(sound < 1e-3) if quiet]
    assert sum(1 for tenths in runs if tenths >= 15) == 3


@pytest.mark.parametrize(("width", "height"), [(640, 360), (320, 240), (128, 360)])
def test_other_shapes_get_black_borders(clip: Path, width: int, height: int) -> None:
    scene = FileScene(clip, width, height)
    pixels = scene.picture(0)
    scene.close()
    assert pixels.shape == (height * 3 // 2, width)
    shown = min(height, width * 9 // 16)
    border = (height - shown) // 2
    assert (pixels[: border // 2 * 2 - 2] == 16).all() if border > 4 else True
    assert pixels[height // 2].max() > 100


def test_sound_does_not_depend_on_how_it_is_asked_for(clip: Path) -> None:
    one, other = FileScene(clip, 64, 36), FileScene(clip, 64, 36)
    whole = one.sound(0, SOUND_RATE * 20)
    position = 0
    for count in (1, 777, SOUND_RATE, 3 * SOUND_RATE, SOUND_RATE * 16 - 778):
        part = other.sound(position, count)
        assert (part == whole[position : position + count]).all()
        position += count
    one.close()
    other.close()


def test_skipping_forward_arrives_at_the_same_sound(clip: Path) -> None:
    one, other = FileScene(clip, 64, 36), FileScene(clip, 64, 36)
    whole = one.sound(0, SOUND_RATE * 12)
    assert (other.sound(SOUND_RATE * 10, SOUND_RATE) == whole[SOUND_RATE * 10 :][:SOUND_RATE]).all()
    one.close()
    other.close()


def test_what_is_no_footage_can_not_be_filmed(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.mp4"
    nothing.write_bytes(b"not footage")
    with pytest.raises(SceneUnreadable):
        FileScene(nothing, 64, 36)
    with pytest.raises(SceneUnreadable):
        FileScene(tmp_path / "missing.mp4", 64, 36)


@pytest.mark.parametrize("sound", [None, b"\0"], ids=["none", "silence"])
def test_footage_without_anything_to_hear_gets_a_tone(sound: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    path.write_bytes(encoded(sound=None if sound is None else "aac", sample=sound or b""))
    scene = FileScene(path, 64, 36)
    assert abs(scene.sound(0, SOUND_RATE)).max() > 0.05
    scene.close()


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts", "avi"])
def test_containers_that_begin_later_than_nought_are_filmed_in_time(
    container: str, tmp_path: Path
) -> None:
    path = tmp_path / "clip"
    path.write_bytes(encoded(container=container, sound=None))
    scene = FileScene(path, 64, 36)
    middles = [int(scene.picture(ms)[18, 32]) for ms in (50, 550, 1_050, 1_550, 2_550)]
    scene.close()
    for middle, expected in zip(middles, (0, 60, 120, 180, 60), strict=True):
        assert abs(middle - expected) <= 16  # one picture more or less
