#!/usr/bin/env python3
"""Quantization-aware training of an ONNX network of classes by brevitas, as Limbeck's --qat trains it.

Batch norms are folded; every convolution and matrix product has weights of so many bits, one learned scale a channel; the input,
activations, sums and poolings have activations of so many bits, one learned scale a tensor, unsigned after a ReLU and with a learned
zero point elsewhere. Scales begin with the least squared error on the calibration images. It learns by what the float network gives,
with the optimizer, schedule and batches of `limbeck quantize --qat`, at a learning rate of its own: scales are learned as they are
here, and by their logarithms there.

Prints one JSON line: top-1 on the test images in floats, before and after the training, and CPU milliseconds a step in floats and
quantized. The folder of data is what `bench/java TrainingData NET.onnx DIR` writes. Needs numpy, onnx, torch and brevitas.
`bench/qat-page` runs it beside Limbeck.
"""
import argparse
import copy
import importlib.metadata
import json
import os
import statistics
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("network", metavar="NET.onnx")
parser.add_argument("--data", type=Path, required=True, metavar="DIR")
parser.add_argument("--bits", type=int, default=4, help="of weights and activations")
parser.add_argument("--epochs", type=float, default=3)
parser.add_argument("--images", type=int, help="of the training and the test images, for a try; default: all")
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--learning-rate", type=float, default=1e-3)
parser.add_argument("--timed-steps", type=int, default=20, help="for the ratio of a quantized step to a float one, in turns")
parser.add_argument("--state", type=Path, metavar="FILE", help="where the training is kept, so that an interrupted one goes on")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy as np  # noqa: E402  (the number of threads must be known before)
import torch  # noqa: E402
from brevitas import nn as qnn  # noqa: E402
from brevitas import quant  # noqa: E402
from brevitas.graph.calibrate import calibration_mode  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils.fusion import fuse_conv_bn_eval  # noqa: E402

import distillation  # noqa: E402
import onnx_network  # noqa: E402

CALIBRATION_BATCH = 64
RECTIFIED = (nn.ReLU, nn.ReLU6)
QUANTIZED_OUTPUT = (*RECTIFIED, nn.Conv2d, nn.BatchNorm2d, onnx_network.Add, nn.AdaptiveAvgPool2d)


def folded(network):
    """Batch norms in the convolutions before them."""
    network = copy.deepcopy(network)
    modules = dict(network.named_modules())
    for node in list(network.graph.nodes):
        if node.op == "call_module" and isinstance(modules[node.target], nn.BatchNorm2d):
            convolution = node.args[0]
            fused = fuse_conv_bn_eval(modules[convolution.target], modules[node.target])
            network.add_submodule(convolution.target, fused)
            node.replace_all_uses_with(convolution)
            network.graph.erase_node(node)
    network.delete_all_unused_submodules()
    network.recompile()
    return network


def quantized(network, bits):
    """A copy with brevitas's layers, not calibrated yet."""
    network = copy.deepcopy(network)
    modules = dict(network.named_modules())
    for node in list(network.graph.nodes):
        if node.op == "placeholder":
            follow(network, node, "input_grid", grid(quant.ShiftedUint8ActPerTensorFloatMSE, bits))
            continue
        if node.op != "call_module":
            continue
        module = modules[node.target]
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            network.add_submodule(node.target, with_grids(module, bits))
        rectified_next = any(isinstance(modules.get(user.target), RECTIFIED) for user in node.users)
        if isinstance(module, QUANTIZED_OUTPUT) and not rectified_next:
            unsigned = isinstance(module, (*RECTIFIED, nn.AdaptiveAvgPool2d))
            kind = quant.Uint8ActPerTensorFloatMSE if unsigned else quant.ShiftedUint8ActPerTensorFloatMSE
            follow(network, node, node.target + "_grid", grid(kind, bits))
    network.recompile()
    return network


def follow(network, node, name, module):
    """Puts a module behind a node."""
    network.add_submodule(name, module)
    with network.graph.inserting_after(node):
        made = network.graph.call_module(name, (node,))
    node.replace_all_uses_with(made, delete_user_cb=lambda user: user is not made)


def grid(kind, bits):
    return qnn.QuantIdentity(act_quant=kind, bit_width=bits)


def with_grids(module, bits):
    weights = {"weight_quant": quant.Int8WeightPerChannelFloatMSE, "weight_bit_width": bits, "bias": module.bias is not None}
    if isinstance(module, nn.Linear):
        made = qnn.QuantLinear(module.in_features, module.out_features, **weights)
    else:
        shape = (module.in_channels, module.out_channels, module.kernel_size, module.stride, module.padding)
        made = qnn.QuantConv2d(*shape, dilation=module.dilation, groups=module.groups, **weights)
    made.load_state_dict(module.state_dict(), strict=False)
    return made


def calibrate(network, images):
    network.eval()
    with torch.no_grad(), calibration_mode(network):
        for batch in images.split(CALIBRATION_BATCH):
            network(batch)


def step_times(networks, teacher, train):
    """CPU milliseconds a step of each, the median, in turns; what they learn is thrown away."""
    runs = [trainer(copy.deepcopy(network), teacher, train, None) for network in networks]
    times = [[] for _ in runs]
    for turn in range(options.timed_steps + 2):
        for run, taken in zip(runs, times):
            start = time.process_time()
            run.advance()
            if turn >= 2:  # the first ones warm up
                taken.append(1000 * (time.process_time() - start))
    return [statistics.median(taken) for taken in times]


def trainer(network, teacher, train, state):
    settings = {"batch": options.batch, "learning_rate": options.learning_rate, "weight_decay": 0, "seed": options.seed}
    return distillation.Distillation(network, teacher, train, options.epochs, **settings, state=state)


def main():
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    calibration, train, test = (distillation.images(options.data, name) for name in ("calibration", "train", "test"))
    train, test = train[: options.images], test[: options.images]
    labels = torch.from_numpy(np.load(options.data / "labels.npy"))[: options.images]
    network = onnx_network.load(options.network)
    teacher = distillation.logits(network, train)
    row = {"tool": "brevitas", "version": importlib.metadata.version("brevitas"), "torch": torch.__version__, "bits": options.bits}
    row["floatAccuracy"] = distillation.accuracy(network, test, labels)
    student = quantized(folded(network), options.bits)
    calibrate(student, calibration)
    row["accuracyBefore"] = distillation.accuracy(student, test, labels)
    row["floatStepMillis"], row["stepMillis"] = step_times([network, student], teacher, train)
    training = trainer(student, teacher, train, options.state)
    row |= {"epochs": options.epochs, "seconds": training.run()}
    row["accuracy"] = distillation.accuracy(student, test, labels)
    print(json.dumps(row))


main()
