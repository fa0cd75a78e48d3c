"""A PostgreSQL server of our own for one test run: Debian's programs, a temporary folder, a socket.

It listens on no network address and keeps nothing. PostgreSQL refuses to run as root, so that when
root runs the tests, the server alone runs as the user `postgres`; Python stays where it is.

By default nothing is synced: tests of logic don't need it, and run three times as fast. Benchmarks
ask for `durable=True`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Self

DATABASE: Final = "fairwitness"
_FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_WAIT_SECONDS: Final = 60


class PostgreSQLMissing(Exception):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """The folder of `initdb` and `pg_ctl`, the newest version if there are several.

    Raises:
        PostgreSQLMissing: if there is none; the message says how to install it.
    """
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise PostgreSQLMissing("Install PostgreSQL first: apt-get install postgresql")
    return max(found, key=lambda folder: int(folder.parent.name))


class TemporaryServer:
    """One PostgreSQL cluster from `start` to `stop`; also a context manager.

    Args:
        durable: everything is synced.
        kept: a folder that stays, with all that was written there before; else nothing is kept.

    Attributes:
        folder: where it all lies, socket included.
        url: what FAIRWITNESS_DATABASE_URL must say.
    """

    def __init__(self, *, durable: bool = False, kept: Path | None = None) -> None:
        self._programs = programs()
        self._settings = ["listen_addresses=", *(() if durable else _FAST)]
        self._owner: int | None = None
        self._group: int | None = None
        self._kept = kept is not None
        self.folder = kept or Path(tempfile.mkdtemp(prefix="fairwitness-pg-"))
        self.folder.mkdir(exist_ok=True)
        self.url = f"postgresql://postgres@/{DATABASE}?host={self.folder}"
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self._owner, self._group = user.pw_uid, user.pw_gid
            os.chown(self.folder, self._owner, self._group)

    def start(self) -> None:
        """Start the cluster; seconds. Where there is none yet, make it and the database."""
        data = str(self.folder / "data")
        new = not (self.folder / "data").exists()
        if new:
            who = ("-U", "postgres", "-A", "trust")
            self._run("initdb", "-D", data, *who, "-N", "--locale=C.UTF-8")
        settings = [f"unix_socket_directories={self.folder}", *self._settings]
        options = " ".join(f"-c {each}" for each in settings)
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
        if new:
            self._run("createdb", "-h", str(self.folder), "-U", "postgres", DATABASE)

    def stop(self) -> None:
        """Stop it; one that is not kept at once and without a trace."""
        data = str(self.folder / "data")
        try:
            self._run(
                "pg_ctl", "-D", data, "-m", "fast" if self._kept else "immediate", "-w", "stop"
            )
        finally:
            if not self._kept:
                # It was stopped at once: a file of its last process may go while this looks.
                shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            timeout=_WAIT_SECONDS,
            user=self._owner,
            group=self._group,
            extra_groups=None if self._owner is None else [],
        )
