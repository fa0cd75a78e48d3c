"""What this deployment was told by its environment, read once and refused when unknown.

Every `FAIRWITNESS_` variable is listed here; one that is not listed, or whose value is not
understood, stops the start: a misspelt setting must never pass for a default.
"""

import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.x509 import Certificate

from fairwitness.errors import FairwitnessError
from fairwitness.force.asking import Role
from fairwitness.formats import video_signer
from fairwitness.formats.video_seal import SealInvalid


class SettingInvalid(FairwitnessError):
    """A variable that we don't know, or a value that we don't understand."""

    code = "setting.invalid"


KNOWN = {
    "FAIRWITNESS_DATA": "folder of the embedded database, vault, key ring and settings",
    "FAIRWITNESS_DATABASE_URL": "postgresql://user:password@host:port/name; default SQLite in DATA",
    "FAIRWITNESS_VAULT_URL": "file:///folder of the sealed footage; default DATA/vault",
    "FAIRWITNESS_KEYRING_URL": "two folders, file:///one,file:///two; default DATA/keyring",
    "FAIRWITNESS_ALLOWED_HOSTS": "comma-separated names that pages answer to",
    "FAIRWITNESS_SECURE": "1 when the site is reached over TLS",
    "FAIRWITNESS_FORCE": "the force's name, as it stands in the published list of keys",
    "FAIRWITNESS_CONTACT": "how the public reaches the force's data protection office, in words",
    "FAIRWITNESS_LOG_ORIGIN": "the custody log's name, like police.example/log; never changed",
    "FAIRWITNESS_WITH_WORKER": "1 when `serve` does the background work as well",
    "FAIRWITNESS_WITNESSES": "policy file of the log's outside witnesses; default DATA/witnesses",
    "FAIRWITNESS_VIDEO_ROOTS": "PEM file of root certificates for video signed by cameras that are"
    " not enrolled; default DATA/video-roots.pem",
    "FAIRWITNESS_NO_SECOND_FACTOR": "comma-separated roles that need none; default: all need one",
    "FAIRWITNESS_SIGN_IN_SERVICE": "OpenID Connect issuer, https://...; none by default",
    "FAIRWITNESS_SIGN_IN_CLIENT": "our client id there",
    "FAIRWITNESS_SIGN_IN_SECRET_FILE": "file with our client secret there",
    "FAIRWITNESS_SIGN_IN_CLAIM": "claim that holds the collar number; default: bound by hand only",
    "FAIRWITNESS_KIOSK_IDLE": "seconds without use after which a kiosk signs out, 20 to 600;"
    " default 60",
    "FAIRWITNESS_MAP_TILES": "https://server/{z}/{x}/{y}.png, a map below trails; default: none",
    "FAIRWITNESS_MAP_ATTRIBUTION": "whose map that is, in words; needed with it",
    "FAIRWITNESS_TIME_SERVER": "NTP server, the second clock of deletion; default: this machine's",
}

_TILES: Final = re.compile(
    r"(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:\d{1,5})?/[A-Za-z0-9./_?=&{}@~%-]*"
)


@dataclass(frozen=True, slots=True)
class SignInService:
    """The force's own sign-in (OpenID Connect), and what we are called there.

    Attributes:
        issuer: its address; `/.well-known/openid-configuration` below it says the rest.
        client: our id.
        secret: our secret; never shown.
        claim: the claim that holds an officer's collar number; empty when there is none.
    """

    issuer: str
    client: str
    secret: str = field(repr=False)
    claim: str


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one deployment; folders are absolute."""

    data: Path
    database_url: str
    vault: Path
    keyring: tuple[Path, Path]
    allowed_hosts: tuple[str, ...]
    secure: bool
    force: str
    log_origin: str
    with_worker: bool
    time_server: str = ""
    witnesses: Path | None = None
    video_roots: tuple[Certificate, ...] = ()
    contact: str = ""
    no_second_factor: tuple[Role, ...] = ()
    sign_in_service: SignInService | None = None
    kiosk_idle: int = 60
    map_tiles: str = ""
    map_attribution: str = ""

    @property
    def database(self) -> dict[str, Any]:
        """The `DATABASES["default"]` entry for Django."""
        if not self.database_url:
            return _sqlite(self.data / "fairwitness.sqlite3")
        return _postgresql(self.database_url)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 60,  # the last connection to close would checkpoint the whole journal
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        message = "FAIRWITNESS_DATABASE_URL must begin with postgresql://"
        raise SettingInvalid(message)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": urllib.parse.unquote(parts.path.lstrip("/")),
        "USER": urllib.parse.unquote(parts.username or ""),
        "PASSWORD": urllib.parse.unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        # A page's query takes milliseconds, and compiling it first takes a hundred times as long.
        "OPTIONS": {"options": "-c jit=off"},
    }


def _folder(url: str, name: str) -> Path:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "file" or not parts.path:
        message = f"{name} must be file:///a/folder; other stores are not supported yet."
        raise SettingInvalid(message)
    return Path(urllib.parse.unquote(parts.path))


def _witnesses(value: str, data: Path) -> Path:
    """The policy file of the log's outside witnesses; only the default one may be missing."""
    path = Path(value).absolute() if value else data / "witnesses"
    if value and not path.is_file():
        message = f"FAIRWITNESS_WITNESSES names {value}, which is no file."
        raise SettingInvalid(message)
    return path


def _video_roots(value: str, data: Path) -> tuple[Certificate, ...]:
    """Root certificates for signed video; only the default file may be missing."""
    path = Path(value).absolute() if value else data / "video-roots.pem"
    if not value and not path.exists():
        return ()
    try:
        return video_signer.read_roots(path.read_bytes())
    except OSError as error:
        message = f"FAIRWITNESS_VIDEO_ROOTS: {path} can't be read: {error.strerror}."
        raise SettingInvalid(message) from error
    except SealInvalid as error:
        message = f"FAIRWITNESS_VIDEO_ROOTS: {path} can't be used: {error.message}."
        raise SettingInvalid(message) from error


