"""A camera's volume is read with suspicion: whoever made it may have meant harm."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fairwitness.dock import device_log
from fairwitness.dock.volume import Volume, VolumeUnreadable
from fairwitness.formats import canonical


def laid_out(root: Path, serial: str = "00417") -> Path:
    (root / "recordings").mkdir(parents=True)
    card: dict[str, str | int] = {
        "version": 1,
        "serial": serial,
        "profile": "body2",
        "firmware": "1.0",
        "public_key": "",
        "volume_id": f"v-{serial}",
    }
    (root / "camera.json").write_bytes(canonical.encode(card))
    return root


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    secret = path.parent.parent / "secret"
    secret.write_bytes(b"{}\n")
    path.symlink_to(secret)


def _without_end(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


TRAPS = [_pipe, _link, _without_end]


@pytest.mark.parametrize("trap", TRAPS)
def test_a_card_that_is_a_trap_is_no_camera(tmp_path: Path, trap: Callable[[Path], None]) -> None:
    root = laid_out(tmp_path / "volume")
    (root / "camera.json").unlink()
    trap(root / "camera.json")
    with pytest.raises(VolumeUnreadable, match="no readable camera"):
        Volume(root)


@pytest.mark.parametrize("trap", TRAPS)
def test_other_cards_and_statements_that_are_traps_say_nothing(
    tmp_path: Path, trap: Callable[[Path], None]
) -> None:
    root = laid_out(tmp_path / "volume")
    for name in ("clock.json", "battery.json", "recordings/00417-1-1.dsse.json"):
        trap(root / name)
    (root / "recordings/00417-1-1.mp4").write_bytes(b"x")
    camera = Volume(root)
    assert camera.clock() is None
    assert camera.battery() is None
    assert [name for name, _ in camera.contents().passed_over] == ["00417-1-1.mp4"]


def test_another_camera_in_its_place_is_not_it(tmp_path: Path) -> None:
    camera = Volume(laid_out(tmp_path / "volume"))
    assert camera.present()
    (tmp_path / "volume").rename(tmp_path / "away")
    assert not camera.present()
    laid_out(tmp_path / "volume", "00999")
    assert not camera.present()


class Server:
    """Wants every line from the first; keeps what it is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def log_line(self, serial: str) -> int:
        assert serial == "00417"
        return 1

    def send_log(self, serial: str, *, first_line: int, lines: bytes) -> int:
        assert serial == "00417"
        self.sent.append(lines)
        return first_line + lines.count(b"\n")


def brought(root: Path) -> tuple[list[bytes], list[str]]:
    server, said = Server(), list[str]()
    device_log.bring(server=server, serial="00417", root=root, said=said.append)
    return server.sent, said


@pytest.mark.parametrize("trap", TRAPS)
def test_a_log_that_is_a_trap_is_not_sent(tmp_path: Path, trap: Callable[[Path], None]) -> None:
    root = laid_out(tmp_path / "volume")
    trap(root / device_log.NAME)
    sent, said = brought(root)
    assert sent == []
    assert "its log can't be read" in said[0]


def test_whole_lines_go_and_a_torn_one_waits(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "volume")
    (root / device_log.NAME).write_bytes(b'{"a":1}\n{"b":2}\n{"to')
    assert brought(root) == ([b'{"a":1}\n{"b":2}\n'], [])
