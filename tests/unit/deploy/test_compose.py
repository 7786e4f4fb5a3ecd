"""docker-compose.yml keeps to the compose specification, and what it mounts, sets and reaches is there."""

import json
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml

from service.settings import Settings, table

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
SCHEMA = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text("utf-8"))


def test_it_keeps_to_the_compose_specification():
    jsonschema.validate(COMPOSE, SCHEMA, jsonschema.Draft7Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(COMPOSE | {"service": {}}, SCHEMA, jsonschema.Draft7Validator)


def test_what_is_mounted_is_in_the_repository():
    mounts = [mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])]
    for place in mounts:
        assert (ROOT / place).exists() if place.startswith("./") else place in COMPOSE["volumes"], place


def test_images_from_elsewhere_have_a_whole_version():
    images = [service["image"] for service in SERVICES.values() if "image" in service]
    assert images
    assert all(re.search(r":v?\d+\.\d+\.\d+$", image) for image in images)


def test_ports_are_open_to_this_machine_alone():
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", OURS)
def test_the_service_may_write_nowhere_and_has_time_to_end(name):
    service = OURS[name]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    drain = re.search(r"^graceful_timeout = (\d+)", (ROOT / "service/gunicorn_conf.py").read_text(), re.MULTILINE)
    assert int(service["stop_grace_period"].removesuffix("s")) > int(drain[1])
    assert set(service.get("environment", {})) <= {row.variable for row in table()}
    assert service["ports"][0].endswith(f":{Settings.from_environment({}).port}")


def test_prometheus_and_grafana_find_what_they_ask():
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text())
    (target,) = prometheus["scrape_configs"][0]["static_configs"][0]["targets"]
    host, port = target.split(":")
    for name, service in OURS.items():
        assert host in (name, *service.get("networks", {}).get("default", {}).get("aliases", []))
    assert int(port) == Settings.from_environment({}).port
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    where = urlsplit(source["url"])
    assert SERVICES[where.hostname]["ports"][0].endswith(f":{where.port}")


def test_grafana_looks_for_dashboards_where_they_are_mounted():
    (provider,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/undertone.yml").read_text())[
        "providers"
    ]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    mounted = [mount.split(":")[1] for mount in SERVICES["grafana"]["volumes"]]
    assert home in mounted
    assert str(Path(home).parent) == provider["options"]["path"]
