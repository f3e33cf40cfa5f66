"""``python -m tests.bench [marking|training|checks|scale]``: measure, and write build/bench.json and build/bench.md.

Parts that are not asked for stay in the files as they were measured last.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time

from tests.bench import ROOT

PARTS = ("marking", "training", "checks", "scale")


def main() -> None:
    """Measure one part after the other, and write after each."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all by default")
    parser.add_argument("--submissions", type=int, default=10, help="marking: so many of each assignment")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000], help="scale: on the local pool")
    parser.add_argument("--many", type=int, default=10_000, help="scale: on Dask; 0: none")
    given = parser.parse_args()
    if strange := [part for part in given.parts if part not in PARTS]:
        parser.error(f"there is no part {strange[0]!r}: {', '.join(PARTS)}")
    options = {"marking": [given.submissions], "training": [], "checks": [], "scale": [given.sizes, given.many]}
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    found = json.loads(target.read_text(encoding="utf-8")) if target.exists() else {}
    for part in given.parts or PARTS:
        start = time.monotonic()
        found[part] = importlib.import_module(f"tests.bench.{part}").measure(*options[part])
        print(f"{part}: {time.monotonic() - start:.0f} s", flush=True)
        target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    pages = [
        f"## {part}\n\n{importlib.import_module(f'tests.bench.{part}').table(found[part])}"
        for part in PARTS
        if part in found
    ]
    page = "\n".join(pages)
    target.with_suffix(".md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
