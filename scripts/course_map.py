"""Make the pictures of the course map in the README: one figure of each solution notebook, small.

    .venv/bin/python scripts/course_map.py

To show another figure, change its number here (counted from 0 in the notebook).
"""

import base64
import io
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
FIGURES = {
    "00_start_here": 1,
    "01_perceptron_limits": 8,
    "02_backpropagation": 7,
    "03_two_layer_network": 5,
    "04_training_in_practice": 0,
    "05_layer_classes": 4,
    "06_deep_networks": 0,
    "07_optimizers": 2,
    "08_initialization": 7,
    "09_batch_normalization": 6,
    "10_dropout": 1,
    "11_regularization": 1,
    "12_capstone": 2,
}
SIZE = (360, 220)


def figures(name: str) -> list[Image.Image]:
    """The figures in a solution notebook's stored outputs."""
    notebook = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    pictures = (o.get("data", {}).get("image/png") for c in notebook.cells for o in c.get("outputs", ()))
    return [Image.open(io.BytesIO(base64.b64decode(p))).convert("RGB") for p in pictures if p]


def main() -> None:
    folder = ROOT / "docs" / "map"
    folder.mkdir(parents=True, exist_ok=True)
    for name, number in FIGURES.items():
        picture = figures(name)[number]
        picture.thumbnail(SIZE, Image.Resampling.LANCZOS)
        picture.quantize(64, dither=Image.Dither.NONE).save(folder / f"{name[:2]}.png", optimize=True)


if __name__ == "__main__":
    main()
