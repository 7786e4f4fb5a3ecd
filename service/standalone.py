"""An explanation as one HTML file: the page's own modules and styles with the answer inside, to be opened without a
server."""

import base64
import json
import re
from typing import Any

from service.page import FOLDER

_IMPORT = re.compile(r'from "\./([a-z_]+\.js)"')
_POLICY = "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'"
_PREFIX = "undertone/"
_ENTRY = f"""import {{ showAnswer }} from "{_PREFIX}answer.js";
const {{ text, answer }} = JSON.parse(document.getElementById("explanation").textContent);
showAnswer(document.getElementById("result"), text, answer);
"""


def standalone(text: str, answer: dict[str, Any]) -> str:
    """Return the file's content.

    Parameters:
        text: the review.
        answer: what POST /explain says of it.
    """
    # A module in a data: URL can't import by a relative name; by a bare one the import map finds the others.
    modules = {
        _PREFIX + file.name: _data_url(_IMPORT.sub(rf'from "{_PREFIX}\1"', file.read_text("utf-8")))
        for file in sorted(FOLDER.glob("*.js"))
    }
    styles = "\n".join(file.read_text("utf-8") for file in (FOLDER / "page.css", FOLDER / "charts.css"))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Undertone: why a review means what it means</title>
<style>
{styles}
</style>
<script type="importmap">{json.dumps({"imports": modules})}</script>
</head>
<body>
<header class="column masthead">
<h1>Undertone</h1>
<p>What a review means in its context, and how each word moved the verdict.</p>
</header>
<main class="column">
<div id="result"></div>
</main>
<script type="application/json" id="explanation">{_inert({"text": text, "answer": answer})}</script>
<script type="module">
{_ENTRY}</script>
</body>
</html>
"""


def _data_url(module: str) -> str:
    return "data:text/javascript;base64," + base64.b64encode(module.encode()).decode("ascii")


def _inert(value: Any) -> str:
    """JSON that can't end the element that it stands in, nor begin another."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
