"""A process to be killed: recovers the log, audits it, then appends and integrates without end.

Started with Django's settings in the environment; its only argument is the log's folder. It prints
one line of JSON with what it found, then the name of each entry once it is committed, and each
checkpoint's size once it is published.
"""

import json
import sys
from pathlib import Path

import django

django.setup()

from django.db import transaction  # noqa: E402 - after Django's set-up
from tests.custody_log import AT, Log  # noqa: E402 - after Django's set-up

from fairwitness.custody import ledger  # noqa: E402 - after Django's set-up
from fairwitness.custody.models import Entry  # noqa: E402 - after Django's set-up
from fairwitness.formats.custody import Act  # noqa: E402 - after Django's set-up


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main() -> None:
    log = Log.make(Path(sys.argv[1]))
    integrator = log.integrator()
    size = integrator.step().size
    found = [each.message for each in log.audit()]
    names = [bytes(each).hex() for each in Entry.objects.values_list("leaf_hash", flat=True)]
    _say(json.dumps({"size": size, "findings": found, "entries": names}))
    number = 0
    while True:
        number += 1
        with transaction.atomic():
            appended = ledger.append(
                subject=f"camera:{number % 5}", act=Act.CAMERA_DOCKED, actor="dock:1", at=AT
            )
        _say("entry", appended.leaf_hash.hex())
        if number % 3 == 0:
            _say("published", integrator.step().size)


main()
