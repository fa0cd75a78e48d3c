"""The bay board in the terminal."""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fairwitness.dock import board
from fairwitness.dock.bays import BayView
from fairwitness.dock.board import Board
from fairwitness.dock.doing import Doing, Light

_STYLES = {
    Light.OFF: "dim",
    Light.SOLID_GREEN: "green",
    Light.BLINKING_YELLOW: "yellow",
    Light.SOLID_YELLOW: "yellow",
    Light.SOLID_RED: "red",
    Light.BLINKING_RED: "bold red",
}


def drawn(now: Board) -> Group:
    """The board, to be shown."""
    table = Table(title=escape(f"Dock {now.dock}, {now.station}"), title_justify="left")
    for title in ("Bay", "Camera", "Light", "What goes on", "Owed, time left"):
        table.add_column(title)
    for bay in now.bays:
        table.add_row(
            str(bay.number),
            Text(f"{bay.camera} {bay.wearer}".strip()),
            Text(bay.light.value, style=_STYLES[bay.light]),
            _going_on(bay),
            board.left_of(bay),
        )
    foot = f"{board.summary(now.bays)}. Time left for all: {now.time_left}."
    return Group(table, Text(foot))


def _going_on(bay: BayView) -> RenderableType:
    words = Text("\n".join((board.status_of(bay), *board.notes_of(bay))))
    if bay.doing is not Doing.UPLOADING or bay.sent_of is None:
        return words
    _, sent, size = bay.sent_of
    return Group(words, ProgressBar(total=size, completed=sent, width=30))
