"""Executors, checkpoints, interruption and memory: the same bytes whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk.errors import DataError, DsrRiskError
from dsr_risk.montecarlo import run as running
from tests.folders import ROOT
from tests.montecarlo.montecarlo_cases import made_data, made_framework

FACTORS: dict[str, Any] = {
    "*.weights": {"method": "spread", "share": 0.3},
    "risk.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
    "*.data": {"method": "standard_error", "relative": 0.1},
}
PARTS = ("seen", "failed", "count", "total", "square", "bins", "ranks", "bands", "above")


def bytes_of(found: dr.Uncertainty) -> bytes:
    return b"".join(
        np.ascontiguousarray(getattr(found._counts.counts, part)).tobytes() for part in PARTS
    )


def small(executor: Executor | None = None, draws: int = 40_000, **options: Any) -> dr.Uncertainty:
    return dr.uncertainty(
        made_framework(), made_data(missing=0.1), draws=draws, factors=FACTORS, nodes="score",
        executor=executor, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_one_two_and_seven_workers_give_the_same_bytes() -> None:
    alone = bytes_of(small())
    for workers in (1, 2, 7):
        with ProcessPoolExecutor(workers) as pool:
            assert bytes_of(small(pool)) == alone
    with ThreadPoolExecutor(2) as pool:
        assert bytes_of(small(pool)) == alone
    assert bytes_of(small(seed=1)) != alone


def test_the_same_seed_gives_the_same_bytes_and_random_points_others() -> None:
    assert bytes_of(small(draws=3000)) == bytes_of(small(draws=3000))
    assert bytes_of(small(draws=3000, sampling="random")) != bytes_of(small(draws=3000))


THREADED = """
    import hashlib
    from tests.montecarlo.test_running import bytes_of, small
    print(hashlib.sha256(bytes_of(small())).hexdigest())
"""


@pytest.mark.slow
def test_the_threads_of_the_linear_algebra_library_do_not_change_the_bytes() -> None:
    said = set()
    for threads in ("1", "2"):
        variables = dict.fromkeys(
            ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), threads
        )
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(THREADED)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **variables, "PYTHONPATH": str(ROOT)},
        )
        said.add(done.stdout)
    assert len(said) == 1


class Dying(Executor):
    """Takes work and loses it."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(RuntimeError("worker 3 was killed"))
        return future


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_executor_that_dies_is_one_clear_error() -> None:
    with pytest.raises(DsrRiskError, match="worker 3 was killed"):
        small(Dying())
    pool = ProcessPoolExecutor(1)
    with pool:
        pool.submit(_die).exception()
        with pytest.raises(DsrRiskError, match="the executor failed"):
            small(pool)
    with pytest.raises(DsrRiskError, match="the executor failed"):
        small(pool)


@pytest.mark.slow
def test_a_run_goes_on_where_it_was_saved_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SAVE_EVERY", 0.0)
    path, whole = tmp_path / "run.npz", bytes_of(small())

    class Stop(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done > 20_000:
            raise Stop

    with pytest.raises(Stop):
        small(progress=stop, checkpoint=path)
    assert path.exists()
    heard: list[int] = []
    resumed = small(progress=lambda done, _: heard.append(done), checkpoint=path)
    assert bytes_of(resumed) == whole
    assert heard[0] > 16_384
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]
    with pytest.raises(DataError, match=r"saved by another run \(other seed\)"):
        small(checkpoint=path, seed=5)
    path.write_text("nonsense")
    with pytest.raises(DataError, match="not a checkpoint"):
        small(checkpoint=path)


@pytest.mark.slow
def test_a_saved_run_can_be_asked_for_again_and_made_longer_but_not_shorter(tmp_path: Path) -> None:
    path, whole = tmp_path / "run.npz", bytes_of(small(draws=40_000))
    for draws in (5000, 5000, 20_000, 20_000, 40_000, 40_000):
        found = small(draws=draws, checkpoint=path)
        assert found.draws == draws
        assert bytes_of(found) == bytes_of(small(draws=draws))
    assert bytes_of(found) == whole
    with pytest.raises(DataError, match="holds 32,768 draws, more than `draws` = 5,000"):
        small(draws=5000, checkpoint=path)


