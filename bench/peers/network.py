"""The network of NativeMemory.network() in PyTorch, for the comparisons of speed. Needs torch."""
from torch import nn


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 4, 1)
        self.expand = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        gate = nn.functional.hardsigmoid(self.expand(nn.functional.relu(self.reduce(x.mean((2, 3), keepdim=True)))))
        return x * gate


class InvertedResidual(nn.Module):
    def __init__(self, channels_in, channels_out, stride, expansion=4, kernel=3):
        super().__init__()
        hidden = channels_in * expansion
        self.shortcut = stride == 1 and channels_in == channels_out
        self.layers = nn.Sequential(
            nn.Conv2d(channels_in, hidden, 1, bias=False),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
            nn.Conv2d(hidden, hidden, kernel, stride, kernel // 2, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.Hardswish(),
            SqueezeExcite(hidden),
            nn.Conv2d(hidden, channels_out, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )

    def forward(self, x):
        return x + self.layers(x) if self.shortcut else self.layers(x)


def reference():
    channels, strides = [16, 24, 32, 64, 96], [1, 2, 2, 1]
    layers = [nn.Conv2d(1, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.Hardswish()]
    for stage, stride in enumerate(strides):
        layers.append(InvertedResidual(channels[stage], channels[stage + 1], stride))
        layers.append(InvertedResidual(channels[stage + 1], channels[stage + 1], 1))
    layers += [nn.Conv2d(96, 192, 1, bias=False), nn.BatchNorm2d(192), nn.Hardswish(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, 10)]
    return nn.Sequential(*layers)
