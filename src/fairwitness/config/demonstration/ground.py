"""Where a demonstration may be: in an empty folder, or where an earlier one was.

Asked before Django is started, whose settings make the site's secret and then a database: in a
folder of somebody else's nothing is made.
"""

from typing import Final

from fairwitness.config import environment
from fairwitness.config.environment import Environment
from fairwitness.errors import FairwitnessError

MADE: Final = {
    *("bundle", "demo", "keyring", "keys", "log", "log-checkpoint", "migrating.lock"),
    *("record-of-deletion.dsse.json", "serve.log", "training.json", "trust.json", "vault"),
    *("witnesses", "sample"),
}
"""All that a demonstration leaves in its data folder, besides the database."""

DATABASE: Final = "fairwitness.sqlite3"


class DemoRefused(FairwitnessError):
    """A demonstration that would mix with what is there."""

    code = "demo.refused"


def demand(settled: Environment | None = None) -> None:
    """Demand that the data folder holds nothing but what demonstrations make, and holds all of it.

    Args:
        settled: the settings, where they have been read already.

    Raises:
        DemoRefused: something else is there, or database, vault or key ring are elsewhere.
    """
    told = settled or environment.read()
    data = told.data
    within = (told.vault, *told.keyring)
    if told.database_url or not all(data in folder.parents for folder in within):
        raise DemoRefused(
            "A demonstration keeps database, vault and key ring in its own data folder: unset"
            " FAIRWITNESS_DATABASE_URL, FAIRWITNESS_VAULT_URL and FAIRWITNESS_KEYRING_URL."
        )
    if data.exists() and not data.is_dir():
        raise other_than_ours(f"{data} is no folder.")
    strange = sorted(each.name for each in data.glob("*") if not _ours(each.name))
    if strange:
        raise other_than_ours(f"{data} holds something else than a demonstration: {strange[0]}.")


def other_than_ours(found: str) -> DemoRefused:
    """The refusal of a folder that is not for demonstrations, which says what to do instead."""
    return DemoRefused(f"{found} Name an empty folder with --data.")


def _ours(name: str) -> bool:
    return name in MADE or name.startswith(DATABASE)
