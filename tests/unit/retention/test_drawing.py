"""The lots are what the page says they are: anybody with `sha256sum` and `sort` draws the same."""

import hashlib
import subprocess
import uuid
from pathlib import Path

from fairwitness.retention import drawing

ROOT = hashlib.sha256(b"a root").hexdigest()
IDS = [str(uuid.UUID(int=number * 7919)) for number in range(40)]

REDONE = """
set -eu
while read -r id; do
  printf '%s %s\\n' "$(printf '%s:%s' "$root" "$id" | sha256sum | cut -c1-64)" "$id"
done < list.txt | LC_ALL=C sort
"""


def test_the_shell_draws_the_same(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(drawing.listed(IDS))
    done = subprocess.run(
        ["/bin/sh", "-c", REDONE],
        cwd=tmp_path,
        env={"root": ROOT, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    redone = [tuple(line.split()) for line in done.stdout.splitlines()]
    assert redone == drawing.lots(ROOT, IDS)


def test_the_digest_is_of_the_list_in_order(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(drawing.listed(IDS))
    done = subprocess.run(
        ["/usr/bin/sha256sum", "list.txt"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == drawing.digest(IDS) == drawing.digest(reversed(IDS))


def test_another_root_draws_others() -> None:
    other = hashlib.sha256(b"another").hexdigest()
    first = {each for _, each in drawing.lots(ROOT, IDS)[:5]}
    assert first != {each for _, each in drawing.lots(other, IDS)[:5]}


def test_taking_one_from_the_list_changes_no_other_lot() -> None:
    kept = dict((each, lot) for lot, each in drawing.lots(ROOT, IDS[1:]))  # noqa: C402 - a swap
    assert all(drawing.lot(ROOT, each) == lot for each, lot in kept.items())
