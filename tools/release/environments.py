"""Clean environments, into which nothing of ours comes but what was built."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from tools.release.distributions import ROOT, Distribution, distributions

OURS = distributions()
UNSEEN = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NUMBA_CACHE_DIR"}
"""Variables by which the repository, or another environment, could be seen."""
WHERE_FROM = """
import json
from importlib.metadata import distributions
ours = [each for each in distributions() if each.name.startswith("autovoice")]
print(json.dumps({each.name: json.loads(each.read_text("direct_url.json")) for each in ours}))
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
        subprocess.run([sys.executable, "-m", "venv", str(self.place / "env")], check=True)
        built = self.place / "built.txt"
        lines = [f"{each.name} @ {(self.dist / self._file(each)).as_uri()}" for each in OURS]
        built.write_text("\n".join(lines), encoding="utf-8")
        constraints = ("-c", str(ROOT / "constraints.txt"), "-c", str(built))
        self._run("pip", "install", "-q", *constraints, *self.case.requirements)
        self._run("pip", "check")
        places = json.loads(self._run("python", "-c", WHERE_FROM))
        for each in OURS:
            if each.name in places:
                self._check_origin(each.name, self._file(each), places[each.name])

    def prove(self) -> None:
        """Run the commands of the case."""
        for number, command in enumerate(self.case.commands):
            self._run(*command, code=1 if number < self.case.fails else 0)

    def _file(self, each: Distribution) -> str:
        return each.source if self.case.from_source else each.wheel

    def _check_origin(self, name: str, file: str, origin: dict[str, dict[str, object]]) -> None:
        digest = hashlib.sha256((self.dist / file).read_bytes()).hexdigest()
        if origin["archive_info"].get("hashes") != {"sha256": digest}:
            raise SystemExit(f"{name}: was not installed from {file}")

    def _run(self, command: str, *arguments: str, code: int = 0) -> str:
        """Run a command of the environment in an empty folder; return what it prints."""
        work = self.place / "work"
        work.mkdir(exist_ok=True)
        environment = {key: os.environ[key] for key in os.environ if key not in UNSEEN}
        environment |= {"PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
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
