"""Records what transformers renders for chat templates in the style of well-known models.

Writes renders.json: {"templates": {name: source}, "cases": [...]}. A case has the template's name, the messages,
add_generation_prompt, and either the text with the character ranges of its generation blocks, or the error that the
template raises. The templates are our own; each follows the conventions of one family.

Writes expressions.json: small templates that pin down single rules of the language, with their text.

usage: python chat_templates.py OUTPUT_DIRECTORY       needs: transformers, jinja2
"""

import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}

TEMPLATES = {
    "chatml": """\
{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "chatml_default_system": """\
{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are a careful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- raise_exception('tool calls') }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    "inst": """\
{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate user, assistant, user, ...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""",
    "headers": """\
{{- bos_token }}
{%- if date_string is not defined %}
    {%- set date_string = "01 Jan 2030" %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: tools\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "zephyr": """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}""",
    "turns": """\
{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}""",
    "namespace": """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set ns = namespace(index=0, seen=false) %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.role == "assistant" and message.tool_calls is defined)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, roles must alternate user/assistant") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- endif %}
{%- endfor %}
""",
    "pipes": """\
{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\\n' + message['content'] + '<|end|>\\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\\n' + message['content'] + '<|end|>\\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}""",
    "generation": """\
{%- macro header(role) -%}
<|{{ role | upper }}|>
{%- endmacro -%}
{{- bos_token -}}
{%- for message in messages -%}
    {%- if message.role not in ['system', 'user', 'assistant'] -%}
        {{- raise_exception('Unknown role: ' ~ message.role) -}}
    {%- endif -%}
    {%- if message.role == 'system' and loop.index > 1 -%}
        {%- continue -%}
    {%- endif -%}
    {{- header(message.role) ~ '\\n' -}}
    {%- if message.role == 'assistant' -%}
        {% generation %}{{ message.content.rstrip() + eos_token }}{% endgeneration %}
    {%- else -%}
        {{- message.content -}}
    {%- endif -%}
    {{- '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- header('assistant') ~ '\\n' -}}
{%- endif -%}
""",
    "reasoning": """\
{%- set ns = namespace(last_query=messages|length - 1, looking=true) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.looking and message.role == "user" and message.content is string and not (message.content.startswith('<result>') and message.content.endswith('</result>')) %}
        {%- set ns.looking = false %}
        {%- set ns.last_query = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == "assistant" %}
        {%- set reasoning = '' %}
        {%- if '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query and (loop.last or reasoning) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
}

CONVERSATIONS = [
    [("user", "Where does the river end?")],
    [("user", "  Hi \n"), ("assistant", " Hello. \n"), ("user", "And 한국어 👍?")],
    [("system", "Answer briefly."), ("user", "One?"), ("assistant", "Two."), ("user", "Three?"), ("assistant", "Four.\n\n")],
    [("system", " Be kind. "), ("user", "{{ 7 * 7 }} {% if x %} {# note #} \\n 'quoted' \"double\" <s>")],
    [("user", "a"), ("user", "b")],
    [("system", "only")],
    [("user", "think"), ("assistant", "<think>\nstep one\n</think>\n\nDone."), ("user", "again"), ("assistant", "<think>\nmore\n</think>\nYes.")],
    [("user", ""), ("assistant", "")],
    [("user", "q"), ("critic", "c")],
]

EXPRESSIONS = [
    "{{ 'a' + 'b' ~ 1 ~ none ~ true }}", "{{ 1 + 2 }}{{ 7 // 2 }}{{ 7 / 2 }}{{ 7 % 3 }}{{ 2 ** 3 }}",
    "{{ none is none }}{{ x is defined }}{{ x is not defined }}{{ tools is none }}{{ tools is defined }}",
    "{{ '' or 'empty' }}|{{ 0 or 'zero' }}|{{ [] or 'list' }}|{{ none or 'none' }}|{{ {} or 'dict' }}|{{ 'a' and 'b' }}",
    "{% if '' %}t{% else %}f{% endif %}{% if 'false' %}t{% else %}f{% endif %}{% if [] %}t{% else %}f{% endif %}{% if 0 %}t{% else %}f{% endif %}{% if '0' %}t{% else %}f{% endif %}{% if none %}t{% else %}f{% endif %}{% if ' ' %}t{% else %}f{% endif %}{% if {'a': 1} %}t{% endif %}",
    "{{ 1 == 1.0 }}{{ '1' == 1 }}{{ none == false }}{{ true == 1 }}{{ 'a' < 'b' }}{{ not 'a' }}",
    "{{ 'a' in 'cat' }}{{ 'z' not in 'cat' }}{{ 1 in [1, 2] }}{{ 'k' in {'k': 1} }}",
    "{{ 'abcdef'[1:3] }}{{ 'abcdef'[-1] }}{{ 'abcdef'[:-2] }}{{ 'abcdef'[::-1] }}{{ [1, 2, 3][-1] }}{{ [1, 2, 3][1:] }}",
    "{{ ' a b '.strip() }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'a,b,c'.split(',') }}|{{ 'a b  c'.split() }}|{{ 'a,b,c'.split(',', 1) }}",
    "{{ 'Abc'.upper() }}{{ 'Abc'.lower() }}{{ 'abc def'.title() }}{{ 'abc'.capitalize() }}{{ 'abc'.startswith('ab') }}{{ 'abc'.endswith('x') }}{{ 'aXbX'.replace('X', '-') }}{{ 'abcb'.find('b') }}{{ 'abcb'.count('b') }}",
    "{{ 'it''s' if false else \"it's\" }}{{ 'a\\nb\\tc\\\\d' }}{{ \"q\\\"q\" }}",
    "{{ ['a', 'b'] | join(', ') }}{{ 'x' | default('d') }}{{ y | default('d') }}{{ '' | default('d', true) }}{{ [3, 1, 2] | sort | first }}{{ [1, 2] | last }}{{ 'abc' | length }}{{ [1, 2, 3] | sum }}{{ ' a ' | trim }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | map(attribute='role') | join('-') }}{{ messages | rejectattr('role', 'equalto', 'user') | list | length }}",
    "{{ {'a': [1, 2.5, true, none, 'é\"<&\\n']} | tojson }}",
    "{{ {'a': [1, {'b': 2}], 'c': {}, 'd': []} | tojson(indent=2) }}",
    "{% for k, v in {'b': 1, 'a': 2}.items() %}{{ k }}={{ v }};{% endfor %}{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}{{ {'a': 5}.get('a') }}{{ {'a': 5}.get('z', 'd') }}{{ {'a': 5}.keys() | list }}",
    "{% for i in range(3) %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }},{% endfor %}",
    "{% for i in range(6) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [1, 2] %}{{ x is defined }}{% set x = i %}{% endfor %}{% for i in [1] %}{% break %}{% else %}e{% endfor %}",
    "{{ \"it's (a) b-c\" | title }}{{ \"it's (a) b-c\".title() }}{{ 'a1' is lower }}{{ '1' is lower }}{{ range(3) | list }}",
    "{% for i in [] %}x{% else %}none{% endfor %}{% for i in [1, 2, 3] if i != 2 %}{{ i }}{{ loop.last }}{% endfor %}",
    "{% for i in range(3) %}{{ loop.previtem if loop.previtem is defined else '-' }}{{ loop.nextitem if loop.nextitem is defined else '-' }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{% set x = 5 %}{% endfor %}{{ x }}{% if true %}{% set x = 7 %}{% endif %}{{ x }}",
    "{% set ns = namespace(a=1) %}{% for i in range(3) %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}",
    "{% macro m(a, b='d') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}",
    "{% set t %}block {{ 1 }}{% endset %}{{ t }}", "{# note #}a{#- note -#} b",
    "a\n  {% if true %}\n  b\n  {% endif %}\n  c\n", "a\n  {%+ if true %}b{% endif %}\n\nc", "  {{ 1 }}\n  {{ 2 }}\n\n", "x {%- if true -%}  y  {%- endif -%} z",
    "{{ true }} {{ false }} {{ none }} {{ 1.0 }} {{ 0.1 }} {{ [1, 'a', none, true] }} {{ {'a': 'b'} }} {{ (1, 2) }}",
    "{{ undefined_thing }}|{{ messages[0].missing }}|{{ messages[0]['missing'] }}|{{ messages[0].missing is defined }}",
    "{{ messages[0].content is string }}{{ messages is iterable }}{{ messages is string }}{{ messages[0] is mapping }}{{ 1 is number }}{{ true is boolean }}{{ 1 is integer }}{{ 1.5 is float }}{{ messages is sequence }}{{ 3 is odd }}{{ 4 is even }}{{ 1 is eq(1) }}{{ true is true }}{{ 1 is false }}",
    "{{ 'yes' if messages else 'no' }}{{ 'x' if false }}|{{ ('a' if true else 'b') + 'c' }}", "{{ 'a' 'b' }}{{ -3 | abs }}{{ 3.7 | int }}{{ '5' | int + 1 }}{{ 5 | string + 'x' }}",
    "{{ '%s-%d' | format('a', 3) }}{{ '%s=%s' % ('a', 1) }}", "{{ 'a\nb' | indent(2) }}|{{ 'ab' | upper }}{{ 'AB' | lower }}{{ 'ab' | replace('a', 'x') }}{{ 'ab' | capitalize }}",
    "{{ messages[-1]['role'] }}{{ messages[-1].role }}{{ (messages | last).role }}{{ (messages | first)['role'] }}{{ messages | length > 1 }}{{ messages|length }}",
    "{%- set l = ['a'] -%}{%- set l = l + ['b'] -%}{{ l | join }}{{ dict(a=1)['a'] }}", "{{ [1, 2, 3] | reverse | list }}{{ 'a-b' | replace('-', '+') }}{{ ['a', 'b', 'a'] | unique | list }}",
    "{% if messages[0]['role'] == 'user' and messages[1]['role'] != 'user' or false %}ok{% endif %}{{ not (1 == 2) and 3 > 2 >= 2 }}",
]


def render(source, messages, prompt, mask):
    texts, spans = render_jinja_template(
        [messages], chat_template=source, add_generation_prompt=prompt, return_assistant_tokens_mask=mask, **TOKENS
    )
    return texts[0], [list(span) for span in spans[0]] if spans else []


def case(name, conversation, prompt):
    messages = [{"role": role, "content": content} for role, content in conversation]
    entry = {"template": name, "messages": messages, "add_generation_prompt": prompt}
    try:
        text, spans = render(TEMPLATES[name], messages, prompt, "generation %}" in TEMPLATES[name])
        entry.update(text=text, spans=spans)
    except TemplateError as error:
        entry["error"] = str(error)
    return entry


def expression(source):
    messages = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    try:
        return {"source": source, "text": render(source, messages, False, False)[0]}
    except Exception as error:
        raise SystemExit(f"{source}: {error}")


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    cases = [case(n, c, p) for n in TEMPLATES for c in CONVERSATIONS for p in (False, True)]
    write(directory / "renders.json", {"tokens": TOKENS, "templates": TEMPLATES, "cases": cases})
    write(directory / "expressions.json", [expression(source) for source in EXPRESSIONS])


def write(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
