"""Rules over the source that no linter knows: cases are pure, and every module has its tests.

A case is replayed from evidence, so it must not see time, chance or the machine other than through
the Bench. A module has `tests/<its path>/test_<name>.py`, or a row in tests/README.md that says
where it is tested instead and why.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IMPURE = frozenset(
    {
        *("asyncio", "http", "httpx", "io", "multiprocessing", "os", "pathlib", "random"),
        *("secrets", "shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time"),
        *("urllib.request", "uuid", "websockets"),
    }
)
IMPURE_CALLS = frozenset({"now", "today", "utcnow", "open", "input", "eval", "exec", "hash"})
_ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$", re.MULTILINE)


def case_modules() -> list[Path]:
    return sorted((ROOT / "vdoc" / "cases").rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (part for name in names for part in (name, name.partition(".")[0]))


def called(tree: ast.AST) -> Iterator[str]:
    """What is called by a bare name, or as a method of datetime or date."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr=name)):
                yield name
            case _:
                pass


@pytest.mark.parametrize("module", case_modules(), ids=lambda path: path.stem)
class TestCasesArePure:
    def test_imports_neither_clock_nor_chance_nor_machine(self, module: Path) -> None:
        tree = ast.parse(module.read_text("utf-8"))
        assert set(imported(tree)) & IMPURE == set()

    def test_calls_nothing_that_is_no_function_of_evidence(self, module: Path) -> None:
        tree = ast.parse(module.read_text("utf-8"))
        assert set(called(tree)) & IMPURE_CALLS == set()

    def test_walks_over_no_set_whose_order_is_chance(self, module: Path) -> None:
        tree = ast.parse(module.read_text("utf-8"))
        loops = [n.iter for n in ast.walk(tree) if isinstance(n, ast.For | ast.comprehension)]
        assert not [ast.unparse(i) for i in loops if isinstance(i, ast.Set | ast.SetComp)]


def modules() -> dict[str, Path]:
    """Each module with its place for tests, both relative to the repository."""
    found = {}
    for path in [*(ROOT / "vdoc").rglob("*.py"), *(ROOT / "api_clients").rglob("*.py")]:
        relative = path.relative_to(ROOT)
        if path.name not in {"__init__.py", "__main__.py"}:
            folders = relative.parts[1:-1] if relative.parts[0] == "vdoc" else relative.parts[:-1]
            found[str(relative)] = Path("tests", *folders, f"test_{path.name}")
    return found


def rows() -> dict[str, str]:
    """Rows of tests/README.md: module to where it is tested."""
    found = _ROW.findall((ROOT / "tests" / "README.md").read_text("utf-8"))
    return {module: place for module, place, _ in found}


class TestEveryModuleHasItsTests:
    def test_a_file_of_its_own_or_a_row_that_says_where(self) -> None:
        without = {module for module, place in modules().items() if not (ROOT / place).exists()}
        assert without - set(rows()) == set()

    def test_no_row_is_out_of_date(self) -> None:
        needless = {
            module
            for module in rows()
            if module not in modules() or (ROOT / modules()[module]).exists()
        }
        assert needless == set()

    def test_the_places_named_exist(self) -> None:
        assert [p for p in rows().values() if not (ROOT / p).exists()] == []
