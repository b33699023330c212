from __future__ import annotations

from pathlib import Path

from vdoc.pics import check, item_list, template


def test_the_template_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(template(), "utf-8")
    assert check(path) == ()


def test_the_template_shows_every_item() -> None:
    text = template()
    assert [item for item in item_list().items if item.split(".", 1)[-1] not in text] == []


def test_every_comment_that_shows_an_item_can_be_claimed(tmp_path: Path) -> None:
    """An item that is uncommented may break a rule, but is never unknown or of the wrong kind."""
    text = template().replace("\n# C-", "\nC-").replace("\n# AQ-", "\nAQ-")
    lines = [
        line for line in text.splitlines() if " = " in line or not line.startswith(("C-", "A"))
    ]
    path = tmp_path / "all.toml"
    path.write_text("\n".join(lines), "utf-8")
    words = " ".join(problem.message for problem in check(path))
    assert "unknown item" not in words
    assert "expected" not in words
