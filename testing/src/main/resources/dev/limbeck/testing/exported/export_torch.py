"""Writes the networks of this folder whose names begin with "torch": what PyTorch's exporters make of small networks.

"dynamo" is the exporter that traces with torch.export, "script" the older one. "kept" are those whose batch norms stay nodes.
Needs torch, onnx and onnxscript.
"""
import onnx
import torch
from torch import nn
from torch.nn import functional


def convolution(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs), nn.ReLU6())


class InvertedResidual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        wide = 3 * channels
        self.expand = convolution(channels, wide, 1)
        self.depthwise = convolution(wide, wide, 3, groups=wide)
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, 8, 1), nn.SiLU(), nn.Conv2d(8, wide, 1), nn.Hardsigmoid())
        self.project = nn.Sequential(nn.Conv2d(wide, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        return x + self.project(y * self.squeeze(y))


class Mobile(nn.Module):
    """[n, 3, 24, 24] to [n, 5]"""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            convolution(3, 8, 3, 2), InvertedResidual(8), nn.MaxPool2d(3, 2, 1), InvertedResidual(8), nn.Conv2d(8, 12, 1), nn.Hardswish())
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(12, 5))

    def forward(self, x):
        y = self.features(x)
        up = functional.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)
        return self.head(functional.avg_pool2d(up, 2).mean((2, 3)))


class Transformer(nn.Module):
    """[n, 3, 16, 16] to [n, 6]"""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.positions = nn.Parameter(torch.randn(1, 17, 16))
        self.before = nn.LayerNorm(16)
        self.qkv = nn.Linear(16, 48)
        self.out = nn.Linear(16, 16)
        self.behind = nn.LayerNorm(16)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 24, 0.1, "relu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(16, 6)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        heads = self.qkv(self.before(x)).unflatten(-1, (3, 4, 4)).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2])
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        x = x + self.mlp(self.behind(x))
        return self.head(self.encoder(x)[:, 0])


class Recurrent(nn.Module):
    """[n, 12, 6] to [n, 4]"""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 8, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(16, 8, batch_first=True)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        y, _ = self.lstm(x)
        y, last = self.gru(y)
        return self.head(y[:, -1] + last[0])


def trained(network, x):
    """With statistics of batches, as training leaves them."""
    network.train()
    with torch.no_grad():
        for _ in range(30):
            network(torch.randn(16, *x.shape[1:]))
    return network.eval()


def write(network, x, name, opset=None, optimize=True, dynamo=True, **options):
    batch = {"dynamic_shapes": ({0: torch.export.Dim("n", min=1)},), "optimize": optimize, "external_data": False} if dynamo else {
        "dynamic_axes": {"x": {0: "n"}, "y": {0: "n"}}}
    torch.onnx.export(
        network, (x,), f"{name}.onnx", input_names=["x"], output_names=["y"], opset_version=opset, dynamo=dynamo, **batch, **options)
    model = onnx.load(f"{name}.onnx")
    # Where a node comes from in the program is most of the file.
    for part in [model.graph, *model.functions]:
        for node in part.node:
            del node.metadata_props[:]
            node.doc_string = ""
        del part.value_info[:]
        del part.metadata_props[:]
    for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    onnx.save(model, f"{name}.onnx")


torch.manual_seed(1)
image, small, sequence = torch.randn(2, 3, 24, 24), torch.randn(2, 3, 16, 16), torch.randn(2, 12, 6)
mobile = trained(Mobile(), image)
write(mobile, image, "torch-dynamo-mobile-18", 18)
write(mobile, image, "torch-dynamo-mobile-kept-20", 20, optimize=False)
write(mobile, image, "torch-script-mobile-kept-17", 17, dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
transformer = trained(Transformer(), small)
write(transformer, small, "torch-dynamo-transformer-18", 18)
write(transformer, small, "torch-dynamo-transformer-23", 23)
write(trained(Recurrent(), sequence), sequence, "torch-dynamo-recurrent-18", 18)
