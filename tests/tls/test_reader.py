import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.tls.reader import Reader, ShortError


def test_takes_fields_in_order() -> None:
    reader = Reader(b"\x01\x02\x00\x03abc")
    assert reader.number(2, "first") == 0x0102
    assert reader.vector(2, "second").take(3, "text") == b"abc"
    assert reader.rest == 0


def test_a_vector_longer_than_its_holder_is_named() -> None:
    with pytest.raises(ShortError, match="name needs 9 bytes, 1 are left"):
        Reader(b"\x09x").vector(1, "name")


@given(data=st.binary(max_size=40), size_bytes=st.integers(1, 4))
def test_numbers_take_all_or_refuse(data: bytes, size_bytes: int) -> None:
    if len(data) % size_bytes:
        with pytest.raises(ShortError):
            Reader(data).numbers(size_bytes, "list")
    else:
        assert len(Reader(data).numbers(size_bytes, "list")) == len(data) // size_bytes
