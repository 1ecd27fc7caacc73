import sys

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, interpolate
from torch.utils.data import DataLoader

from dataset import CocoMasks

loader = DataLoader(CocoMasks(sys.argv[1]), batch_size=None, shuffle=True)
net = nn.Sequential(nn.Conv2d(3, 16, 5, padding=2), nn.ReLU(), nn.Conv2d(16, 1, 5, padding=2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(10):
    total = 0.0
    for image, objects in loader:
        pixels = interpolate(image[None], (128, 128), mode="bilinear")
        wanted = interpolate(objects["masks"].any(0).float()[None, None], (128, 128))
        loss = binary_cross_entropy_with_logits(net(pixels), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() / len(loader)
    print(f"epoch {epoch}: loss {total:.4f}")
