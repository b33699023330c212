"""A person at the station, as the `[observe]` program of a bench: does what no action API knows.

Reads the action as one JSON object on standard input (`vdoc.automation.observe` has the contract)
and exits with 0 done, 1 not seen, 3 cannot do this. It can choose at the screen which session a
master pass stops (`ui_select`, parameter `evse`: an id, or "all") and have the station keep data
about a customer (`store_customer_identifier`, parameter `customerIdentifier`). It sees nothing yet,
because the station has no display that could be looked at.

    python -m vdoc.station.onlooker --station http://127.0.0.1:8080
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

DONE, NOT_SEEN, CANNOT = 0, 1, 3
_LIMIT_S = 10.0


def answer(question: Mapping[str, Any], station: str) -> int:
    """Do what a question asks for, and return the exit code.

    Args:
        question: the action, as evidence records it.
        station: base address of the station's action API.

    Raises:
        urllib.error.URLError: the station does not answer, or refuses.
    """
    if question.get("action") == "Observe":
        return NOT_SEEN
    parameters = dict(question.get("params", ()))
    match question.get("stimulus"):
        case "ui_select":
            evse = parameters.get("evse", "all")
            return _post(station, "select", {} if evse == "all" else {"evse_id": evse})
        case "store_customer_identifier":
            identifier = parameters["customerIdentifier"]
            return _post(station, "store-customer", {"identifier": identifier})
    return CANNOT


def _post(station: str, operation: str, query: Mapping[str, str]) -> int:
    url = f"{station}/admin/{operation}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(url, method="POST")  # noqa: S310  # given by the bench
    with urllib.request.urlopen(request, timeout=_LIMIT_S):  # noqa: S310  # given by the bench
        return DONE


def main() -> int:
    """Answer the question on standard input."""
    parser = argparse.ArgumentParser(prog="python -m vdoc.station.onlooker")
    parser.add_argument("--station", required=True, help="base address of the action API")
    return answer(json.load(sys.stdin), parser.parse_args().station)


if __name__ == "__main__":
    sys.exit(main())
