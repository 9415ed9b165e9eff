"""Sessions of checks and tests. `nox` runs those of CI; `nox -l` lists them all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "imports", "tests", "tests_cpu", "coverage", "torch"]
nox.options.sessions += ["contract", "example", "page", "docs", "notebook", "packages", "matrix"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
BACKENDS = ["cpu", "speech"]
ON_TORCH = ["demucs", "rvc", "spleeter", "triton"]
ON_GPU = ["cuda", "triton", "demucs", "rvc", "spleeter"]
PLUGINS = [*BACKENDS, *ON_TORCH, "cuda"]
CONSTRAINTS = ("-c", "constraints.txt")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""On a busy machine several threads of small work spend their time waiting for one another."""
TWO_PROCESSES = ("-n2", "--dist=loadfile")
"""Two cores are what CI has. A file stays in one process, as what it sets up once takes long."""
COVERAGE = Path(".nox", "coverage-data").resolve()
"""Folder of coverage, where nothing is left by a run of anything else."""
COVERAGE_FILE = "data"
WITH_NETWORKS = ["tests/benchmarks", "tests/metrics", "tests/report", "tests/training"]
WITH_NETWORKS += ["tests/test_tensors.py"]
WITH_NETWORKS += [
    f"tests/models/test_{name}.py" for name in ("formats", "own_files", "torch_archives")
]
WITH_NETWORKS += [f"tests/voices/test_{name}.py" for name in ("mel", "speaker_network")]
"""Tests of core some of which need torch, or networks and recognisers that other packages hold."""


def runs(python: str) -> bool:
    """Return whether a Python starts: a name on the path may be an empty shim of pyenv."""
    path = shutil.which(f"python{python}")
    return (
        path is not None and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0
    )


FOUND = [python for python in PYTHONS if runs(python)]
OLDEST = FOUND[0] if FOUND else None
OTHERS = FOUND[1:]


def install(session: nox.Session, *groups: str) -> None:
    packages = [f"./plugins/{backend}" for backend in BACKENDS]
    session.install(*CONSTRAINTS, ".[bss,live,midi,plot,server]", *packages, *group_of(*groups))


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


def install_core_tests(session: nox.Session) -> None:
    """Install core with the extras that its tests need, and no backend."""
    session.install(*CONSTRAINTS, ".[bss,live,midi,plot,server]", *group_of("test"))


def run_with_coverage(session: nox.Session, *arguments: str) -> None:
    """Run pytest and measure coverage, into a folder of the session's own that is emptied first."""
    folder = COVERAGE / session.name.partition("-")[0]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    data = {"COVERAGE_FILE": str(folder / COVERAGE_FILE)}
    command = ("coverage", "run", "-m", "pytest", *TWO_PROCESSES)
    session.run(*command, *arguments, env=ONE_THREAD | data)


@nox.session(python=OLDEST)
def tests(session: nox.Session) -> None:
    """Core's tests, on core alone, with coverage."""
    install_core_tests(session)
    run_with_coverage(session, *session.posargs)


@nox.session(python=OLDEST)
def tests_cpu(session: nox.Session) -> None:
    """Tests of the CPU plugin and of the docs that name it, with coverage."""
    install(session, "test")
    run_with_coverage(session, *(session.posargs or ["plugins/cpu/tests", "plugins/speech/tests"]))


@nox.session(python=OLDEST)
def coverage(session: nox.Session) -> None:
    """Coverage of the sessions tests and tests_cpu together."""
    session.install(*CONSTRAINTS, "coverage")
    data = {"COVERAGE_FILE": str(COVERAGE / COVERAGE_FILE)}
    folders = [str(COVERAGE / name) for name in ("tests", "tests_cpu")]
    session.run("coverage", "combine", "--keep", *folders, env=data)
    session.run("coverage", "report", env=data)


