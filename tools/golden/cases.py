"""Token rows and the logits that transformers and peft compute for them."""

import torch

from models import VOCABULARY

ROW_LENGTHS = (24, 17)
GREEDY_PROMPT = 6
GREEDY_TOKENS = 24


def rows(seed: int, lengths: tuple[int, ...] = ROW_LENGTHS) -> list[torch.Tensor]:
    """Rows of different lengths; ids 0 to 2 are control tokens and stay out."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(3, VOCABULARY, (length,), generator=generator) for length in lengths]


@torch.no_grad()
def logits(model: torch.nn.Module, ids: torch.Tensor) -> torch.Tensor:
    """[tokens, vocabulary] of one row alone, without padding."""
    return model(input_ids=ids.unsqueeze(0), use_cache=False).logits[0]


def row_logits(model: torch.nn.Module, token_rows: list[torch.Tensor], suffix: str = "logits") -> dict:
    return {f"row{i}.{suffix}": logits(model, ids) for i, ids in enumerate(token_rows)}


def greedy(model: torch.nn.Module, prompt: torch.Tensor) -> dict:
    """Best tokens step by step, each from a pass over the whole row, and the gap to the second best."""
    ids, gaps = prompt, []
    for _ in range(GREEDY_TOKENS):
        best = logits(model, ids)[-1].topk(2)
        gaps.append(round(float(best.values[0] - best.values[1]), 6))
        ids = torch.cat([ids, best.indices[:1]])
    return {
        "prompt": prompt.tolist(),
        "tokens": ids[len(prompt) :].tolist(),
        "gaps": gaps,
        "smallest_gap": min(gaps),
        "stops_at_eos": False,
    }
