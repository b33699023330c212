"""The registry of defects."""

import re

import pytest

from vdoc.station.defects import all_defects, declare, is_declared

NEEDED = (
    "A_01 A_04 A_05 A_06 A_19 B_01 B_02 B_06 B_09 B_12 B_13 B_20 B_21 C_02 E_03 E_04 E_09 E_15"
    " E_40 E_43 F_01 F_08 J_09 L_01 L_06 M_01 N_25 P_01"
    " G_01 G_02 G_03 G_04 G_05 G_06 G_07 G_08 G_09 G_10 G_11 G_12 G_13 G_14 G_15"
    " C_08 C_09 C_10 C_11 C_12 C_13 C_15 C_16 C_17 C_18 C_32 C_33 C_34 C_36 C_37 C_38 C_41 C_44"
    " C_46 C_57 D_01 D_02 D_03 D_04 D_05 D_06 D_07 D_08 D_10 K_38"
    " G_16 G_17 G_18 G_19 G_21"
    " E_01 E_02 E_05 E_06 E_07 E_08 E_10 E_11 E_12 E_13 E_14 E_16 E_17 E_19 E_20 E_21 E_22"
    " E_35 E_37 E_39 E_54"
)


class TestRegistry:
    @pytest.mark.parametrize("case", NEEDED.split())
    def test_every_needed_case_has_a_defect(self, case: str) -> None:
        assert any(f"TC_{case}_CS" in defect.cases for defect in all_defects())

    def test_entries_are_well_formed(self) -> None:
        for defect in all_defects():
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", defect.name)
            assert re.fullmatch(r"(?:[A-Z]\d\d\.FR\.\d+|Part 4, .+|\S.*)", defect.requirement)
            assert all(re.fullmatch(r"TC_[A-Z]_\d\d_CS", case) for case in defect.cases)

    def test_undeclared(self) -> None:
        assert not is_declared("no-such-defect")

    def test_taken(self) -> None:
        taken = all_defects()[0].name
        with pytest.raises(ValueError, match="declared twice"):
            declare(taken, "something else", "B01.FR.01", "TC_B_01_CS")

    def test_without_a_case(self) -> None:
        with pytest.raises(ValueError, match="names no case"):
            declare("caught-by-nothing", "goes unnoticed", "B01.FR.01")
