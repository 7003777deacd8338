"""What happens to an environment between two invocations: it is stopped, and peers close what it has kept open."""

import os
import queue
import signal
import socket
import threading

GRACE_SECONDS = 0.02  # an event that comes at once finds it running
# After which the emulator closes a stopped process's connections. On AWS a service does so after minutes.
KEPT_ALIVE_SECONDS = 0.25


class Freezer:
    """Stops a process while it waits for an event. `port` is the emulator's."""

    def __init__(self, process, port):
        self._process, self._port = process, port

    def take(self, waiting, is_idle):
        """The next of a queue. The process is stopped meanwhile once it `is_idle`: it may ask before its answer has arrived."""
        item = _within(GRACE_SECONDS, waiting)
        while item is waiting and not is_idle():
            item = _within(GRACE_SECONDS, waiting)
        return self._take_stopped(waiting) if item is waiting else item

    def _take_stopped(self, waiting):
        self._send(signal.SIGSTOP)
        try:
            item = _within(KEPT_ALIVE_SECONDS, waiting)
            if item is not waiting:
                return item
            _due.put((self._process.pid, self._port))
            return waiting.get()
        finally:
            with _closing:
                self._send(signal.SIGCONT)

    def _send(self, number):
        if self._process.returncode is None:
            self._process.send_signal(number)


def _within(seconds, waiting):
    """The next of a queue, or the queue itself when there is none in time."""
    try:
        return waiting.get(timeout=seconds)
    except queue.Empty:
        return waiting


_due, _closing = queue.Queue(), threading.Lock()  # nothing goes on while it is held, so that no request is cut off


def _close_due():
    """For all that are due at once: what is open is read once, however many environments there are."""
    while True:
        due = [_due.get()]
        while not _due.empty():
            due.append(_due.get())
        with _closing:
            for port in {port for _, port in due}:
                stopped = [pid for pid, of in due if of == port and _is_stopped(pid)]
                close_accepted(port, {here for here, there in connections(stopped) if there == port})


threading.Thread(target=_close_due, daemon=True).start()


def _is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def connections(pids):
    """Of processes: pairs of the port here and the port there. Linux says it; elsewhere there are none."""
    inodes = {link[8:-1] for pid in pids for link in _links(pid) if link.startswith("socket:[")}
    if not inodes:
        return []
    with open("/proc/self/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return [(_port_of(row[1]), _port_of(row[2])) for row in rows if row[9] in inodes]


def _links(pid):
    try:
        return [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    except OSError:
        return []


def _port_of(address):
    return int(address.split(":")[1], 16)


def close_accepted(port, peers):
    """Ends the connections that this process has accepted on a port from those ports, whatever server has them."""
    for name in os.listdir("/proc/self/fd") if peers else []:
        try:
            if not os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                continue
            copy = os.dup(int(name))  # the number may be another file's in a moment
        except OSError:
            continue
        try:
            accepted = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)
            continue
        with accepted:
            try:
                if accepted.family == socket.AF_INET and accepted.getsockname()[1] == port and accepted.getpeername()[1] in peers:
                    accepted.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it listens, or is gone
