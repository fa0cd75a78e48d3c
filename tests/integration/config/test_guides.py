"""Every command that a guide names exists, with the options that the guide gives it."""

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import typer.main

from fairwitness.config import command

GUIDES: Final = sorted((Path(__file__).parents[3] / "docs/guides").glob("*.md"))


def commands(text: str) -> Iterator[str]:
    """Whatever begins with the program's name, in a fence or in a line of code."""
    for line in re.findall(r"^(?:\S*bin/)?(fairwitness .*)$", text, re.MULTILINE):
        yield line.partition("  #")[0]
    yield from re.findall(r"`(?:\S*bin/)?(fairwitness [^`]+)`", text)


def wrong(line: str) -> str:
    """What is wrong with a command; empty when it exists as it is written."""
    name, *words = shlex.split(line.replace("…", "").replace("\\", ""))[1:] or [""]
    known = command.commands().get(name)
    if known is None:
        return "" if name.startswith("-") else f"no command {name!r}"
    here = typer.main.get_command(importlib.import_module(known.module).app)
    options = {"--data", "--help"}
    for word in words:
        within = getattr(here, "commands", {})
        if word in within:
            options |= {name for each in here.params for name in each.opts}
            here = within[word]
    if hasattr(here, "commands") and words and not words[0].startswith("-"):
        return f"no sub-command among {words}"
    options |= {name for each in here.params for name in (*each.opts, *each.secondary_opts)}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    return ", ".join(f"no option {one}" for one in sorted(given - options))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_command_in_a_guide_exists(guide: Path) -> None:
    found = {line: wrong(line) for line in commands(guide.read_text(encoding="utf-8"))}
    assert {line: why for line, why in found.items() if why} == {}


def test_commands_are_found_and_wrong_ones_told() -> None:
    assert list(commands("```\nfairwitness figures  # all\n```\n`fairwitness log`")) == [
        "fairwitness figures",
        "fairwitness log",
    ]
    assert wrong("fairwitness issue camera 00417 --to 614LX") == ""
    assert wrong("fairwitness issue gift 00417")
    assert wrong("fairwitness issue camera 00417 --for 614LX")
    assert wrong("fairwitness nosuch")
