#!/bin/sh
# What some tests use and no wheel brings: a PKCS#11 token in software, a browser, openssl and jq.
# Installs what is missing where apt-get can; elsewhere it says what to install, and stops.
set -eu

missing=""
command -v softhsm2-util >/dev/null 2>&1 || missing="$missing softhsm2"
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v jq >/dev/null 2>&1 || missing="$missing jq"
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo --non-interactive"
fi
if command -v apt-get >/dev/null 2>&1; then
    echo "installing$missing"
    $as_root apt-get update --quiet=2 || true
    # shellcheck disable=SC2086  # a list of packages
    if DEBIAN_FRONTEND=noninteractive $as_root apt-get install --yes --quiet=2 --no-install-recommends $missing >/dev/null; then
        exit 0
    fi
fi
echo "make test needs these programs; install them by hand:$missing" >&2
exit 1
