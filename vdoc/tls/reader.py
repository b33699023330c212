"""Big-endian fields and vectors as TLS writes them (RFC 8446 §3), taken from the front of bytes."""

from __future__ import annotations


class ShortError(Exception):
    """A field says it is longer than what holds it; `hello` makes a NotTlsError of it."""


class Reader:
    """Takes big-endian fields from the front of bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def rest(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._at

    def take(self, count: int, what: str) -> bytes:
        """Take `count` bytes; `what` names the field in the error."""
        if count > self.rest:
            raise ShortError(f"{what} needs {count} bytes, {self.rest} are left")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size_bytes: int, what: str) -> int:
        """Take a number of `size_bytes`."""
        return int.from_bytes(self.take(size_bytes, what), "big")

    def vector(self, size_bytes: int, what: str) -> Reader:
        """Take a vector whose length is a number of `size_bytes`, and return a reader of it."""
        return Reader(self.take(self.number(size_bytes, what), what))

    def numbers(self, size_bytes: int, what: str) -> tuple[int, ...]:
        """Take all that is left as numbers of `size_bytes`."""
        found = []
        while self.rest:
            found.append(self.number(size_bytes, what))
        return tuple(found)
