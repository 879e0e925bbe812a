"""A broker that wants TLS and a password, with a certificate that it signed itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kpo_cli.stack import preparation
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.state import Home

USER, PASSWORD = "kpo_sample", "a password that only tests know"
DAY = timedelta(days=1)

LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SETTINGS = """
listeners=PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SECURE://127.0.0.1:{secure_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location={key_file}
listener.name.secure.sasl.enabled.mechanisms=PLAIN
listener.name.secure.plain.sasl.jaas.config={login} required user_{user}="{password}";
"""


@dataclass(frozen=True)
class Secured:
    """Where the broker listens, and who signed its certificate."""

    bootstrap: str
    ca_file: Path


@contextmanager
def secured_kafka(directory: Path) -> Iterator[Secured]:
    home = Home.open(directory)
    ports = {name: home.port(name) for name in ("port", "secure_port", "controller_port")}
    key_file, ca_file = _certificate(directory)
    settings = SETTINGS.format(**ports, key_file=key_file, login=LOGIN, user=USER, password=PASSWORD)
    kafka = Kafka(
        directory / "kafka",
        home.logs,
        port=ports["port"],
        controller_port=ports["controller_port"],
        jars=preparation.jars(),
        more_settings=settings,
    )
    kafka.start()
    try:
        yield Secured(f"127.0.0.1:{ports['secure_port']}", ca_file)
    finally:
        kafka.stop()


def _certificate(directory: Path) -> tuple[Path, Path]:
    """Make a key with a certificate for this machine, and the certificate again for those who trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kafka")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file, ca_file = directory / "broker.pem", directory / "ca.pem"
    key_file.write_bytes(secret + shown)
    ca_file.write_bytes(shown)
    return key_file, ca_file
