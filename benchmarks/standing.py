"""A large store that is kept: filled once, and measured again and again by searches and pages.

What `search_turns` and `pages_turns` fill for themselves, in one: all recordings at once, with
places, and with all that hangs on them. A file in the folder says that it was filled to the end.
"""

import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from benchmarks import pages_rows, pages_turns, search_fill, search_turns
from benchmarks.search_fill import NOW
from django.core.management import call_command
from tests.critical_world import Critical
from tests.retention_world import AT, World

from fairwitness.config import clock


def stand(root: Path, live: int) -> None:
    """Fill the store in this folder, unless it is; a newer version's tables are made either way.

    Args:
        root: the data folder. A filling that was cut short is not gone on with: begin with none.
        live: how many recordings are not deleted, where none were filled yet.
    """
    clock.now = lambda: NOW
    call_command("migrate", verbosity=0)
    done = root / "filled"
    if done.exists():
        return
    world = World.make(root / "world")
    search_turns.force(world)
    pages_rows.keyed()
    critical = Critical.make(world, AT)
    pages_turns.appoint()
    search_fill.fill(live=live)
    _tell("recordings")
    dice = random.Random(1)  # noqa: S311 - rows, not secrets
    with search_fill.quickly():
        search_fill.mark(search_fill.spots(dice), dice, world.vault.ring)
        pages_rows.beside(low=0, now=NOW, logged=pages_turns.LOGGED)
    _tell("what hangs on them")
    critical.declare(at=NOW, began_at=NOW - timedelta(days=5), officers=pages_turns.busiest())
    pages_turns.settle()
    done.write_text(f"{live}\n")


def _tell(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%X')} filled: {what}\n")
    sys.stderr.flush()
