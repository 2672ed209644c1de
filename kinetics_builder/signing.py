"""Signatures of files by Ed25519 (RFC 8032), by way of cryptography where it is installed."""

from pathlib import Path
from typing import Any

from kinetics_builder.errors import ConfigError


def sign(data: bytes, key_file: Path) -> bytes:
    """Return the signature of some bytes, 64 bytes; equal bytes and keys give equal ones.

    `openssl pkeyutl -verify -rawin` verifies it.

    Args:
        data: What is signed.
        key_file: A private Ed25519 key as PEM without a passphrase, as
            `openssl genpkey -algorithm ed25519` makes it.

    Raises:
        ConfigError: It is no such key, or cryptography is not installed.

    """
    key = _key(key_file, "private")
    signature: bytes = key.sign(data)
    return signature


def is_signed(data: bytes, signature: bytes, key_file: Path) -> bool:
    """Say whether bytes were signed by the key whose public part a file holds as PEM.

    Raises:
        ConfigError: It is no such key, or cryptography is not installed.

    """
    from cryptography.exceptions import InvalidSignature

    try:
        _key(key_file, "public").verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _key(path: Path, part: str) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
        from cryptography.hazmat.primitives.serialization import (
            load_pem_private_key,
            load_pem_public_key,
        )
    except ImportError as error:
        raise ConfigError(
            "signatures need cryptography: `pip install 'kinetics-builder[signing]'`."
        ) from error
    wanted = ed25519.Ed25519PrivateKey if part == "private" else ed25519.Ed25519PublicKey
    try:
        data = path.read_bytes()
        key = load_pem_private_key(data, None) if part == "private" else load_pem_public_key(data)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(_refusal(path, part, _found(path, error))) from error
    if not isinstance(key, wanted):
        raise ConfigError(_refusal(path, part, f"a key of another sort, {type(key).__name__}"))
    return key


def _found(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "nothing that can be read"
    if isinstance(error, TypeError):
        return "a key with a passphrase"
    text = path.read_bytes()
    return "a public key, which signs nothing" if b"PUBLIC KEY" in text else "no key"


def _refusal(path: Path, part: str, found: str) -> str:
    how = "`openssl genpkey -algorithm ed25519 -out key.pem` makes one"
    if part == "public":
        how = "`openssl pkey -in key.pem -pubout -out public.pem` writes it"
    return f"{path}: expected a {part} Ed25519 key as PEM, found {found}; {how}."
