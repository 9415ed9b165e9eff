"""Hosts and origins that a server answers to: exact lists, with the port."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from autovoice_core.server.settings import LOOPBACK, Settings, is_loopback

LOOPBACK_NAMES = (LOOPBACK, "localhost", "::1")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_wildcard(host: str) -> bool:
    """Return whether ``host`` stands for every address of the machine, as ``0.0.0.0`` does."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Return the values of the header Host that are answered, in lower case.

    A name that is not among them may be an attacker's that was made to point here (DNS rebinding).
    """
    names = [*settings.names]
    if is_loopback(settings.host) or is_wildcard(settings.host):
        names += LOOPBACK_NAMES
    if not is_wildcard(settings.host):
        names.append(settings.host)
    return frozenset(
        host for name in names for host in hosts_at(name, settings.port, settings.scheme)
    )


def hosts_at(name: str, port: int, scheme: str) -> Iterator[str]:
    """Yield the values of the header Host for a name or address at a port."""
    name = bracketed(name).lower()
    yield f"{name}:{port}"
    if port == _DEFAULT_PORTS[scheme]:
        yield name


def without_mapping(address: str) -> str:
    """Return the address of IPv4 that a client of a socket of IPv6 has used, as it wrote it."""
    mapped = getattr(ip_address(address), "ipv4_mapped", None)
    return address if mapped is None else str(mapped)


def bracketed(address: str) -> str:
    """Return an address as it stands before a port: that of IPv6 in brackets."""
    try:
        return f"[{address}]" if isinstance(ip_address(address), IPv6Address) else address
    except ValueError:
        return address


def url_of(settings: Settings) -> str:
    """Return the address of the page, for a browser on this machine."""
    host = LOOPBACK if is_wildcard(settings.host) else settings.host
    return f"{settings.scheme}://{bracketed(host)}:{settings.port}/"
