#!/usr/bin/env python3
"""Spatial SVD or channel pruning of an ONNX network of classes by aimet-torch, then finetuning as Limbeck finetunes.

AIMET chooses ratios greedily. Layers are judged as `limbeck compress` judges them: by how far answers on validation images diverge
from the whole network's. Channel pruning reconstructs weights from the calibration images. The first convolution, which reads the
image, keeps its channels. The smaller network then learns what the whole one gives, and from labels, with the loss, optimizer, schedule and
batches of `limbeck compress --epochs`, once with each seed.

Prints one JSON line: operations relative to the whole network's, top-1 on the test images of the whole network, and of the smaller
one before and after each finetuning. The folder of data is what `bench/java TrainingData NET.onnx DIR` writes. Needs numpy, onnx, torch
and aimet-torch. `bench/compression-page` runs it beside Limbeck.
"""
import argparse
import contextlib
import copy
import importlib.metadata
import json
import logging
import os
import sys
import warnings
from decimal import Decimal
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("network", metavar="NET.onnx")
parser.add_argument("--data", type=Path, required=True, metavar="DIR")
parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where work is kept, so that an interrupted one goes on")
parser.add_argument("--scheme", choices=["spatial-svd", "channel-pruning"], required=True)
parser.add_argument("--ratio", type=float, default=0.5, help="of the operations that may be left")
parser.add_argument("--multiple", type=int, default=1, help="that ranks or channels are rounded to")
parser.add_argument("--candidates", type=int, default=10, help="of ratios, one more than a layer is judged at")
parser.add_argument("--judges", type=int, default=500, help="validation images that each candidate is judged by")
parser.add_argument("--epochs", type=float, required=True, help="of finetuning; 0 for none")
parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the finetuning, one after the other")
parser.add_argument("--images", type=int, help="of the training and the test images, for a try; default: all")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy as np  # noqa: E402  (the number of threads must be known before)
import torch  # noqa: E402
from aimet_torch.common.defs import CompressionScheme, CostMetric, GreedySelectionParameters  # noqa: E402
from aimet_torch.compress import ModelCompressor  # noqa: E402
from aimet_torch.defs import ChannelPruningParameters, SpatialSvdParameters  # noqa: E402
from aimet_torch.nn.modules.custom import Add  # noqa: E402
from torch import nn  # noqa: E402

import distillation  # noqa: E402
import onnx_network  # noqa: E402

RECONSTRUCTION_BATCH = 50
SAMPLES_AN_IMAGE = 10  # that AIMET takes
SCORES = Path("data/greedy_selection_eval_scores_dict.pkl")  # where AIMET keeps the scores of layers, in the current folder


def parameters(network, calibration):
    scores = str(SCORES) if SCORES.exists() else None
    greedy = GreedySelectionParameters(Decimal(options.ratio), options.candidates, saved_eval_scores_dict=scores)
    if options.scheme == "spatial-svd":
        return SpatialSvdParameters(SpatialSvdParameters.Mode.auto, SpatialSvdParameters.AutoModeParams(greedy), options.multiple)
    first = next(m for m in network.modules() if isinstance(m, nn.Conv2d))
    few = calibration[: len(calibration) // RECONSTRUCTION_BATCH * RECONSTRUCTION_BATCH]
    pairs = torch.utils.data.TensorDataset(few, torch.zeros(len(few)))
    return ChannelPruningParameters(
        torch.utils.data.DataLoader(pairs, RECONSTRUCTION_BATCH),
        SAMPLES_AN_IMAGE * len(few),
        False,
        ChannelPruningParameters.Mode.auto,
        ChannelPruningParameters.AutoModeParams(greedy, [first]),
        options.multiple,
    )


def compress(network, calibration, judges):
    """The smaller network, and its operations relative to the whole one's."""
    expected = distillation.logits(network, judges)

    def score(candidate, _iterations=None, use_cuda=False):
        return -float(distillation.divergence(distillation.logits(candidate, judges), expected))

    schemes = {"spatial-svd": CompressionScheme.spatial_svd, "channel-pruning": CompressionScheme.channel_pruning}
    small, statistics = ModelCompressor.compress_model(
        network,
        eval_callback=score,
        eval_iterations=None,
        input_shape=(1, *calibration.shape[1:]),
        compress_scheme=schemes[options.scheme],
        cost_metric=CostMetric.mac,
        parameters=parameters(network, calibration),
    )
    return small, float(statistics.mac_compression_ratio)


def main():
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore", module="torch|aimet_torch")
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    data = {name: distillation.images(options.data, name) for name in ("calibration", "validation", "train", "test")}
    train, test = data["train"][: options.images], data["test"][: options.images]
    labels, train_labels = (
        torch.from_numpy(np.load(options.data / f"{name}.npy")).long()[: options.images] for name in ("labels", "train-labels")
    )
    network = onnx_network.load(options.network, Add)
    row = {"tool": "aimet-torch", "version": importlib.metadata.version("aimet-torch"), "scheme": options.scheme}
    row |= {"multiple": options.multiple, "epochs": options.epochs, "accuracyBefore": distillation.accuracy(network, test, labels)}
    options.state.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(options.state), contextlib.redirect_stdout(sys.stderr):
        small, row["ratio"] = compress(network, data["calibration"], data["validation"][: options.judges])
    row["accuracyBeforeFinetuning"] = distillation.accuracy(small, test, labels)
    if options.epochs > 0:
        teacher = distillation.logits(network, train)
        settings = {"batch": 64, "learning_rate": 1e-3, "weight_decay": 0.01, "labels": train_labels}
        row["accuracies"] = []
        for seed in options.seeds:
            student, state = copy.deepcopy(small), options.state / f"seed-{seed}.state"
            distillation.Distillation(student, teacher, train, options.epochs, **settings, seed=seed, state=state).run()
            row["accuracies"].append(distillation.accuracy(student, test, labels))
    print(json.dumps(row))


main()
