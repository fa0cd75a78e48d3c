"""What the camera sealed plays to its last picture in a real browser, as it is and as a copy."""

import base64
from pathlib import Path

import pytest
from tests.browser import chromium
from tests.camera_making import QUICK, make_kit
from tests.media_samples import working_copy
from tests.signed_films import read

from fairwitness.formats.signed_video import VideoVerdict

pytestmark = pytest.mark.journey

PLAY = """
(film) => new Promise((done) => {
  const video = document.createElement("video");
  document.body.append(video);
  video.muted = true;
  video.onended = () => done({
    at: video.currentTime, lasts: video.duration,
    shown: video.getVideoPlaybackQuality().totalVideoFrames,
  });
  video.onerror = () => done({ error: video.error.message });
  const bytes = Uint8Array.from(atob(film), (letter) => letter.charCodeAt(0));
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  video.play();
})
"""


@pytest.mark.parametrize("kind", ["master", "working copy"])
def test_it_plays_to_its_end(tmp_path: Path, kind: str) -> None:
    kit = make_kit(tmp_path)
    script = "at 0s boot\nat 3s double-press\nat 7s hold-event\nat 11s off"
    (name,) = kit.play(script, settings=QUICK).recordings
    data = kit.video(name).read_bytes()
    if kind == "working copy":
        data, _ = working_copy(data)
    assert read(data).verdict is VideoVerdict.INTACT
    claim = kit.claim(name)
    seconds = (claim.ended_at - claim.started_at).total_seconds()
    with chromium() as browser:
        page = browser.new_page()
        played = page.evaluate(PLAY, base64.b64encode(data).decode())
    assert "error" not in played, played
    assert played["at"] == pytest.approx(seconds, abs=0.2)
    assert played["lasts"] == pytest.approx(seconds, abs=0.2)
    assert played["shown"] > seconds * claim.frames_per_second * 0.5
