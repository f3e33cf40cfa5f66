"""Verdicts on an existing Dask cluster. Marks are recorded by the process that was started, as ever."""

from __future__ import annotations

import hashlib
import platform
import secrets
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from grader.assignment import load
from grader.course import SECRET, VERDICTS, Course, CourseError, Stopped, _versions
from grader.execute import _boxes
from grader.sandbox import available

SECONDS = 10
"""How long a scheduler may take to answer."""


@dataclass(frozen=True)
class Needs:
    """What a process must have to mark a course as the one that was started would."""

    root: Path
    secret: str
    versions: str
    software: str
    sandbox: bool
    run: str
    """Different each time: a worker that stays must not go on with what it read for an earlier run."""


def needs(course: Course, sandbox: str) -> Needs:
    """What this process has."""
    secret = hashlib.sha256(course.secret).hexdigest()
    return Needs(course.root, secret, _versions(), _software(), sandbox != "none", secrets.token_hex(8))


def _software() -> str:
    return f"Python {platform.python_version()}, NumPy {np.__version__}"


def look(wanted: Needs, dask_worker: Any) -> str:
    """What a worker lacks to mark a course: half a sentence, or nothing. `Client.run` names the parameter."""
    if (threads := dask_worker.state.nthreads) != 1:
        return f"has {threads} threads, where a sandbox needs a process of its own: start it with --nthreads 1"
    if _versions() != wanted.versions:
        other = f"{_software()} there, {wanted.software} here"
        return f"has other versions ({other}, or other files of byhand or grader): install the same, and restart it"
    try:
        if hashlib.sha256((wanted.root / SECRET).read_bytes()).hexdigest() != wanted.secret:
            return f"sees another course in {wanted.root}: share the course folder under the same path"
        with tempfile.TemporaryFile(dir=wanted.root / VERDICTS):
            pass
    except OSError as error:
        where = f"cannot use the course folder ({error.strerror}: {error.filename or wanted.root / VERDICTS})"
        return f"{where}: share it under the same path, with the right to write {VERDICTS}"
    if wanted.sandbox and (said := available()):
        return f"has no sandbox: {said.removesuffix('.')}"
    return ""


_last: list[Needs] = []
"""What this worker was last looked at for."""


def on_worker(wanted: Needs, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function on a worker, which may have joined after the others were looked at.

    Raises
    ------
    CourseError
        If the worker lacks something.
    """
    from distributed import get_worker

    worker = get_worker()
    if _last != [wanted]:
        if said := look(wanted, worker):
            raise CourseError(f"The worker at {worker.address} {said}.")
        load.cache_clear()
        while _boxes:
            _boxes.popitem()[1].close()
        _last[:] = [wanted]
    return function(*args)


class Cluster(Executor):
    """An executor whose workers are looked at before they run anything.

    A task only writes a verdict, always the same, so Dask runs it again elsewhere when a worker is lost.

    Parameters
    ----------
    client : distributed.Client
    wanted : Needs
    """

    def __init__(self, client: Any, wanted: Needs) -> None:
        self.workers = len(client.nthreads())
        self._pool = client.get_executor(pure=False)
        self._wanted = wanted

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As in the base class, for positional arguments; a course's secret is not sent."""
        sent = (replace(a) if isinstance(a, Course) else a for a in args)
        future: Future[Any] = self._pool.submit(on_worker, self._wanted, function, *sent, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As in the base class."""
        self._pool.shutdown(wait=wait and not cancel_futures)


@contextmanager
def cluster(address: str, course: Course, sandbox: str) -> Iterator[Cluster]:
    """Connect to a scheduler, and look at every worker before anybody's work is run.

    Parameters
    ----------
    address : str
        Such as ``"tcp://127.0.0.1:8786"``.
    course : Course
        A folder that every worker sees under the same path.
    sandbox : str
        ``"bubblewrap"`` or ``"none"``.

    Raises
    ------
    CourseError
        If there is no scheduler or no worker, or one of the workers lacks something; the text says what to do.
    Stopped
        If the cluster is lost meanwhile.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.addressing import get_address_host_port
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise CourseError("--scheduler needs the package distributed: pip install 'byhand[dask]'.") from None
    try:
        get_address_host_port(address, strict=True)
    except (ValueError, TypeError):
        raise CourseError(f"{address!r} is no scheduler's address: it looks like tcp://host:8786.") from None
    connect: Callable[..., Any] = Client
    try:
        client = connect(address, timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        todo = "start 'dask scheduler' there, or see that it can be reached from here"
        raise CourseError(f"No Dask scheduler answers at {address}: {todo}.") from error
    try:
        with client:
            if not client.nthreads():
                todo = f"start some with 'dask worker {address} --nworkers 4 --nthreads 1'"
                raise CourseError(f"The scheduler at {address} has no workers: {todo}.")
            (course.root / VERDICTS).mkdir(exist_ok=True)
            wanted = needs(course, sandbox)
            for worker, said in looked_at(client, wanted).items():
                if said:
                    raise CourseError(f"The worker at {worker} {said}.")
            yield Cluster(client, wanted)
    except KilledWorker:
        raise Stopped("Workers of the cluster ended", "killed, or out of memory", "give them more of it") from None
    except (CommClosedError, CancelledError):
        raise Stopped("The cluster is lost", f"the scheduler at {address} is gone", "start it again") from None


def looked_at(client: Any, wanted: Needs) -> dict[str, str]:
    """What each worker lacks, by its address."""
    found = client.run(look, wanted, on_error="return")
    install = "install the same versions there, and restart it"
    return {
        worker: f"cannot run grader ({_of_worker(said)}): {install}" if isinstance(said, Exception) else said
        for worker, said in found.items()
    }


def _of_worker(error: Exception) -> str:
    """What an error is called; Dask sends those of unpickling as the text of another."""
    return str(error) if type(error) is Exception else repr(error)
