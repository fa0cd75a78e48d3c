"""No tracked text names a machine's paths or a registry's host, or leaves work undone."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATHS = re.compile(r"(?<![A-Za-z0-9_.])/(work|farm|root)/|pypi\.org|pythonhosted|registry\.npmjs")
UNDONE = re.compile(r"\b(TODO|FIXME|XXX)\b")
HERE = "tests/unit/structure/test_speech.py"


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and name != HERE]


def _lines_with(pattern: re.Pattern[str], suffixes: set[str] | None = None) -> list[str]:
    found = []
    for path in _tracked():
        if not path.is_file() or (suffixes and path.suffix not in suffixes):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_machine_or_registry_is_named() -> None:
    assert _lines_with(PATHS) == []


def test_no_work_is_left_undone() -> None:
    assert _lines_with(UNDONE, {".py", ".html", ".js", ".css", ".sh"}) == []
