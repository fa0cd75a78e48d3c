"""One recording of our camera for all media tests."""

import pytest
from tests.camera_making import QUICK, make_kit


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Eight seconds in fragments, muted from the third to the seventh."""
    kit = make_kit(tmp_path_factory.mktemp("camera"))
    script = "at 0s boot\nat 4s double-press\nat 4.2s mute\nat 8.2s mute\nat 9.25s hold-event"
    (name,) = kit.play(script, settings=QUICK).recordings
    return kit.video(name).read_bytes()
