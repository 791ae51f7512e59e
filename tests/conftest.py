"""Fixtures that every test folder shares: the real data and a tiny checkpoint."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before torch: two xdist workers with two threads each only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

from hypothesis import settings

# A slow moment of a shared machine is not a failure of the code.
settings.register_profile("moss", deadline=None)
settings.load_profile("moss")

REPOSITORY = Path(__file__).resolve().parent.parent


def _real_data_folder() -> Path:
    return Path(os.environ.get("MOSS_TEST_DATA", REPOSITORY.parent / "shared" / "data"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever takes `real_data` carries its marker; whoever carries the marker is skipped where the data is absent."""
    folder = _real_data_folder()
    absent = pytest.mark.skip(reason=f"no real data at {folder}: put it there or set MOSS_TEST_DATA to its folder")
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real_data)
        if item.get_closest_marker("real_data") and not folder.is_dir():
            item.add_marker(absent)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data (its MANIFEST.md says what is in it); test input only, nothing of it is copied."""
    return _real_data_folder()
