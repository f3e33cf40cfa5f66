#!/bin/sh
# Make .venv ready for the other make targets; quick when nothing changed.
#
#   scripts/setup.sh [test]       with "test", also PyTorch, Chromium, PostgreSQL and iproute2, which some tests need
#
# PYTHON        the Python to use instead of the first of python3, python3.14 ... python3.11
# BYHAND_DEPS   locked (default: requirements.lock), oldest or newest (the bounds of pyproject.toml)
# CI=true       what a test needs and cannot be installed is an error
set -eu
cd "$(dirname "$0")/.."

say() { echo "== $*"; }
fail() { echo "$*" >&2; exit 1; }

is_root() { [ "$(id -u)" = 0 ]; }

# apt_install PACKAGE: true if it is installed afterwards; says nothing else
apt_install() {
    is_root && command -v apt-get >/dev/null 2>&1 || return 1
    log=$(mktemp)
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1"; } \
        >"$log" 2>&1; then
        rm -f "$log"
    else
        tail -n 3 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# for_tests COMMAND PACKAGE NAME USE: install what only tests need
for_tests() {
    command -v "$1" >/dev/null 2>&1 && return
    say "installing $3, $4"
    apt_install "$2" && return
    [ "${CI:-}" = true ] && fail "$3 could not be installed, and with CI=true its tests have to be run."
    say "$3 could not be installed: its tests are skipped (Debian: apt-get install $2)"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Print the direct requirements of the package, its extras (but PyTorch) and its tests, at their lower bounds with "oldest".
requirements() {
    .venv/bin/python - "$1" <<'PY'
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]
for line in project["dependencies"] + [line for name in extras if name != "torch" for line in extras[name]]:
    print(line.replace(">=", "==") if sys.argv[1] == "oldest" else line)
PY
}

deps=${BYHAND_DEPS:-locked}
case $deps in locked | oldest | newest) ;; *) fail "BYHAND_DEPS is locked, oldest or newest, not $deps." ;; esac

# --- the environment
if ! is_new_enough .venv/bin/python; then
    python=$(find_python) || fail "No Python 3.11 or newer was found: install one, or name it with PYTHON=/path/to/python."
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "installing python$version-venv, which making an environment needs"
        { apt_install "python$version-venv" && "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; } ||
            fail "Python $version lacks venv: install it (Debian, Ubuntu: apt-get install python$version-venv), then try again."
    fi
    say "making .venv with Python $version"
    "$python" -m venv --clear .venv || fail "Making .venv with $python failed, for the reason above."
fi

# --- the packages
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet --no-compile"
installed=
stamp=.venv/.byhand-setup
wanted="$deps $(cat requirements.lock pyproject.toml | cksum) $(.venv/bin/python -V)"
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    rm -f "$stamp"
    if [ "$deps" = locked ]; then
        say "installing the packages of requirements.lock (a few minutes the first time)"
        list=requirements.lock
    else
        say "installing the $deps packages that pyproject.toml allows"
        mkdir -p build
        list=build/requirements-$deps.txt
        requirements "$deps" >"$list"
    fi
    upgrade=
    [ "$deps" = newest ] && upgrade="--upgrade --upgrade-strategy eager"
    # shellcheck disable=SC2086
    $pip $upgrade -r "$list" || fail "The packages of $list could not be installed, for the reason above."
    say "installing byhand and grader themselves"
    $pip --no-deps -e . || fail "This package could not be installed, for the reason above."
    installed=yes
    echo "$wanted" >"$stamp"
fi

# --- what only tests need
if [ "${1:-}" = test ]; then
    torch=$(.venv/bin/python -c '
import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["torch"])')
    if ! .venv/bin/python -c '
import sys
from importlib.metadata import version
sys.exit(version("torch").split("+")[0] != sys.argv[1].partition("==")[2])' "$torch" 2>/dev/null; then
        say "installing $torch, which some tests compare with"
        limit=
        [ "$deps" = locked ] && limit="-c requirements.lock"
        installed=yes
        # shellcheck disable=SC2086
        if ! $pip $limit "$torch"; then
            [ "${CI:-}" = true ] && fail "$torch could not be installed, and with CI=true the comparisons have to run."
            say "$torch could not be installed: the comparisons with PyTorch are skipped"
        fi
    fi
    for_tests chromium chromium Chromium "in which pages are looked at"
    for_tests pg_ctlcluster postgresql PostgreSQL "in which a gradebook is kept"
    for_tests ip iproute2 iproute2 "with which several machines are played on one"
fi

# pip compiles with one core, and also what is hardly ever imported; what cannot be compiled never is
[ -z "$installed" ] || .venv/bin/python -m compileall -qq -j 0 -x '/tests?/|/(torch|sympy|mpmath)/' .venv/lib || :

# --- the sandbox
if ! command -v bwrap >/dev/null 2>&1; then
    say "installing bubblewrap, in which submissions are run"
    apt_install bubblewrap ||
        say "bubblewrap is missing, without which nothing is marked: install it (Debian, Ubuntu: apt-get install bubblewrap)"
fi
