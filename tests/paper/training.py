"""training.py - a small network that learns real data with noisy labels, and a spring to hold it.

The data are scikit-learn's digits: 1000 images to learn from, of which a tenth have labels drawn at
random, and 797 with their own labels to test on. The network is convolutional, without batch norm,
so that its weights are all that there is to average. The optimizer is SGD: rate 0.05, momentum
0.9, 16 images a step. All that is random comes from the seed: two runs with one seed see the same
images and labels in the same order.
"""
from collections import OrderedDict

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

SPLIT, TRAINED, NOISY, BATCH = 1, 1000, 0.1, 16
RATE, MOMENTUM = 0.05, 0.9


def data():
    """(images, labels) to learn from and to test on; the split is the same for all seeds."""
    digits = load_digits()
    order = torch.randperm(len(digits.target), generator=torch.Generator().manual_seed(SPLIT))
    images = torch.tensor(digits.images, dtype=torch.float32)[order, None] / 16
    labels = torch.tensor(digits.target)[order]
    return (images[:TRAINED], labels[:TRAINED]), (images[TRAINED:], labels[TRAINED:])


def network():
    """The network, with weights drawn from torch's own generator."""
    return nn.Sequential(OrderedDict(
        conv1=nn.Conv2d(1, 8, 3, padding=1), relu1=nn.ReLU(),
        conv2=nn.Conv2d(8, 16, 3, padding=1), relu2=nn.ReLU(),
        pool=nn.MaxPool2d(2), flat=nn.Flatten(),
        fc1=nn.Linear(256, 32), relu3=nn.ReLU(), fc2=nn.Linear(32, 10)))


def copied(weights):
    """Weights {name: tensor} that live on their own."""
    return {name: w.detach().clone() for name, w in weights.items()}


@torch.no_grad()
def spring(model, average, model_pull, average_pull):
    """One step of the spring: model and average move towards each other, each by its own share of
    their distance. A model that is not pulled has an exponential moving average."""
    for y, z in zip(model.values(), average.values()):
        distance = y - z
        y.sub_(distance, alpha=model_pull)
        z.add_(distance, alpha=average_pull)


def steps(seed, count):
    """Yields (step, weights) before the first step and after each; the weights are the live ones,
    so whoever moves them moves the model."""
    draw = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    (images, labels), _ = data()
    noisy = torch.rand(TRAINED, generator=draw) < NOISY
    labels[noisy] = torch.randint(0, 10, (int(noisy.sum()),), generator=draw)
    net = network()
    weights = dict(net.named_parameters())
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    yield 0, weights
    for step in range(1, count + 1):
        batch = torch.randint(0, TRAINED, (BATCH,), generator=draw)
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
        optimizer.step()
        yield step, weights


class Examiner:
    """Tests weights on the images that no run has learned from."""

    def __init__(self):
        _, (self.images, self.labels) = data()
        self.net = network()

    @torch.no_grad()
    def score(self, weights):
        """(images told right, mean loss)"""
        self.net.load_state_dict(weights)
        out = self.net(self.images)
        loss = nn.functional.cross_entropy(out, self.labels).item()
        return int((out.argmax(1) == self.labels).sum()), loss
