"""Files appear whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from moss.files import check_place, whole_file, write_json


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_appears_when_its_block_has_ended(tmp_path: Path) -> None:
    with whole_file(tmp_path / "new") as unfinished:
        unfinished.write_text("all of it")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new").read_text() == "all of it"
    assert names(tmp_path) == ["new"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with (
        pytest.raises(TypeError, match="must be str"),
        whole_file(tmp_path / "file") as unfinished,
        open(unfinished, "w") as file,
    ):
        file.writelines(["half", None])  # type: ignore[list-item]
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_an_error_names_the_file_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "no such folder" / "file.json"
    with pytest.raises(FileNotFoundError) as told:
        write_json(path, {})
    assert told.value.filename == str(path)


def test_a_link_still_points_where_it_did(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_json(tmp_path / "link", {"名": 1})
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "file").read_text(encoding="utf-8")) == {"名": 1}


def test_a_device_is_written_to_and_not_replaced() -> None:
    before = os.stat(os.devnull)
    write_json(Path(os.devnull), {})
    assert os.stat(os.devnull).st_rdev == before.st_rdev


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_json(tmp_path, {})
    assert names(tmp_path) == []


def test_a_place_that_is_checked_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    check_place(tmp_path / "file")
    check_place(tmp_path / "new folder" / "file")
    check_place(Path(os.devnull))
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path / "new folder") == []


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IsADirectoryError):
        check_place(tmp_path)
    with pytest.raises(FileExistsError):
        check_place(tmp_path / "file" / "inner")
