#!/usr/bin/env python3
"""Training speed of PyTorch eager on the example's reference network, channels-last, synthetic 28x28 images.

Prints one JSON line: images a second and CPU milliseconds a step. `bench/training-speed` runs it in turn with Limbeck's executor.
Needs torch.
"""
import argparse
import json
import os
import resource
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--steps", type=int, default=60)
parser.add_argument("--batch", type=int, default=128)
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import torch  # noqa: E402  (the number of threads must be known before)
from torch import nn  # noqa: E402

from network import reference  # noqa: E402

torch.set_num_threads(options.threads)
torch.manual_seed(1)

network = reference().to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
images = torch.randn(options.batch, 1, 28, 28).contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, 10, (options.batch,))


def steps(count):
    for _ in range(count):
        loss = nn.functional.cross_entropy(network(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


steps(10)
cpu, start = cpu_seconds(), time.perf_counter()
steps(options.steps)
elapsed, cpu = time.perf_counter() - start, cpu_seconds() - cpu
print(json.dumps({
    "who": f"PyTorch {torch.__version__}",
    "threads": options.threads,
    "imagesPerSecond": round(options.steps * options.batch / elapsed, 1),
    "cpuMillisPerStep": round(1000 * cpu / options.steps, 1),
}))
