"""The form that somebody watches a recording for: the player's page leads back to it."""

import re
from typing import Final

_FORM: Final = re.compile(
    r"/(?:team/drawn|records/look)/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)


def read(text: str) -> str:
    """The address of a form of ours; nothing for any other address."""
    return text if _FORM.fullmatch(text) else ""
