"""The same network without new arrays: every step is written into the arrays of the step before.

The layers of `grader.reference.layers` return new arrays, so that nobody's result changes
behind their back. Here that promise is given up for speed: what ``forward`` and ``backward``
return, and what stands in ``grads``, holds until the next layer, step or call writes over it.
All values are those of the clear layers. ``docs/performance.md`` says what is won by it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.reference import layers, losses, optimizers
from grader.reference.layers import Layer
from grader.reference.network import Network

Array = NDArray[np.floating[Any]]

LINE = 64
"""Bytes that a processor reads and writes at once."""


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array, not filled, that begins where a line does: then no vector of numbers lies in two lines.

    NumPy begins at any multiple of 16 bytes.
    """
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


class Affine(layers.Affine):
    """y = xW + b.

    Parameters
    ----------
    W, b : arrays of shape (D, H) and (H,)
        Copied.
    first : bool
        Whether no layer comes before. Nobody then asks for dE/dx, which is a third of the
        layer's work: ``backward`` returns an array without entries.
    over : bool
        Whether ``backward`` writes dE/dx over x, which nobody then needs any more.
    last : bool
        Whether y goes to the loss, which reads class after class: y is then stored column by column.
    """

    def __init__(self, W: Array, b: Array, first: bool = False, over: bool = False, last: bool = False) -> None:
        super().__init__(aligned(W.shape, W.dtype), aligned(b.shape, b.dtype))
        self.params["W"][...], self.params["b"][...] = W, b
        self.grads = {name: aligned(array.shape, array.dtype) for name, array in self.params.items()}
        self.first, self.over, self.last = first, over, last
        self._make(0)

    def _make(self, n: int) -> None:
        """Arrays for n samples: y, ones, and dx; the last without entries if it is written over x, or unwanted."""
        D, H = self.params["W"].shape
        dtype = self.params["W"].dtype
        self._y = aligned((H, n), dtype).T if self.last else aligned((n, H), dtype)
        self._ones = aligned((n,), dtype)
        self._ones.fill(1)
        self._dx = aligned((0, 0) if self.first or self.over else (n, D), dtype)

    def forward(self, x: Array) -> Array:
        if len(x) != len(self._y):
            self._make(len(x))
        self._x = x
        np.matmul(x, self.params["W"], out=self._y)
        self._y += self.params["b"]
        return self._y

    def backward(self, dout: Array) -> Array:
        np.matmul(self._ones, dout, out=self.grads["b"])  # sums over the batch, sooner than sum does
        np.matmul(self._x.T, dout, out=self.grads["W"])
        if self.first:
            return self._dx
        return np.matmul(dout, self.params["W"].T, out=self._x if self.over else self._dx)


class ReLU(layers.ReLU):
    """y = x · [x > 0], written over x; dx = dout · [x > 0], written over dout."""

    _x: Array | None = None

    def forward(self, x: Array) -> Array:
        if x is not self._x:
            self._x, self._slope = x, aligned(x.shape, x.dtype)
        np.greater(x, 0, out=self._slope)
        x *= self._slope
        return x

    def backward(self, dout: Array) -> Array:
        dout *= self._slope
        return dout


class SoftmaxCrossEntropy(losses.SoftmaxCrossEntropy):
    """E = -1/N Σ t ln y, computed on the scores turned over (K, N). A sample's t sum to 1.

    The maximum and the sum over a sample's few classes then run over whole rows of N
    numbers, for which a processor has instructions that take many at once.

    Parameters
    ----------
    scale : float
        ``backward`` returns the gradient of scale · E. With the learning rate for it, every gradient arrives
        as the step to take: ``SGD(1)`` takes it, and saves the multiplication of each.
    """

    _scores: Array | None = None

    def __init__(self, scale: float = 1) -> None:
        self.scale = scale

    def forward(self, scores: Array, T: Array) -> float:
        A = scores.T
        if scores is not self._scores:
            self._scores, self._arrays = scores, [aligned(A.shape, A.dtype) for _ in range(3)]
        targets, shifted, Y = self._arrays
        targets[...] = T.T
        np.subtract(A, np.maximum.reduce(A, axis=0), out=shifted)  # what max and sum call, after some Python
        total = np.add.reduce(np.exp(shifted, out=Y), axis=0)
        Y /= total
        Y -= targets
        self._error = Y
        return float(np.add.reduce(np.log(total, out=total)) - np.vdot(targets, shifted)) / len(T)

    def backward(self) -> Array:
        self._error *= self.scale / self._error.shape[1]
        return self._error.T


class SGD(optimizers.SGD):
    """θ ← θ - λg, which ``step`` does without new arrays; λ = 1 costs nothing there."""

    def step(self, network: Network) -> None:
        """``update`` for all layers, with the new θ written over g: ``params`` and ``grads`` exchange their arrays.

        Afterwards ``grads`` holds the old parameters, and the next ``backward`` writes over them. θ has been
        read by all cores, and a core that writes where others have read must tell them so first; g was only written.
        """
        for layer in network.layers:
            for name, theta in layer.params.items():
                step = layer.grads[name]
                if self.lr != 1:
                    step *= self.lr
                layer.params[name], layer.grads[name] = np.subtract(theta, step, out=step), theta


def without_new_arrays(network: Network) -> Network:
    """A network with the same parameters, made of this module's affine layers and of ReLUs after them.

    The affine layers' are copies. Other layers are taken over as they are. So is a ReLU after one of those, which may
    still need the array that the ReLU of this module would write over. Each ``forward`` is for one ``backward``, as
    the second would find gradients where outputs were.
    """
    made: list[Layer] = []
    for layer in network.layers:
        if type(layer) is layers.Affine:
            before = type(made[-1]) if made else None
            place = {"first": before is None, "over": before is ReLU, "last": layer is network.layers[-1]}
            layer = Affine(layer.params["W"], layer.params["b"], **place)
        elif type(layer) is layers.ReLU and made and type(made[-1]) is Affine:
            layer = ReLU()
        made.append(layer)
    return Network(made)