@nox.session(python=OLDEST)
def torch(session: nox.Session) -> None:
    """Tests that need torch, networks or a GPU's compilers; those that need a GPU skip."""
    plugins = [f"./plugins/{plugin}" for plugin in [*ON_TORCH, "cuda"]]
    # The compiler of CUDA C++, which needs no GPU.
    extras = [".[bss,midi,plot,report,server,testing,words]", "./plugins/cpu[crepe,fcpe]"]
    extras += ["nvidia-cuda-nvrtc"]
    session.install(*CONSTRAINTS, *extras, *plugins, *group_of("test", "bench"))
    # Core's tests block all plugins, so they run in a process of their own.
    pytest = ("pytest", *TWO_PROCESSES)
    session.run(*pytest, *WITH_NETWORKS, *session.posargs, env=ONE_THREAD)
    folders = [f"plugins/{plugin}/tests" for plugin in [*ON_TORCH, "cuda"]]
    folders += ["plugins/tests/gpu", "plugins/cpu/tests/test_torch_networks.py"]
    session.run(*pytest, *folders, *session.posargs, env=ONE_THREAD)


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


@nox.session(python=OTHERS or False)
@nox.parametrize("backend", BACKENDS)
def matrix(session: nox.Session, backend: str) -> None:
    """Tests of core and of a backend on every other Python found, without coverage.

    The contract suite's own tests stay out: they run whole suites in processes of their own, and
    take as long as all others together.
    """
    if not OTHERS:
        session.skip("no other Python is found")
    install_core_tests(session)
    session.run("pytest", "--ignore=tests/testing", *session.posargs, env=ONE_THREAD)
    session.install(*CONSTRAINTS, f"./plugins/{backend}")
    session.run("pytest", f"plugins/{backend}/tests", *session.posargs, env=ONE_THREAD)


@nox.session(python=OLDEST)
@nox.parametrize("backend", BACKENDS)
def contract(session: nox.Session, backend: str) -> None:
    """The contract suite on every offer of one backend package, in its own environment."""
    extras = "[espeak]" if backend == "speech" else ""
    session.install(*CONSTRAINTS, ".[testing]", f"./plugins/{backend}{extras}", "pytest-xdist")
    names = f"""
from autovoice_core.backends import catalogue
for offer in catalogue().offers:
    if offer.name.startswith("{backend}/"):
        print(f"--autovoice-backend={{offer.name}}")
"""
    asked = session.run("python", "-c", names, silent=True) or ""
    # One file holds all contracts, so tests are handed out one by one.
    session.run("pytest", "-q", "-n2", *asked.split(), *session.posargs, env=ONE_THREAD)


@nox.session(python=OLDEST)
def contract_networks(session: nox.Session) -> None:
    """The contract suite on the networks of the CPU plugin that need torch."""
    session.install(*CONSTRAINTS, ".[testing]", "./plugins/cpu[crepe,fcpe]")
    asked = [f"--autovoice-backend={name}" for name in ("cpu/crepe", "cpu/fcpe")]
    session.run("pytest", "-q", *asked, "--autovoice-require", *session.posargs)


@nox.session(python=OLDEST)
def broken(session: nox.Session) -> None:
    """Plugins that break and backends that lie: each must be caught, and named."""
    install(session, "test")
    session.run("pytest", "tests/backends", "tests/testing", *session.posargs)


@nox.session(python=OLDEST)
def fuzz(session: nox.Session) -> None:
    """Every structured fuzzer for a minute, or for the time that `-- --fuzz-seconds` gives."""
    install_core_tests(session)
    session.run("pytest", "tests/fuzz", "--fuzz-seconds=60", *session.posargs, env=ONE_THREAD)


@nox.session(python=OLDEST)
def fuzz_networks(session: nox.Session) -> None:
    """The fuzzers of files of networks, which need torch, as in the session fuzz."""
    session.install(*CONSTRAINTS, ".", "./plugins/rvc", *group_of("test"))
    folder = "plugins/rvc/tests/fuzz"
    session.run("pytest", folder, "--fuzz-seconds=60", *session.posargs, env=ONE_THREAD)


@nox.session(python=OLDEST)
def audit(session: nox.Session) -> None:
    """Known vulnerabilities of the packages in constraints.txt, by pip-audit: needs a network."""
    session.install(*CONSTRAINTS, "pip-audit")
    report = Path(session.create_tmp(), "audit.json").resolve()
    report.unlink(missing_ok=True)
    listed = ["-r", "constraints.txt", "--no-deps", "--disable-pip", "--progress-spinner=off"]
    written = ["--format=json", f"--output={report}"]
    session.run("pip-audit", *listed, *written, *session.posargs, success_codes=[0, 1])
    if not report.exists():
        session.error("the list of vulnerabilities can't be reached; run this with a network")
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    # Of a package that its service does not know, pip-audit says so and counts it as sound.
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    if unknown:
        text = f"{len(unknown)} of {len(packages)} packages could not be audited"
        session.error(f"{text}: {', '.join(unknown)}; run this where the whole index is reached")
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}"
        for each in packages
        for flaw in each["vulns"]
    ]
    if found:
        session.error(f"known vulnerabilities: {'; '.join(found)}")


