#!/usr/bin/env python3
"""Evaluation speed of PyTorch eager on the example's reference network, channels-last, from bytes to logits.

Prints one JSON line: images a second. `bench/evaluation-speed` runs it in turn with Limbeck. Needs torch.
"""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--images", type=int, default=10_000)
parser.add_argument("--passes", type=int, default=3)
parser.add_argument("--batch", type=int, default=250)
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import torch  # noqa: E402  (the number of threads must be known before)

from network import reference  # noqa: E402

torch.set_num_threads(options.threads)
torch.manual_seed(1)
network = reference().to(memory_format=torch.channels_last).eval()
pixels = torch.randint(0, 256, (options.images, 1, 28, 28), dtype=torch.uint8)


@torch.inference_mode()
def evaluate(images):
    logits = []
    for start in range(0, len(images), options.batch):
        batch = images[start : start + options.batch].float().div_(255).sub_(0.5).div_(0.5)
        logits.append(network(batch.contiguous(memory_format=torch.channels_last)))
    return torch.cat(logits)


evaluate(pixels[:1000])
start = time.perf_counter()
for _ in range(options.passes):
    evaluate(pixels)
seconds = time.perf_counter() - start
print(json.dumps({
    "who": f"PyTorch {torch.__version__}",
    "threads": options.threads,
    "imagesPerSecond": round(options.passes * options.images / seconds, 1),
}))
