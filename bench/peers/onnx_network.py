"""ONNX networks of convolutions as PyTorch modules with the same weights. Needs onnx and torch."""
import onnx
import torch
from onnx import numpy_helper
from torch import nn


class Add(nn.Module):
    def forward(self, a, b):
        return a + b


def load(path, add=Add):
    """A torch.fx.GraphModule, one submodule a node, in evaluation mode; raises ValueError for an operator that is not known here."""
    graph = onnx.load(path).graph
    constants = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants[node.output[0]] = torch.from_numpy(numpy_helper.to_array(node.attribute[0].t).copy())
    root, built = nn.Module(), torch.fx.Graph()
    given = [i.name for i in graph.input if i.name not in constants]
    values = {given[0]: built.placeholder("input")}
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        name = node.output[0].replace(".", "_").replace("/", "_")
        root.add_module(name, module(node, constants, add))
        values[node.output[0]] = built.call_module(name, tuple(values[i] for i in node.input if i in values))
    built.output(values[graph.output[0].name])
    return torch.fx.GraphModule(root, built).eval()


def module(node, constants, add):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    weights = [constants[i] for i in node.input if i in constants]
    if node.op_type == "Conv":
        return convolution(node, attributes, weights)
    if node.op_type == "BatchNormalization":
        scale, shift, mean, variance = weights
        made = nn.BatchNorm2d(len(scale), eps=attributes.get("epsilon", 1e-5), momentum=1 - attributes.get("momentum", 0.9))
        made.load_state_dict({"weight": scale, "bias": shift, "running_mean": mean, "running_var": variance}, strict=False)
        return made
    if node.op_type == "Gemm" and not attributes.get("transA") and {attributes.get(a, 1.0) for a in ("alpha", "beta")} == {1.0}:
        weight = weights[0] if attributes.get("transB") else weights[0].T
        made = nn.Linear(weight.shape[1], weight.shape[0], bias=len(weights) > 1)
        return with_weights(made, [weight.contiguous(), *weights[1:]])
    if node.op_type == "Clip" and [float(w) for w in weights] == [0.0, 6.0]:
        return nn.ReLU6()
    simple = {"Relu": nn.ReLU, "Add": add, "GlobalAveragePool": lambda: nn.AdaptiveAvgPool2d(1), "Flatten": nn.Flatten}
    if node.op_type in simple:
        return simple[node.op_type]()
    raise ValueError(f"node '{node.name}': this form of {node.op_type} is not known here")


def convolution(node, attributes, weights):
    pads = attributes.get("pads", [0, 0, 0, 0])
    if pads[:2] != pads[2:]:
        raise ValueError(f"node '{node.name}': padding {pads} differs between the sides")
    groups = attributes.get("group", 1)
    made = nn.Conv2d(
        weights[0].shape[1] * groups,
        weights[0].shape[0],
        tuple(weights[0].shape[2:]),
        tuple(attributes.get("strides", [1, 1])),
        tuple(pads[:2]),
        tuple(attributes.get("dilations", [1, 1])),
        groups,
        bias=len(weights) > 1,
    )
    return with_weights(made, weights)


def with_weights(made, weights):
    made.load_state_dict(dict(zip(("weight", "bias"), weights)))
    return made
