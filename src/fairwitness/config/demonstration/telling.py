"""How the demonstration speaks: a dozen plain lines with ticks; with `-v` the digests as well."""

import json
import sys
import time
from dataclasses import dataclass, field

from rich.console import Console


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
        self._console.print(f"[green]✓[/green] {line}")
        if self.verbose:
            for name, value in details.items():
                self._console.print(f"    {name.replace('_', ' ')}: {value}", style="dim")

    def failed(self, line: str) -> None:
        """A step did not come out as it must."""
        if self.as_json:
            sys.stdout.write(json.dumps({"step": len(self.told) + 1, "failed": line}) + "\n")
            return
        self._console.print(f"[red]✗[/red] {line}")

    def say(self, line: str) -> None:
        """A line that is no step."""
        if not self.as_json:
            self._console.print(line)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started
