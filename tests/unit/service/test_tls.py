"""A certificate that can't be used ends the start, before anything listens."""

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from service.settings import Settings, SettingsError
from service.tls import check


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of a certificate, its key, another's key, and its key encrypted."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    one, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    key = load_pem_private_key(one.private_key_pem.bytes(), None)
    contents = {
        "cert": one.cert_chain_pems[0].bytes(),
        "key": one.private_key_pem.bytes(),
        "other": other.private_key_pem.bytes(),
        "locked": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
        "text": b"no certificate",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: str(folder / name) for name in contents} | {"missing": str(folder / "missing"), None: None}


def test_a_certificate_and_its_key_are_accepted(files):
    settings = Settings(tls_cert=files["cert"], tls_key=files["key"], port=8443)
    check(settings)
    assert settings.address == "https://127.0.0.1:8443"


def test_none_is_accepted_too():
    check(Settings())
    assert Settings().address == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("cert", "key"),
    [
        ("cert", None),
        (None, "key"),
        ("cert", "other"),
        ("cert", "locked"),
        ("cert", "missing"),
        ("missing", "key"),
        ("text", "key"),
        ("key", "cert"),
    ],
)
def test_anything_else_is_refused_with_both_settings_named(files, cert, key):
    with pytest.raises(SettingsError, match=r"UNDERTONE_TLS_CERT.*UNDERTONE_TLS_KEY"):
        check(Settings(tls_cert=files[cert], tls_key=files[key]))
