"""Frames on a socket, and arrays in them.

A frame is its length in four bytes, then that many bytes. This module is used on both
sides of the sandbox; the reading half takes every byte for hostile.
"""

from __future__ import annotations

import io
import math
import socket
import struct
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

LENGTH = struct.Struct(">I")
KINDS = "biufcU"
MAX_HEADER = 512
MAX_DIMENSIONS = 16
PIECE = 256 * 1024


class Malformed(ValueError):
    """The bytes are not what they must be."""


class Oversize(Malformed):
    """A frame is announced that is longer than its bound."""


class Gone(ConnectionError):
    """The other side closed the channel."""


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def framed(payload: bytes) -> bytes:
    """The bytes of one frame."""
    return LENGTH.pack(len(payload)) + payload


def send(channel: socket.socket, payload: bytes, deadline: float | None = None) -> None:
    """Send one frame.

    Raises
    ------
    Gone
        If the other side closed the channel.
    TimeoutError
        If it does not take the frame before ``deadline`` (``time.monotonic``).
    """
    channel.settimeout(_remaining(deadline))
    try:
        channel.sendall(framed(payload))
    except TimeoutError:
        raise
    except OSError as error:
        raise Gone from error


def nothing_waits(channel: socket.socket) -> None:
    """Make sure that the other side has said nothing yet.

    Raises
    ------
    Malformed
        If it has.
    Gone
        If it closed the channel.
    """
    channel.setblocking(False)
    try:
        waiting = channel.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return
    except OSError as error:
        raise Gone from error
    raise Malformed("something was sent that nobody asked for") if waiting else Gone


def receive(channel: socket.socket, bound: int, deadline: float | None = None) -> bytes:
    """Receive one frame of at most ``bound`` bytes.

    Raises
    ------
    Oversize
        If it is announced as longer; nothing of it is read then.
    Gone
        If the channel is closed before its end.
    TimeoutError
        If it is not complete before ``deadline`` (``time.monotonic``).
    """
    (length,) = LENGTH.unpack(_exactly(channel, LENGTH.size, deadline))
    if length > bound:
        raise Oversize(f"a frame of {length} bytes where {bound} are the most")
    return _exactly(channel, length, deadline)


def _exactly(channel: socket.socket, length: int, deadline: float | None) -> bytes:
    data = bytearray()  # grows with what arrives, never with what is announced
    while len(data) < length:
        late = deadline is not None and time.monotonic() >= deadline
        channel.settimeout(0.0 if late else _remaining(deadline))  # what has arrived counts, however late it is read
        try:
            piece = channel.recv(min(length - len(data), PIECE))
        except (TimeoutError, BlockingIOError) as error:
            raise TimeoutError from error
        except OSError as error:
            raise Gone from error
        if not piece:
            raise Gone
        data += piece
    return bytes(data)


def pack_array(array: NDArray[Any]) -> bytes:
    """The bytes of a ``.npy`` file.

    Raises
    ------
    ValueError
        If the array holds Python objects.
    """
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def unpack_array(data: bytes) -> NDArray[Any]:
    """The array in the bytes of a ``.npy`` file (version 1.0).

    Memory is allocated only after the header's shape and type are found to describe exactly
    the bytes that follow it.

    Raises
    ------
    Malformed
        If anything else than one plain array of numbers, truth values or text is in ``data``.
    """
    file = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(file) != (1, 0):
            raise Malformed("not version 1.0 of the npy format")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=MAX_HEADER)
    except Malformed:
        raise
    except Exception as error:  # a hostile header can fail in any way while it is parsed
        raise Malformed("no npy header") from error
    if not isinstance(dtype, np.dtype) or dtype.kind not in KINDS or dtype.hasobject or dtype.itemsize == 0:
        raise Malformed("not an array of numbers, truth values or text")
    if len(shape) > MAX_DIMENSIONS or any(type(n) is not int or not 0 <= n < 2**31 for n in shape):
        raise Malformed("no shape of an array")
    start = file.tell()
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        raise Malformed("shape and type do not describe the bytes that follow")
    payload = bytearray(memoryview(data)[start:])
    _check_values(payload, dtype)
    try:
        array: NDArray[Any] = np.ndarray(shape, dtype, buffer=payload, order="F" if fortran else "C")
    except (ValueError, TypeError, MemoryError) as error:
        raise Malformed("no shape of an array") from error
    return array.astype(dtype.newbyteorder("="), order="C")


def _check_values(payload: bytearray, dtype: np.dtype[Any]) -> None:
    if dtype.kind == "b" and np.frombuffer(payload, np.uint8).max(initial=0) > 1:
        raise Malformed("a truth value that is neither true nor false")
    if dtype.kind == "U":
        points = np.frombuffer(payload, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if (points > 0x10FFFF).any() or ((points >= 0xD800) & (points <= 0xDFFF)).any():
            raise Malformed("text with something that is no character")
