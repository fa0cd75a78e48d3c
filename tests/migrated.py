"""An empty database brought up to date once, and copied wherever a test needs a new one.

To make all tables takes many seconds, and each site that a test founds needs them. What comes out
depends on nothing but the migrations, so the first who needs it keeps it beside pytest's cache
under a name made of them; whoever migrates a copy finds that nothing is left to do. The
demonstration makes its tables itself, as a person would, and so do two commands that start on an
empty folder at once.
"""

import fcntl
import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

import django

_ROOT: Final = Path(__file__).parent.parent
_KEPT: Final = _ROOT / ".pytest_cache" / "migrated"
_CODE: Final = _ROOT / "src" / "fairwitness"
_ALSO: Final = ("custody/triggers.py", "evidence/words.py")
"""What migrations import of ours."""


def copy(target: Path) -> None:
    """Put an empty database with all its tables at `target`, whose folder is made."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = _KEPT / f"{_name()}.sqlite3"
        if not template.exists():
            _make(template)
        _copy(template, target)  # still locked: whoever makes another removes this one


def _name() -> str:
    made_of = hashlib.sha256(f"{django.VERSION} {sys.version}".encode())
    sources = [*_CODE.rglob("migrations/*.py"), *(_CODE / name for name in _ALSO)]
    for source in sorted(sources):
        made_of.update(f"{source.relative_to(_CODE)}\n".encode() + source.read_bytes())
    return made_of.hexdigest()[:16]


def _make(template: Path) -> None:
    with tempfile.TemporaryDirectory() as data:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FAIRWITNESS_")}
        own = {"FAIRWITNESS_DATA": data, "DJANGO_SETTINGS_MODULE": "fairwitness.config.settings"}
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
            env=kept | own,
            cwd=_ROOT,
            check=True,
        )
        half = template.with_suffix(".half")
        _copy(Path(data) / "fairwitness.sqlite3", half)
    for older in _KEPT.glob("*.sqlite3"):
        older.unlink()
    half.rename(template)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
