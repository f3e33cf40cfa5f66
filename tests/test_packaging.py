"""The files that say what is installed agree with each other, and the set-up says what is missing."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPO = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = [Requirement(line) for line in PROJECT["dependencies"]]
EXTRAS = {name: [Requirement(line) for line in lines] for name, lines in PROJECT["optional-dependencies"].items()}
OTHERS = [r for name in EXTRAS if name != "torch" for r in EXTRAS[name]]
LOCK = [
    line
    for line in (REPO / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
LOCKED = {canonicalize_name(line.partition("==")[0]): Version(line.partition("==")[2]) for line in LOCK}


def normal(requirement: Requirement) -> tuple[str, str]:
    return canonicalize_name(requirement.name), str(requirement.specifier)


# --- conda -----------------------------------------------------------------------------


def test_the_conda_environment_asks_for_what_pyproject_asks_for() -> None:
    environment = yaml.safe_load((REPO / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    (by_pip,) = (line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    assert by_pip[-1] == "-e ."
    wanted = {normal(r) for r in CORE} | {("python", PROJECT["requires-python"]), ("pip", "")}
    assert {normal(Requirement(line)) for line in [*conda, *by_pip[:-1]]} == wanted


def test_the_conda_environment_names_channels_and_no_addresses() -> None:
    text = (REPO / "environment.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["channels"] == ["conda-forge", "nodefaults"]
    assert "://" not in text


# --- the lock --------------------------------------------------------------------------


def test_the_lock_pins_every_line_and_holds_no_address_path_or_local_version() -> None:
    for line in LOCK:
        assert re.fullmatch(r"[A-Za-z0-9][\w.-]*==[0-9][0-9a-z.]*", line), line
    assert len(LOCKED) == len(LOCK), "a package is locked twice"


@pytest.mark.parametrize("requirement", CORE + OTHERS, ids=str)
def test_the_lock_covers_a_direct_dependency_within_its_bounds(requirement: Requirement) -> None:
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)])


def test_the_lock_leaves_torch_and_this_package_out() -> None:
    assert not {"torch", "byhand", "nvidia-cublas", "triton"} & set(LOCKED)


def test_every_dependency_has_a_lower_bound_and_torch_is_exact() -> None:
    for requirement in CORE + OTHERS:
        assert [s.operator for s in requirement.specifier] == [">="], requirement
    assert [str(r) for r in EXTRAS["torch"]] == ["torch==2.13.0"]


def third_party_imports(package: str) -> set[str]:
    """The top-level names that the modules of a package import, wherever in the file."""
    names = set()
    for path in (REPO / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"byhand", "grader", "mpl_toolkits"}


@pytest.mark.parametrize("package", ["byhand", "grader"])
def test_what_a_package_imports_is_a_declared_dependency(package: str) -> None:
    declared = CORE if package == "byhand" else CORE + [r for name in EXTRAS if name != "test" for r in EXTRAS[name]]
    imported = {canonicalize_name(name) for name in third_party_imports(package)}
    assert imported <= {canonicalize_name(r.name) for r in declared}


def test_the_workflow_tests_every_python_that_pyproject_names() -> None:
    workflow = yaml.safe_load((REPO / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if "3 ::" not in c and ":: 3." in c]
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == named


# --- the set-up ------------------------------------------------------------------------


def checkout(folder: Path, **commands: str) -> dict[str, str]:
    """A checkout with nothing but the set-up, and a PATH with nothing but these shell scripts."""
    (folder / "scripts").mkdir(parents=True)
    for name in ("scripts/setup.sh", "pyproject.toml", "requirements.lock"):
        shutil.copy(REPO / name, folder / name)
    (folder / "bin").mkdir()
    for name in ("dirname", "cat", "cksum", "mktemp", "rm", "tail", "env", "mkdir"):
        (folder / "bin" / name).symlink_to(str(shutil.which(name)))
    programs = dict.fromkeys(["bwrap", "chromium", "pg_ctlcluster", "ip"], "")
    for name, body in {"id": "echo 0", **programs, **commands}.items():
        path = folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    return {"PATH": str(folder / "bin"), "HOME": str(folder)}


def set_up(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(folder / "scripts" / "setup.sh"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


# A Python without ensurepip: as Debian ships it until python3-venv is installed.
BARE = f"""
case "$*" in
  *ensurepip*) [ -f "$HOME/venv-installed" ] ;;
  "-m venv"*) mkdir -p .venv/bin; cat "$HOME/bin/python3" >.venv/bin/python
              {shutil.which("chmod")} +x .venv/bin/python; echo "made" >>"$HOME/log" ;;
  *"pip install"* | *compileall*) echo "$*" >>"$HOME/log" ;;
  *'%d.%d'*) echo 3.11 ;;
  *importlib.metadata*) [ -f "$HOME/torch-installed" ] ;;
  *torch*) echo torch==2.13.0 ;;
  -V) echo "Python 3.11.2" ;;
