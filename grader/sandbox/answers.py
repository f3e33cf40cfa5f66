"""What a session may say: everything it sends is taken apart and built anew here."""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Collection
from typing import Any, get_args

from byhand.outcome import Failure, Kind
from grader.sandbox.frames import Malformed

MAX_OUTPUTS = 1000
MAX_NAMES = 64
PNG = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
MAX_PIXELS = 25_000_000
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SURROGATES = re.compile("[\ud800-\udfff]")
NAME = re.compile(r"[^\W\d]\w{0,63}", re.ASCII)


def parse(frame: bytes, step: str) -> dict[str, Any]:
    """The object in a reply to ``step``.

    Raises
    ------
    Malformed
        If it is no JSON object or answers another step.
    """
    try:
        reply = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error
    if not isinstance(reply, dict) or reply.get("step") != step:
        raise Malformed("not the answer to this step")
    return reply


def text(value: object, bound: int | None = None) -> str:
    """Plain text: no escape sequence, control character, or change of writing direction.

    Raises
    ------
    Malformed
        If ``value`` is no text.
    """
    if not isinstance(value, str):
        raise Malformed("no text where text must be")
    if bound is not None:
        value = value[: 16 * bound]
    value = ESCAPES.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    return SURROGATES.sub("\ufffd", INVISIBLE.sub("", value))[:bound]


def picture(value: object) -> str:
    """A PNG picture in base64, without the parts of it that are no picture.

    Raises
    ------
    Malformed
        If it is anything else, or has more than 25 million pixels.
    """
    if not isinstance(value, str):
        raise Malformed("no picture")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("no base64") from error
    if not data.startswith(PNG):
        raise Malformed("no PNG picture")
    kept = [PNG]
    names: list[bytes] = []
    at = len(PNG)
    while at + 12 <= len(data) and names[-1:] != [b"IEND"]:
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            raise Malformed("a broken PNG picture")
        if name in PNG_CHUNKS:
            kept.append(data[at:end])
            names.append(name)
        elif not name[:1].islower():
            raise Malformed("an unknown part in a PNG picture")
        at = end
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or names.count(b"IHDR") != 1 or b"IDAT" not in names:
        raise Malformed("a broken PNG picture")
    if len(kept[1]) != 12 + 13:
        raise Malformed("a broken PNG picture")
    width, height = struct.unpack_from(">II", kept[1], 8)
    if not 0 < width * height <= MAX_PIXELS:
        raise Malformed("a PNG picture of an impossible size")
    return base64.b64encode(b"".join(kept)).decode("ascii")


def cell_outputs(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """nbformat outputs of a cell.

    Raises
    ------
    Malformed
        If there is anything but streams, displays, results and errors.
    """
    outputs = reply.get("outputs")
    if not isinstance(outputs, list) or len(outputs) > MAX_OUTPUTS:
        raise Malformed("no list of outputs")
    return [_output(output) for output in outputs]


def _output(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Malformed("no output")
    kind = given.get("output_type")
    if kind == "stream":
        if given.get("name") not in ("stdout", "stderr"):
            raise Malformed("no stream")
        return {"output_type": "stream", "name": str(given["name"]), "text": text(given.get("text"))}
    if kind == "error":
        lines = given.get("traceback")
        if not isinstance(lines, list):
            raise Malformed("no traceback")
        return {
            "output_type": "error",
            "ename": text(given.get("ename"), 100),
            "evalue": text(given.get("evalue"), 400),
            "traceback": [text(line) for line in lines],
        }
    if kind not in ("display_data", "execute_result") or not isinstance(given.get("data"), dict):
        raise Malformed("no output")
    data: dict[str, str] = {}
    if "text/plain" in given["data"]:
        data["text/plain"] = text(given["data"]["text/plain"])
    if "image/png" in given["data"]:
        data["image/png"] = picture(given["data"]["image/png"])
    output: dict[str, Any] = {"output_type": kind, "data": data, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output


def names(given: object) -> list[str]:
    """Names of outputs, all different.

    Raises
    ------
    Malformed
        If there is anything else.
    """
    if not isinstance(given, list) or len(given) > MAX_NAMES:
        raise Malformed("no list of names")
    for name in given:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Malformed("no name")
    if len(set(given)) != len(given):
        raise Malformed("a name twice")
    return given


def failure(given: object) -> Failure | None:
    """Why a call ended early.

    Raises
    ------
    Malformed
        If it is neither null nor one of the known failures.
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Malformed("no failure")
    for kind in get_args(Kind):
        if given.get("kind") == kind:
            return Failure(
                kind,
                text(given.get("message", ""), 400),
                text(given.get("type", ""), 100),
                text(given.get("function", ""), 200),
                text(given.get("line", ""), 200),
            )
    raise Malformed("no known failure")


def modified(given: object, inputs: Collection[str]) -> tuple[str, ...]:
    """Which inputs were modified.

    Raises
    ------
    Malformed
        If one of them is no input.
    """
    found = names(given)
    if not set(found) <= set(inputs):
        raise Malformed("no input of this name")
    return tuple(found)
