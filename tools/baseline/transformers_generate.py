"""Generates greedily from prompts of one length with transformers and prints its speed as one JSON line."""

import statistics
import time
from argparse import Namespace

import torch
from transformers.generation.streamers import BaseStreamer

import job


class Clock(BaseStreamer):
    """The time of every generated token; the first call of `generate` hands over the prompt."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def main() -> None:
    parser = job.arguments(__doc__)
    parser.add_argument("--rows", type=int, default=1, help="prompts that are continued together")
    parser.add_argument("--prompt", type=int, default=32, help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=100, help="tokens to generate of each row")
    parser.add_argument("--driver", choices=("loop", "generate"), default="loop", help="own minimal loop or `generate`")
    parser.add_argument("--warm-up", type=int, default=1, help="runs that are not timed")
    parser.add_argument("--runs", type=int, default=5, help="timed runs")
    options = parser.parse_args()
    model = job.load(options).eval()
    prompt = job.token_ids(options.rows, options.prompt, model.config.vocab_size)
    drive = {"loop": by_loop, "generate": by_generate}[options.driver]
    runs = [drive(model, prompt, options.tokens) for _ in range(options.warm_up + options.runs)]
    summarise(options, runs[options.warm_up :])


@torch.inference_mode()
def by_loop(model: torch.nn.Module, prompt: torch.Tensor, count: int) -> tuple[list[int], list[float]]:
    """The first row's tokens and the seconds from the start until each of them."""
    started = time.perf_counter()
    tokens, times = [], []
    ids, cache = prompt, None
    while len(tokens) < count:
        out = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache, ids = out.past_key_values, out.logits[:, -1].argmax(dim=-1, keepdim=True)
        tokens.append(int(ids[0]))
        times.append(time.perf_counter() - started)
    return tokens, times


@torch.inference_mode()
def by_generate(model: torch.nn.Module, prompt: torch.Tensor, count: int) -> tuple[list[int], list[float]]:
    model.generation_config.eos_token_id = None
    clock = Clock()
    started = time.perf_counter()
    out = model.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        do_sample=False,
        max_new_tokens=count,
        streamer=clock,
    )
    return out[0, prompt.shape[1] :].tolist(), [moment - started for moment in clock.times[1:]]


def summarise(options: Namespace, runs: list[tuple[list[int], list[float]]]) -> None:
    """tokens_per_s counts the whole run; decode_tokens_per_s the tokens after the first; both those of all rows."""
    after_first = options.rows * (options.tokens - 1)
    job.report(
        options,
        tokens_per_s=round(options.rows * options.tokens / statistics.median(times[-1] for _, times in runs), 2),
        decode_tokens_per_s=round(after_first / statistics.median(t[-1] - t[0] for _, t in runs), 2),
        first_token_s=round(statistics.median(times[0] for _, times in runs), 4),
        runs=len(runs),
        rows=options.rows,
        prompt=options.prompt,
        driver=options.driver,
        tokens=runs[0][0],
    )


if __name__ == "__main__":
    main()
