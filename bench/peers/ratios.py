#!/usr/bin/env python3
"""Copies JSON lines of two programs that ran in turns, and adds their ratios, first over second, round by round and in the median."""
import json
import statistics
import sys

lines = []
for line in sys.stdin:
    print(line, end="", flush=True)
    lines.append(json.loads(line))
first, second = lines[0::2], lines[1::2]
for key in [k for k in first[0] if k not in ("who", "threads")]:
    ratios = [a[key] / b[key] for a, b in zip(first, second)]
    rounds = ", ".join(f"{r:.2f}" for r in ratios)
    print(f"{key}: {first[0]['who']} over {second[0]['who']}: median {statistics.median(ratios):.2f} of {rounds}")
