"""Starts the local cloud as a person would, reads what it prints for them, and ends it."""

import contextlib
import os
import pathlib
import queue
import shlex
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path("target/debug")
# Seconds. Generous: the machine that tests has other things to do.
START, STOP = 60, 20


class Cloud:
    """The local cloud, running."""

    def __init__(self):
        # A group of its own: Ctrl-C at a terminal is for this program, which then ends the cloud.
        self.process = subprocess.Popen(
            # Any free port: the usual one may be taken by a cloud that somebody looks at.
            [BINARIES / "steward-local", "--serve", "--scene", "samples", "--bins", BINARIES, "--port", "0"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        """Goes on after the exports: the cloud must not come to wait for a full pipe."""
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def environment(self) -> dict[str, str]:
        """The exports: they come in one piece, and whatever follows them ends it, or a silence does."""
        found: dict[str, str] = {}
        end = time.monotonic() + START
        while True:
            try:
                line = self.lines.get(timeout=1 if found else max(0.0, end - time.monotonic()))
            except queue.Empty:
                line = ""
            if line and line.lstrip().startswith("export "):
                found.update(word.split("=", 1) for word in shlex.split(line)[1:])
            elif found:
                return found
            elif not line:
                if line is None or time.monotonic() > end:
                    raise RuntimeError(f"no export lines within {START} seconds, or an early end")

    def stop(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP)

    def kill(self) -> None:
        """Whatever is left of it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
