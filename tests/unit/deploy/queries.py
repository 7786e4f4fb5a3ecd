"""What a PromQL query asks of the service, compared with what service/metrics.py declares."""

import promql_parser

from service.metrics import REGISTRY

_SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
_TARGET = {"job", "instance", "namespace", "pod"}  # labels that Prometheus adds


def _declared():
    series = {"up": set(_TARGET)}
    for metric in set(REGISTRY._names_to_collectors.values()):
        for suffix in _SUFFIXES[metric._type]:
            bound = {"le"} if suffix == "_bucket" else set()
            series[metric._name + suffix] = {*metric._labelnames, *_TARGET, *bound}
    return series


SERIES = _declared()
"""Labels of each series that a scrape can bring."""


def unknown(query):
    """Return what the query names and no scrape brings: series, and labels of a series; fails where it is no PromQL."""
    found = []

    def visit(node):
        if isinstance(node, promql_parser.VectorSelector):
            labels = SERIES.get(node.name)
            if labels is None:
                found.append(node.name)
            else:
                found.extend(f"{node.name}.{one.name}" for one in node.matchers.matchers if one.name not in labels)
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
            every = set().union(*SERIES.values())
            found.extend(f"by {name}" for name in node.modifier.labels if name not in every)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found
