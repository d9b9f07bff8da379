"""Free ports on loopback. Chosen by the kernel and given back at once: a small race that retries would only hide."""

import socket

from support.wait import until


def free_tcp():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_udp_is_taken(port, seconds=30):
    """For a process that cannot say that it listens. Only looks: a probe that binds could take the port from it."""

    def taken():
        with open("/proc/net/udp", encoding="ascii") as sockets:
            return any(line.split()[1].endswith(f":{port:04X}") for line in list(sockets)[1:])

    until(f"UDP port {port} is taken", taken, seconds)
