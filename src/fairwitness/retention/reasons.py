"""The short lists of reasons, as shipped in reasons.toml: codes that stay, words for people."""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Final

from fairwitness.errors import FairwitnessError

OTHER: Final = "other"
NOT_RECORDED: Final = "not-recorded"
TOLD_YES: Final = "yes"
LONGEST: Final = 300
_OTHER_WORDS: Final = "Another reason"


class ReasonInvalid(FairwitnessError):
    """A reason that is not in the list, or another one without its words."""

    code = "reason.invalid"


@functools.cache
def lists() -> Mapping[str, Mapping[str, str]]:
    """For each matter its reasons: code to words, the open one last."""
    text = resources.files("fairwitness.retention").joinpath("reasons.toml").read_text()
    return {
        matter: {**reasons, OTHER: _OTHER_WORDS} for matter, reasons in tomllib.loads(text).items()
    }


def check(matter: str, code: str, words: str) -> str:
    """The free words of a reason, trimmed.

    Raises:
        ReasonInvalid: no such reason, another one that is not said, or more words than there is
            room for.
    """
    if code not in lists()[matter]:
        raise ReasonInvalid("Choose a reason from the list.")
    said = words.strip()
    if len(said) > LONGEST:
        raise ReasonInvalid(f"Say it in at most {LONGEST} characters.")
    if code == OTHER and not said:
        raise ReasonInvalid("Say the other reason in a few words.")
    return said


def in_words(matter: str, code: str, words: str) -> str:
    """A reason as people read it; one that is no longer in the list shows its code."""
    listed = "" if code == OTHER else lists()[matter].get(code, code)
    return ": ".join(part for part in (listed, words) if part)
