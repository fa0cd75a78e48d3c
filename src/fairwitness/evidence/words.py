"""The words by which recordings are found: of notes, and of what an importer told.

A plain indexed table does the same on every database, and what it finds can be told in a sentence:
whole words, without case and accents. Words are written in the transaction of the text they are of,
and go with it when the recording is deleted.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from fairwitness.custody import ledger
from fairwitness.evidence.models import Word

LONGEST: Final = 40
_SHORTEST: Final = 2
_WORD: Final = re.compile(r"\w+")


def split(text: str) -> frozenset[str]:
    """The words of a text as they are kept and sought: 'Café, 2nd floor' has 'cafe'."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    found = (word[:LONGEST] for word in _WORD.findall(bare))
    return frozenset(word for word in found if len(word) >= _SHORTEST)


def keep(texts: Mapping[UUID, Iterable[str]]) -> None:
    """Have recordings be found by the words of these texts too.

    Raises:
        NoTransaction: outside the transaction that writes the texts.
    """
    ledger.demand_transaction()
    rows = [
        Word(recording_id=recording, word=word)
        for recording, said in texts.items()
        for word in sorted(split(" ".join(said)))
    ]
    Word.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
