"""Records what transformers renders for the chat formats of well-known models.

The templates lie in chat_styles/, one file each; they are our own, written to give the formats of those models by the
means that their templates use. Writes

- styles.json: {"tokens", "now", "templates": {name: source}, "conversations": {name: {messages, tools}}, "cases": [...]}.
  A case has the names of template and conversation, add_generation_prompt, and the text or the error raised. "now" is
  the moment that strftime_now tells.
- masks.json: [{source, messages, ids, mask}]: the token ids and return_assistant_tokens_mask of templates with
  generation blocks (their clock stopped), by the small tokenizer of this folder.

usage: python chat_styles.py OUTPUT_DIRECTORY       needs: transformers, jinja2; the fixture in tokenizer/
"""

import datetime
import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

HERE = pathlib.Path(__file__).parent
TOKENIZER = HERE / "../../core/src/test/resources/golden/tokenizer"
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
NOW = datetime.datetime(2030, 2, 3, 4, 5, 6)

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the \"weather\" <now>, in °C.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name of the city"},
                "days": {"type": "integer"},
                "units": {"type": ["string", "null"], "enum": ["C", "F", None]},
                "hours": {"type": "array", "items": {"type": "number"}},
            },
            "required": ["city"],
        },
    },
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "",
        "parameters": {"type": "object", "properties": {}, "required": []},
    },
}


def turn(role, content, **more):
    return {"role": role, "content": content, **more}


def call(name, number, **arguments):
    return {"id": f"call{number:05d}", "type": "function", "function": {"name": name, "arguments": arguments}}


def text(*parts):
    return [{"type": "text", "text": part} for part in parts]


CONVERSATIONS = {
    "question": ([turn("user", "  Where does the river end?\n")], None),
    "system": ([turn("system", "Answer briefly."), turn("user", "One?")], None),
    "turns": (
        [turn("user", "a\r\n\r\nb"), turn("assistant", " Hello. \n"), turn("user", "And 한국어 👍?"), turn("assistant", "Yes.")],
        None,
    ),
    "system_turns": (
        [turn("system", " Be kind. /no_think"), turn("user", "Hi"), turn("assistant", "Ho"), turn("user", "{{ 1 }} <s> \"q\"")],
        None,
    ),
    "twice": ([turn("user", "a"), turn("user", "b")], None),
    "critic": ([turn("user", "a"), turn("critic", "b")], None),
    "thinking": (
        [
            turn("user", "think"),
            turn("assistant", "<think>\nstep\n</think>\n\nDone."),
            turn("user", "again"),
            turn("assistant", "Yes.", reasoning_content="more"),
        ],
        None,
    ),
    "parts": ([turn("system", text("Be brief.")), turn("user", text(" one ", "two")), turn("assistant", text("three"))], None),
    "tools": ([turn("system", "Use tools."), turn("user", "Rain?")], [WEATHER, TIME]),
    "call": (
        [
            turn("user", "Rain in Cádiz?"),
            turn("assistant", None, tool_calls=[call("get_weather", 1, city="Cádiz", days=2, hours=[1, 2.5], units=None)]),
            turn("tool", '{"rain": true}', tool_call_id="call00001", name="get_weather"),
        ],
        [WEATHER],
    ),
    "calls": (
        [
            turn("user", "Time and rain?"),
            turn("assistant", "", tool_calls=[call("get_time", 1), call("get_weather", 2, city="Oslo")]),
            turn("tool", "12:00", tool_call_id="call00001"),
            turn("tool", "dry", tool_call_id="call00002"),
            turn("assistant", "Noon, dry."),
        ],
        [WEATHER, TIME],
    ),
}

MARKED = [
    [turn("user", "the mill"), turn("assistant", "and the sea")],
    [turn("system", "Be brief. /no_think"), turn("user", "hi"), turn("assistant", "ho  "), turn("user", "x"), turn("assistant", "sea\n")],
]


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def case(name, source, conversation):
    messages, tools = CONVERSATIONS[conversation]
    prompt = messages[-1]["role"] in ("user", "tool")
    entry = {"template": name, "conversation": conversation, "add_generation_prompt": prompt}
    try:
        texts, _ = chat_template_utils.render_jinja_template(
            [messages], tools=tools, chat_template=source, add_generation_prompt=prompt, **TOKENS
        )
        entry["text"] = texts[0]
    except TemplateError as error:
        entry["error"] = str(error)
    except TypeError:
        entry["error"] = ""  # Python's own words
    return entry


def mask(source, messages):
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER / "tokenizer.json"), **TOKENS)
    encoded = tokenizer.apply_chat_template(
        messages, chat_template=source, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    return {
        "source": source,
        "messages": messages,
        "ids": encoded["input_ids"],
        "mask": encoded["assistant_masks"],
    }


def main():
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    chat_template_utils.datetime = Fixed
    templates = {
        file.stem: file.read_text(encoding="utf-8") for file in sorted((HERE / "chat_styles").glob("*.jinja"))
    }
    styles = {
        "tokens": TOKENS,
        "now": NOW.isoformat() + "Z",
        "templates": templates,
        "conversations": {name: {"messages": m, "tools": t} for name, (m, t) in CONVERSATIONS.items()},
        "cases": [case(name, source, c) for name, source in templates.items() for c in CONVERSATIONS],
    }
    write(directory / "styles.json", styles)
    stopped = [s.replace('strftime_now("%d %B %Y")', '"03 February 2030"') for s in templates.values()]
    marked = [source for source in stopped if "endgeneration" in source]
    write(directory / "masks.json", [mask(source, m) for source in marked for m in MARKED])


def write(path, value):
    path.write_text(json.dumps(value, indent=0, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