esac
"""
APT = 'echo "apt-get $*" >>"$HOME/log"; case "$*" in *install*venv*) : >"$HOME/venv-installed" ;; esac'


def log(folder: Path) -> list[str]:
    path = folder / "log"
    return path.read_text().splitlines() if path.exists() else []


def test_without_a_new_enough_python_one_line_says_so(tmp_path: Path) -> None:
    environment = checkout(tmp_path, python3="exit 1", **{"python3.11": "exit 1"})
    done = set_up(tmp_path, environment)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "No Python 3.11 or newer" in done.stderr


def test_the_python_that_is_named_is_taken(tmp_path: Path) -> None:
    environment = checkout(tmp_path, python3="exit 1", mine=BARE.replace("bin/python3", "bin/mine"), **{"apt-get": APT})
    assert set_up(tmp_path, environment | {"PYTHON": "mine"}).returncode == 0
    assert "made" in log(tmp_path)


def test_as_root_on_debian_a_missing_venv_is_installed(tmp_path: Path) -> None:
    environment = checkout(tmp_path, python3=BARE, **{"apt-get": APT})
    done = set_up(tmp_path, environment)
    assert done.returncode == 0, done.stderr
    assert log(tmp_path)[:3] == [
        "apt-get update -qq",
        "apt-get install -qq -y --no-install-recommends python3.11-venv",
        "made",
    ]


@pytest.mark.parametrize("commands", [{"id": "echo 1000", "apt-get": APT}, {}])
def test_otherwise_one_line_says_how_to_install_venv(commands: dict[str, str], tmp_path: Path) -> None:
    done = set_up(tmp_path, checkout(tmp_path, python3=BARE, **commands))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "apt-get install python3.11-venv" in done.stderr


@pytest.fixture
def ready(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "venv-installed").touch()
    return checkout(tmp_path, python3=BARE)


def test_the_lock_is_installed_then_the_package_and_neither_again_until_the_lock_changes(
    ready: dict[str, str], tmp_path: Path
) -> None:
    assert set_up(tmp_path, ready).returncode == 0
    pip = "-m pip install --quiet --no-compile"
    compiled = "-m compileall -qq -j 0 -x /tests?/|/(torch|sympy|mpmath)/ .venv/lib"
    first = ["made", f"{pip} -r requirements.lock", f"{pip} --no-deps -e .", compiled]
    assert log(tmp_path) == first
    again = set_up(tmp_path, ready)
    assert (again.returncode, again.stdout, log(tmp_path)) == (0, "", first)
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6\n")
    assert set_up(tmp_path, ready).returncode == 0
    assert log(tmp_path) == first + first[1:]


def test_a_failed_installation_is_tried_again(ready: dict[str, str], tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python3"
    working = python.read_text()
    python.write_text(working.replace('echo "$*" >>"$HOME/log"', "exit 1"))
    failed = set_up(tmp_path, ready)
    assert failed.returncode == 1 and "could not be installed" in failed.stderr
    (tmp_path / ".venv/bin/python").write_text(working)
    assert set_up(tmp_path, ready).returncode == 0
    assert "-m pip install --quiet --no-compile -r requirements.lock" in log(tmp_path)


def test_torch_is_installed_only_when_asked_for_and_missing(ready: dict[str, str], tmp_path: Path) -> None:
    set_up(tmp_path, ready)
    assert not any("pip" in line and "torch" in line for line in log(tmp_path))
    set_up(tmp_path, ready, "test")
    wanted, compiled = log(tmp_path)[-2:]
    assert wanted == "-m pip install --quiet --no-compile -c requirements.lock torch==2.13.0"
    assert "compileall" in compiled
    (tmp_path / "torch-installed").touch()
    before = log(tmp_path)
    assert set_up(tmp_path, ready, "test").stdout == "" and log(tmp_path) == before


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_without_torch_the_comparisons_are_skipped_except_in_ci(
    ci: str, code: int, ready: dict[str, str], tmp_path: Path
) -> None:
    set_up(tmp_path, ready)
    python = tmp_path / ".venv/bin/python"
    python.write_text(python.read_text().replace('echo "$*" >>"$HOME/log"', "exit 1"))
    done = set_up(tmp_path, ready | {"CI": ci}, "test")
    assert done.returncode == code
    assert "torch==2.13.0 could not be installed" in done.stdout + done.stderr


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
@pytest.mark.parametrize(
    ("command", "name"), [("chromium", "Chromium"), ("pg_ctlcluster", "PostgreSQL"), ("ip", "iproute2")]
)
def test_programs_that_tests_need_are_installed_for_them_only_and_their_absence_is_said(
    command: str, name: str, ci: str, code: int, ready: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "torch-installed").touch()
    (tmp_path / "bin" / command).unlink()
    assert name not in set_up(tmp_path, ready).stdout
    done = set_up(tmp_path, ready | {"CI": ci}, "test")
    assert done.returncode == code
    assert f"{name} could not be installed" in done.stdout + done.stderr


@pytest.mark.parametrize("root", [True, False])
def test_bubblewrap_is_installed_as_root_and_asked_for_otherwise(root: bool, tmp_path: Path) -> None:
    (tmp_path / "venv-installed").touch()
    environment = checkout(tmp_path, python3=BARE, id=f"echo {0 if root else 1000}", **{"apt-get": APT})
    (tmp_path / "bin" / "bwrap").unlink()
    done = set_up(tmp_path, environment)
    assert done.returncode == 0
    assert ("apt-get install -qq -y --no-install-recommends bubblewrap" in log(tmp_path)) is root
    assert ("apt-get install bubblewrap" in done.stdout) is not root


@pytest.mark.parametrize("deps", ["oldest", "newest"])
def test_the_bounds_of_pyproject_can_be_installed_instead(deps: str, ready: dict[str, str], tmp_path: Path) -> None:
    set_up(tmp_path, ready)
    python = tmp_path / ".venv/bin/python"
    python.write_text(
        python.read_text().replace('case "$*" in', f'case "$*" in\n  "- "*) exec {sys.executable} "$@" ;;', 1)
    )
    assert set_up(tmp_path, ready | {"BYHAND_DEPS": deps}).returncode == 0
    lines = (tmp_path / "build" / f"requirements-{deps}.txt").read_text().splitlines()
    assert [Requirement(line).name for line in lines] == [r.name for r in CORE + OTHERS]
    assert all(("==" in line) is (deps == "oldest") for line in lines)


# --- commands --------------------------------------------------------------------------


def test_ci_runs_the_one_test_command() -> None:
    script = REPO / ".ci" / "run"
    assert os.access(script, os.X_OK) and script.read_text().splitlines()[-1] == "exec make test"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_makefile_lists_its_targets() -> None:
    done = subprocess.run(["make", "help"], cwd=REPO, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert {"grade", "test", "notebooks", "lab", "lock", "lint", "clean"} <= set(listed)


@pytest.mark.parametrize(("size", "code"), [(1_000_000, 0), (1_000_001, 1)])
def test_the_hook_refuses_a_data_set_above_1_mb(size: int, code: int, tmp_path: Path) -> None:
    hooks = yaml.safe_load((REPO / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    entry = next(hook["entry"] for hook in hooks if hook["id"] == "small-data")
    (tmp_path / "small.csv").write_text("1,2\n")
    (tmp_path / "set.csv").write_bytes(b"0" * size)
    files = [str(tmp_path / "small.csv"), str(tmp_path / "set.csv")]
    done = subprocess.run([*shlex.split(entry), *files], capture_output=True, text=True)
    assert done.returncode == code
    assert ("set.csv" in done.stdout) is bool(code)
