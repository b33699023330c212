from vdoc.tls import suites
from vdoc.tls.names import GROUPS, SIGNATURES, VERSIONS, is_grease


def test_grease_is_told_from_real_values() -> None:
    assert is_grease(0x0A0A)
    assert is_grease(0xFAFA)
    assert not any(is_grease(number) for number in (*suites.NAMES, 0x0A1A, 0x0A0B))


def test_names_are_unique() -> None:
    for table in (GROUPS, SIGNATURES, VERSIONS):
        assert len(set(table.values())) == len(table)
