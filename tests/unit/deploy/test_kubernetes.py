"""The manifests, as kustomize renders them: true to Kubernetes' schemas, and to what the service does."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from queries import unknown

from service.app import create_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
NO_MANIFEST = {"kustomization.yaml", "autoscaler-by-queue.yaml", "prometheus-adapter.yaml"}
CUSTOM = {"PodMonitor"}  # the Prometheus operator brings its schema
KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
LABELS = {"app.kubernetes.io/name": "undertone"}


def read(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


DEPLOYMENT = read("base/deployment.yaml")
POD = DEPLOYMENT["spec"]["template"]["spec"]
CONTAINER = POD["containers"][0]
GIVEN = dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / "base/settings.env").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture(scope="module", params=["base", "monitored"])
def rendered(request):
    """What kubectl would apply, by kind."""
    if not KUBECTL:
        pytest.skip("kubectl is not installed")
    answer = subprocess.run([KUBECTL, "kustomize", FOLDER / request.param], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return {manifest["kind"]: manifest for manifest in yaml.safe_load_all(answer.stdout)}


def test_what_is_applied_keeps_to_the_schemas(rendered):
    for kind in rendered.keys() - CUSTOM:
        kubernetes_validate.validate(rendered[kind], "1.37", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(rendered["Deployment"] | {"replicas": 2}, "1.37", strict=True)


def test_every_file_is_applied(rendered, request):
    variant = request.node.callspec.params["rendered"]
    folders = [FOLDER / "base"] if variant == "base" else [FOLDER / "base", FOLDER / "monitored"]
    written = [
        yaml.safe_load(f.read_text())["kind"] for d in folders for f in d.glob("*.yaml") if f.name not in NO_MANIFEST
    ]
    assert sorted(rendered) == sorted([*written, "ConfigMap"])


def test_they_mean_each_other(rendered):
    pod = rendered["Deployment"]["spec"]["template"]
    assert pod["metadata"]["labels"] == LABELS
    selectors = [
        rendered["Deployment"]["spec"]["selector"]["matchLabels"],
        rendered["Service"]["spec"]["selector"],
        rendered["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        rendered["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in pod["spec"]["topologySpreadConstraints"]),
    ]
    assert selectors == [LABELS] * len(selectors)
    target = rendered["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", rendered["Deployment"]["metadata"]["name"])
    settings = pod["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert settings == rendered["ConfigMap"]["metadata"]["name"]


def test_settings_exist_and_can_be_used():
    given = GIVEN | {one["name"]: one["value"] for one in CONTAINER["env"]}
    settings = Settings.from_environment(given)
    assert {f"UNDERTONE_{name.upper()}" for name in settings.model_fields_set} == set(given)


def test_keys_are_read_where_the_secret_is_mounted():
    (file,) = (Path(one["value"]) for one in CONTAINER["env"] if one["name"] == "UNDERTONE_API_KEYS_FILE")
    (mount,) = (one for one in CONTAINER["volumeMounts"] if one["mountPath"] == str(file.parent))
    (volume,) = (one["secret"] for one in POD["volumes"] if one["name"] == mount["name"])
    assert file.name in [item["path"] for item in volume["items"]]
    credentials = read("monitored/pod-monitor.yaml")["spec"]["podMetricsEndpoints"][0]["authorization"]["credentials"]
    command = re.search(r"kubectl create secret generic (\S+)(.*)", (ROOT / "docs/operations.md").read_text())
    assert volume["secretName"] == credentials["name"] == command[1]
    assert {item["key"] for item in volume["items"]} | {credentials["key"]} == set(
        re.findall(r"--from-literal=(\w+)=", command[2])
    )


def test_probes_ask_routes_that_need_no_key_and_ports_are_those_of_the_image():
    app = create_app(Settings.from_environment({"UNDERTONE_API_KEYS": "k" * 32}))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        ask = CONTAINER[probe]["httpGet"]
        assert ask["port"] == CONTAINER["ports"][0]["name"]
        assert app.test_client().get(ask["path"]).status_code in (200, 503)
    monitor = read("monitored/pod-monitor.yaml")["spec"]["podMetricsEndpoints"][0]
    assert monitor["path"] in {rule.rule for rule in app.url_map.iter_rules()}
    names = {
        monitor["port"],
        read("base/service.yaml")["spec"]["ports"][0]["targetPort"],
        read("base/network-policy.yaml")["spec"]["ingress"][0]["ports"][0]["port"],
    }
    assert names == {CONTAINER["ports"][0]["name"]}
    assert f"UNDERTONE_PORT={CONTAINER['ports'][0]['containerPort']}" in (ROOT / "Dockerfile").read_text()


def test_there_is_time_to_drain():
    drain = re.search(r"^graceful_timeout = (\d+)", (ROOT / "service/gunicorn_conf.py").read_text(), re.MULTILINE)
    before = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert POD["terminationGracePeriodSeconds"] > before + int(drain[1])
    probe = CONTAINER["readinessProbe"]
    assert probe["timeoutSeconds"] < probe["periodSeconds"]


def test_it_runs_as_the_images_user_with_no_more_rights_than_it_needs():
    user = re.search(r"^USER (\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert POD["securityContext"]["runAsUser"] == int(user[1])
    assert POD["securityContext"]["runAsNonRoot"]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "/tmp" in [mount["mountPath"] for mount in CONTAINER["volumeMounts"]]
    assert POD["enableServiceLinks"] is False


def test_the_queue_scales_before_texts_are_refused():
    ((added,),) = [read("monitored/autoscaler-by-queue.yaml")]
    (rule,) = read("monitored/prometheus-adapter.yaml")["rules"]["custom"]
    metric = added["value"]["pods"]
    assert metric["metric"]["name"] == rule["name"]["as"]
    assert int(metric["target"]["averageValue"].removesuffix("m")) < Settings.from_environment({}).queue_ms
    query = (
        rule["metricsQuery"].replace("<<.LabelMatchers>>", 'namespace="a", pod=~"b|c"').replace("<<.GroupBy>>", "pod")
    )
    assert unknown(query) == []
    assert unknown(rule["seriesQuery"]) == []
