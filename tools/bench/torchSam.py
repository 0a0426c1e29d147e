"""The benchmark's steps in PyTorch: SAM as its users write it, a first and a second step. `torchSam.py THREADS`."""

import sys

from sampleServer import missing, serve

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    missing("torch", error)

RHO, LEARNING_RATE, MOMENTUM, CLASSES = 0.05, 1e-4, 0.9, 10


class Sam:
    """SAM around a base optimizer, from the paper: up by rho g / ||g||, and down from the weights by the gradient there."""

    def __init__(self, params, base):
        self.params = list(params)
        self.base = base
        self.saved = []

    @torch.no_grad()
    def first_step(self):
        norm = torch.stack([p.grad.norm() for p in self.params]).norm()
        factor = RHO / (norm + 1e-12)
        self.saved = [p.detach().clone() for p in self.params]
        for p in self.params:
            p.add_(p.grad * factor)
        self.base.zero_grad()

    @torch.no_grad()
    def second_step(self):
        for p, before in zip(self.params, self.saved):
            p.copy_(before)
        self.base.step()
        self.base.zero_grad()


def perceptron(widths):
    layers = [layer for a, b in zip(widths, widths[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def convolutional():
    stage = lambda a, b: [nn.Conv2d(a, b, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*stage(1, 32), *stage(32, 64), nn.Flatten(), nn.Linear(5 * 5 * 64, CLASSES))


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        conv = lambda a, b, size, stride=1: nn.Conv2d(a, b, size, stride, size // 2, bias=False)
        self.body = nn.Sequential(
            conv(a, b, 3, stride), nn.BatchNorm2d(b), nn.ReLU(), conv(b, b, 3), nn.BatchNorm2d(b)
        )
        is_same = stride == 1 and a == b
        self.shortcut = nn.Identity() if is_same else nn.Sequential(conv(a, b, 1, stride), nn.BatchNorm2d(b))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def residual():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    width = 64
    for filters, stride in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        layers += [Block(width, filters, stride), Block(filters, filters, 1)]
        width = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)

    def forward(self, x):
        n, patches, width = x.shape
        split = self.qkv(x).reshape(n, patches, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*split.unbind())
        return self.project(mixed.transpose(1, 2).reshape(n, patches, width))


class VisionTransformer(nn.Module):
    def __init__(self, width=64, depth=2, heads=4, patch=4, side=32):
        super().__init__()
        self.embed = nn.Conv2d(3, width, patch, patch)
        self.position = nn.Parameter(0.02 * torch.randn((side // patch) ** 2, width))
        mlp = lambda: nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
        norm = lambda: nn.LayerNorm(width, eps=1e-6)
        self.parts = nn.ModuleList(
            nn.Sequential(norm(), part) for _ in range(depth) for part in (Attention(width, heads), mlp())
        )
        self.norm = norm()
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2) + self.position
        for part in self.parts:
            x = x + part(x)
        return self.head(self.norm(x).mean(1))


MODELS = {
    "small": (lambda: perceptron([40, 128, 128, CLASSES]), (64, 40)),
    "large": (lambda: perceptron([784, 512, 512, CLASSES]), (128, 784)),
    "cnn": (convolutional, (128, 1, 28, 28)),
    "vit": (VisionTransformer, (32, 3, 32, 32)),
    "resnet18": (residual, (32, 3, 32, 32)),
}


def create(name):
    torch.manual_seed(0)
    make, shape = MODELS[name]
    x = torch.randn(shape)
    y = torch.randint(0, CLASSES, shape[:1])

    def optimized():
        """A model of its own for each subject, as an optimizer writes to its parameters and their gradients."""
        model = make()
        return model, torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)

    def backward(model):
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    def gradient(model, base):
        value = backward(model)
        base.zero_grad()
        return value.item()

    def plain(model, base):
        value = backward(model)
        base.step()
        base.zero_grad()
        return value.item()

    def sharpness_aware(model, optimizer):
        value = backward(model)
        optimizer.first_step()
        backward(model)
        optimizer.second_step()
        return value.item()

    ours, base = optimized()
    wrapped, inner = optimized()
    sam = Sam(wrapped.parameters(), inner)
    return {
        "gradient": lambda: gradient(ours, base),
        "plain": lambda: plain(ours, base),
        "sam": lambda: sharpness_aware(wrapped, sam),
    }


torch.set_num_threads(int(sys.argv[1]))
serve({"library": "torch", "version": torch.__version__, "models": list(MODELS)}, create)
