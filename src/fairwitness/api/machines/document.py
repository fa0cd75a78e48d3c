"""The JSON API as a document: OpenAPI 3.1 for machines and one plain page for people.

Both are made from the table of operations, and need no script of anybody's.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from fairwitness.api.machines import shapes
from fairwitness.api.machines.not_given import NOT_GIVEN
from fairwitness.api.machines.operation import PREFIX, Operation
from fairwitness.api.machines.table import OPERATIONS
from fairwitness.force.token_rows import Scope

VERSION: Final = "1.0.0"
OPENAPI: Final = f"{PREFIX}/openapi.json"
PAGE: Final = f"{PREFIX}/"
_SAYS: Final = (
    "What the pages do, for other systems. A token belongs to an officer's or a machine's account"
    " and acts within its roles and the token's scopes; each use is that account's act in the"
    " custody log. Fetch footage from the address that grantViewing gives."
)
_REFUSALS: Final[Mapping[int, str]] = {
    400: "The request is not as it is written here, or can't be done; nothing was changed.",
    401: "There is no token, or it opens nothing.",
    403: "This account, or this token, may not. That it asked is written down.",
    404: "There is none, or none for this account.",
    405: "The address knows another method.",
    429: "Too many calls.",
    503: "Not now: try again.",
}
_OF_POST: Final[Mapping[int, str]] = {
    409: "Something else stands against it.",
    410: "It is deleted, or has reached its day.",
    413: "The body has more than a mebibyte.",
    415: "The body is no application/json.",
    422: "The idempotency key was sent with another request.",
}


@cache
def openapi() -> Mapping[str, Any]:
    """The whole document."""
    schemas: dict[str, object] = {"Problem": _PROBLEM}
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _told(
            operation, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fairwitness",
            "version": VERSION,
            "description": f"{_SAYS}\n\n{_left_to_people()}",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"Scopes: {', '.join(each.value for each in Scope)}.",
                }
            },
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _left_to_people() -> str:
    """What is not here, with the reasons, as CommonMark."""
    lines = (f"- **{each.what}.** {each.why}" for each in NOT_GIVEN)
    return "\n".join(("Left to people:", "", *lines))


_PROBLEM: Final[Mapping[str, object]] = {
    "type": "object",
    "description": "A refusal (RFC 9457); `code` is stable, `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}


def _told(operation: Operation, schemas: dict[str, object]) -> dict[str, object]:
    post = operation.method == "POST"
    answers: dict[str, object] = {
        str(operation.status): _answer("Done.", shapes.schema(operation.gives, schemas))
    }
    problem = {"$ref": "#/components/schemas/Problem"}
    for status, says in sorted({**_REFUSALS, **(_OF_POST if post else {})}.items()):
        answers[str(status)] = _answer(says, problem, "application/problem+json")
    told: dict[str, object] = {
        "operationId": operation.name,
        "summary": operation.says,
        "description": f"Needs the scope `{operation.scope.value}`.",
        "x-scope": operation.scope.value,
        "parameters": _parameters(operation),
        "responses": answers,
    }
    if operation.takes is not None:
        body: dict[str, object] = {"schema": shapes.schema(operation.takes, schemas)}
        body["example"] = shapes.example(operation.takes)
        told["requestBody"] = {"required": True, "content": {"application/json": body}}
    return told


def _answer(says: str, schema: object, kind: str = "application/json") -> dict[str, object]:
    return {"description": says, "content": {kind: {"schema": schema}}}


def _parameters(operation: Operation) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    if "{id}" in operation.path:
        one = {"type": "string", "format": "uuid"}
        found.append({"name": "id", "in": "path", "required": True, "schema": one})
    if "{number}" in operation.path:
        whole = {"type": "integer", "minimum": 1}
        found.append({"name": "number", "in": "path", "required": True, "schema": whole})
    for each in operation.query:
        text: dict[str, object] = {"type": "string"}
        schema = {"type": "array", "items": text} if each.many else text
        found.append({"name": each.name, "in": "query", "description": each.says, "schema": schema})
    if operation.method == "POST":
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "New for each act; the same again within a day gives the same"
                " answer and does nothing.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 100},
            }
        )
    return found


def page() -> SafeString:
    """The page for people."""
    rows = format_html_join(
        "\n",
        '<section class="card tight" aria-labelledby="{}"><h2 id="{}"><code>{} {}</code></h2>'
        '<p>{}</p><dl class="facts"><dt>Name</dt><dd><code>{}</code></dd>'
        "<dt>Scope</dt><dd><code>{}</code></dd>{}<dt>Answers</dt><dd>{} with {}</dd></dl>{}"
        "</section>",
        (
            (
                each.name,
                each.name,
                each.method,
                PREFIX + each.path,
                each.says,
                each.name,
                each.scope.value,
                _asked(each),
                each.status,
                _fields(each.gives),
                _example(each),
            )
            for each in OPERATIONS
        ),
    )
    return format_html(
        '{}<h1>For other systems</h1><p class="lead">{}</p>'
        "<p>Send <code>Authorization: Bearer fwt_…</code> with each call, and with each POST an"
        " <code>Idempotency-Key</code> that is new for each act. Lists come in pages: send"
        " <code>next</code> back as <code>cursor</code>. A refusal is a problem document with a"
        ' stable <code>code</code>. Tokens are made on the page <a href="/tokens">Tokens</a>.'
        ' The same for machines: <a href="{}">OpenAPI 3.1</a>.'
        ' What is <a href="#left">left to people</a> stands at the end.</p>{}{}{}'
        '<section class="card tight" aria-labelledby="left"><h2 id="left">Left to people</h2>'
        "{}</section></main></body></html>",
        _HEAD,
        _SAYS,
        OPENAPI,
        format_html(_FIRST_CALLS, PREFIX),
        _contents(),
        rows,
        format_html_join(
            "", "<p><b>{}.</b> {}</p>", ((each.what, _coded(each.why)) for each in NOT_GIVEN)
        ),
    )


_FIRST_CALLS: Final = (
    '<section class="card card-line tight" aria-labelledby="first"><h2 id="first">The first calls'
    "</h2><p>Make a token with the scopes <code>recordings:read</code> and"
    " <code>recordings:write</code>. Put this site’s address and the token in place of those"
    " here.</p>"
    '<pre class="digits" tabindex="0"><code>SITE=https://fairwitness.example\n'
    "TOKEN=fwt_…\n"
    'curl -H "Authorization: Bearer $TOKEN" "$SITE{0}/recordings?unit=LAM&amp;limit=5"\n\n'
    "ID=…   # the id of one of them\n"
    'curl -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: note-1" \\\n'
    "  -H 'Content-Type: application/json' -d '{{\"text\": \"seen\"}}' \\\n"
    '  "$SITE{0}/recordings/$ID/notes"</code></pre></section>'
)


def _contents() -> SafeString:
    """Every operation by its scope, to jump to."""
    by_scope: dict[Scope, list[Operation]] = {}
    for each in OPERATIONS:
        by_scope.setdefault(each.scope, []).append(each)
    rows = format_html_join(
        "",
        "<dt><code>{}</code></dt><dd>{}</dd>",
        (
            (
                scope.value,
                format_html_join(", ", '<a href="#{0}">{0}</a>', ((each.name,) for each in some)),
            )
            for scope, some in by_scope.items()
        ),
    )
    return format_html(
        '<nav class="card tight" aria-labelledby="all"><h2 id="all">All by scope</h2>'
        '<dl class="facts">{}</dl></nav>',
        rows,
    )


def _example(operation: Operation) -> SafeString:
    """What a body looks like: every field, in the form that it has."""
    if operation.takes is None:
        return SafeString("")
    body = json.dumps(shapes.example(operation.takes), indent=1, ensure_ascii=False)
    return format_html(
        '<details><summary>A body<span class="hide"> of {}</span></summary>'
        '<pre class="digits"><code>{}</code></pre></details>',
        operation.name,
        body,
    )


def _coded(text: str) -> SafeString:
    """Text in which what stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", part) if odd % 2 else part,) for odd, part in parts),
    )


