"""A PostgreSQL cluster that lives as long as a test run.

    python -m tests.postgresql COMMAND…    runs COMMAND with `HANDRAIL_TEST_DATABASE_URL` set to a new cluster
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "HANDRAIL_TEST_DATABASE_URL"
OWNER = "postgres"  # Debian's user; PostgreSQL refuses to run as root


def binaries() -> Path | None:
    """The folder with `initdb`: Debian's newest, or wherever the search path has it; None without PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: float(file.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a cluster where databases can be made: the one that the environment names, else a new one.

    Raises:
        FileNotFoundError: there is no PostgreSQL here.
    """
    if named := os.environ.get(VARIABLE):
        yield named
        return
    programs = binaries()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="handrail-postgresql-") as folder:
        place = Path(folder)
        if os.geteuid() == 0:
            shutil.chown(place, OWNER)
        _run(programs / "initdb", "-D", place / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        port = _free_port()
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
        _run(programs / "pg_ctl", "-D", place / "data", "-w", "-l", place / "log", "-o", settings, "start")
        try:
            yield f"postgresql://{OWNER}@127.0.0.1:{port}/postgres"
        finally:
            _run(programs / "pg_ctl", "-D", place / "data", "-m", "immediate", "stop")


def _run(*words: str | Path) -> None:
    """Runs one of PostgreSQL's programs, quietly; its words are in the exception when it fails."""
    as_owner = ["setpriv", "--reuid", OWNER, "--regid", OWNER, "--init-groups"] if os.geteuid() == 0 else []
    # Not a pipe: the server that pg_ctl leaves running would keep it open, and we would wait for it for ever.
    with tempfile.TemporaryFile() as output:
        command = [*as_owner, *map(str, words)]
        if subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode:
            output.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {output.read().decode(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    with cluster() as address:
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, VARIABLE: address}).returncode)
