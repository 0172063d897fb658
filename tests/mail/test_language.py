"""The template language: what it shows, what it has not, and what a rendering may cost."""

import time
from typing import Any

import pytest

from app.mail.language import BadTemplate, render

VALUES: dict[str, Any] = {
    "name": "<b>Ada</b> & Co",
    "items": [{"title": "mug", "items": ["inner"]}, {"title": "tea", "items": []}],
    "customer": {"name": "Ada"},
    "nothing": None,
    "number": 3,
}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ name }}", "&lt;b&gt;Ada&lt;/b&gt; &amp; Co"),
        ("{{ name|upper }}", "&lt;B&gt;ADA&lt;/B&gt; &amp; CO"),
        ("{{ name|e }}", "&lt;b&gt;Ada&lt;/b&gt; &amp; Co"),
        ("{{ '<i>' ~ name }}", "&lt;i&gt;&lt;b&gt;Ada&lt;/b&gt; &amp; Co"),
        ("{{ customer.name }}{{ customer['name'] }}", "AdaAda"),
        ("{{ items[1].title }}{{ items[0].items[0] }}", "teainner"),
        (
            "{% for i in items %}{{ loop.index }}{{ i.title }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1mug, 2tea",
        ),
        ("{% for i in items if i.title == 'tea' %}{{ i.title }}{% else %}none{% endfor %}", "tea"),
        ("{% if number > 2 and customer.name %}y{% else %}n{% endif %}", "y"),
        ("{{ nothing }}{{ nothing|default('x', true) }}{{ gone|default('y') }}", "xy"),
        ("{{ 'a' if nothing is none else 'b' }}", "a"),
        ("{# said to nobody #}{% raw %}{{ name }}{% endraw %}", "{{ name }}"),
    ],
)
def test_it_shows_what_is_given(source: str, shown: str) -> None:
    assert render(source, VALUES, html=True) == shown


def test_text_is_not_escaped() -> None:
    assert render("{{ name }}", VALUES) == VALUES["name"]


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "a function cannot be called"),
        ("{{ name.__class__ }}", "there is no '__class__' here"),
        ("{{ name['__class__'] }}", "there is no '__class__' here"),
        ("{{ name|attr('__class__') }}", "there is no filter 'attr' here"),
        ("{{ customer.keys }}", "there is no 'keys' here"),
        ("{{ items.append }}", "there is no 'append' here"),
        ("{% for i in items %}{{ loop.__init__ }}{% endfor %}", "there is no '__init__' here"),
        ("{% for i in items %}{{ loop.nextitem }}{% endfor %}", "there is no 'nextitem' here"),
        ("{% for i in items %}{{ loop }}{% endfor %}", "a list cannot be shown"),
        ("{{ self._TemplateReference__context }}", "there is no 'self' here"),
        ("{{ _budget }}", "there is no '_budget' here"),
        ("{{ name.upper() }}", "a function cannot be called"),
        ("{{ range(9) }}", "a function cannot be called"),
        ("{{ lipsum() }}{{ cycler() }}{{ namespace() }}", "a function cannot be called"),
        ("{{ name|safe }}", "there is no filter 'safe' here"),
        ("{% autoescape false %}{{ name }}{% endautoescape %}", "escaping is not for a template to decide"),
        ("{% set x = 1 %}", "a value cannot be set"),
        ("{% with x = 1 %}{% endwith %}", "a value cannot be set"),
        ("{% include '/etc/passwd' %}", "there is no other template"),
        ("{% import 'os' as os %}", "there is no other template"),
        ("{% extends 'x' %}", "there is no other template"),
        ("{% macro x() %}{% endmacro %}", "a macro cannot be defined"),
        ("{% filter upper %}x{% endfilter %}", "filters cannot be used around a block"),
        ("{% block x %}{% endblock %}", "block is not known here"),
        ("{{ 'a' * 1000000000 }}", "mul is not known here"),
        ("{{ 9 ** 999999999 }}", "pow is not known here"),
        ("{{ '%999999999d' % 1 }}", "mod is not known here"),
        ("{{ '%s'|format(name) }}", "there is no filter 'format' here"),
        ("{{ name|replace('a', 'aaaa') }}", "there is no filter 'replace' here"),
        ("{{ items }}", "a list cannot be shown"),
        ("{{ customer }}", "a list cannot be shown"),
        ("{{ [1] }}", "list is not known here"),
        ("{% for c in name %}{% endfor %}", "a loop goes over a list"),
        ("{% for a, b in items %}{% endfor %}", "a loop has one name"),
        ("{% for i in items recursive %}{% endfor %}", "a loop has one name, and is not recursive"),
        ("{{ gone }}", "'gone' is undefined"),
        ("{{ customer.nme }}", "there is no 'nme' here"),
        ("{{ number < name }}", "these values do not go together"),
        ("{% if %}", "Expected an expression"),
        ("{% for i in items %}", "Unexpected end of template"),
        ("{% do x %}", "unknown tag 'do'"),
    ],
)
def test_it_has_nothing_else(source: str, wrong: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        render(f"first\n{{# second #}}\n{source}", VALUES, html=True)
    assert str(bad.value).startswith("line 3: ")
    assert wrong in str(bad.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "name" + ")" * 5000 + " }}",
        "{{ " + "not " * 10_000 + "name }}",
        "{{ " + "name or " * 5000 + "name }}",
        "{% if name %}" * 300 + "{% endif %}" * 300,
        "{% for i in items %}" * 30 + "{% endfor %}" * 30,
        "x" * 70_000,
        "{% for a in many %}{% for b in many %}{{ b }}{% endfor %}{% endfor %}",
        "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in many %}" + "{% if a %}{% endif %}" * 900 + "{% endfor %}",
    ],
)
def test_what_it_may_cost_is_bounded(source: str) -> None:
    started = time.monotonic()
    with pytest.raises(BadTemplate):
        render(source, {**VALUES, "many": ["x" * 255] * 2000})
    assert time.monotonic() - started < 10  # on a busy machine, too


def test_a_large_order_is_within_the_bounds() -> None:
    many = [{"title": "x" * 200, "sku": "y", "reason": None} for _ in range(2000)]
    body = "{{ i.title }}{% if i.title != i.sku %}{{ i.sku }}{% endif %}{% if i.reason %}{{ i.reason }}{% endif %}"
    assert len(render("{% for i in many %}" + body + "{% endfor %}", {"many": many})) == 2000 * 201
