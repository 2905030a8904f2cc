"""Evaluation and training of PyTorch networks as Limbeck does both, for comparison. Needs numpy and torch."""
import math
import sys
import time

import numpy as np
import torch
from torch import nn

EVALUATION_BATCH = 250
REPORT_SECONDS = 10
SAVE_SECONDS = 60
TEMPERATURE = 4.0
WARM_UP_EPOCHS = 0.1
DISTILLATION_WEIGHT = 0.4


def images(folder, name):
    """[images, channels, height, width], as `bench/java TrainingData` wrote them."""
    return torch.from_numpy(np.load(folder / f"{name}.npy"))


def logits(network, batch):
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part) for part in batch.split(EVALUATION_BATCH)])


def accuracy(network, batch, labels):
    return float((logits(network, batch).argmax(1) == labels).float().mean())


def divergence(student, teacher, temperature=1.0):
    """Kullback-Leibler divergence of softened logits in nats, the mean over items; the loss is this times the squared temperature."""
    student, teacher = (nn.functional.log_softmax(x / temperature, 1) for x in (student, teacher))
    return nn.functional.kl_div(student, teacher, log_target=True, reduction="batchmean")


class Distillation:
    """AdamW without augmentation; the learning rate rises for 0.1 epochs, then falls to 0 along a cosine.

    The loss is the divergence from the teacher; where labels are given, 0.4 of it, and 0.6 of their cross-entropy.

    Where a state file is named, it is written each minute, and an interrupted training goes on from it.
    """

    def __init__(self, network, teacher, train, epochs, batch, learning_rate, weight_decay, seed=0, state=None, labels=None):
        self.network, self.targets, self.train, self.labels = network, teacher, train, labels
        self.batch, self.peak, self.seed, self.state = batch, learning_rate, seed, state
        self.steps_per_epoch = len(train) // batch
        self.steps = max(1, round(epochs * self.steps_per_epoch))
        self.warm_up = min(self.steps, round(WARM_UP_EPOCHS * self.steps_per_epoch))
        weights = [p for p in network.parameters() if p.requires_grad and p.dim() > 1]
        others = [p for p in network.parameters() if p.requires_grad and p.dim() <= 1]
        groups = [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=learning_rate)
        self.step, self.seconds = 0, 0.0
        self.order, self.ordered = None, -1

    def run(self):
        """To the end; gives the seconds that all steps took."""
        self.restore()
        saved = said = time.monotonic()
        while self.step < self.steps:
            start = time.monotonic()
            loss = self.advance()
            now = time.monotonic()
            self.seconds += now - start
            if now - said > REPORT_SECONDS:
                speed = self.step * self.batch / self.seconds
                print(f"step {self.step} of {self.steps}, loss {loss:.4f}, {speed:.0f} images/s", file=sys.stderr)
                said = now
            if now - saved > SAVE_SECONDS:
                self.save()
                saved = now
        self.save()
        return self.seconds

    def advance(self):
        items = self.items()
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        answers = self.network(self.train[items])
        loss = divergence(answers, self.targets[items], TEMPERATURE) * TEMPERATURE**2
        if self.labels is not None:
            loss = DISTILLATION_WEIGHT * loss + (1 - DISTILLATION_WEIGHT) * nn.functional.cross_entropy(answers, self.labels[items])
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return loss.item()

    def items(self):
        epoch, position = divmod(self.step, self.steps_per_epoch)
        if epoch != self.ordered:
            self.order = torch.randperm(len(self.train), generator=torch.Generator().manual_seed(1000 * self.seed + epoch))
            self.ordered = epoch
        return self.order[position * self.batch : (position + 1) * self.batch]

    def learning_rate(self):
        if self.step < self.warm_up:
            return self.peak * (self.step + 1) / (self.warm_up + 1)
        done = (self.step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.peak * 0.5 * (1 + math.cos(math.pi * done))

    def save(self):
        if self.state is None:
            return
        part = self.state.with_name(self.state.name + ".part")
        kept = {"step": self.step, "seconds": self.seconds, "network": self.network.state_dict()}
        torch.save({**kept, "optimizer": self.optimizer.state_dict()}, part)
        part.replace(self.state)

    def restore(self):
        if self.state is None or not self.state.exists():
            return
        kept = torch.load(self.state, weights_only=True)
        self.step, self.seconds = kept["step"], kept["seconds"]
        self.network.load_state_dict(kept["network"])
        self.optimizer.load_state_dict(kept["optimizer"])
