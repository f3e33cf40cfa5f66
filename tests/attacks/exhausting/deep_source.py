"""Cells are nested deeper than a parser can follow.

place: file
stock: no
"""

DEEP = (
    "-" * 49_000 + "1",
    "(" * 190 + ")" * 190,
    "[" * 9000,
    "lambda: " * 6000 + "1",
    "not " * 12_000 + "1",
    "f'{" * 90,
    "1" * 49_000,
    "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 99)) + " " * 99 + "1",
)


def change(notebook):
    for number, text in enumerate(DEEP):
        notebook["cells"].append(
            {
                "cell_type": "code",
                "id": f"deep{number}",
                "source": text,
                "metadata": {"tags": ["experiment"] if number % 2 else []},
                "outputs": [],
                "execution_count": None,
            }
        )
