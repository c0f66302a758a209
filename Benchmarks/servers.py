"""The servers that are compared: how each is found, started with fair settings, and stopped."""
import ctypes
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PSBENCH = os.path.join(HERE, "psbench")
LIMIT = os.path.join(HERE, "limit")

PEERS = ("nats", "redis", "mosquitto")
PROGRAM = {"nats": "nats-server", "redis": "redis-server", "mosquitto": "mosquitto"}  # names of the Debian packages, too
PROTOCOL = {"nats": "nats", "redis": "redis", "mosquitto": "mqtt"}  # all others speak SSMP
DESCRIPTORS = 20_000  # for 10,000 connections with room to spare
REDIS_CLIENTS = 15_000


class Failure(Exception):
    """A server or a tool did not do what is needed; the text is for the user."""


def ssmpd_path():
    return os.path.abspath(os.environ.get("SSMPD") or os.path.join(ROOT, ".build/release/ssmpd"))


def peer_path(name):
    """The program of a peer: $NATS, $REDIS or $MOSQUITTO, or what is installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    return os.environ.get(name.upper()) or shutil.which(PROGRAM[name], path=path)


def install_peers(names):
    """Installs what is missing by apt, as root or where sudo asks for no password; otherwise says what to install."""
    missing = [PROGRAM[name] for name in names if not peer_path(name)]
    if not missing:
        return
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    may = shutil.which("apt-get") and (not root or (shutil.which("sudo") and quiet([*root, "true"], 10)))
    if may:
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
        install = [*apt, "install", "-y", "--no-install-recommends", *missing]
        if not quiet(install, 600):
            quiet([*apt, "update"], 300)
            quiet(install, 600)
        if os.path.isdir("/run/systemd/system"):  # Debian starts what it installs; nobody has asked for that here
            quiet([*root, "systemctl", "disable", "--now", *missing], 60)
    missing = [PROGRAM[name] for name in names if not peer_path(name)]
    if missing:
        raise Failure("install the servers to compare with: apt install " + " ".join(missing))


def quiet(argv, timeout):
    """Runs a command without output; true when it succeeds."""
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=timeout).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def first_line(argv):
    """The first line of what a command prints, for versions."""
    try:
        run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return ((run.stdout or run.stderr).strip().splitlines() or ["unknown"])[0]


def version(name):
    if name.startswith("ssmpd"):
        return first_line([ssmpd_path(), "--version"])
    if name in PEERS:
        return first_line([peer_path(name), "-h" if name == "mosquitto" else "--version"]).removeprefix("nats-server: ")
    return "Benchmarks/limit.c"


def raise_descriptor_limit():
    """Sets the limit of open files, for this process and its children; returns it. Not higher than needed: some servers
    allocate by it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < DESCRIPTORS:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
            return DESCRIPTORS
        except (ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    return DESCRIPTORS


def make_certificates(folder):
    """An authority, a server's certificate for 127.0.0.1, and that of a client named `bench`: ECDSA P-256."""
    def issue(name, subject, extensions, *signer):
        with open(os.path.join(folder, name + ".cnf"), "w") as settings:
            settings.write("[req]\ndistinguished_name=name\nx509_extensions=extensions\n[name]\n[extensions]\n"
                           "subjectKeyIdentifier=hash\n" + "\n".join(extensions) + "\n")
        run = subprocess.run(
            ["openssl", "req", "-x509", "-config", name + ".cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-noenc", "-subj", "/CN=" + subject, "-days", "30", "-keyout", name + ".key", "-out", name + ".pem", *signer],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        if run.returncode:
            raise Failure("openssl cannot make certificates: " + run.stderr.strip()[-300:])
        os.chmod(os.path.join(folder, name + ".key"), 0o600)

    issue("ca", "Benchmark Authority", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"])
    leaf = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "authorityKeyIdentifier=keyid"]
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key")
    issue("server", "localhost", [*leaf, "extendedKeyUsage=serverAuth", "subjectAltName=DNS:localhost,IP:127.0.0.1"], *signer)
    issue("client", "bench", [*leaf, "extendedKeyUsage=clientAuth", "subjectAltName=DNS:bench"], *signer)


def command_line(name, port, tls, certificates, scratch):
    """The command of a server. The settings are explained in docs/performance.md."""
    ca, cert, key = (os.path.join(certificates, file) for file in ("ca.pem", "server.pem", "server.key"))
    if name.startswith("ssmpd"):
        loops = name.partition("-")[2].removesuffix("loops") or "1"
        where = (["--listen", f"tls://127.0.0.1:{port}?auth=cert", "--cert", cert, "--key", key, "--cacert", ca]
                 if tls else ["--listen", f"tcp://127.0.0.1:{port}", "--open"])
        return [ssmpd_path(), *where, "--max-waiting-per-address", "0", "--loops", loops]
    if name == "nats":
        return [peer_path(name), "-a", "127.0.0.1", "-p", str(port),
                *(["--tlsverify", "--tlscert", cert, "--tlskey", key, "--tlscacert", ca] if tls else [])]
    if name == "redis":
        return [peer_path(name), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--protected-mode", "no",
                "--maxclients", str(REDIS_CLIENTS), "--tcp-backlog", "4096", "--client-output-buffer-limit", "pubsub 0 0 0",
                *(["--port", "0", "--tls-port", str(port), "--tls-cert-file", cert, "--tls-key-file", key,
                   "--tls-ca-cert-file", ca] if tls else ["--port", str(port)])]
    if name == "mosquitto":
        settings = [f"listener {port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0", "max_queued_bytes 0",
                    "set_tcp_nodelay true", "persistence false", "log_type error"]
        if os.geteuid() == 0:
            settings.append("user root")  # another user could not read the key
        if tls:
            settings += [f"cafile {ca}", f"certfile {cert}", f"keyfile {key}", "require_certificate true"]
        path = os.path.join(scratch, "mosquitto.conf")
        with open(path, "w") as file:
            file.write("\n".join(settings) + "\n")
        return [peer_path(name), "-c", path]
    shared = ["-s"] if name == "ceiling-shared" else []
    return [LIMIT, *shared, str(port), *([cert, key, ca] if tls else [])]


def begin_child():
    """In a new process: a group of its own, so that Ctrl-C reaches only us, who end it; and it never outlives us."""
    os.setpgrp()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Server:
    """A freshly started server on a free port of 127.0.0.1; `with` ends it."""

    def __init__(self, name, tls, certificates):
        self.name = name
        self.scratch = tempfile.TemporaryDirectory(prefix="bench-")
        self.log = os.path.join(self.scratch.name, "log")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None
        try:
            argv = command_line(name, self.port, tls, certificates, self.scratch.name)
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(argv, cwd=self.scratch.name, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                preexec_fn=begin_child)
            self.wait_until_listening()
            self.resident_at_start = self.resident()
        except OSError as error:
            self.end()
            raise Failure(f"{name} does not start: {error}") from error
        except BaseException:
            self.end()
            raise

    def wait_until_listening(self):
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                time.sleep(0.2)  # for what it does when it has started, and with this connection
                return
            except OSError:
                time.sleep(0.02)
        state = "does not listen" if self.process.poll() is None else f"ended with {self.process.returncode}"
        with open(self.log, errors="replace") as log:
            raise Failure(f"{self.name} {state}: " + (" ".join(log.read()[-300:].split()) or "it has said nothing"))

    def resident(self):
        """Resident memory in KiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmRSS:")), 0)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.scratch.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
