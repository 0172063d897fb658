"""The files in deploy/: what they ask for is what the program has. Metrics, settings, commands, ports, probes."""

import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import yaml

from app.core.refusal import Code
from app.settings import PREFIX, Settings, load
from app.web import health, metrics
from app.web.faults import FaultCode
from tests.cli.parsing import understood
from tests.house.sources import ROOT

_DEPLOY = ROOT / "deploy"
_SETTINGS = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
_VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
_METRIC = re.compile(r"\bdragoman_[a-z_]+")
_SELECTOR = re.compile(r"\b(dragoman_[a-z_]+)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')
_GROUPED = re.compile(r"\bby \(([^)]*)\)")
_OUTCOMES = {
    "dragoman_requests": {"ok", *(code.value for code in Code), *(code.value for code in FaultCode)},
    "dragoman_deliveries": {"delivered", "failed", "lost"},
    "dragoman_mails": {"sent", "failed", "refused"},
    "dragoman_warehouse_answers": {"asked", "later", "failed", "accepted", "rejected", "ignored"},
}


def _exported() -> dict[str, tuple[str, set[str]]]:
    """By the name of each sample: its family, and its labels."""
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    found = {}
    collectors: set[Any] = {*metrics.REGISTRY._collector_to_names}
    for collector in collectors:
        for family in collector.describe():
            for ending in endings[family.type]:
                more = {"le"} if ending == "_bucket" else set()
                found[family.name + ending] = family.name, {*collector._labelnames, *more}
    return found


def _dashboard() -> list[str]:
    board = json.loads((_DEPLOY / "grafana/dragoman.json").read_text())
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    variables = [each["definition"] for each in board["templating"]["list"] if each["type"] == "query"]
    return [target["expr"] for panel in panels for target in panel["targets"]] + variables


def _rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((_DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def test_dashboard_and_alerts_ask_for_metrics_that_there_are() -> None:
    exported = _exported()
    labels = {label for _, held in exported.values() for label in held}
    expressions = [*_dashboard(), *(rule["expr"] for rule in _rules())]
    for expression in expressions:
        named = set(_METRIC.findall(expression))
        assert named or "up{" in expression
        assert named <= exported.keys(), expression
        assert expression.count("(") == expression.count(")"), expression
        for group in _GROUPED.findall(expression):
            assert {label.strip() for label in group.split(",")} <= labels, expression
        for name, selector in _SELECTOR.findall(expression):
            family, held = exported[name]
            for label, value in _MATCHER.findall(selector):
                assert label in held, expression
                if label == "outcome":
                    assert set(value.split("|")) <= _OUTCOMES[family], expression
    # The dashboard leaves nothing out.
    shown = {exported[name][0] for expression in _dashboard() for name in _METRIC.findall(expression)}
    assert shown == {family for family, _ in exported.values()}


def test_alert_rules_are_rules() -> None:
    for rule in _rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"Dragoman[A-Z]\w+", rule["alert"])
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert all(rule["annotations"][name] for name in ("summary", "description"))
    page = (ROOT / "docs/operations.md").read_text()
    assert [rule["alert"] for rule in _rules() if f"`{rule['alert']}`" not in page] == []


def test_every_metric_is_documented() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    assert {
        name for name in _exported() if not name.endswith(("_bucket", "_sum", "_count")) and name not in page
    } == set()


def _objects() -> list[dict[str, Any]]:
    folder = _DEPLOY / "kubernetes"
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert sorted(kustomization["resources"]) == sorted(
        path.name for path in folder.glob("*.yaml") if path.name != "kustomization.yaml"
    )
    return [each for name in kustomization["resources"] for each in yaml.safe_load_all((folder / name).read_text())]


def _pods() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for each in _objects():
        if each["kind"] in {"Deployment", "Job"}:
            yield each["metadata"]["name"], each["spec"], each["spec"]["template"]


def test_kubernetes_runs_what_there_is() -> None:
    config = {each["kind"]: each for each in _objects()}["ConfigMap"]["data"]
    assert config.keys() <= _SETTINGS
    settings = load(config)
    ports = {"dragoman-web": settings.port, "dragoman-worker": settings.metrics_port}
    assert {name for name, _, _ in _pods()} == {"dragoman-web", "dragoman-worker", "dragoman-migrate"}
    for name, spec, template in _pods():
        pod = template["spec"]
        assert pod["enableServiceLinks"] is False  # else DRAGOMAN_PORT is an address
        [container] = pod["containers"]
        assert container["image"] == f"dragoman:{_VERSION}"
        understood(container["args"])
        assert {kind for source in container["envFrom"] for kind in source} == {"configMapRef", "secretRef"}
        if name in ports:
            assert spec["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
            assert [port["containerPort"] for port in container["ports"]] == [ports[name]]
            assert template["metadata"]["annotations"]["prometheus.io/port"] == str(ports[name])
            _check_probes(container)


def _check_probes(container: dict[str, Any]) -> None:
    served = {route.path for route in health.routes(None, None)}  # type: ignore[arg-type]
    probes = {name: probe["httpGet"] for name, probe in container.items() if name.endswith("Probe")}
    assert probes.keys() == {"startupProbe", "livenessProbe", "readinessProbe"}
    assert {probe["port"] for probe in probes.values()} == {container["ports"][0]["name"]}
    assert {probe["path"] for probe in probes.values()} <= served
    assert probes["livenessProbe"]["path"] == "/health/live"
    assert probes["readinessProbe"]["path"] == "/health/ready"


def test_kubernetes_sends_requests_to_the_web_pods() -> None:
    labels = {name: template["metadata"]["labels"] for name, _, template in _pods()}
    for each in _objects():
        if each["kind"] in {"Service", "PodDisruptionBudget"}:
            selector = each["spec"]["selector"]
            chosen = selector.get("matchLabels", selector)
            assert [name for name, held in labels.items() if chosen.items() <= held.items()] == ["dragoman-web"]


@pytest.mark.parametrize("unit", ["migrate", "web", "worker"])
def test_systemd_units_start_what_there_is(unit: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((_DEPLOY / f"systemd/dragoman-{unit}.service").read_text())
    program, *words = shlex.split(parser["Service"]["ExecStart"])
    assert program.endswith("/bin/dragoman")
    understood(words)
    assert parser["Service"]["EnvironmentFile"] == "/etc/dragoman/dragoman.env"
    if unit != "migrate":
        assert parser["Unit"]["Requires"] == parser["Unit"]["After"] == "dragoman-migrate.service"
        assert parser["Service"]["Restart"] == "on-failure"


def test_environments_name_settings() -> None:
    lines = (_DEPLOY / "systemd/dragoman.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given.keys() <= _SETTINGS
    load(given)
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        if name != "postgres":
            assert service["environment"].keys() <= _SETTINGS
            understood(service["command"])
    scraped = yaml.safe_load((_DEPLOY / "prometheus/prometheus.yml").read_text())
    assert (_DEPLOY / "prometheus" / scraped["rule_files"][0]).exists()
    [job] = scraped["scrape_configs"]
    assert f'job="{job["job_name"]}"' in _rules()[0]["expr"]
    [targets] = job["static_configs"]
    ports = {int(target.rpartition(":")[2]) for target in targets["targets"]}
    assert ports == {Settings().port, int(given["DRAGOMAN_METRICS_PORT"])}
