"""How vectors are written: one JSON file for a format, its bytes in base64, always the same."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwitness.formats.errors import FormatError

HERE = Path(__file__).parent


def valid(name: str, data: bytes, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
    """A case that every reader must accept, with what it must find."""
    return {"name": name, "data": _base64(data), **more}


def invalid(name: str, data: bytes, read: Callable[[bytes], object]) -> dict[str, Any]:
    """A case that every reader must refuse; `code` is how ours names the reason."""
    try:
        read(data)
    except FormatError as error:
        return {"name": name, "data": _base64(data), "code": error.stable_code}
    raise AssertionError(f"{name} is not refused")


def text(content: dict[str, Any]) -> str:
    """The text of a vector file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(name: str, content: dict[str, Any]) -> None:
    """Write `tests/vectors/<name>/vectors.json`."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "vectors.json").write_text(text(content), encoding="utf-8")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
