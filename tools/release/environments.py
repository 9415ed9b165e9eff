"""Clean environments, into which nothing of ours comes but what was built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from attrs import frozen

from tools.release.distributions import ROOT, VERSION, Distribution, distributions

OURS = distributions()
UNSEEN = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NUMBA_CACHE_DIR"}
"""Variables by which the repository, or another environment, could be seen."""
RECORDS = """
import json
from importlib.metadata import distributions
ours = [each for each in distributions() if each.name.startswith("autovoice")]
print(json.dumps({each.name: each.read_text("RECORD") for each in ours}))
"""


@frozen
class Case:
    """An installation to try.

    Attributes
    ----------
    requirements
        What is asked for, as a user would ask pip.
    commands
        What has to work then, in an empty folder.
    fails
        The number of the first commands that have to exit with 1, as there is a fault to tell.
    from_source
        Install from source archives, not from wheels.
    """

    requirements: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...] = ()
    fails: int = 0
    from_source: bool = False


@frozen
class Environment:
    """A virtual environment and an empty folder to work in, both inside ``place``."""

    place: Path
    dist: Path
    case: Case

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.place / "env" / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.bin / "python"

    def install(self) -> None:
        """Install what the case asks for, ours from what was built alone."""
        venv = (sys.executable, "-m", "venv", "--without-pip", str(self.place / "env"))
        subprocess.run(venv, check=True)
        archives, versions = self.place / "archives", self.place / "versions.txt"
        archives.mkdir()
        for each in OURS:
            name = each.source if self.case.from_source else each.wheel
            shutil.copy(self.dist / name, archives)
        versions.write_text("\n".join(f"{each.name}=={VERSION}" for each in OURS), encoding="utf-8")
        constraints = ("-c", str(ROOT / "constraints.txt"), "-c", str(versions))
        found = ("--find-links", str(archives))
        self._pip("install", "-q", *constraints, *found, *self.case.requirements)
        self._pip("check")
        records = json.loads(self._run("python", "-c", RECORDS))
        for each in OURS:
            if each.name in records:
                self._check_origin(each, records[each.name])

    def prove(self) -> None:
        """Run the commands of the case."""
        for number, command in enumerate(self.case.commands):
            self._run(*command, code=1 if number < self.case.fails else 0)

    def _check_origin(self, distribution: Distribution, record: str) -> None:
        """Refuse files that are not those of the wheel: an index may have some of that name."""
        with zipfile.ZipFile(self.dist / distribution.wheel) as wheel:
            info = f"{distribution.file_name}-{VERSION}.dist-info"
            built = wheel.read(f"{info}/RECORD").decode().splitlines()
        strange = {line for line in built if ".dist-info/RECORD" not in line}
        strange -= set(record.splitlines())
        if strange:
            raise SystemExit(f"{distribution.name}: was not installed from {distribution.wheel}")

    def _pip(self, *arguments: str) -> None:
        """Run pip, which need not lie in the environment, for it."""
        self._run(sys.executable, "-m", "pip", "--python", str(self.python), *arguments)

    def _run(self, command: str, *arguments: str, code: int = 0) -> str:
        """Run a command of the environment in an empty folder; return what it prints."""
        work = self.place / "work"
        work.mkdir(exist_ok=True)
        environment = {key: os.environ[key] for key in os.environ if key not in UNSEEN}
        environment |= {"AUTOVOICE_HOME": str(self.place / "home"), "OMP_NUM_THREADS": "1"}
        path = os.pathsep.join([str(self.bin), os.environ["PATH"]])
        done = subprocess.run(
            (str(self.bin / command), *arguments),
            cwd=work,
            env=environment | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != code:
            said = " ".join((command, *arguments))
            raise SystemExit(f"{said}: exit code {done.returncode}, not {code}:\n{done.stdout}")
        return done.stdout
