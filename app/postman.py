"""A collection for Postman and Bruno, made of the contracts: every operation, with its example, on a few variables.

Source: the format of collections, version 2.1.0 (schema.postman.com).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app import postman_graphql
from app.web.dialect import Dialect, discover

PATH = "openapi/dragoman.postman_collection.json"
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_ABOUT = (
    "Set `baseUrl` and `key` among the collection's variables, the key of another party where a request "
    "has one (`buyer_key`), and the ids that a path needs (`order_id`, …). Made by "
    "`dragoman contracts`. Headers and queries that are switched off may be switched on; the Idempotency-Key makes a "
    "retry take effect once."
)
_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_SEGMENT, _PARAMETER = re.compile(r"^\{(\w+)\}$"), re.compile(r"\{(\w+)\}")
_KEY = re.compile(r"\{\{(\w+_key)\}\}")
_PART = re.compile(r"\{\{(\w+)\}\}")

Item = dict[str, Any]


def collection() -> str:
    folders = [_folder(dialect) for dialect in discover()]
    items = [item for folder in folders for item in folder["item"]]
    names = sorted({name for item in items for name in _variables(item)})
    keys = sorted({name for item in items for name in _keys(item)})
    document = {
        "info": {"name": "Dragoman", "description": _ABOUT, "schema": _SCHEMA},
        "variable": [
            {"key": "baseUrl", "value": "http://127.0.0.1:8000"},
            {"key": "key", "value": ""},
            *({"key": name, "value": "", "description": _of_party(name)} for name in keys),
            *({"key": name, "value": ""} for name in names),
        ],
        "item": folders,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _variables(item: Item) -> Iterator[str]:
    url = item["request"]["url"]
    yield from (variable["key"] for variable in url.get("variable", ()))
    yield from (name for part in url["path"] for name in _PART.findall(part))


def _keys(item: Item) -> Iterator[str]:
    """Those of one party alone, which another key cannot stand for."""
    yield from (name for header in item["request"]["header"] for name in _KEY.findall(header["value"]))


def _of_party(name: str) -> str:
    party = name.removesuffix("_key")
    return f"An API key of the party {party}: `dragoman key add --party {party}`."


def _folder(dialect: Dialect) -> Item:
    items: list[Item] = []
    for path, text in dialect.contract().items():
        rest = path.endswith(".json")
        items += _of_rest(dialect, json.loads(text)) if rest else _of_graphql(dialect, text)
    return {"name": dialect.name, "item": items}


def _of_rest(dialect: Dialect, document: Mapping[str, Any]) -> list[Item]:
    scheme = document["components"]["securitySchemes"]["key"]
    own = scheme["name"] if scheme["type"] == "apiKey" else "Authorization"
    shared = document["components"]["parameters"]
    key = _header(own, "{{%s}}" if scheme["type"] == "apiKey" else "Bearer {{%s}}")
    return [
        _operation(dialect.prefixes[0], method, path, described[method], key=key, shared=shared)
        for path, described in document["paths"].items()
        for method in _METHODS
        if method in described
    ]


def _operation(
    prefix: str, method: str, path: str, told: Mapping[str, Any], *, key: Item, shared: Mapping[str, Any]
) -> Item:
    parameters = [shared.get(each.get("$ref", "").rpartition("/")[2], each) for each in told.get("parameters", ())]
    parties = told.get("x-parties", ())
    named = f"{parties[0]}_key" if len(parties) == 1 else "key"
    headers = [{**key, "value": key["value"] % named}] if told.get("security") != [] else []
    headers += [_header(each["name"], _value(each), off=True) for each in parameters if each["in"] == "header"]
    request: Item = {"method": method.upper(), "header": headers, "url": _url(prefix + path, parameters)}
    if (content := told.get("requestBody", {}).get("content")) is not None:
        kind, held = next(iter(content.items()))
        headers.append(_header("Content-Type", kind))
        request["body"] = _body(held.get("example"), kind)
    return {"name": told["summary"], "request": {**request, "description": told.get("description", "")}}


def _value(parameter: Mapping[str, Any]) -> str:
    return "{{$guid}}" if parameter["name"] == "Idempotency-Key" else str(parameter.get("example", ""))


def _header(name: str, value: str, *, off: bool = False) -> Item:
    return {"key": name, "value": value, **({"disabled": True} if off else {})}


def _body(example: Any, kind: str) -> Item:
    raw = example if isinstance(example, str) else json.dumps(example or {}, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json" if kind == _JSON else "text"}}}


def _url(path: str, parameters: list[Mapping[str, Any]]) -> Item:
    """Path parameters are variables of the collection, so that an id is set once; queries are there, switched off.

    Only a whole segment can be a variable of the request, too, with a description.
    """
    parts = [_PARAMETER.sub(r"{{\1}}", _SEGMENT.sub(r":\1", part)) for part in path.split("/")[1:]]
    url: Item = {"raw": "{{baseUrl}}/" + "/".join(parts), "host": ["{{baseUrl}}"], "path": parts}
    named = [part[1:] for part in parts if part.startswith(":")]
    about = {each["name"]: each.get("description", "") for each in parameters}
    if named:
        url["variable"] = [{"key": name, "value": f"{{{{{name}}}}}", "description": about[name]} for name in named]
    queries = [each for each in parameters if each["in"] == "query"]
    if queries:
        url["query"] = [
            {"key": each["name"], "value": "", "disabled": True, "description": about[each["name"]]} for each in queries
        ]
    return url


def _of_graphql(dialect: Dialect, text: str) -> list[Item]:
    path = f"{dialect.prefixes[0]}/graphql"
    headers = [_header("Authorization", "Bearer {{key}}"), _header("Content-Type", _JSON)]
    return [
        {
            "name": asked.name,
            "request": {
                "method": "POST",
                "header": headers,
                "url": _url(path, []),
                "body": {
                    "mode": "graphql",
                    "graphql": {"query": asked.document, "variables": json.dumps(asked.variables, indent=2)},
                },
                "description": asked.about,
            },
        }
        for asked in postman_graphql.operations(text)
    ]
