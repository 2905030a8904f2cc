"""Writes the networks of this folder: what PyTorch's exporter makes of small networks, without folding constants."""
import torch
from torch import nn


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.positions = nn.Parameter(torch.randn(1, 17, 8))
        layer = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.head(self.encoder(x)[:, 0])


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish(), nn.AdaptiveAvgPool2d(4))
        self.head = nn.Linear(128, 5)

    def forward(self, x):
        y = nn.functional.interpolate(self.stem(x), scale_factor=2, mode="nearest")
        y = nn.functional.max_pool2d(y, 2)
        return self.head(y.view(y.size(0), -1))


torch.manual_seed(1)
for name, network, opset in (("transformer", Transformer(), 17), ("convolutional", Convolutional(), 13), ("convolutional", Convolutional(), 11)):
    torch.onnx.export(
        network.eval(), torch.randn(2, 3, 32, 32), f"{name}-{opset}.onnx", opset_version=opset, dynamo=False,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, do_constant_folding=False)
