"""The wheel, built and installed in a clean environment, scores from another folder."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT

REPOSITORY = ROOT


def call(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(one) for one in command], capture_output=True, text=True, cwd=cwd, timeout=300,
        check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    if not (REPOSITORY / "pyproject.toml").is_file():
        pytest.skip("needs the source tree: the wheel is built from it")
    folder = tmp_path_factory.mktemp("dist")
    done = call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder,
                REPOSITORY, cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of executables of an environment that has the wheel and this one's libraries."""
    place = tmp_path_factory.mktemp("clean")
    assert call(sys.executable, "-m", "venv", place, cwd=place).returncode == 0
    done = call(place / "bin" / "pip", "install", "--no-deps", "--no-index", wheel, cwd=place)
    assert done.returncode == 0, done.stderr[-2000:]
    (packages,) = place.glob("lib/python*/site-packages")
    libraries = Path(pd.__file__).parents[1]
    # Its dependencies are borrowed, so that no registry is asked; the package itself is not: path
    # files inside a borrowed folder are not followed.
    (packages / "borrowed.pth").write_text(f"{libraries}\n")
    return place / "bin"


@pytest.mark.slow
def test_the_wheel_carries_configs_snapshot_licences_and_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "dsr_risk/configs/dsr.yaml", "dsr_risk/configs/dsr-full.yaml", "dsr_risk/py.typed",
        "dsr_risk/data/bundled/snapshot.csv",
    ):  # fmt: skip
        assert wanted in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "scripts/"))]
    assert wheel.stat().st_size < 3_000_000


@pytest.mark.slow
def test_the_installed_wheel_scores_from_another_folder_as_the_source_does(
    installed: Path, tmp_path: Path
) -> None:
    where = call(
        installed / "python", "-c", "import dsr_risk; print(dsr_risk.__file__)", cwd=tmp_path
    )
    assert where.stdout.startswith(str(installed.parent))
    done = call(installed / "dsr-risk", "score", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    got = pd.read_csv(io.StringIO(done.stdout), index_col="iso3", dtype=str)
    wanted = dr.score().table(details=True)
    assert got.index.tolist() == wanted.index.tolist()
    for name in ("dependency", "security"):
        np.testing.assert_array_equal(got[name].astype(float), wanted[name])


@pytest.mark.slow
def test_the_installed_wheel_uses_the_configs_inside_it(installed: Path, tmp_path: Path) -> None:
    code = (
        "from dsr_risk.framework.files import config_folder, bundled_frameworks\n"
        "print(config_folder()); print(bundled_frameworks())\n"
    )
    done = call(installed / "python", "-c", code, cwd=tmp_path)
    folder, names = done.stdout.splitlines()
    assert folder.startswith(str(installed.parent))
    assert names == "('dsr', 'dsr-full')"
    for name in dr.bundled_frameworks():
        inside = (Path(folder) / f"{name}.yaml").read_bytes()
        assert inside == (REPOSITORY / "configs" / f"{name}.yaml").read_bytes()


@pytest.mark.slow
def test_the_version_of_the_wheel_is_the_version_of_the_package(
    wheel: Path, installed: Path, tmp_path: Path
) -> None:
    assert wheel.name.startswith(f"dsr_risk-{dr.__version__}-py3-none-any")
    done = call(installed / "dsr-risk", "--version", cwd=tmp_path)
    assert dr.__version__ in done.stdout
