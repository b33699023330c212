"""The HTTP request that asks a CSMS for a WebSocket: its address and its Basic credentials.

Keeps Part 4 §3.1.1 (connection URL) and A00.FR.202 to 205 and 301 to 304.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

from vdoc.station.defects import declare
from vdoc.station.network import Profile

_WITH_PASSWORD = (1, 2)
_LEAST_CHARACTERS = 16

WRONG_USER = declare(
    "wrong-basic-user",
    "the Basic user name is not the identity of the connection URL",
    "A00.FR.204",
    "TC_A_01_CS",
)
NO_CREDENTIALS = declare(
    "no-basic-credentials",
    "sends no Authorization header",
    "A00.FR.203",
    "TC_A_01_CS",
    "TC_A_04_CS",
)
WRONG_SCHEME = declare(
    "bearer-scheme",
    "sends its credentials with the Bearer scheme",
    "A00.FR.202",
    "TC_A_01_CS",
)
CUT_PASSWORD = declare(
    "cut-basic-password",
    "sends only the first eight characters of the password",
    "A00.FR.205",
    "TC_A_01_CS",
)
OTHER_PATH = declare(
    "identity-suffix-in-url",
    "the connection URL does not end with the identity",
    "A00.FR.204",
    "TC_A_01_CS",
)
HEX_PASSWORD = declare(
    "hex-basic-password",
    "sends the password in hexadecimal form instead of as UTF-8 text",
    "A00.FR.205",
    "TC_A_01_CS",
)
KEEPS_OLD_PASSWORD = declare(
    "goes-on-with-old-password",
    "accepts a new BasicAuthPassword and goes on with the old one",
    "A01.FR.01",
    "TC_A_09_CS",
)
REJECTS_PASSWORD = declare(
    "rejects-new-password",
    "rejects every new BasicAuthPassword",
    "A01.FR.01",
    "TC_A_09_CS",
)
ACCEPTS_SHORT_PASSWORD = declare(
    "accepts-short-password",
    "accepts a BasicAuthPassword of fewer than 16 characters",
    "A00.FR.205",
    "TC_A_10_CS",
)
USES_REJECTED_PASSWORD = declare(
    "uses-rejected-password",
    "rejects a BasicAuthPassword that is too short and uses it nevertheless",
    "A01.FR.01",
    "TC_A_10_CS",
)


def connection_url(profile: Profile, identity: str, has: Callable[[str], bool]) -> str:
    """Return the connection URL of a station (Part 4 §3.1.1).

    Args:
        profile: where to connect.
        identity: of the station.
        has: whether a named defect is on.
    """
    ending = quote(identity, safe="")
    if has(OTHER_PATH):
        ending += "/ocpp"
    return f"{profile.url.rstrip('/')}/{ending}"


def credentials(
    profile: Profile, identity: str, password: str, has: Callable[[str], bool]
) -> dict[str, str]:
    """Return the headers by which the station shows who it is; none in profile 3.

    Args:
        profile: decides whether a password is shown.
        identity: of the station; its Basic user name.
        password: BasicAuthPassword.
        has: whether a named defect is on.
    """
    if profile.security_profile not in _WITH_PASSWORD or has(NO_CREDENTIALS):
        return {}
    if has(HEX_PASSWORD):
        password = password.encode().hex()
    if has(CUT_PASSWORD):
        password = password[:8]
    user = "station" if has(WRONG_USER) else identity
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    scheme = "Bearer" if has(WRONG_SCHEME) else "Basic"
    return {"Authorization": f"{scheme} {token}"}


def password_refusal(password: str, has: Callable[[str], bool]) -> str | None:
    """Return why a new BasicAuthPassword is refused (A00.FR.205, FR.304), or None.

    Args:
        password: the new one.
        has: whether a named defect is on.
    """
    short = len(password) < _LEAST_CHARACTERS and not has(ACCEPTS_SHORT_PASSWORD)
    return "InvalidValue" if short or has(REJECTS_PASSWORD) else None