@pytest.mark.slow
def test_a_saved_run_goes_on_to_a_finer_precision_as_if_it_had_never_stopped(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.npz"
    coarse = small(draws=1000, precision=0.2, checkpoint=path)
    fine = small(draws=1000, precision=0.06, checkpoint=path)
    assert fine.draws > coarse.draws
    assert fine.worst_error <= 0.06
    assert bytes_of(fine) == bytes_of(small(draws=1000, precision=0.06))
    again = small(draws=1000, precision=0.2, checkpoint=path)
    assert bytes_of(again) == bytes_of(fine)


def test_a_checkpoint_that_cannot_be_written_is_refused_before_anything_runs(
    tmp_path: Path,
) -> None:
    def never(*_: int) -> None:
        raise AssertionError("a draw was made")

    for path, words in ((tmp_path / "no" / "run.npz", "no folder"), (tmp_path, "is a folder")):
        with pytest.raises(DataError, match=words):
            small(checkpoint=path, progress=never)


def test_progress_is_heard_up_to_the_last_draw() -> None:
    heard: list[tuple[int, int]] = []
    small(draws=20_000, progress=lambda done, whole: heard.append((done, whole)))
    assert heard[-1] == (20_000, 20_000)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


INTERRUPTED = """
    import signal, sys
    # A shell that starts jobs in the background has them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from concurrent.futures import ProcessPoolExecutor
    import dsr_risk as dr
    from tests.montecarlo.test_running import FACTORS
    from tests.montecarlo.montecarlo_cases import made_data, made_framework
    if __name__ == "__main__":
        def heard(done, whole):
            print("going", flush=True)
        deaf = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
        with ProcessPoolExecutor(2, **deaf) as pool:
            dr.uncertainty(made_framework(), made_data(), draws=50_000_000, factors=FACTORS,
                           executor=pool, progress=heard, checkpoint=sys.argv[1])
"""


@pytest.mark.slow
def test_ctrl_c_leaves_no_orphan_and_no_partial_file(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(INTERRUPTED))
    root = ROOT
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "run.npz")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "going"
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in said
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _group_lives(process.pid):
        time.sleep(0.05)
    assert not _group_lives(process.pid)
    assert {one.name for one in tmp_path.iterdir()} <= {"script.py", "run.npz"}


class _Recording(ThreadPoolExecutor):
    """One worker, and every future it gave."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[Future[Any]] = []

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        self.given.append(super().submit(*args, **kwargs))
        return self.given[-1]


@pytest.mark.slow
@pytest.mark.parametrize("analysis", ["uncertainty", "sensitivity"])
def test_what_waits_is_cancelled_at_once_when_progress_is_interrupted(analysis: str) -> None:
    def interrupted(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    arguments: Any = {"draws": 400_000} if analysis == "uncertainty" else {"n": 8192}
    with _Recording() as pool:
        try:
            getattr(dr, analysis)(
                made_framework(), made_data(), factors=FACTORS, nodes="score",
                executor=pool, progress=interrupted, **arguments,
            )  # fmt: skip
        except KeyboardInterrupt:
            # Here, while the exception still holds every frame it came through.
            waiting = [one for one in pool.given if not (one.done() or one.running())]
            assert not waiting
            assert any(one.cancelled() for one in pool.given)
        else:
            pytest.fail("the interruption was swallowed")


def test_ctrl_c_waits_until_the_executor_has_taken_a_task() -> None:
    steps: list[str] = []

    class Interrupting(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            signal.raise_signal(signal.SIGINT)
            found = super().submit(*args, **kwargs)
            steps.append("taken")
            return found

    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Interrupting(1) as pool, pytest.raises(KeyboardInterrupt):
            small(pool)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert steps == ["taken"]


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


DASK = """
    import os, signal, sys, threading, time
    import dsr_risk as dr
    from tests.montecarlo.test_running import bytes_of, small
    if __name__ == "__main__":
        from dask.distributed import Client, LocalCluster
        with LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None,
                          silence_logs=50) as cluster, Client(cluster) as client:
            alone = bytes_of(small(draws=80_000))
            killed = []
            def kill(done, whole):
                if not killed:
                    pids = client.run(os.getpid)
                    killed.append(list(pids.values())[0])
                    os.kill(killed[0], signal.SIGKILL)
            found = small(client.get_executor(), draws=80_000, progress=kill)
            assert killed
            print("same" if bytes_of(found) == alone else "different")
"""


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_bytes_even_with_a_worker_killed(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(DASK))
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.stdout.strip().endswith("same"), done.stderr[-2000:]


SESSION = '''
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from typing import ClassVar
import pandas as pd
import dsr_risk as dr
from dsr_risk.methods.aggregation import Mean
class Typed(Mean):
    """A mean of its own."""
    name: ClassVar[str] = "typed"
    def g(self, x): return x
    def inverse(self, y): return y
    def derivative(self, x): return x * 0 + 1
posts = {"method": "goalposts", "low": 0, "high": 100}
children = [{"name": n, "higher_is": "riskier", "normalisation": posts} for n in "ab"]
fw = dr.Framework(name="t", scores=[{"name": "risk", "aggregation": "typed", "children": children}],
                  factors={"risk.weights": {"method": "dirichlet", "concentration": 20}})
table = pd.DataFrame({"country": ["Kenya", "Ghana"], "a": [10, 90.0], "b": [90, 80.0]})
with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
    try:
        dr.uncertainty(fw, table, draws=64, seed=0, executor=pool)
    except dr.DsrRiskError as error:
        print(error)
'''


@pytest.mark.slow
def test_a_method_typed_in_a_session_is_the_cause_that_is_said_of_a_broken_pool() -> None:
    done = subprocess.run(
        [sys.executable, "-"],
        input=SESSION,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "method typed is defined in the session" in done.stdout, done.stderr
    assert "fewer workers" not in done.stdout
