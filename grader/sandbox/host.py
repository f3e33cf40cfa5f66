"""The trusted side: starts the template, asks for sessions, keeps time, believes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

import numpy as np

from byhand.outcome import Outcome
from grader.sandbox import answers, bubblewrap, frames, template
from grader.sandbox.limits import EndKind, Limits, SandboxUnavailable, SessionEnded
from grader.sandbox.namespaces import SCRATCH

START_SECONDS = 120.0
FORK_SECONDS = 30.0
END_SECONDS = 1.0
GRACE_SECONDS = 0.3
MAX_REPLY = 64 * 1024
DEFAULT = Limits()
T = TypeVar("T")


class _Template:
    """One running template process."""

    def __init__(self, arguments: Callable[[int], list[str]], environment: Mapping[str, str]) -> None:
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with tempfile.TemporaryFile() as errors:
            try:
                self._process = subprocess.Popen(
                    arguments(theirs.fileno()),
                    env=dict(environment),
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    start_new_session=True,
                )
            except OSError as error:
                self._control.close()
                raise SandboxUnavailable(f"The sandbox does not start: {error}.") from error
            finally:
                theirs.close()
            try:
                frames.receive(self._control, MAX_REPLY, time.monotonic() + START_SECONDS)
            except (OSError, frames.Malformed) as error:
                self.stop()
                errors.seek(0)
                said = errors.read(MAX_REPLY).decode("utf-8", "replace").strip().splitlines()
                reason = said[-1] if said else "no reason given"
                raise SandboxUnavailable(f"The sandbox does not start: {reason}") from error

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def _ask(self, request: dict[str, Any], seconds: float, descriptor: int | None = None) -> dict[str, Any]:
        """Send a request; the answer. A template that does not give one in time is killed.

        Raises
        ------
        ConnectionError
            If there is no answer.
        """
        with self._lock:
            deadline = time.monotonic() + seconds
            try:
                self._control.settimeout(seconds)
                if descriptor is None:
                    self._control.sendall(json.dumps(request).encode())
                else:
                    socket.send_fds(self._control, [json.dumps(request).encode()], [descriptor])
                answer: dict[str, Any] = json.loads(frames.receive(self._control, MAX_REPLY, deadline))
            except (OSError, frames.Malformed) as error:
                self.stop()
                raise ConnectionError from error
            return answer

    def fork(self, channel: socket.socket, limits: Limits) -> int:
        """Start a session on ``channel``; its process id within the template.

        Raises
        ------
        ConnectionError
            If the template does not answer.
        SandboxUnavailable
            If it can make no session.
        """
        request = {"limits": dataclasses.asdict(limits)}
        answer = self._ask(request, FORK_SECONDS, channel.fileno())
        if "error" in answer:
            raise SandboxUnavailable(f"No session can be started: {answer['error']}.")
        return int(answer["process"])

    def look(self, process: int) -> bool:
        """Whether a session uses too much now, or did: it is ended then."""
        try:
            return bool(self._ask({"look": process}, END_SECONDS)["greedy"])
        except ConnectionError:
            return True

    def end(self, process: int, grace: float) -> dict[str, Any] | None:
        """End a session, with everything in its namespace; how it ended, if that can be told."""
        try:
            return self._ask({"end": process, "grace": grace}, grace + END_SECONDS)
        except ConnectionError:
            return None

    def stop(self) -> None:
        """End the template with all of its sessions."""
        with contextlib.suppress(ProcessLookupError):
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()


class Session:
    """One submission's process: runs cells and probes, one at a time.

    A context manager; ``close`` ends the process and everything it started.
    """

    def __init__(
        self,
        owner: _Template,
        channel: socket.socket,
        process: int,
        limits: Limits,
        until: float = math.inf,
        watched: bool = False,
    ) -> None:
        self._template = owner
        self._channel = channel
        self._process = process
        self._limits = limits
        self._until = until
        self._watched = watched
        self._ended: SessionEnded | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session; it may have ended already."""
        self._finish(0.0)

    def _finish(self, grace: float) -> dict[str, Any] | None:
        if self._closed:
            return None
        self._closed = True
        self._channel.close()
        return self._template.end(self._process, grace)

    def run_cell(self, source: str, seconds: float | None = None) -> list[dict[str, Any]]:
        """Run a code cell; what it shows, as nbformat output dictionaries.

        It may take ``seconds``, or what the limits say.
        Only text and PNG pictures are kept. An exception of the cell is one of the outputs.

        Raises
        ------
        SessionEnded
            If the session is over, by this cell or before.
        """
        bound = self._limits.output_kib * 1024

        def answer(step: str, deadline: float) -> list[dict[str, Any]]:
            reply = answers.parse(frames.receive(self._channel, bound, deadline), step)
            return answers.cell_outputs(reply)

        return self._step({"cell": source, "bound": bound}, [], answer, seconds or self._limits.seconds)

    def keep(self, name: str) -> None:
        """Remember under a name what is defined now, for probes to come.

        Raises
        ------
        SessionEnded
            If the session is over, by this step or before.
        """

        def answer(step: str, deadline: float) -> None:
            answers.parse(frames.receive(self._channel, MAX_REPLY, deadline), step)

        self._step({"keep": name}, [], answer, self._limits.seconds)

    def probe(self, contract: str, inputs: Mapping[str, Any], at: str = "") -> Outcome:
        """Call a contract with what the cells so far have defined.

        Parameters
        ----------
        contract : str
            Topic and name, such as ``"layer_classes:affine"``.
        inputs : mapping
            Arrays, and Python's numbers, truth values and texts.
        at : str
            With every name as it was when this was kept; empty: as they are now.

        Raises
        ------
        SessionEnded
            If the session is over, by this call or before.
        TypeError
            If an input is of another type.
        """
        arrays: list[bytes] = []
        given: dict[str, dict[str, Any]] = {}
        for name, value in inputs.items():
            if isinstance(value, np.ndarray):
                given[name] = {"array": len(arrays)}
                arrays.append(frames.pack_array(value))
            elif isinstance(value, np.generic):
                given[name] = {"value": value.item()}
            elif isinstance(value, bool | int | float | str):
                given[name] = {"value": value}
            else:
                raise TypeError(f"input {name!r} of {contract} is a {type(value).__name__}")
        bound = self._limits.probe_mib * 1024 * 1024

        def answer(step: str, deadline: float) -> Outcome:
            reply = answers.parse(frames.receive(self._channel, MAX_REPLY, deadline), step)
            left = bound
            outputs = {}
            for name in answers.names(reply.get("outputs")):
                data = frames.receive(self._channel, left, deadline)
                left -= len(data)
                outputs[name] = frames.unpack_array(data)
            return Outcome(
                outputs,
                answers.failure(reply.get("failure")),
                answers.modified(reply.get("modified"), inputs.keys()),
            )

        request = {"probe": contract, "inputs": given, "arrays": len(arrays), "bound": bound, "at": at}
        return self._step(request, arrays, answer, self._limits.seconds)

    def _step(
        self, request: dict[str, Any], arrays: list[bytes], answer: Callable[[str, float], T], seconds: float
    ) -> T:
        if self._ended is not None:
            raise SessionEnded(self._ended.kind, str(self._ended))
        if self._closed:
            raise SessionEnded("exit", "The session is closed.")
        step = secrets.token_hex(16)  # so that no answer can be prepared before its question
        deadline = min(time.monotonic() + seconds, self._until)
        try:
            frames.nothing_waits(self._channel)
            frames.send(self._channel, json.dumps({"step": step, **request}).encode(), deadline)
            for data in arrays:
                frames.send(self._channel, data, deadline)
            answered = answer(step, deadline)
            if self._watched and self._template.look(self._process):
                raise frames.Gone
            return answered
        except TimeoutError:
            if deadline == self._until:
                self._end("time", "The time for all of it was over.")
            self._end(
                "time",
                f"It ran for more than {seconds:g} s and was stopped: is there a loop that never ends?",
            )
        except frames.Gone:
            self._end_by_itself()
        except frames.Oversize:
            self._end("output", "It gave back far more than anything asked for.")
        except frames.Malformed:
            self._end("protocol", "It wrote something of its own where only results may be written.")

    def _end(self, kind: EndKind, message: str) -> NoReturn:
        self._finish(0.0)
        self._ended = SessionEnded(kind, message)
        raise self._ended from None

    def _end_by_itself(self) -> NoReturn:
        how = self._finish(GRACE_SECONDS)
        if how is None or how["killed"]:
            self._end("protocol", "It closed the channel on which results are given back.")
        if how["greedy"] == "processes":
            most = self._limits.processes
            self._end("processes", f"It had more than {most} processes and threads at a time and was stopped.")
        status = int(how["status"])
        if status == -signal.SIGKILL and how["cpu"] >= self._limits.cpu_seconds - 1:
            self._end("time", f"It used more than {self._limits.cpu_seconds} s of processor time.")
        if status in (-signal.SIGKILL, template.MEMORY):
            said = "It used more memory than there is for it: does a list or an array keep growing?"
            self._end("memory", said)
        if status < 0:
            name = signal.Signals(-status).name if -status in signal.valid_signals() else str(-status)
            self._end("exit", f"Python itself ended ({name}): does a function call itself without end?")
        self._end("exit", f"It ended the Python process (exit status {status}), so nothing more was run.")


