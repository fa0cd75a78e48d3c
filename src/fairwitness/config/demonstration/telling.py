"""How the demonstration speaks: a dozen plain lines with ticks; with `-v` the digests as well."""

import json
import sys
import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(slots=True)
class Teller:
    """Says each step when it is done; a step that fails says so and stops all.

    Attributes:
        as_json: one JSON object a step instead of words.
        verbose: say the details under each line.
    """

    as_json: bool
    verbose: bool
    started: float = field(default_factory=time.monotonic)
    told: list[str] = field(default_factory=list)
    _console: Console = field(default_factory=lambda: Console(highlight=False))

    def done(self, line: str, **details: object) -> None:
        """One step was seen to work."""
        self.told.append(line)
        if self.as_json:
            step = {"step": len(self.told), "done": line, "details": details}
            sys.stdout.write(json.dumps(step, default=str) + "\n")
            sys.stdout.flush()
            return
        self._print("[green]✓[/green]", line)
        if self.verbose:
            for name, value in details.items():
                words = f"  {name.replace('_', ' ')}: {value}"
                self._console.print(words, style="dim", soft_wrap=True, markup=False)

    def failed(self, line: str) -> None:
        """A step did not come out as it must."""
        if self.as_json:
            sys.stdout.write(json.dumps({"step": len(self.told) + 1, "failed": line}) + "\n")
            return
        self._print("[red]✗[/red]", line)

    def say(self, line: str) -> None:
        """A line that is no step."""
        if not self.as_json:
            self._console.print(line, markup=False)

    def _print(self, sign: str, line: str) -> None:
        """A line, hung under its sign where it is longer than the terminal is wide."""
        hung = Table.grid(padding=(0, 1))
        hung.add_column(no_wrap=True)
        hung.add_column(overflow="fold")
        hung.add_row(sign, Text(line))
        self._console.print(hung)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started
