"""The template: imports everything once, then forks one process per submission.

Runs inside bubblewrap, where ``grader`` does not exist; this file and its neighbours
``frames``, ``namespaces``, ``seccomp``, ``shell`` and ``watch`` are all there is of it. The template itself never runs
a learner's code: that happens in its forks, after ``namespaces.confine`` and ``seccomp.install``.
While there are any, it looks every 50 ms at what each uses in all.

``python -m inside.template DESCRIPTOR RELEASE ASSIGNMENT MODE`` with mode ``isolated``,
``isolated-keep-tmp`` (something needed lies under /tmp) or ``plain``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NoReturn

from . import frames, namespaces, seccomp, watch

MEMORY = 86  # exit status of a session that has no memory left to answer with
MAX_REQUEST = 256 * 1024 * 1024
WARM_CELLS = (
    """
import matplotlib.pyplot as _p
_f, _a = _p.subplots()
_a.plot([1.0, 2.0], label="$x^2$")
_a.legend()
_p.show()
_f
""",
    "1 / 0",
)


def warm(assignment: str) -> Any:
    """Import what submissions need and make their shell; returns the shell."""
    import matplotlib.pyplot
    import numpy
    import pandas  # noqa: F401

    import byhand

    for module in pkgutil.iter_modules(byhand.__path__, "byhand."):
        with contextlib.suppress(Exception):  # what cannot be had here fails where it is used
            importlib.import_module(module.name)
    with contextlib.suppress(ImportError, SyntaxError):
        from byhand.contracts import contracts_of

        contracts_of(assignment)

    from . import shell as shells

    shell = shells.make_shell()
    before = set(shell.user_ns)
    streams = sys.stdout, sys.stderr
    shells.install_streams(shell)
    for cell in WARM_CELLS:
        shells.run(shell, cell, 1 << 20)
    sys.stdout, sys.stderr = streams
    matplotlib.pyplot.close("all")
    for name in set(shell.user_ns) - before:
        del shell.user_ns[name]
    shell.capture.start(0)
    numpy.random.seed(0)
    return shell


def serve(channel: socket.socket, shell: Any) -> NoReturn:
    """Answer one step after the other, until the channel is closed."""
    from . import shell as shells

    shells.install_streams(shell)
    process = os.getpid()
    kept: dict[str, dict[str, Any]] = {}
    status = 0
    try:
        while True:
            request = json.loads(frames.receive(channel, MAX_REQUEST))
            if "cell" in request:
                outputs = shells.run(shell, request["cell"], request["bound"])
                parts = [_cell_reply(request, outputs)]
            elif "keep" in request:
                kept[request["keep"]] = dict(shell.user_ns)
                parts = [json.dumps({"step": request["step"]}).encode()]
            else:
                parts = _probe(channel, shell, request, kept)
            if os.getpid() != process:  # a fork made by the learner's code does not answer
                break
            for part in parts:
                frames.send(channel, part)
    except frames.Gone:
        pass
    except MemoryError:
        status = MEMORY
    except BaseException:
        status = 1
    finally:
        os._exit(status)


def _cell_reply(request: dict[str, Any], outputs: list[dict[str, Any]]) -> bytes:
    reply = {"step": request["step"], "outputs": outputs}
    return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")


def _probe(channel: socket.socket, shell: Any, request: dict[str, Any], kept: dict[str, dict[str, Any]]) -> list[bytes]:
    from byhand import outcome
    from byhand.contracts import contracts_of

    shell.capture.start(0)
    if request["at"] in kept:
        then = kept[request["at"]]
        shell.user_ns.update(then)  # before names go: a thread or a trace function never finds it empty
        for stray in set(shell.user_ns) - set(then):
            shell.user_ns.pop(stray, None)
    arrays = [frames.unpack_array(frames.receive(channel, MAX_REQUEST)) for _ in range(request["arrays"])]
    inputs = {
        name: arrays[given["array"]] if "array" in given else given["value"]
        for name, given in request["inputs"].items()
    }
    assignment, _, name = request["probe"].partition(":")
    result = outcome.call(contracts_of(assignment)[name], shell.user_ns, inputs)
    failure = result.failure and vars(result.failure)
    names: list[str] = []
    packed: list[bytes] = []
    left = request["bound"]
    for name, array in result.outputs.items():
        data = frames.pack_array(array)
        left -= len(data)
        if left < 0:
            failure = failure or {"kind": "bad", "message": f"`{name}` is far larger than anything asked for"}
            break
        names.append(name)
        packed.append(data)
    reply = {
        "step": request["step"],
        "outputs": names,
        "failure": failure or None,
        "modified": list(result.modified),
    }
    return [json.dumps(reply).encode(), *packed]


class Sessions:
    """The forks of this process.

    Parameters
    ----------
    shell : Shell
        Made beforehand; each fork has its own copy.
    release : str
        The released assignment.
    mode : str
        See the module.
    """

    def __init__(self, shell: Any, release: str, mode: str) -> None:
        self.shell = shell
        self.release = release
        self.mode = mode
        self.folders: dict[int, str] = {}
        self.watched: dict[int, dict[str, float]] = {}
        self.greedy: dict[int, str] = {}

    def fork(self, channel: int, limits: dict[str, float]) -> dict[str, Any]:
        """A new session on ``channel``: its ``process`` id, or the ``error`` that prevented it.

        The session's first frame is empty when it is confined, else it says what failed.
        """
        reading, writing = os.pipe()
        folder = tempfile.mkdtemp() if self.mode == "plain" else ""
        first = os.fork()
        if first == 0:
            os.close(reading)
            if folder:
                self._begin(channel, lambda: self._plain(channel, folder, limits))
            self._isolated(channel, writing, limits)
        os.close(writing)
        if folder:
            os.close(reading)
            self.folders[first] = folder
            return {"process": first}
        with open(reading, encoding="utf-8") as pipe:
            line = pipe.readline().strip()
        os.waitpid(first, 0)
        if not line.isdigit():
            return {"error": line}
        self.watched[int(line)] = limits
        return {"process": int(line)}

    def _isolated(self, channel: int, writing: int, limits: dict[str, float]) -> NoReturn:
        try:
            namespaces.unshare()
            process = os.fork()
            if process:  # only here, outside the new pid namespace, its number is known
                os.write(writing, f"{process}\n".encode())
                os._exit(0)
        except BaseException as error:
            os.write(writing, f"{error}\n".encode())
            os._exit(1)
        self._begin(channel, lambda: self._confined(channel, limits))

    def _confined(self, channel: int, limits: dict[str, float]) -> socket.socket:
        opened = namespaces.confine(channel, self.release, limits, own_tmp=self.mode == "isolated")
        seccomp.install()
        return opened

    def _plain(self, channel: int, folder: str, limits: dict[str, float]) -> socket.socket:
        os.setsid()
        namespaces.die_with_parent()
        os.chdir(namespaces.work_directory(folder, self.release))
        namespaces.set_limits(limits, shared_user=True)
        return namespaces.only_descriptor(channel)

    def _begin(self, channel: int, enter: Callable[[], socket.socket]) -> NoReturn:
        try:
            confined = enter()
            frames.send(confined, b"")
        except BaseException as error:
            with contextlib.suppress(BaseException):  # whatever happens, no learner's code runs
                os.write(channel, frames.framed(str(error).encode()))
            os._exit(1)
        sys.path.insert(0, "")
        serve(confined, self.shell)

    def watch(self) -> None:
        """Kill sessions whose processes use more together than their limits say."""
        self.greedy |= (ended := watch.end_the_greedy(self.watched))
        for process in ended:
            del self.watched[process]

    def end(self, process: int, grace: float) -> dict[str, Any]:
        """End a session and everything it started.

        Returns its ``status`` (negative for a signal), whether it was ``killed`` here, its
        processor time in seconds, and what it used too much of if it was killed for that.
        A session that is about to end by itself has ``grace`` seconds.
        """
        self.watched.pop(process, None)
        killed = False
        until = time.monotonic() + grace
        while True:
            found, status, usage = os.wait4(process, os.WNOHANG)
            if found or time.monotonic() >= until:
                break
            time.sleep(0.001)
        if not found:
            killed = True
            os.kill(process, signal.SIGKILL)
            _, status, usage = os.wait4(process, 0)
        folder = self.folders.pop(process, "")
        if folder:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process, signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime
        return {"status": code, "killed": killed, "cpu": cpu, "greedy": self.greedy.pop(process, "")}


def main(arguments: list[str]) -> None:
    """Serve the process that started this one, until it closes the control channel."""
    descriptor, release, assignment, mode = arguments
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    shell = warm(assignment)
    if sys.platform == "linux":
        namespaces.guard_template()
    if namespaces.threads_of_this_process() != 1:
        raise RuntimeError("an import started a thread, so no namespaces can be made")
    sessions = Sessions(shell, release, mode)
    gc.collect()
    gc.freeze()  # forks share these pages for as long as nothing counts on them
    frames.send(control, b"ready")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.close(null)
    while True:
        while sessions.watched and not select.select([control], [], [], watch.EVERY)[0]:
            sessions.watch()
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
        if not message:
            return
        request = json.loads(message)
        if descriptors:
            answer = sessions.fork(descriptors[0], request["limits"])
            os.close(descriptors[0])
        elif "look" in request:
            sessions.watch()
            answer = {"greedy": sessions.greedy.get(request["look"], "")}
        else:
            answer = sessions.end(request["end"], request["grace"])
        frames.send(control, json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
