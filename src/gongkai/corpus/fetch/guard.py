"""Connections that lead to public addresses only, and end when their time is over; whatever library asks for them."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from gongkai.corpus.fetch.unfetched import Unfetched

_Socket = Any  # of a plain connection or of TLS


class Guard:
    """Which hosts may be asked, and until when a transfer may last: slow drips end with it, however they are dripped."""

    def __init__(self, allow: Collection[str]) -> None:
        self._allow, self._until, self._open = frozenset(allow), 0.0, list[_Socket]()
        self.peer = ""

    @property
    def is_over(self) -> bool:
        """Whether the time of the transfer has passed."""
        return time.monotonic() >= self._until

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End whatever is transferred once the time has passed."""
        self._until, self._open, self.peer = time.monotonic() + seconds, [], ""
        timer = Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def public(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, each looked at before it is connected to, so that no later answer of the DNS counts.

        Raises
        ------
        Unfetched
            If any of them is of an internal network, and the host is not allowed by name.
        OSError
            If the name leads nowhere.

        Examples
        --------
        >>> Guard(["127.0.0.1:8000"]).public("127.0.0.1", 8000)
        ['127.0.0.1']
        """
        found = list(dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        if self._allow.isdisjoint((host, f"{host}:{port}")) and (inner := [ip for ip in found if not _is_public(ip)]):
            raise Unfetched.because("internal", host, ip=inner[0])
        return found

    def watch(self, sock: _Socket, peer: str) -> None:
        """Take a connection under watch; one that was opened when the time was over is closed at once."""
        self.peer = peer
        self._open.append(sock)
        if self.is_over:
            self._end()

    def _end(self) -> None:
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def adapter(self, **more: Any) -> HTTPAdapter:
        """Return what makes a session of requests ask by guarded connections alone."""
        return _Adapter(self, **more)


def _is_public(ip: str) -> bool:
    """Say whether an address is one of the open internet; one that only wraps another is as public as that.

    Examples
    --------
    >>> [_is_public(ip) for ip in ("114.114.114.114", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1%1")]
    [True, False, False, False, False, False]
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (ipaddress.IPv4Address(address.packed[-4:]) if address in _WRAPPED else None)
        address = inner or address
    return address.is_global and not address.is_multicast


_WRAPPED = ipaddress.IPv6Network("64:ff9b::/96")  # of a network that has IPv6 alone (RFC 6052)


class _Adapter(HTTPAdapter):
    def __init__(self, guard: Guard, **more: Any) -> None:
        self._guard = guard
        super().__init__(**more)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._guard),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._guard),
        }


def _pool(pool: Any, connection: Any, guard: Guard) -> Any:
    """Return a pool of connections that ask the guard before they connect, and are watched by it."""

    class Guarded(connection):  # type: ignore[misc]
        _dns_host: str

        def _new_conn(self) -> socket.socket:
            name, failed = self._dns_host, None
            try:
                found = guard.public(self.host.strip("[]"), self.port)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            for ip in found:
                self._dns_host = ip
                try:
                    sock: socket.socket = super()._new_conn()
                    guard.watch(sock, ip)
                    return sock
                except NewConnectionError as error:
                    failed = error
                finally:
                    self._dns_host = name
            raise failed or NewConnectionError(self, name)

        def connect(self) -> None:
            super().connect()
            guard.watch(self.sock, guard.peer)  # that of TLS has taken the place of the plain one

    return type("GuardedPool", (pool,), {"ConnectionCls": Guarded})