class Sandbox:
    """Isolated sessions for one assignment.

    A context manager. The template ends when the *thread* that made this object does
    (bubblewrap's ``--die-with-parent``), and is started anew when it is gone.

    Parameters
    ----------
    release : Path
        Folder of the released assignment; read-only inside.
    limits : Limits
        What each session may use.
    packages : Path, optional
        Folder that holds ``byhand``, and ``data`` beside it, if it is not the one in use here.
    hidden_data : sequence of str
        Files of ``data`` that are empty inside.

    Raises
    ------
    SandboxUnavailable
        If learners' code cannot be isolated here; the message says what to install.
    """

    def __init__(
        self,
        release: Path,
        *,
        limits: Limits = DEFAULT,
        packages: Path | None = None,
        hidden_data: Sequence[str] = (),
    ) -> None:
        self._release = Path(release).resolve()
        self._hidden_data = tuple(hidden_data)
        self._limits = limits
        self._packages = packages or bubblewrap.library()
        self._check()
        self._template = self._start()

    def _check(self) -> None:
        problem = bubblewrap.available()
        if problem is not None:
            raise SandboxUnavailable(problem)
        if not self._release.is_dir():
            raise FileNotFoundError(self._release)

    def _start(self) -> _Template:
        return _Template(lambda fd: bubblewrap.command(self._release, self._packages, fd, self._hidden_data), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the template with all of its sessions."""
        self._template.stop()

    def session(self, limits: Limits | None = None, until: float = math.inf, watched: bool = False) -> Session:
        """A fresh process that knows nothing of the sessions before it.

        Parameters
        ----------
        limits : Limits, optional
            Other limits for this one.
        until : float
            No step of it goes on after this (``time.monotonic``).
        watched : bool
            Look after every step at what it uses, so that the step at fault is the one that ends it.
            Otherwise somebody looks now and then, which may be some steps later.

        Raises
        ------
        SandboxUnavailable
            If none can be made.
        """
        limits = limits or self._limits
        for _ in range(2):
            if not self._template.alive:
                self._template = self._start()
            ours, theirs = socket.socketpair()
            try:
                process = self._template.fork(theirs, limits)
            except ConnectionError:  # the template is gone: once more with a new one
                ours.close()
                continue
            finally:
                theirs.close()
            return self._confined(Session(self._template, ours, process, limits, until, watched), ours)
        raise SandboxUnavailable("The sandbox does not start a session.")

    def _confined(self, session: Session, channel: socket.socket) -> Session:
        try:
            problem = frames.receive(channel, MAX_REPLY, time.monotonic() + FORK_SECONDS)
        except (OSError, frames.Malformed) as error:
            session.close()
            raise SandboxUnavailable("A session does not start.") from error
        if problem:
            session.close()
            raise SandboxUnavailable(f"A session cannot be isolated: {problem.decode('utf-8', 'replace')}.")
        return session


class Plain(Sandbox):
    """Sessions without any isolation: processes of the same user that see everything.

    For machines that are themselves disposable. The same interface as ``Sandbox``.
    """

    def _check(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="plain-", ignore_cleanup_errors=True)
        if not self._release.is_dir():
            raise FileNotFoundError(self._release)

    def _start(self) -> _Template:
        home = self._home.name
        environment = {k: v.replace(SCRATCH, home) for k, v in bubblewrap.ENVIRONMENT.items()}
        environment["PYTHONPATH"] = os.pathsep.join((str(self._packages), str(bubblewrap.HERE.parents[1])))
        environment["PATH"] = os.environ.get("PATH", os.defpath)
        environment["TMPDIR"] = home
        arguments = [sys.executable, "-s", "-P", "-m", "grader.sandbox.template"]
        return _Template(lambda fd: [*arguments, str(fd), str(self._release), self._release.name, "plain"], environment)

    def close(self) -> None:
        """End the template with all of its sessions, and remove their files."""
        super().close()
        self._home.cleanup()
