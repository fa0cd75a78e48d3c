"""The connection file that AXIS Body Worn Manager is given, and the two files that it reads back.

Fields and lengths are those of the public specification, v1.6.13; pure.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from fairwitness.ingest.axis import swift
from fairwitness.ingest.axis.connecting import AxisRefused

LIMIT: Final = 64 * 1024
_CERTIFICATE: Final = 16 * 1024
_MOST: Final = 10
_URI: Final = 512
_KEY: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What goes into a connection file.

    Attributes:
        site: name of the force or station.
        version: of this software.
        urls: at which the system reaches us, `https://host:port`.
        certificates: PEM, of the server or of who signed its certificate; none means plain HTTP.
        user: that signs in.
        key: its key.
        public_key: PEM of the RSA key to encrypt for; None when nothing is encrypted.
        public_key_id: names that key.
    """

    site: str
    version: str
    urls: Sequence[str]
    certificates: Sequence[bytes]
    user: str
    key: str = field(repr=False)
    public_key: bytes | None = None
    public_key_id: str = ""


def encode(connection: Connection) -> bytes:
    """The file.

    Raises:
        AxisRefused: more, or longer, than the specification allows.
    """
    sign_in = [url.rstrip("/") + swift.SIGN_IN for url in connection.urls]
    if not 0 < len(sign_in) <= _MOST or any(len(uri) > _URI for uri in sign_in):
        raise AxisRefused("Give one to ten addresses of at most 500 characters.")
    certificates = [base64.b64encode(one).decode() for one in connection.certificates]
    if len(certificates) > _MOST or any(len(one) > _CERTIFICATE for one in certificates):
        raise AxisRefused("Give at most ten certificates, none longer than 12 KiB.")
    told: dict[str, object] = {
        "ConnectionFileVersion": "1.0",
        "SiteName": connection.site[:64],
        "ApplicationName": "Fairwitness",
        "ApplicationVersion": connection.version[:128],
        "ContentDestinationAsNTPServer": False,
        "AuthenticationTokenURI": sign_in,
        "BlobAPIKey": connection.key,
        "BlobAPIUserName": connection.user,
        "ContainerType": "mp4",
        "FullStoreAndReadSupport": False,
        "WantEncryption": connection.public_key is not None,
    }
    if certificates:
        told["HTTPSCertificate"] = certificates
    if connection.public_key is not None:
        told["PublicKey"] = base64.b64encode(connection.public_key).decode()
        told["PublicKeyId"] = connection.public_key_id
        if len(str(told["PublicKey"])) > _KEY:
            raise AxisRefused("The public key is too long for a connection file.")
    data = json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
    if len(data) > LIMIT:
        raise AxisRefused("The connection file would be longer than 64 KiB.")
    return data


def capabilities() -> bytes:
    """What we support; whatever is declared once stays supported."""
    told = {
        "Read": {"ReadCategories": True},
        "Store": {
            "StoreBookmarks": True,
            "StoreRejectedContent": True,
            "StoreUserIDKey": True,
            "StoreSignedVideo": True,
            "StoreGNSSTrackRecording": True,
        },
        "StoreAndRead": {"StoreReadSystemID": True},
    }
    return json.dumps(told).encode()


def categories(table: Iterable[tuple[str, str]]) -> bytes:
    """The force's categories, as (code, name), for the officers' telephones."""
    return json.dumps([{"Name": name, "Id": code} for code, name in table]).encode()
