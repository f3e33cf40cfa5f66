"""The public cases of an assignment: ``checks.json``, which stands beside the notebook.

Arrays are written as nested lists with 12 significant digits, so the file can be read
by a person and is the same whatever machine wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from byhand.compare import Known, Wanted
from byhand.outcome import Array
from byhand.remedies import OTHER_KERNEL, this_byhand

FORMAT = 1


def encode(value: object) -> object:
    """An input or output as JSON: numbers and text as they are, arrays with their dtype."""
    if isinstance(value, np.ndarray):
        data = _rounded(value).tolist()
        return {
            "dtype": value.dtype.str[1:] if value.dtype.kind == "U" else value.dtype.name,
            "shape": list(value.shape),
            "data": data,
        }
    return value.item() if isinstance(value, np.generic) else value


def decode(value: Any) -> Any:
    """The inverse of `encode`."""
    if isinstance(value, dict):
        return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])
    return value


def _rounded(array: Array) -> Array:
    """12 significant digits, and what is below 1e-13 of the largest entry is 0.

    The last digits of a float depend on the processor; these do not.
    """
    if array.dtype.kind != "f" or array.size == 0:
        return array
    flat = np.array([float(f"{x:.12g}") for x in array.ravel().astype(float)])
    finite = flat[np.isfinite(flat)]
    if finite.size:
        flat[np.abs(flat) < 1e-13 * np.abs(finite).max()] = 0.0
    return flat.reshape(array.shape)


def dump(wanted: Wanted) -> dict[str, Any]:
    """An exercise's public cases as JSON."""

    def outputs(given: Mapping[str, Array]) -> dict[str, Any]:
        return {name: encode(value) for name, value in given.items()}

    return {
        "rtol": wanted.rtol,
        "atol": wanted.atol,
        "cases": [
            {"inputs": {k: encode(v) for k, v in inputs.items()}, "expected": outputs(expected)}
            for inputs, expected in zip(wanted.inputs, wanted.outputs, strict=True)
        ],
        "misconceptions": [
            {
                "name": k.name,
                "message": k.message,
                "cases": [{"outputs": outputs(o), "error": e} for o, e in zip(k.outputs, k.errors, strict=True)],
            }
            for k in wanted.known
        ],
    }


def parse(entry: Mapping[str, Any]) -> Wanted:
    """The inverse of `dump`."""

    def outputs(given: Mapping[str, Any]) -> dict[str, Array]:
        return {name: np.asarray(decode(value)) for name, value in given.items()}

    return Wanted(
        inputs=tuple({k: decode(v) for k, v in case["inputs"].items()} for case in entry["cases"]),
        outputs=tuple(outputs(case["expected"]) for case in entry["cases"]),
        known=tuple(
            Known(
                m["name"],
                m["message"],
                tuple(outputs(c["outputs"]) for c in m["cases"]),
                tuple(c["error"] for c in m["cases"]),
            )
            for m in entry["misconceptions"]
        ),
        rtol=entry["rtol"],
        atol=entry["atol"],
    )


def other_version(newer: bool) -> ValueError:
    """checks.json belongs to a newer or an older byhand than this one."""
    if newer:
        return ValueError(f"checks.json is newer than {this_byhand()}: {OTHER_KERNEL}, or update byhand.")
    return ValueError(f"checks.json is older than {this_byhand()}: fetch the assignment's folder again.")


def read(path: Path) -> tuple[str, dict[str, Wanted]]:
    """The assignment's name and its exercises' public cases.

    Raises
    ------
    FileNotFoundError, ValueError
        With one sentence that says what to do.
    """
    try:
        stat = path.stat()
        return _read(path, (stat.st_ino, stat.st_size, stat.st_mtime_ns))
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no {path.name} in {path.parent}. It belongs beside the notebook: "
            "was the notebook moved out of its folder? Put it back, or open the one there."
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path.name} is damaged: fetch the assignment's folder again.") from None


@lru_cache(maxsize=1)
def _read(path: Path, version: tuple[int, ...]) -> tuple[str, dict[str, Wanted]]:
    """The file's content, which is parsed again only when the file was changed."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["format"] != FORMAT:
        raise other_version(content["format"] > FORMAT)
    return content["assignment"], {name: parse(entry) for name, entry in content["exercises"].items()}
