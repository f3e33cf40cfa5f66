"""Marking on a Dask cluster: scheduler and workers are processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from grader import scheduler
from grader.autograde import api_for
from grader.cli import app
from grader.course import CourseError
from grader.demo import differing
from grader.gradebook import read
from grader.simulate import simulate
from tests.conftest import FIRST, ROOT, Classroom

distributed = pytest.importorskip("distributed")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

PROGRAM = Path(sys.executable).parent / "dask"
SEEN = """
import json, socket, sys
from distributed import Client
with Client(sys.argv[1], timeout=120) as client:
    client.wait_for_workers(2, timeout=120)
    names = client.run(socket.gethostname)
print(json.dumps({address.split("//")[1].split(":")[0]: name for address, name in names.items()}))
"""
"""The host name of each worker, by its address."""
ALONE = ("--no-dashboard", "--idle-timeout", "10 minutes")
NAMESPACES = ("unshare", "--user", "--map-root-user", "--net")
ADDRESS = "10.77.0."


@dataclass
class Host:
    """A network and a host name of its own: what stands for another machine."""

    process: subprocess.Popen[bytes]

    @property
    def on(self) -> tuple[str, ...]:
        """Put before a command, these words have it run there."""
        return ("nsenter", "--preserve-credentials", "--user", "--net", "--uts", f"--target={self.process.pid}")

    def run(self, *words: str) -> None:
        """Run a command there."""
        subprocess.run([*self.on, *words], check=True, stdout=DEVNULL)


@contextmanager
def a_host(*words: str) -> Iterator[Host]:
    """Namespaces that last as long as a process that does nothing."""
    with subprocess.Popen([*words, "--uts", "sh", "-c", "echo; exec sleep 600"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout and process.stdout.read(1) == b"\n"
            yield Host(process)
        finally:
            process.kill()


@contextmanager
def a_network(*names: str) -> Iterator[list[Host]]:
    """A machine with a switch, and others plugged into it: 10.77.0.1 and so on. The network leads nowhere else."""
    with ExitStack() as ends:
        first = ends.enter_context(a_host(*NAMESPACES))
        first.run("ip", "link", "add", "name", "switch", "type", "bridge")
        hosts = [first]
        for name in names:
            hosts.append(ends.enter_context(a_host(*first.on, "unshare", "--net")))
            plugs = ("type", "veth", "peer", "name", "plug", "netns", str(hosts[-1].process.pid))
            first.run("ip", "link", "add", "name", name, *plugs)
            first.run("ip", "link", "set", name, "master", "switch", "up")
            hosts[-1].run("hostname", name)
        for number, (host, plug) in enumerate(zip(hosts, ["switch", *["plug"] * len(names)], strict=True), start=1):
            host.run("ip", "address", "add", f"{ADDRESS}{number}/24", "dev", plug)
            for device in ("lo", plug):
                host.run("ip", "link", "set", device, "up")
        yield hosts


def no_network() -> bool:
    """Whether this user may not have networks of their own, or lacks a program for it."""
    words = [*NAMESPACES, "ip", "link", "add", "name", "switch", "type", "bridge"]
    lacking = any(shutil.which(program) is None for program in ("unshare", "nsenter", "ip"))
    return lacking or bool(subprocess.run(words, check=False, capture_output=True).returncode)


@dataclass
class Cluster:
    """A scheduler on a free port, and its workers, each with a folder of its own."""

    folder: Path
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str, **other: str) -> subprocess.Popen[bytes]:
        """A process in the cluster's folder."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **other}
        return subprocess.Popen(words, cwd=self.folder, env=environment, stdout=DEVNULL, stderr=DEVNULL)

    def add(self, within: Sequence[str] = (), threads: int = 1, **environment: str) -> subprocess.Popen[bytes]:
        """One more worker, without a nanny that would start it again."""
        scratch = str(self.folder / f"worker{len(self.workers)}")
        options = ("--nworkers", "1", "--nthreads", str(threads), "--no-nanny", "--no-dashboard")
        command = [*within, str(PROGRAM), "worker", self.address, *options, "--local-directory", scratch]
        self.workers.append(self.start(*command, **environment))
        return self.workers[-1]

    @contextmanager
    def more(self, *options: Mapping[str, Any]) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Workers besides the two, for a while."""
        workers = [self.add(**each) for each in options]
        try:
            self.wait(2 + len(workers))
            yield workers
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            self.wait(2)

    def wait(self, workers: int) -> None:
        """Until there are so many workers."""
        with distributed.Client(self.address, timeout=120, set_as_default=False) as client:
            until = time.monotonic() + 120
            while len(client.nthreads()) != workers:
                assert time.monotonic() < until
                time.sleep(0.1)


@contextmanager
def a_cluster(
    folder: Path, host: str = "127.0.0.1", within: Sequence[str] = (), **environment: str
) -> Iterator[Cluster]:
    """A scheduler without workers; everything is ended by its process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cluster = Cluster(folder, f"tcp://{host}:{port}")
    command = (*within, str(PROGRAM), "scheduler", "--host", host, "--port", str(port), *ALONE)
    scheduler = cluster.start(*command, **environment)
    try:
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="class")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers."""
    with a_cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add()
        made.add()
        made.wait(2)
        yield made


@pytest.fixture
def refused(classroom: Classroom, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """``refused(address)``: the sentence with which nothing is marked."""

    def sentence(address: str) -> str:
        monkeypatch.chdir(classroom.root)
        done = CliRunner().invoke(app, ["autograde", FIRST, "--scheduler", address])
        assert done.exit_code == 1, done.output
        assert not classroom.verdicts()
        (line,) = done.stderr.splitlines()
        return line

    return sentence


def hand_in(classroom: Classroom, size: int) -> pd.DataFrame:
    """A sample class, and the marks that it deserves."""
    folders = classroom.root / "release", classroom.root / "submitted"
    return simulate({FIRST: classroom.assignment()}, *folders, size)


def judged(classroom: Classroom) -> list[tuple[str, Any]]:
    """The names of all verdicts, and the marks in them."""
    return [(path.name, json.loads(path.read_text())["marks"]) for path in classroom.verdicts()]


def mark_all(classroom: Classroom, address: str, disturb: Callable[[], object], within: Sequence[str] = ()) -> None:
    """Mark a class of 12 on a cluster that is disturbed when three are judged."""
    command = (*within, str(PROGRAM.with_name("grader")), "autograde", FIRST, "--scheduler", address)
    with subprocess.Popen(command, cwd=classroom.root, stdout=DEVNULL) as marking:
        try:
            while len(classroom.verdicts()) < 3:
                assert marking.poll() is None
                time.sleep(0.01)
            disturb()
            assert len(classroom.verdicts()) < 12
            assert marking.wait() == 0
        finally:
            marking.kill()


class TestOnTwoWorkers:
    def test_a_class_gets_the_same_marks_though_a_worker_is_killed_in_the_middle(
        self, classroom, cluster, tmp_path, time_limit
    ):
        time_limit(300)
        known = hand_in(classroom, 12)
        shutil.copytree(classroom.root, tmp_path / "local")
        with cluster.more({}) as (third,):
            mark_all(classroom, cluster.address, third.kill)
        local = Classroom(tmp_path / "local")
        assert local.autograde() == []
        assert classroom.marks() == local.marks()
        assert judged(classroom) == judged(local)
        assert differing(known, read(api_for(classroom.root))).empty

    def test_the_secret_is_not_sent(self, classroom, cluster):
        course = classroom.course
        course.secret  # noqa: B018 (kept in the object from now on)
        with scheduler.cluster(cluster.address, course, "bubblewrap") as pool:
            assert "secret" not in pool.submit(vars, course).result()

    def test_a_worker_that_comes_later_is_looked_at_too(self, classroom, cluster):
        with scheduler.cluster(cluster.address, classroom.course, "bubblewrap") as pool, cluster.more({"threads": 2}):
            futures = [pool.submit(time.sleep, 0.1 + i / 1000) for i in range(40)]
            with pytest.raises(CourseError, match="has 2 threads"):
                [f.result() for f in futures]

    def test_a_worker_that_cannot_mark_is_named_with_the_reason(self, classroom, cluster, refused, tmp_path):
        for name in ("byhand", "grader"):
            shutil.copytree(ROOT / name, tmp_path / "other" / name, ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "other" / "byhand" / "more.py").write_text("")
        (tmp_path / "none" / "grader").mkdir(parents=True)
        (tmp_path / "none" / "grader" / "__init__.py").write_text("")
        elsewhere = ("bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--tmpfs", str(classroom.root))
        bad = {
            "has no sandbox: bubblewrap is not installed: install it": {"PATH": "/nowhere"},
            "cannot use the course folder (No such file": {"within": elsewhere},
            "has other versions": {"PYTHONPATH": str(tmp_path / "other")},
            "cannot run grader (ModuleNotFoundError(": {"PYTHONPATH": str(tmp_path / "none")},
        }
        with cluster.more(*bad.values()):
            line = refused(cluster.address)
            with distributed.Client(cluster.address, set_as_default=False) as client:
                found = scheduler.looked_at(client, scheduler.needs(classroom.course, "bubblewrap"))
        assert line.startswith("The worker at tcp://127.0.0.1:")
        assert any(said in line for said in bad)
        for said in bad:
            assert sum(said in answer for answer in found.values()) == 1, found
        assert list(found.values()).count("") == 2


class TestOnThreeMachines:
    """Scheduler and both workers have networks and host names of their own, and a switch between them."""

    def test_a_class_gets_the_marks_it_deserves_though_a_worker_is_unplugged_in_the_middle(
        self, classroom, tmp_path, time_limit
    ):
        if no_network():
            pytest.skip("there are no network namespaces for this user, or no iproute2")
        time_limit(300)
        known = hand_in(classroom, 12)
        ttl = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "3s"}
        with (
            a_network("ada", "bob") as (here, ada, bob),
            a_cluster(tmp_path, f"{ADDRESS}1", here.on, **ttl) as cluster,
        ):
            cluster.add(ada.on)
            cluster.add(bob.on)
            words = [*here.on, sys.executable, "-c", SEEN, cluster.address]
            seen = subprocess.run(words, capture_output=True, text=True, check=False)
            assert json.loads(seen.stdout) == {f"{ADDRESS}2": "ada", f"{ADDRESS}3": "bob"}, seen.stderr
            mark_all(classroom, cluster.address, lambda: here.run("ip", "link", "set", "bob", "down"), within=here.on)
        assert differing(known, read(api_for(classroom.root))).empty


def test_a_scheduler_without_workers_says_how_to_start_some(tmp_path, refused):
    with a_cluster(tmp_path) as cluster:
        assert refused(cluster.address) == (
            f"The scheduler at {cluster.address} has no workers: "
            f"start some with 'dask worker {cluster.address} --nworkers 4 --nthreads 1'."
        )


def test_where_no_scheduler_answers_it_says_so(refused, monkeypatch):
    monkeypatch.setattr(scheduler, "SECONDS", 1)
    assert refused("tcp://127.0.0.1:1").startswith("No Dask scheduler answers at tcp://127.0.0.1:1: start")


@pytest.mark.parametrize("address", ["127.0.0.1", "tcp://127.0.0.1", "http://127.0.0.1:8786", "tcp://:x"])
def test_what_is_no_address_is_called_so(refused, address):
    assert refused(address) == f"{address!r} is no scheduler's address: it looks like tcp://host:8786."


def test_without_the_package_it_says_what_to_install(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refused("tcp://127.0.0.1:1") == "--scheduler needs the package distributed: pip install 'byhand[dask]'."
