"""Loads an adapter that Inlay wrote in PEFT and compares the logits.

Usage: python tools/golden/check_with_peft.py MODEL ADAPTER IDS LOGITS

IDS is a JSON list of equally long lists of token ids; LOGITS is what `inlay logits --model MODEL --adapter ADAPTER
--tokens IDS --out LOGITS` wrote. Ends with 1 if a logit differs by more than 1e-4, or if PEFT reports a key that is
missing or unexpected. Needs torch, transformers, peft and safetensors.
"""

import json
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 1e-4


def main(model, adapter, ids, logits):
    base = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    base.eval()
    with open(ids, encoding="utf-8") as file:
        tokens = torch.tensor(json.load(file))
    with torch.no_grad():
        plain = base(tokens).logits
        adapted = peft.get_peft_model(base, peft.PeftConfig.from_pretrained(adapter))
        result = adapted.load_adapter(adapter, "default")
        adapted.eval()
        expected = adapted(tokens).logits
    lost = [key for key in result.missing_keys if "lora_" in key] + list(result.unexpected_keys)
    found = load_file(logits)["logits"]
    difference = (found - expected).abs().max().item()
    effect = (expected - plain).abs().max().item()
    print(f"greatest difference {difference:.2e}, the adapter changes logits by up to {effect:.2e}, keys lost: {lost}")
    return 1 if lost or difference > TOLERANCE or effect == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
