"""The same ingest against `@tus/server`, the protocol's reference server for Node.

It neither hashes nor seals nor syncs; so that what it answers would survive a power cut as ours
does, its file is synced once at the end, and that counts. It comes from npm into the temporary
folder; without npm, or without a network, the row is skipped.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from benchmarks import ingest, sending
from benchmarks.bench import Bench, NotHere
from benchmarks.measuring import MIB, Row, in_turns
from benchmarks.sending import Sending
from tests.serving import TUS, free_port

_PACKAGES = ("@tus/server@2.4.5", "@tus/file-store@2.1.1")
_PROGRAM = """\
import {Server} from '@tus/server'
import {FileStore} from '@tus/file-store'
const [, , port, directory] = process.argv
new Server({path: '/files', datastore: new FileStore({directory})})
  .listen({host: '127.0.0.1', port: Number(port)})
"""


def rows(bench: Bench) -> Iterator[Row]:
    """The row of DESIGN 7."""
    what, against = "the same ingest", "@tus/server on Node, with one sync at the end"
    try:
        folder = _installed(bench.folder / "tus")
    except NotHere as error:
        yield Row(what, against, None, least=1.2, note=str(error))
        return
    files, port = folder / "files", free_port()
    files.mkdir()
    command = ["node", str(folder / "serve.mjs"), str(port), str(files)]
    bench.run_server(command, port, environment={}, folder=folder)

    def theirs() -> float:
        answer = httpx.post(
            f"http://127.0.0.1:{port}/files", headers=TUS | {"Upload-Length": str(bench.size)}
        )
        address = answer.headers["Location"]
        taken = sending.patch(Sending(address, bench.footage, {}))
        file = files / address.rpartition("/")[2]
        assert file.stat().st_size == bench.size
        taken += _sync(file)
        ingest.clear(files)
        return bench.size / MIB / taken

    yield Row(
        what, against, in_turns(bench.rounds, lambda: ingest.sealed(bench), theirs), least=1.2
    )


def _sync(file: Path) -> float:
    start = time.perf_counter()
    subprocess.run(["sync", "--data", file], check=True)
    return time.perf_counter() - start


def _installed(folder: Path) -> Path:
    """The folder with the server in it.

    Raises:
        NotHere: there is no npm, or it can't fetch the packages.
    """
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise NotHere("skipped: npm and node are not on this machine (apt-get install nodejs npm)")
    folder.mkdir()
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *_PACKAGES],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        reason = (done.stderr.strip() or "npm said nothing").splitlines()[-1]
        raise NotHere(f"skipped: npm can't fetch @tus/server: {reason}")
    (folder / "serve.mjs").write_text(_PROGRAM)
    return folder
