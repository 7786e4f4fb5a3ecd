"""What schemathesis must know that a schema can't say; loaded by it through SCHEMATHESIS_HOOKS."""

import schemathesis

MAX_PLACE = 10_000_000


@schemathesis.hook
def before_call(context, case, kwargs):
    """Spans are places in the text beside them: valid ones are moved into it."""
    body = case.body
    if case.path != "/explain" or not isinstance(body, dict) or not isinstance(body.get("text"), str):
        return
    spans = body.get("spans")
    if isinstance(spans, list) and spans and all(_valid(span) for span in spans):
        body["spans"] = [[0, len(body["text"])] for _ in spans]


def _valid(span):
    return isinstance(span, list) and len(span) == 2 and all(_place(place) for place in span)


def _place(value):
    return type(value) in (int, float) and value == int(value) and 0 <= value <= MAX_PLACE
