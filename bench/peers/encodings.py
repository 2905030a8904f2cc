#!/usr/bin/env python3
"""Encodings exchanged with aimet-onnx: loads those that Limbeck wrote, and writes its own for Limbeck to read.

The folder holds prepared.onnx and Limbeck's `limbeck-SCALES-VERSION.encodings`, SCALES being tensor or channel; AIMET's go to
`aimet-SCALES-VERSION.encodings`, and top-1 of AIMET's simulation under each to aimet.json. `bench/encodings-page` runs it.
The folder of data holds calibration.npy, test.npy and labels.npy, as for quantization.py. Needs aimet-onnx and numpy.
"""
import argparse
import json
import logging
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=Path)
parser.add_argument("--data", type=Path, required=True, metavar="DIR")
options = parser.parse_args()
logging.disable(logging.WARNING)

import aimet_onnx  # noqa: E402  (it logs while it is loaded)
import numpy as np  # noqa: E402
import onnx  # noqa: E402
from aimet_onnx.common import quantsim_config  # noqa: E402
from aimet_onnx.quantsim import load_encodings_to_sim  # noqa: E402

VERSIONS = ("0.6.1", "1.0.0", "2.0.0")
BATCH = 250

calibration = np.load(options.data / "calibration.npy")
test = np.load(options.data / "test.npy")
labels = np.load(options.data / "labels.npy")


def simulation(scales):
    name = "default_config_per_channel.json" if scales == "channel" else "default_config.json"
    return aimet_onnx.QuantizationSimModel(
        onnx.load(options.folder / "prepared.onnx"),
        param_type="int8",
        activation_type="int8",
        config_file=str(Path(quantsim_config.__file__).parent / name),
    )


def accuracy(sim):
    name = sim.session.get_inputs()[0].name
    found = [sim.session.run(None, {name: test[i : i + BATCH]})[0].argmax(1) for i in range(0, len(test), BATCH)]
    return float((np.concatenate(found) == labels).mean())


rows = []
for scales in ("tensor", "channel"):
    own = simulation(scales)
    own.compute_encodings([{own.session.get_inputs()[0].name: calibration}])
    reached = accuracy(own)
    for version in VERSIONS:
        given = simulation(scales)
        load_encodings_to_sim(given, str(options.folder / f"limbeck-{scales}-{version}.encodings"), strict=False)
        rows.append({"from": "Limbeck", "scales": scales, "version": version, "accuracy": accuracy(given)})
        own.export(str(options.folder), f"aimet-{scales}-{version}", export_model=False, encoding_version=version)
        rows.append({"from": "aimet-onnx", "scales": scales, "version": version, "accuracy": reached})
(options.folder / "aimet.json").write_text(json.dumps({"version": aimet_onnx.__version__, "rows": rows}, indent=1))
