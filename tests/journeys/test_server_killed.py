"""kill -9 of the server: what it acknowledged is there, what it did not is sent again."""

import hashlib
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.ingest_world import long_video
from tests.serving import Site, serving

pytestmark = [pytest.mark.journey, pytest.mark.fault]

MIB = 1 << 20


def test_killed_in_the_middle_of_an_upload_then_resumed_to_a_receipt(tmp_path: Path) -> None:
    data = long_video(40 * MIB)
    with serving(tmp_path) as site:
        upload = site.create(data, counter=1)
        offset = 0
        for sent in (5 * MIB, 9 * MIB):
            offset = _patch_and_kill(site, upload, data, offset, sent)
        assert site.patch(upload, data[offset:], offset).status_code == 204
        found = site.receipt(upload, data)
        shown = site.inside("show", site.recording_of(found))
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()
    assert shown["recordings"] == 1


def _patch_and_kill(site: Site, upload: str, data: bytes, offset: int, sent: int) -> int:
    """Send `sent` bytes whole, begin another body, kill the server in it, start it again."""
    assert site.patch(upload, data[offset : offset + sent], offset).status_code == 204
    acknowledged = site.offset(upload)
    assert acknowledged == offset + sent

    def slowly() -> object:
        for start in range(acknowledged, len(data), MIB):
            yield data[start : start + MIB]
            time.sleep(0.05)

    def hang() -> None:
        try:
            httpx.patch(
                upload,
                headers=site.auth
                | {
                    "Tus-Resumable": "1.0.0",
                    "Content-Type": "application/offset+octet-stream",
                    "Upload-Offset": str(acknowledged),
                },
                content=slowly(),  # type: ignore[arg-type] # an iterator of bytes
                timeout=30,
            )
        except httpx.TransportError:
            return

    sender = threading.Thread(target=hang)
    sender.start()
    time.sleep(0.3)
    site.kill()
    sender.join(40)
    site.start()
    after = site.offset(upload)
    assert acknowledged <= after <= len(data)
    return after


def test_killed_between_the_last_byte_and_the_receipt(tmp_path: Path) -> None:
    data = long_video(20 * MIB, shade=40)
    with serving(tmp_path) as site:
        upload = site.create(data, counter=1)
        assert site.patch(upload, data, 0).status_code == 204
        for _ in range(3):
            site.kill()
            site.start()
        found = site.receipt(upload, data)
        shown = site.inside("show", site.recording_of(found))
        assert site.create(data, counter=1) == upload
    assert shown["recordings"] == 1