def _roles(value: str) -> tuple[Role, ...]:
    named = [part.strip() for part in value.split(",") if part.strip()]
    unknown = sorted(set(named) - set(Role))
    if unknown:
        message = f"FAIRWITNESS_NO_SECOND_FACTOR: {', '.join(unknown)} is no role."
        raise SettingInvalid(message)
    return tuple(map(Role, named))


def _service(env: Mapping[str, str]) -> SignInService | None:
    """The force's sign-in service; all of it, or none. Without TLS only on this machine."""
    start = "FAIRWITNESS_SIGN_IN_"
    issuer, client, file, claim = (
        env.get(start + name, "") for name in ("SERVICE", "CLIENT", "SECRET_FILE", "CLAIM")
    )
    if not issuer:
        if client or file or claim:
            message = f"{start}SERVICE is missing: without it the others mean nothing."
            raise SettingInvalid(message)
        return None
    parts = urllib.parse.urlsplit(issuer)
    here = parts.hostname in {"localhost", "127.0.0.1"}
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        message = f"{start}SERVICE must begin with https://"
        raise SettingInvalid(message)
    if not client or not Path(file).is_file():
        message = f"{start}CLIENT and {start}SECRET_FILE (a file that is there) are needed."
        raise SettingInvalid(message)
    return SignInService(issuer.rstrip("/"), client, Path(file).read_text().strip(), claim)


def _seconds(value: str, name: str) -> int:
    if not (value.isascii() and value.isdecimal()) or not 20 <= int(value) <= 600:  # noqa: PLR2004 - as it says
        message = f"{name} is a number of seconds from 20 to 600, not {value!r}."
        raise SettingInvalid(message)
    return int(value)


def _map_tiles(url: str, attribution: str) -> str:
    """The address of a map's tiles: one server, the three numbers, and whose map it is."""
    if not url and not attribution:
        return ""
    if _TILES.fullmatch(url) is None or any(url.count(each) != 1 for each in ("{z}", "{x}", "{y}")):
        message = "FAIRWITNESS_MAP_TILES is like https://tiles.example/{z}/{x}/{y}.png."
        raise SettingInvalid(message)
    if not attribution:
        message = "FAIRWITNESS_MAP_ATTRIBUTION says whose map FAIRWITNESS_MAP_TILES is."
        raise SettingInvalid(message)
    return url


def _flag(value: str, name: str) -> bool:
    if value not in {"", "0", "1"}:
        message = f"{name} is 0 or 1, not {value!r}."
        raise SettingInvalid(message)
    return value == "1"


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the environment.

    Raises:
        SettingInvalid: for an unknown FAIRWITNESS_ variable or a value not understood.
    """
    env = os.environ if variables is None else variables
    unknown = sorted(k for k in env if k.startswith("FAIRWITNESS_") and k not in KNOWN)
    if unknown:
        message = f"Unknown setting {', '.join(unknown)}. Known ones: {', '.join(KNOWN)}."
        raise SettingInvalid(message)
    data = Path(env.get("FAIRWITNESS_DATA") or "data").absolute()
    vault_url = env.get("FAIRWITNESS_VAULT_URL", "")
    ring_url = env.get("FAIRWITNESS_KEYRING_URL", "")
    ring = tuple(_folder(part, "FAIRWITNESS_KEYRING_URL") for part in ring_url.split(",") if part)
    if ring_url and len(ring) != 2:  # noqa: PLR2004 - two copies, by design
        message = "FAIRWITNESS_KEYRING_URL names two folders, file:///one,file:///two."
        raise SettingInvalid(message)
    hosts = env.get("FAIRWITNESS_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    return Environment(
        data=data,
        database_url=env.get("FAIRWITNESS_DATABASE_URL", ""),
        vault=_folder(vault_url, "FAIRWITNESS_VAULT_URL") if vault_url else data / "vault",
        keyring=(ring[0], ring[1]) if ring else (data / "keyring/first", data / "keyring/second"),
        allowed_hosts=tuple(h.strip() for h in hosts.split(",") if h.strip()),
        secure=_flag(env.get("FAIRWITNESS_SECURE", ""), "FAIRWITNESS_SECURE"),
        force=env.get("FAIRWITNESS_FORCE") or "A police force",
        log_origin=env.get("FAIRWITNESS_LOG_ORIGIN") or "fairwitness.example/log",
        with_worker=_flag(env.get("FAIRWITNESS_WITH_WORKER", ""), "FAIRWITNESS_WITH_WORKER"),
        time_server=env.get("FAIRWITNESS_TIME_SERVER", ""),
        contact=env.get("FAIRWITNESS_CONTACT", ""),
        witnesses=_witnesses(env.get("FAIRWITNESS_WITNESSES", ""), data),
        video_roots=_video_roots(env.get("FAIRWITNESS_VIDEO_ROOTS", ""), data),
        no_second_factor=_roles(env.get("FAIRWITNESS_NO_SECOND_FACTOR", "")),
        sign_in_service=_service(env),
        kiosk_idle=_seconds(env.get("FAIRWITNESS_KIOSK_IDLE") or "60", "FAIRWITNESS_KIOSK_IDLE"),
        map_tiles=_map_tiles(
            env.get("FAIRWITNESS_MAP_TILES", ""), env.get("FAIRWITNESS_MAP_ATTRIBUTION", "")
        ),
        map_attribution=env.get("FAIRWITNESS_MAP_ATTRIBUTION", ""),
    )
