#!/usr/bin/env python3
"""Post-training quantization of ONNX networks by onnxruntime's quantize_static and by aimet-onnx, for comparison.

For each network and method: seconds and CPU seconds from reading the file to the calibrated network, top-1 on the test images, and
where the tool writes one a QDQ file. `bench/quantization-page` runs it beside Limbeck. Rows that the JSON file has already are not
made again, so an interrupted comparison goes on.

The folder of data holds calibration.npy [images, ...] and test.npy [images, ...] as the networks take them (float32), and labels.npy
[images] (int32). Needs numpy, onnx, onnxruntime and torch; aimet-onnx is left out where it is not installed.
"""
import argparse
import contextlib
import importlib
import json
import logging
import os
import platform
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("networks", nargs="+", metavar="NET.onnx")
parser.add_argument("--data", type=Path, required=True, metavar="DIR")
parser.add_argument("--json", type=Path, required=True, metavar="OUT")
parser.add_argument("--models", type=Path, metavar="DIR", help="where the quantized networks go; default: beside OUT")
parser.add_argument("--only", default="", metavar="TEXT", help="only methods whose label contains this")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--iterations", type=int, default=1000, help="of AdaRound")
options = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy as np  # noqa: E402  (the number of threads must be known before)
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

CALIBRATION_BATCH = 32
TEST_BATCH = 250


@dataclass(frozen=True)
class Method:
    """One row of the comparison: bits are those of the weights, activations have 8."""

    tool: str
    bits: int
    per_channel: bool
    equalize: bool = False
    seq_mse: bool = False
    adaround: bool = False

    @property
    def label(self):
        steps = [name for name in ("equalize", "seq_mse", "adaround") if getattr(self, name)]
        scales = "per channel" if self.per_channel else "per tensor"
        return f"{self.tool} W{self.bits}A8 {scales} {' '.join(steps) or 'plain'}"


def methods():
    """Cheap ones first: the slow ones look at what those gave."""
    both = (False, True)
    yield from (Method("onnxruntime", 8, c) for c in both)
    aimet = [Method("aimet-onnx", bits, c, equalize=e) for bits in (8, 4) for e in both for c in both]
    yield from aimet
    four = [m for m in aimet if m.bits == 4]
    yield from (replace(m, seq_mse=True) for m in four)
    yield from (replace(m, adaround=True) for m in four)
    yield from (Method("aimet-onnx", bits, True, adaround=True) for bits in (3, 2))


def is_hopeless(method, name, rows):
    """Whether 8-bit weights already fail: SeqMSE and AdaRound choose among 4-bit ones and cannot do better."""
    if not (method.seq_mse or method.adaround):
        return False
    eight = replace(method, bits=8, seq_mse=False, adaround=False).label
    return any(row["network"] == name and row["label"] == eight and row["accuracy"] < 0.5 for row in rows)


def session(model):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.add_session_config_entry("session.x64quantprecision", "1")  # sums that do not saturate without VNNI either
    source = model if isinstance(model, (bytes, str)) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, settings, providers=["CPUExecutionProvider"])


def batches(images, size):
    return (images[start : start + size] for start in range(0, len(images), size))


def accuracy(runner, name, test, labels):
    logits = np.concatenate([runner.run(None, {name: batch})[0] for batch in batches(test, TEST_BATCH)])
    return float((logits.argmax(1) == labels).mean())


class Reader:
    """Calibration data as onnxruntime reads it."""

    def __init__(self, name, images):
        self.feeds = ({name: batch} for batch in batches(images, CALIBRATION_BATCH))

    def get_next(self):
        return next(self.feeds, None)


