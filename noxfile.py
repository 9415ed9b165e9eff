"""The test matrix. `nox` runs what CI runs; `nox -l` lists the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "imports", "tests", "torch"]
nox.options.sessions += ["contract", "example", "packages"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
BACKENDS = ["cpu"]
ON_TORCH = ["demucs", "triton"]
ON_GPU = ["cuda", "triton", "demucs"]
PLUGINS = [*BACKENDS, *ON_TORCH, "cuda"]
CONSTRAINTS = ("-c", "constraints.txt")


def runs(python: str) -> bool:
    """A name on the path may be a version manager's shim with nothing behind it."""
    path = shutil.which(f"python{python}")
    return (
        path is not None and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0
    )


FOUND = [python for python in PYTHONS if runs(python)]
OLDEST = FOUND[0] if FOUND else None


def install(session: nox.Session, *groups: str) -> None:
    packages = [f"./plugins/{backend}" for backend in BACKENDS]
    session.install(*CONSTRAINTS, ".[bss,midi,plot]", *packages, *group_of(*groups))


def group_of(*groups: str) -> tuple[str, ...]:
    """Return the requirements of dependency groups, which an older pip does not know."""
    return nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), *groups)


@nox.session(python=OLDEST)
def lint(session: nox.Session) -> None:
    """Style and format, by ruff."""
    session.install(*CONSTRAINTS, "ruff")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session(python=OLDEST)
def types(session: nox.Session) -> None:
    """Strict types, by mypy."""
    install(session, "lint", "test")
    session.run("mypy")


@nox.session(python=OLDEST)
def imports(session: nox.Session) -> None:
    """The arrows of the architecture, by import-linter."""
    install(session, "lint")
    # What is linted need not be installed with all that it requires, but be found.
    path = os.pathsep.join(f"plugins/{plugin}/src" for plugin in PLUGINS)
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": path})


@nox.session(python=OLDEST)
def tests(session: nox.Session) -> None:
    """Tests with coverage, on one Python."""
    install(session, "test")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if not session.posargs:
        session.run("coverage", "run", "-m", "pytest", "plugins/cpu/tests")
    session.run("coverage", "combine")
    session.run("coverage", "report", *(["--fail-under=0"] if session.posargs else []))


@nox.session(python=OLDEST)
def torch(session: nox.Session) -> None:
    """Tests of what needs torch or a GPU's compilers: plugins, and what skips without them."""
    plugins = [f"./plugins/{plugin}" for plugin in PLUGINS]
    # The compiler of CUDA C++; it needs no GPU. What runs on one skips, with reasons.
    compilers = ["nvidia-cuda-nvrtc"]
    teacher = ["pocketsphinx"]
    session.install(*CONSTRAINTS, ".[testing]", *plugins, *compilers, *teacher, *group_of("test"))
    folders = [f"plugins/{plugin}/tests" for plugin in [*ON_TORCH, "cuda"]]
    # Several threads on a busy machine spend their time waiting for one another.
    one_thread = {"OMP_NUM_THREADS": "1"}
    # Core's tests block all plugins, so they run in a process of their own.
    tests = ["tests/models/test_formats.py", "tests/training"]
    session.run("pytest", *tests, *session.posargs, env=one_thread)
    session.run("pytest", "plugins/tests/gpu", *folders, *session.posargs, env=one_thread)


@nox.session(python=False)
def gpu(session: nox.Session) -> None:
    """All that needs a GPU, in the environment that nox is started in: `docs/gpu.md` says how."""
    offers = ["wrpca", "nccf", "retrieval"]
    backends = [f"{plugin}/{offer}" for plugin in ("cuda", "triton") for offer in offers]
    asked = [f"--autovoice-backend={backend}" for backend in backends]
    session.run("python", "-m", "pytest", "-q", *asked, "--autovoice-require")
    required = {"AUTOVOICE_REQUIRE_GPU": "1"}
    session.run("python", "-m", "pytest", "-q", "plugins/tests/gpu", env=required)
    session.run("python", "-m", "pytest", "-q", *(f"plugins/{plugin}/tests" for plugin in ON_GPU))
    session.run("python", "benchmarks/profile_cuda_kernels.py", "--kernel", "all", "--write")


@nox.session(python=FOUND or False)
@nox.parametrize("backend", BACKENDS)
def matrix(session: nox.Session, backend: str) -> None:
    """Tests on every Python found, with one backend installed."""
    session.install(*CONSTRAINTS, ".[bss,midi,plot]", f"./plugins/{backend}", *group_of("test"))
    session.run("pytest", *session.posargs)
    if not session.posargs:
        session.run("pytest", f"plugins/{backend}/tests")


@nox.session(python=OLDEST)
@nox.parametrize("backend", BACKENDS)
def contract(session: nox.Session, backend: str) -> None:
    """The contract suite on every offer of one backend package, in its own environment."""
    session.install(*CONSTRAINTS, ".[testing]", f"./plugins/{backend}")
    names = f"""
from autovoice_core.backends import catalogue
for offer in catalogue().offers:
    if offer.name.startswith("{backend}/"):
        print(f"--autovoice-backend={{offer.name}}")
"""
    asked = session.run("python", "-c", names, silent=True) or ""
    session.run("pytest", "-q", *asked.split(), *session.posargs)


@nox.session(python=OLDEST)
def broken(session: nox.Session) -> None:
    """Plugins that break and backends that lie: each must be caught, and named."""
    install(session, "test")
    session.run("pytest", "tests/backends", "tests/testing", *session.posargs)


@nox.session(python=OLDEST)
def example(session: nox.Session) -> None:
    """The third-party backend of the tutorial, installed as its author would, through the suite."""
    session.install(*CONSTRAINTS, ".[testing]", "./examples/autovoice-acf")
    session.chdir("examples/autovoice-acf")
    session.run("pytest", "-q", "-W", "error", *session.posargs)


@nox.session(python=OLDEST)
def packages(session: nox.Session) -> None:
    """Source and wheel are built, and the core alone installs and answers."""
    session.install(*CONSTRAINTS, "build", "hatchling")
    with tempfile.TemporaryDirectory() as folder:
        for project in (".", *(f"plugins/{plugin}" for plugin in PLUGINS)):
            session.run("python", "-m", "build", "--no-isolation", "--outdir", folder, project)
        core = next(Path(folder).glob("autovoice_core-*.whl"))
        session.install(*CONSTRAINTS, str(core))
        session.run("autovoice", "backends")
        # With no backend there is something to report, and it is reported.
        session.run("autovoice", "doctor", success_codes=[1])


def bench(operation: str) -> None:
    """Add the session that measures one operation, ours beside the peers that are installed."""

    @nox.session(name=f"bench_{operation}", python=OLDEST)
    def measured(session: nox.Session) -> None:
        install(session, "bench")
        session.run("python", f"benchmarks/{operation}.py", *session.posargs)


for operation in ("pitch", "separation", "conversion", "parallel"):
    bench(operation)


@nox.session(python=OLDEST)
def changelog(session: nox.Session) -> None:
    """Show the changelog as the next release would have it."""
    session.install(*CONSTRAINTS, "towncrier")
    session.run("towncrier", "build", "--draft", "--version", "next")
