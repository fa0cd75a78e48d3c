"""Makes the vectors of docs/specs/bundle.md: `python -m tests.vectors.make_bundle`."""

import base64
import tempfile
from pathlib import Path
from typing import Any

from tests import verifier_bundles as made
from tests.vectors import samples, writing
from tests.verifier_bundles import Force, Log, Spec

from fairwitness.formats import bundle, trust
from fairwitness.verifier import report
from fairwitness.verifier.verify import verify

NAME = "bundle"
SPECS = (
    Spec(acts=3, master=samples.MASTER, working_copy=samples.COPY),
    Spec(reference="ABC/2", camera=None, counter=5, acts=2, master=b"from a telephone\n"),
)
LISTED = {"ABC-1.mp4": samples.COPY_SHA256, "proofs/trust.json": samples.MASTER_SHA256}


def force() -> Force:
    """The sample's force."""
    return Force(
        name="Training force",
        log=Log(signer=samples.LOG, witnesses=(samples.WITNESS,)),
        cameras={"00417": samples.CAMERA_KEY},
        dock=samples.DOCK_KEY,
        receipt=samples.RECEIPT_KEY,
        derivative=samples.DERIVATIVE_KEY,
        disclosure=samples.DISCLOSURE_KEY,
    )


def make() -> dict[str, Any]:
    """The content of the file: a whole bundle, and lists to read and to refuse."""
    by = force()
    with tempfile.TemporaryDirectory() as scratch:
        folder = made.make_bundle(Path(scratch) / "b", force=by, specs=SPECS)
        told = report.to_json(verify(folder, trust=by.trust()))
        files = {
            str(path.relative_to(folder)): base64.b64encode(path.read_bytes()).decode()
            for path in folder.rglob("*")
            if path.is_file()
        }
    return {
        "trust": base64.b64encode(trust.encode(by.trust())).decode(),
        "fingerprint": trust.fingerprint(by.trust()),
        "bundle": files,
        "report": told,
        "manifest": {
            "valid": [
                writing.valid("two files", bundle.encode_manifest(LISTED), files=LISTED),
                writing.valid("no files", b"", files={}),
            ],
            "invalid": _invalid(),
        },
    }


def _invalid() -> list[dict[str, Any]]:
    one = "0" * 64
    paths = {
        "a path that climbs": "../ABC-1.mp4",
        "an absolute path": "/ABC-1.mp4",
        "a hidden file": ".ABC-1.mp4",
        "a path that looks like an option": "-rf",
        "a space": "ABC 1.mp4",
        "a backslash": "proofs\\trust.json",
        "a letter beyond ASCII": "caf\u00e9.mp4",
        "a device of Windows": "NUL.mp4",
        "a file manager's dropping": "Thumbs.db",
    }
    cases = {name: f"{one}  {path}\n" for name, path in paths.items()} | {
        "one space": f"{one} a\n",
        "capital digits": f"{'A' * 64}  a\n",
        "no final newline": f"{one}  a",
        "carriage returns": f"{one}  a\r\n",
        "out of order": f"{one}  b\n{one}  a\n",
        "twice the same": f"{one}  a\n{one}  a\n",
        "alike but for capitals": f"{one}  A\n{one}  a\n",
    }
    return [
        writing.invalid(name, case.encode(), bundle.parse_manifest) for name, case in cases.items()
    ]


if __name__ == "__main__":
    writing.write(NAME, make())
