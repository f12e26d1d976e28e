#!/usr/bin/env python3
"""Verify the signed link to a receipt, with nothing but Python's standard library.

    verify_link.py KEYFILE PAYLOAD

Prints what the link says as JSON and ends with 0, or says what is wrong and ends with 1. The format is described in
paperless.md. For a host of receipts: copy it.
"""

import base64
import hashlib
import hmac
import json
import sys

DOMAIN = b"receiptd-link"
TAG_BYTES = 16
HASH_BYTES = 12
EPOCH_S = 1_577_836_800  # 2020-01-01 00:00 UTC


def verify(payload: str, key: bytes) -> dict:
    """What a payload says. Raises ValueError if it is not one of this key."""
    if len(payload) > 256:
        raise ValueError("this is no link payload")
    text = payload.upper()
    padded = text + "=" * (-len(text) % 8)
    try:
        data = base64.b32decode(padded)
    except ValueError:
        raise ValueError("this is no link payload") from None
    # b32decode ignores bits that are left over; a payload has one form only.
    if base64.b32encode(data).decode().rstrip("=") != text:
        raise ValueError("this is no link payload")
    signed, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
    if not signed or len(tag) != TAG_BYTES:
        raise ValueError("this is no link payload")
    if signed[0] != 1:
        raise ValueError(f"the payload has version {signed[0]}")
    expected = hmac.new(key, DOMAIN + signed, hashlib.sha256).digest()[:TAG_BYTES]
    if not hmac.compare_digest(expected, tag):
        raise ValueError("the signature is not of this key")
    # Signed, so of a program that knows the format; lengths are looked at all the same.
    at = 6 + HASH_BYTES
    shop_end = at + 1 + signed[at]
    link = {
        "key_number": signed[1],
        "time_s": EPOCH_S + int.from_bytes(signed[2:6], "big"),
        "hash": signed[6:at].hex(),
        "shop": signed[at + 1 : shop_end].decode("ascii"),
        "currency": None,
        "minor": None,
    }
    rest = signed[shop_end:]
    if rest:
        link["currency"] = rest[:3].decode("ascii")
        link["minor"] = sum((byte & 0x7F) << (7 * index) for index, byte in enumerate(rest[3:]))
    return link


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="ascii") as file:
        key = bytes.fromhex(file.read().strip())
    try:
        print(json.dumps(verify(sys.argv[2], key)))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
