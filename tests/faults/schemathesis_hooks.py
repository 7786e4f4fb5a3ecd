"""What schemathesis must know that a schema can't say; loaded by it through SCHEMATHESIS_HOOKS.

Only requests that it takes for valid are changed; what it made wrong on purpose stays wrong.
"""

import base64
import os

import schemathesis
from schemathesis.core.parameters import ParameterLocation

NAME, VERSION = "UNDERTONE_TEST_NAME", "UNDERTONE_TEST_VERSION"
"""Environment variables with the name and version of the model that is served."""


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    for parameter, variable in (("model", NAME), ("version", VERSION)):
        if parameter in case.path_parameters:
            case.path_parameters[parameter] = os.environ[variable]
    body = case.body
    if case.operation.method == "post" and case.path == "/explain" and body.get("spans"):
        body["spans"] = [[0, len(body["text"])] for _ in body["spans"]]  # places in the text beside them
    if case.operation.method == "post" and case.path.endswith("/infer"):
        tensor = body["inputs"][0]
        tensor["shape"] = [len(tensor["data"])]  # as many as there are
        if (tensor.get("parameters") or {}).get("content_type") == "base64":
            tensor["data"] = [_encoded(one) for one in tensor["data"]]


def _encoded(text):
    return [_encoded(text[0])] if isinstance(text, list) else base64.b64encode(text.encode()).decode()


@schemathesis.hook
def filter_case(context, case):
    """Whatever bytes there are, they are lines: a stream's body can't be wrong, only what its lines hold."""
    made = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    return case.path != "/predict/stream" or made is None or not made.mode.is_negative


@schemathesis.serializer("application/x-ndjson")
def lines_as_bytes(context, value):
    return value.encode("utf-8", "surrogatepass")


@schemathesis.deserializer("application/x-ndjson")
def lines_as_text(context, response):
    return response.content.decode("utf-8")
