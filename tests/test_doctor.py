"""The doctor tells which protections are active, by trying them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader import doctor
from grader.course import SECRET
from grader.sandbox import Plain, available

usable = pytest.mark.skipif(available() is not None, reason=str(available()))
PROTECTIONS = (
    *("namespaces", "private /proc", "no network", "seccomp"),
    *("memory bound", "memory bound, all processes", "process bound"),
)


@usable
def test_every_protection_is_tried_and_has_its_line(tmp_path: Path) -> None:
    findings = {f.what: f for f in doctor.examine(tmp_path)}
    assert set(PROTECTIONS) <= findings.keys()
    assert [name for name in PROTECTIONS if not findings[name].well] == []
    assert findings["user"].well == (os.getuid() != 0) and not findings["user"].needed
    assert all(f.text and "\n" not in f.text for f in findings.values())


@pytest.mark.parametrize(
    "trial", [doctor.NAMESPACES, doctor.PROC, doctor.NETWORK, doctor.SECCOMP], ids=lambda t: t.what
)
def test_a_protection_that_is_not_there_is_lacking(trial: doctor.Trial, tmp_path: Path) -> None:
    """Tried where there is none: in sessions without isolation."""
    (tmp_path / "release" / "00_doctor").mkdir(parents=True)
    with Plain(tmp_path / "release" / "00_doctor") as plain:
        assert not doctor.tried(trial, plain).well
        assert not doctor.tried(replace(trial, source="raise OSError"), plain).well


def test_a_secret_that_others_can_read_is_told(tmp_path: Path) -> None:
    assert doctor.secret(tmp_path).well
    (tmp_path / SECRET).write_bytes(bytes(32))
    (tmp_path / SECRET).chmod(0o600)
    assert doctor.secret(tmp_path).well
    (tmp_path / SECRET).chmod(0o644)
    found = doctor.secret(tmp_path)
    assert not found.well and "chmod 600" in found.text
