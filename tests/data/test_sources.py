"""Files to records and texts, with what is wrong in them named by file and line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.data.sources import BadRecord, Record, records, texts
from moss.errors import UserError


def read(path: Path) -> tuple[list[Record], list[BadRecord]]:
    bad: list[BadRecord] = []
    return list(records(path, bad.append)), bad


def written(folder: Path, name: str, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "A.JSONL"])
def test_jsonl_has_a_record_a_line(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, '{"a": 1}\n\n  \n[2]\r\n"drei"')
    assert read(path) == ([Record({"a": 1}, path, 1), Record([2], path, 4), Record("drei", path, 5)], [])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"a": 1}', [({"a": 1}, 1)]),
        ('[{"a": 1},\n {"a":\n 2},\n\n {"a": 3}]\n', [({"a": 1}, 1), ({"a": 2}, 2), ({"a": 3}, 5)]),
        ('{"a": 1}\n{"a": 2}\n', [({"a": 1}, 1), ({"a": 2}, 2)]),
        ("\n[ ]", []),
        ("", []),
    ],
    ids=["one value", "array", "one after the other", "empty array", "empty file"],
)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_json_has_values_or_an_array_of_them(
    tmp_path: Path, name: str, content: str, found: list[tuple[object, int]]
) -> None:
    path = written(tmp_path, name, content)
    assert read(path) == ([Record(value, path, line) for value, line in found], [])


@given(
    values=st.lists(
        st.recursive(st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])), st.lists)
    )
)
def test_both_kinds_read_the_same(tmp_path_factory: pytest.TempPathFactory, values: list[object]) -> None:
    folder = tmp_path_factory.mktemp("kinds")
    lines = written(folder, "a.jsonl", "\n".join(map(json.dumps, values)))
    array = written(folder, "a.json", json.dumps(values, indent=1))
    assert [record.value for record in read(lines)[0]] == [record.value for record in read(array)[0]] == values


def test_a_bad_line_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [b'{"a": 1}', b"{oops", b"\xff\xfe", b'"\\ud83d"', b"[" * 100_000, b"1" * 5000, b'"\\ud83d\\ude00"']
    path = written(tmp_path, "a.jsonl", b"\n".join(lines))
    good, bad = read(path)
    assert [record.value for record in good] == [{"a": 1}, "😀"]
    reasons = {record.line: record.reason for record in bad}
    assert list(reasons) == [2, 3, 4, 5, 6]
    assert "not JSON" in reasons[2]
    assert "column 2" in reasons[2]
    assert "not UTF-8: invalid start byte at byte 0" in reasons[3]
    assert "surrogate" in reasons[4]
    assert "nested too deeply" in reasons[5]
    assert "digits" in reasons[6]
    assert str(bad[0]).startswith(f"{path}, line 2: ")


def test_what_comes_before_the_damage_in_an_array_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", '[{"a": 1},\n{"a": 2},\n{"a": }, {"a": 4}]')
    good, bad = read(path)
    assert [record.value["a"] for record in good] == [1, 2]
    assert [record.line for record in bad] == [3]


@pytest.mark.parametrize("tail", [',\n{"a": "', "\n", ",\n", ',\n"'])
def test_an_array_that_is_cut_off_is_reported(tmp_path: Path, tail: str) -> None:
    good, bad = read(written(tmp_path, "a.json", '[{"a": 1}' + tail))
    assert [record.value for record in good] == [{"a": 1}]
    assert [record.line for record in bad] == [2]


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.jsonl", '\ufeff{"a": 1}'))[0][0].value == {"a": 1}
    assert read(written(tmp_path, "a.json", '\ufeff{"a": 1}'))[0][0].value == {"a": 1}


def test_a_cut_off_gz_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    numbers = "".join(f"{number}\n" for number in range(100_000))
    path.write_bytes(gzip.compress(numbers.encode())[:-2000])
    good, bad = read(path)
    assert [record.value for record in good] == list(range(len(good)))
    assert len(good) > 1000
    assert len(bad) == 1
    assert "compressed file is damaged" in bad[0].reason


def test_a_gz_that_is_none_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b'{"a": 1}')
    good, bad = read(path)
    assert good == []
    assert "damaged" in bad[0].reason


def test_a_folder_is_read_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b/2.json", "a/3.jsonl.gz", "1.jsonl", "b/notes.txt", "b/x.json.bak"):
        written(tmp_path, name, json.dumps(name))
    assert [record.value for record in read(tmp_path)[0]] == ["1.jsonl", "a/3.jsonl.gz", "b/2.json"]


@pytest.mark.parametrize("name", ["a.tar.gz", "a.csv", "a"])
def test_another_kind_of_file_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot read this kind of file"):
        read(written(tmp_path, name, "x"))


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        read(tmp_path / "nothing.jsonl")


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no \.jsonl, \.json file"):
        read(tmp_path)


def test_texts_of_a_corpus(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", "line one\nline two\n")
    written(tmp_path, "b.txt.gz", "压缩")
    written(tmp_path, "c.jsonl", '{"text": "record"}\n"bare"\n{"other": 1}\n7\n')
    written(tmp_path, "d.md", "")
    bad: list[BadRecord] = []
    assert list(texts(tmp_path, bad.append)) == ["line one\nline two\n", "压缩", "record", "bare"]
    assert [record.line for record in bad] == [3, 4]
