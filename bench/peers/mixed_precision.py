#!/usr/bin/env python3
"""AIMET's automatic mixed precision (aimet-onnx) on an ONNX network of classes: what the networks on its greedy list reach.

Phase 1 quantizes each of AIMET's quantizer groups alone to each candidate and sorts these by the SQNR of the output on calibration
images; phase 2 goes down that list. For every budget the first network of the list within it is told, with its bit-operations relative to
the network of 8 bits, and its top-1 on the test images.

The folder of data holds calibration.npy [images, ...] and test.npy [images, ...] as the network takes them (float32), and labels.npy
[images] (int32). Needs numpy, onnx, onnxruntime and aimet-onnx. `bench/mixed-precision-page` runs it beside Limbeck.
"""
import argparse
import itertools
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("network", metavar="NET.onnx")
parser.add_argument("--data", type=Path, required=True, metavar="DIR")
parser.add_argument("--json", type=Path, required=True, metavar="OUT")
parser.add_argument("--bits", type=int, nargs="+", default=[8, 4], help="of weights and activations; all pairs are candidates")
parser.add_argument("--budgets", type=float, nargs="+", default=[0.5, 0.35])
parser.add_argument("--images", type=int, default=128, help="that groups are judged by")
parser.add_argument("--cache", metavar="DIR", help="where AIMET keeps its lists, so that an interrupted run goes on")
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402  (the number of threads must be known before)
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

CALIBRATION_BATCH = 32
TEST_BATCH = 250


def outputs(session, name, images, size):
    return np.concatenate([session.run(None, {name: images[i : i + size]})[0] for i in range(0, len(images), size)])


def simulation(path):
    import aimet_onnx
    from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight
    from aimet_onnx.common import quantsim_config

    model = onnx.load(path)
    fold_all_batch_norms_to_weight(model)
    return aimet_onnx.QuantizationSimModel(
        model,
        param_type=aimet_onnx.qtype.int(8),
        activation_type="int8",
        quant_scheme="tf_enhanced",  # ranges by the mean squared error
        config_file=str(Path(quantsim_config.__file__).parent / "default_config_per_channel.json"),
        session_options_kwargs={"intra_op_num_threads": 1},
    )


def main():
    from aimet_onnx.amp.quantizer_groups import find_quantizer_group
    from aimet_onnx.common.amp.utils import AMPSearchAlgo
    from aimet_onnx.common.defs import CallbackFunc, QuantizationDataType
    from aimet_onnx.mixed_precision import choose_mixed_precision

    logging.disable(logging.WARNING)
    calibration = np.load(options.data / "calibration.npy")
    test = np.load(options.data / "test.npy")
    labels = np.load(options.data / "labels.npy")
    sim = simulation(options.network)
    name = sim.session.get_inputs()[0].name
    floats = outputs(onnxruntime.InferenceSession(options.network), name, calibration[: options.images], TEST_BATCH)

    def sqnr(images):
        def of(session, _=None):
            noise = np.square(floats[:images] - outputs(session, name, calibration[:images], TEST_BATCH)).mean()
            return float(10 * np.log10(np.square(floats[:images]).mean() / (noise + 1e-12)))

        return of

    def calibrate(images):
        return lambda session, _=None: outputs(session, name, calibration[:images], CALIBRATION_BATCH)

    integer = QuantizationDataType.int
    candidates = [((a, integer), (w, integer)) for a, w in itertools.product(options.bits, options.bits)]
    sim.compute_encodings(calibrate(len(calibration)))
    with tempfile.TemporaryDirectory() as folder:
        # phase 2 only has to walk down the list; the networks that are told are calibrated on all images below
        steps = choose_mixed_precision(
            sim,
            candidates,
            eval_callback_for_phase1=sqnr(options.images),
            eval_callback_for_phase2=sqnr(min(options.images, CALIBRATION_BATCH)),
            allowed_accuracy_drop=None,
            results_dir=options.cache or folder,
            clean_start=options.cache is None,
            forward_pass_callback=CallbackFunc(calibrate(CALIBRATION_BATCH)),
            use_all_amp_candidates=True,
            amp_search_algo=AMPSearchAlgo.BruteForce,
        )
    quantizers, groups = find_quantizer_group(sim)
    for group in groups:
        group.set_quantizers_to_candidate(quantizers, max(candidates, key=lambda c: c[0][0] * c[1][0]))
    rows = []
    budgets = sorted(options.budgets, reverse=True)
    for share, _, group, candidate in steps:
        group.set_quantizers_to_candidate(quantizers, candidate)
        if budgets and share <= budgets[0]:
            while budgets and share <= budgets[0]:
                budgets.pop(0)
            sim.compute_encodings(calibrate(len(calibration)))
            accuracy = float((outputs(sim.session, name, test, TEST_BATCH).argmax(1) == labels).mean())
            rows.append({"share": share, "accuracy": accuracy})
            print(f"{share:.4f} of the bit-operations: {100 * accuracy:.2f} %", file=sys.stderr)
    part = options.json.with_suffix(".part")
    part.write_text(json.dumps(rows, indent=1))
    part.replace(options.json)


main()