def with_onnxruntime(path, method, calibration, output):
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder:
        prepared = os.path.join(folder, "prepared.onnx")
        quant_pre_process(path, prepared)  # left out, its symbolic shapes take the folding of batch norms with them
        name = onnx.load(prepared).graph.input[0].name
        quantize_static(
            prepared,
            str(output),
            Reader(name, calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=method.per_channel,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
    return lambda: session(str(output))


def aimet_configuration(per_channel):
    """AIMET's defaults: asymmetric activations, symmetric weights."""
    from aimet_onnx.common import quantsim_config

    name = "default_config_per_channel.json" if per_channel else "default_config.json"
    return str(Path(quantsim_config.__file__).parent / name)


def with_aimet(path, method, calibration, output):
    import aimet_onnx
    import torch
    from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight
    from aimet_onnx.cross_layer_equalization import equalize_model

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    np.random.seed(0)
    model = onnx.load(path)
    name = model.graph.input[0].name
    inputs = [{name: batch} for batch in batches(calibration, CALIBRATION_BATCH)]
    if method.equalize:
        equalize_model(model)
    else:
        fold_all_batch_norms_to_weight(model)
    sim = aimet_onnx.QuantizationSimModel(
        model,
        param_type=aimet_onnx.qtype.int(method.bits),
        activation_type="int8",
        config_file=aimet_configuration(method.per_channel),
        session_options_kwargs={"intra_op_num_threads": options.threads},
    )
    if method.seq_mse:
        aimet_onnx.apply_seq_mse(sim, inputs)
    if method.adaround:
        aimet_onnx.apply_adaround(sim, inputs, num_iterations=options.iterations)
    sim.compute_encodings(inputs)

    def written():
        with contextlib.suppress(RuntimeError, NotImplementedError):  # some widths cannot be written as QDQ
            onnx.save(sim.to_onnx_qdq(export_int32_bias=True, prequantize_constants=True), output)
            sim.export(str(output.parent), output.stem + ".aimet", export_model=True)
        return sim.session

    return written


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run(path, method, calibration, test, labels):
    digest = "".join(ch if ch.isalnum() else "-" for ch in method.label)
    output = (options.models or options.json.parent) / f"{Path(path).stem}.{digest}.onnx"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    cpu, start = cpu_seconds(), time.perf_counter()
    tool = with_onnxruntime if method.tool == "onnxruntime" else with_aimet
    finish = tool(path, method, calibration, output)
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    runner = finish()
    row = {
        "network": Path(path).name,
        "label": method.label,
        "tool": method.tool,
        "bits": method.bits,
        "perChannel": method.per_channel,
        "equalize": method.equalize,
        "seqMse": method.seq_mse,
        "adaround": method.adaround,
        "iterations": options.iterations if method.adaround else 0,
        "seconds": round(seconds, 2),
        "cpuSeconds": round(cpu, 2),
        "threads": options.threads,
        "accuracy": accuracy(runner, onnx.load(path).graph.input[0].name, test, labels),
    }
    if output.exists():
        row["model"] = str(output.resolve())
    return row


def versions():
    """Of what can be compared; loads it, so that the first row does not pay for that."""
    importlib.import_module("onnxruntime.quantization.shape_inference")
    found = {"python": platform.python_version(), "onnxruntime": onnxruntime.__version__}
    try:
        import aimet_onnx

        importlib.import_module("aimet_onnx.cross_layer_equalization")
        found["aimet-onnx"] = aimet_onnx.__version__
    except ImportError:
        print("aimet-onnx is not installed; its rows are left out", file=sys.stderr)
    return found


def main():
    logging.disable(logging.WARNING)
    calibration = np.load(options.data / "calibration.npy")
    test = np.load(options.data / "test.npy")
    labels = np.load(options.data / "labels.npy")
    found = versions()
    result = json.loads(options.json.read_text()) if options.json.exists() else {"rows": []}
    result.update(versions=found, calibrationImages=len(calibration), testImages=len(test))
    known = {(row["network"], row["label"]) for row in result["rows"]}
    for method in methods():
        if options.only not in method.label or method.tool not in found:
            continue
        for path in options.networks:
            name = Path(path).name
            if (name, method.label) in known or is_hopeless(method, name, result["rows"]):
                continue
            row = run(path, method, calibration, test, labels)
            print(f"{name}: {row['label']}: {100 * row['accuracy']:.2f} %, {row['seconds']} s", file=sys.stderr)
            result["rows"].append(row)
            part = options.json.with_suffix(".part")
            part.write_text(json.dumps(result, indent=1))
            part.replace(options.json)


main()
