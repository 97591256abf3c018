"""The places that name packages agree (pyproject.toml, environment.yml, requirements.lock), and those that name the checks."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPI_NAME = {"python-build": "build"}  # conda-forge calls these otherwise
ONLY_CONDA = {"python", "pip"}


def bounds(lines: list[str]) -> dict[str, str]:
    wanted = [Requirement(line) for line in lines]
    return {canonicalize_name(PYPI_NAME.get(w.name, w.name)): str(w.specifier) for w in wanted}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def packages(project) -> dict[str, str]:
    return bounds(project["dependencies"] + [line for extra in project["optional-dependencies"].values() for line in extra])


@pytest.fixture(scope="module")
def conda() -> list:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_conda_and_pyproject_name_the_same_packages_with_the_same_bounds(packages, conda):
    from_conda = [entry for entry in conda if isinstance(entry, str)]
    from_pip = [entry for part in conda if isinstance(part, dict) for entry in part["pip"] if entry != "-e ."]
    named = bounds(from_conda + from_pip)
    assert {name: bound for name, bound in named.items() if name not in ONLY_CONDA} == packages


def test_conda_and_pyproject_ask_for_the_same_python(project, conda):
    assert bounds(["python" + project["requires-python"]]) == bounds([e for e in conda if isinstance(e, str) and e.startswith("python>")])


def test_the_lock_pins_every_package_within_its_bounds(packages, lock):
    pinned: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", lock, flags=re.MULTILINE):
        pinned.setdefault(name, []).append(version)
    assert packages.keys() <= pinned.keys()
    outside = {n: v for n, bound in packages.items() for v in pinned[n] if not Requirement(n + bound).specifier.contains(v)}
    assert outside == {}


def test_every_pin_of_the_lock_has_a_hash(lock):
    entries = re.split(r"^(?=\S)", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE), flags=re.MULTILINE)
    entries = [entry for entry in entries if entry.strip()]
    assert entries
    assert [e.splitlines()[0] for e in entries if "==" not in e or not re.search(r"--hash=sha256:[0-9a-f]{64}", e)] == []


def test_the_lock_names_no_registry(lock):
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", lock)


def test_the_hooks_before_a_commit_are_the_checks_of_make_check():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checks = re.findall(r"^\t@\$\(BIN\)/(.+)$", makefile.partition("\ncheck: setup\n")[2].partition("\n\n")[0], flags=re.MULTILINE)
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repo["repo"] == "local" and len(checks) > 3
    assert [hook["entry"].removeprefix(".venv/bin/") for hook in repo["hooks"]] == checks


def test_the_forge_runs_what_is_run_here():
    (job,) = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8"))["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
