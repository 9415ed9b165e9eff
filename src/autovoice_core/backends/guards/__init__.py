"""Guards of backends: one for each operation, which checks what goes in and what comes out.

A fault of the caller is an :class:`~autovoice_core.InputError`, one of the backend a
:class:`~autovoice_core.ContractViolation`; whatever else goes wrong inside becomes a
:class:`~autovoice_core.BackendError` that says where.
"""

from autovoice_core.backends.guards.dispatch import guard

__all__ = ["guard"]
