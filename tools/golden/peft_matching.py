"""Records which modules PEFT adapts, with which rank and scale, for many configurations.

Usage: python tools/golden/peft_matching.py core/src/test/resources/golden/peft/matching.json

Two tiny random models give the module trees: a Llama with twelve layers (so that layer 1 and layers 10, 11 differ) and
a GPT-2. For each configuration the file holds either the adapted modules in the model's order, each with rank, alpha
and scale, or the word "error" where PEFT refuses. Needs torch, transformers and peft; their versions are recorded.
"""

import json
import sys
import warnings

import peft
import torch
import transformers
from transformers.pytorch_utils import Conv1D

LLAMA = transformers.LlamaConfig(
    vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=12,
    num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=False,
)
GPT2 = transformers.GPT2Config(vocab_size=32, n_embd=16, n_layer=3, n_head=2, n_positions=16)

CASES = [
    ("llama", "list of two leaves", {"target_modules": ["q_proj", "v_proj"]}),
    ("llama", "family default", {}),
    ("llama", "suffix of two segments", {"target_modules": ["self_attn.q_proj", "mlp.down_proj"]}),
    ("llama", "full paths", {"target_modules": ["model.layers.1.self_attn.q_proj", "model.layers.11.mlp.up_proj"]}),
    ("llama", "a suffix with a layer number is no prefix of another", {"target_modules": ["1.self_attn.k_proj"]}),
    ("llama", "regex on attention", {"target_modules": r".*\.self_attn\.(q|o)_proj"}),
    ("llama", "regex must match the whole path", {"target_modules": r"model\.layers\.1[01]\.mlp\.(gate|up)_proj"}),
    ("llama", "regex that matches a part only", {"target_modules": r"q_proj"}),
    ("llama", "regex with classes, counts and look-ahead",
     {"target_modules": r"model\.layers\.(?!1\.)\d{1}\.(?:self_attn|mlp)\.[a-z]+?_proj"}),
    ("llama", "regex named group", {"target_modules": r"model\.layers\.(?P<index>[2-4])\.mlp\.down_proj"}),
    ("llama", "all linear", {"target_modules": "all-linear"}),
    ("llama", "all linear in capitals", {"target_modules": "ALL-LINEAR"}),
    ("llama", "all linear without the feed-forward", {
        "target_modules": "all-linear", "exclude_modules": ["gate_proj", "up_proj", "down_proj"]}),
    ("llama", "head by name", {"target_modules": ["lm_head"]}),
    ("llama", "exclude a full path", {
        "target_modules": ["q_proj"], "exclude_modules": ["model.layers.0.self_attn.q_proj"]}),
    ("llama", "exclude by regex", {"target_modules": ["q_proj", "k_proj"], "exclude_modules": r".*layers\.\d\..*"}),
    ("llama", "exclude everything", {"target_modules": ["q_proj"], "exclude_modules": ["q_proj"]}),
    ("llama", "one layer", {"target_modules": ["v_proj"], "layers_to_transform": 1}),
    ("llama", "layer zero", {"target_modules": ["v_proj"], "layers_to_transform": 0}),
    ("llama", "several layers", {"target_modules": ["v_proj", "up_proj"], "layers_to_transform": [0, 10, 11]}),
    ("llama", "layers with their list's name", {
        "target_modules": ["v_proj"], "layers_to_transform": [2, 3], "layers_pattern": "layers"}),
    ("llama", "layers with names, one of them foreign", {
        "target_modules": ["v_proj"], "layers_to_transform": [2], "layers_pattern": ["h", "layers"]}),
    ("llama", "layers with a foreign name only", {
        "target_modules": ["v_proj"], "layers_to_transform": [2], "layers_pattern": "blocks"}),
    ("llama", "a full path escapes the layer filter", {
        "target_modules": ["v_proj", "model.layers.5.mlp.up_proj"], "layers_to_transform": [1]}),
    ("llama", "empty list of layers is no filter", {"target_modules": ["v_proj"], "layers_to_transform": []}),
    ("llama", "a name that is absent", {"target_modules": ["query"]}),
    ("llama", "one name absent, one present", {"target_modules": ["query", "q_proj"]}),
    ("llama", "a block", {"target_modules": ["self_attn"]}),
    ("llama", "rank by leaf", {
        "target_modules": ["q_proj", "v_proj"], "r": 4, "lora_alpha": 12, "rank_pattern": {"q_proj": 2}}),
    ("llama", "rank and alpha looked up independently", {
        "target_modules": ["q_proj", "k_proj", "v_proj"], "r": 4, "lora_alpha": 12,
        "rank_pattern": {"q_proj": 2, "v_proj": 6}, "alpha_pattern": {"k_proj": 3, "v_proj": 5}}),
    ("llama", "first pattern in file order wins", {
        "target_modules": ["q_proj"], "r": 4, "lora_alpha": 8,
        "rank_pattern": {r"layers\.1\.self_attn\.q_proj": 3, ".*q_proj": 2, r"layers\.2\.self_attn\.q_proj": 5}}),
    ("llama", "alternation stays inside its pattern", {
        "target_modules": ["q_proj", "v_proj", "k_proj"], "r": 4, "rank_pattern": {"q_proj|v_proj": 2}}),
    ("llama", "anchored pattern", {
        "target_modules": ["q_proj"], "r": 4, "rank_pattern": {r"^model\.layers\.0\.self_attn\.q_proj": 1}}),
    ("llama", "pattern must end at the end", {
        "target_modules": ["q_proj"], "r": 4, "rank_pattern": {"self_attn": 2, "layers": 3}}),
    ("llama", "pattern starts at a segment", {"target_modules": ["q_proj"], "r": 4, "rank_pattern": {"proj": 2}}),
    ("llama", "rank stabilised", {"target_modules": ["q_proj"], "r": 4, "lora_alpha": 12, "use_rslora": True}),
    ("llama", "rank stabilised with patterns", {
        "target_modules": ["q_proj", "k_proj"], "r": 4, "lora_alpha": 12, "use_rslora": True,
        "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"k_proj": 3}}),
    ("llama", "fractional alpha", {"target_modules": ["q_proj"], "r": 4, "lora_alpha": 2.5}),
    ("gpt2", "family default", {}),
    ("gpt2", "suffix hits attention and feed-forward", {"target_modules": ["c_attn", "c_proj"]}),
    ("gpt2", "attention projection only", {"target_modules": ["attn.c_proj"]}),
    ("gpt2", "all linear", {"target_modules": "all-linear"}),
    ("gpt2", "layer filter with h", {
        "target_modules": ["c_fc"], "layers_to_transform": [1], "layers_pattern": ["h"]}),
    ("gpt2", "layer filter without name", {"target_modules": ["c_fc"], "layers_to_transform": [0, 2]}),
    ("gpt2", "rank by two segments", {
        "target_modules": ["c_attn", "c_proj", "c_fc"], "r": 8, "lora_alpha": 16,
        "rank_pattern": {"attn.c_proj": 2, "c_proj": 4}, "alpha_pattern": {r"mlp\.c_.*": 6}}),
    ("gpt2", "regex on transformer", {"target_modules": r"transformer\.h\.[02]\.attn\.c_(attn|proj)"}),
    ("gpt2", "exclude the feed-forward's projection", {
        "target_modules": ["c_proj"], "exclude_modules": ["mlp.c_proj"]}),
]


def new_model(family):
    if family == "llama":
        return transformers.LlamaForCausalLM(LLAMA)
    return transformers.GPT2LMHeadModel(GPT2)


def kind(module):
    if isinstance(module, torch.nn.Linear):
        return "LINEAR"
    if isinstance(module, Conv1D):
        return "CONV1D"
    if isinstance(module, torch.nn.Embedding):
        return "EMBEDDING"
    return "OTHER"


def tree(model):
    head = model.get_output_embeddings()
    modules = []
    for path, module in model.named_modules():
        if not path or next(module.children(), None) is not None:
            continue
        entry = {"path": path, "kind": kind(module), "head": module is head}
        if entry["kind"] == "LINEAR":
            entry["in"], entry["out"] = module.in_features, module.out_features
        elif entry["kind"] == "CONV1D":
            entry["in"], entry["out"] = module.weight.shape
        modules.append(entry)
    return modules


def adapted(family, settings):
    config = peft.LoraConfig(task_type="CAUSAL_LM", **settings)
    try:
        model = peft.get_peft_model(new_model(family), config)
    except ValueError:
        return "error"
    found = []
    for path, module in model.get_base_model().named_modules():
        if isinstance(module, peft.tuners.lora.LoraLayer):
            found.append({
                "path": path, "r": module.r["default"], "alpha": module.lora_alpha["default"],
                "scale": module.scaling["default"],
            })
    return found


def main(target):
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    record = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
        "models": {family: tree(new_model(family)) for family in ("llama", "gpt2")},
        "cases": [
            {
                "name": name, "model": family, "config": {"peft_type": "LORA", **settings},
                "adapted": adapted(family, settings),
            }
            for family, name, settings in CASES
        ],
    }
    lines = json.dumps(record, indent=None, separators=(",", ":"))
    lines = lines.replace('{"name"', '\n{"name"').replace('{"path"', '\n  {"path"')
    with open(target, "w", encoding="utf-8") as file:
        file.write(lines + "\n")
    print(f"{len(CASES)} cases, {sum(case['adapted'] == 'error' for case in record['cases'])} refused by PEFT")


if __name__ == "__main__":
    main(sys.argv[1])