@nox.session(python=OLDEST)
@nox.parametrize("name", ["acf", "bands", "letters", "psola"])
def example(session: nox.Session, name: str) -> None:
    """An example of a third-party backend, installed as its author would, through the suite."""
    session.install(*CONSTRAINTS, ".[testing]", f"./examples/autovoice-{name}")
    session.chdir(f"examples/autovoice-{name}")
    # The tutorial's is held to all of it; the others are read, and take minutes each.
    length = [] if name == "acf" else ["--autovoice-quick"]
    session.run("pytest", "-q", "-W", "error", *length, *session.posargs, env=ONE_THREAD)


def node_runs_modules() -> bool:
    """Return whether Node.js is found and runs the page's modules."""
    module = "import('./src/autovoice_core/server/page/live/frames.js')"
    return shutil.which("node") is not None and (
        subprocess.run(["node", "-e", module], capture_output=True).returncode == 0
    )


@nox.session(python=OLDEST)
def page(session: nox.Session) -> None:
    """The server's page: its modules in Node, then all of it in Chromium with a fake microphone."""
    folder = Path("tests", "server", "page")
    in_browser = sorted(map(str, (folder / "browser").glob("*.test.js")))
    in_node = sorted({str(path) for path in folder.rglob("*.test.js")} - set(in_browser))
    if not node_runs_modules():
        session.skip("no Node.js is found that runs modules: 20.19, 22.7 or later")
    session.run("node", "--test", *in_node, external=True)
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None or shutil.which("npm") is None:
        session.skip("Chromium and npm are needed for the tests in a browser")
    packages = Path(session.create_tmp()).resolve()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(folder / "browser" / name, packages)
    with session.chdir(packages):
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(["npm", "ci", *quiet]).returncode != 0:
            session.skip("npm can't install what drives the browser")
    session.install(*CONSTRAINTS, ".[server]", "./plugins/cpu")
    session.run("python", str(folder / "browser" / "sounds.py"), str(packages))
    given = {"PAGE_PACKAGES": str(packages), "PAGE_SOUNDS": str(packages)}
    autovoice = str(Path(session.bin, "autovoice").absolute())
    given |= {"PAGE_CHROMIUM": chromium, "PAGE_AUTOVOICE": autovoice}
    # One at a time: the latency is measured that a singer hears.
    session.run("node", "--test", "--test-concurrency=1", *in_browser, env=given, external=True)


@nox.session(python=OLDEST)
def docs(session: nox.Session) -> None:
    """The site of the docs, into `build/docs`, with warnings as errors and without a network."""
    session.install(*CONSTRAINTS, ".[testing]", *group_of("docs"))
    strict = ("--fail-on-warning", "--keep-going", "--fresh-env")
    session.run("sphinx-build", "--quiet", *strict, "docs", "build/docs", *session.posargs)


@nox.session(python=OLDEST)
def notebook(session: nox.Session) -> None:
    """The notebook of the tour, from its first cell to its last."""
    session.install(*CONSTRAINTS, ".[plot]", "./plugins/cpu", *group_of("notebook"))
    session.run("jupyter", "execute", "examples/tour.ipynb", env=ONE_THREAD)


@nox.session(python=OLDEST)
def packages(session: nox.Session) -> None:
    """All distributions, built twice and looked into; core and the CPU plugin are installed."""
    try_release(session, "--essence")


@nox.session(python=OLDEST)
def release(session: nox.Session) -> None:
    """What is released, into dist/: as packages, and every extra installed and tried."""
    try_release(session, "--dist", "dist", *session.posargs)


def try_release(session: nox.Session, *arguments: str) -> None:
    # What builds a release is held to hashes, not to versions alone.
    session.install("--require-hashes", "-r", "tools/release/requirements.txt")
    session.run("python", "-m", "tools.release", *arguments)


def bench(operation: str) -> None:
    """Add the session that benchmarks one operation against the other packages installed."""

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
