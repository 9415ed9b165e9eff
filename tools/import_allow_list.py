"""A contract type for import-linter: the only modules of a package that others may import."""

from __future__ import annotations

import re
from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain import helpers


class AllowListContract(Contract):
    """Of ``package``, ``source_modules`` import themselves and ``allowed_modules`` only.

    ``source_modules`` stand for what they contain, too; ``allowed_modules`` stand for themselves,
    unless they end in ``.**``, which adds what they contain. Every allowed module must exist.
    """

    type_name = "allow_list"

    package: Any = fields.StringField()
    source_modules: Any = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed_modules: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Return whether the contract is kept, and the imports that break it."""
        sources = {
            module.name
            for module in helpers.module_expressions_to_modules(
                graph=graph, expressions=self.source_modules, as_packages=True
            )
        }
        allowed = {module for entry in self.allowed_modules for module in _matching(entry, graph)}
        of_package = re.compile(rf"{re.escape(self.package)}(\..+)?")
        broken = sorted(
            (source, module)
            for source in sources
            for module in graph.find_modules_directly_imported_by(source) - sources - allowed
            if of_package.fullmatch(module)
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the imports that break the contract."""
        for source, module in check.metadata["broken"]:
            output.print_error(f"{source} imports {module}, which is not on the allow-list")


def _matching(entry: str, graph: grimp.ImportGraph) -> set[str]:
    """Return the modules that an entry of the allow-list stands for."""
    module = entry.removesuffix(".**")
    if module not in graph.modules:
        raise ValueError(f"allowed_modules: there is no module {module}")
    return {module} | (graph.find_descendants(module) if entry != module else set())
