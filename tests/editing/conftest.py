from __future__ import annotations

from pathlib import Path

import pytest
from harbour import TOOLS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.lcc]\ntools = ["harbour.pyi"]\n')
    (tmp_path / "harbour.pyi").write_text(TOOLS)
    return tmp_path