_HEAD: Final = mark_safe(
    '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>For other systems - Fairwitness</title>"
    '<link rel="stylesheet" href="/static/fairwitness/fairwitness.css">'
    '<link rel="icon" href="/static/fairwitness/mark.svg" type="image/svg+xml"></head><body>'
    '<a class="skip" href="#main">Skip to main content</a>'
    '<header class="top"><div class="wrap top-row"><a class="brand" href="/">Fairwitness</a></div>'
    '<div class="ruler" aria-hidden="true"></div></header><main id="main" class="wrap stack">'
)


def _asked(operation: Operation) -> SafeString:
    said = format_html_join(
        "", "<dt>{}</dt><dd>{}</dd>", ((each.name, each.says) for each in operation.query)
    )
    if operation.takes is None:
        return said
    return format_html("{}<dt>Body</dt><dd>{}</dd>", said, _fields(operation.takes))


def _fields(shape: type) -> SafeString:
    known: dict[str, object] = {}
    shapes.schema(shape, known)
    told: Any = known[shape.__name__]
    needed = set(told["required"])
    names = ((name, "" if name in needed else " (may be left out)") for name in told["properties"])
    return format_html_join(", ", "<code>{}</code>{}", names)


def headers(kind: str) -> dict[str, str]:
    """Of a document: anybody may read it, and it runs nothing."""
    return {
        "Content-Type": kind,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self';"
        " base-uri 'none'; frame-ancestors 'none'",
    }


PLACES: Final[Mapping[str, Callable[[], tuple[str, bytes]]]] = {
    OPENAPI: lambda: ("application/json", json.dumps(openapi(), indent=1).encode()),
    PAGE: lambda: ("text/html; charset=utf-8", page().encode()),
}
"""Documents by address."""
