"""Scenes: textured wholes with parts and subparts in front of a textured background, lit, occluded, with exact masks.

One click on a subpart means the subpart, the part or the whole: the ambiguity the three masks of the model are for
(SAM paper, section 3, "resolving ambiguity").
"""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter

from models.sam.training.rendering.shapes import half_plane, random_kind, silhouette
from models.sam.training.rendering.textures import axis, ramp, random_colour, texture

MIN_SIDE = 6  # pixels of a shape's rectangle


@dataclass
class Scene:
    """RGB uint8 `pixels` [h, w, 3] and the nodes (wholes, parts, subparts), numbered from 1 in the order of painting.

    `labels` [h, w] holds the topmost node of each pixel, 0 for the background. A node's descendants follow it directly:
    node n with all of them is n..last[n]. `areas` are those painted, before anything covered them. Index 0 is unused.
    """

    pixels: np.ndarray
    labels: np.ndarray
    last: list[int] = field(default_factory=lambda: [0])
    depths: list[int] = field(default_factory=lambda: [0])
    areas: list[int] = field(default_factory=lambda: [0])

    def mask(self, node: int) -> np.ndarray:
        """Visible pixels of a node and its descendants, bool [h, w]."""
        return (self.labels >= node) & (self.labels <= self.last[node])

    def visible_areas(self) -> np.ndarray:
        """Number of pixels of every node's mask, int [nodes + 1]."""
        total = np.concatenate([[0], np.cumsum(np.bincount(self.labels.ravel(), minlength=len(self.last)))])
        nodes = np.arange(len(self.last))
        return total[np.array(self.last) + 1] - total[nodes]


@dataclass(frozen=True)
class _Plan:
    """A whole to be painted: its rectangle (y, x, h, w; may leave the picture) and the seed of its looks."""

    rectangle: tuple[int, int, int, int]
    style: int


def render_scene(height: int, width: int, rng: np.random.Generator) -> Scene:
    """A random scene of the given size in pixels."""
    background = texture(height, width, rng)
    if rng.random() < 0.4:
        background += texture(height, width, rng)
        background *= 0.5
    painter = _Painter(background, rng)
    for plan in _plan(height, width, rng):
        painter.paint_whole(plan)
    light = 1 + np.float32(rng.uniform(0, 0.4)) * ramp(height, width, rng)
    noise = np.float32(rng.uniform(0, 9)) * rng.standard_normal((height, width), dtype=np.float32)
    planes = painter.canvas
    planes *= light
    planes += noise
    pixels = np.clip(planes, 0, 255, out=planes).astype(np.uint8).transpose(1, 2, 0)
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 0.8)))
    painter.scene.pixels = np.asarray(picture)
    return painter.scene


def _plan(height: int, width: int, rng: np.random.Generator) -> list[_Plan]:
    """Single objects and now and then a colony of look-alikes; the large mostly behind the small."""
    unit = min(height, width)
    count = int(rng.integers(2, 8))
    sizes = list(np.exp(rng.uniform(np.log(0.1), np.log(0.75), count)))
    styles = [int(rng.integers(2**31)) for _ in sizes]
    if rng.random() < 0.3:
        like = float(np.exp(rng.uniform(np.log(0.06), np.log(0.22))))
        colony = int(rng.integers(4, 13))
        sizes += list(like * rng.uniform(0.75, 1.25, colony))
        styles += [int(rng.integers(2**31))] * colony
    plans = []
    for index in np.argsort(-np.array(sizes) * np.exp(rng.normal(0, 0.4, len(sizes)))):
        stretch = np.exp(rng.uniform(-0.45, 0.45))
        h = max(MIN_SIDE, int(sizes[index] * unit * stretch))
        w = max(MIN_SIDE, int(sizes[index] * unit / stretch))
        y, x = int(rng.uniform(-0.3 * h, height - 0.7 * h)), int(rng.uniform(-0.3 * w, width - 0.7 * w))
        plans.append(_Plan((y, x, h, w), styles[index]))
    return plans


class _Painter:
    """The canvas, float32 planes [3, h, w], and the scene that grows on it."""

    def __init__(self, background: np.ndarray, rng: np.random.Generator) -> None:
        self.canvas = background
        self.scene = Scene(np.zeros(0), np.zeros(background.shape[1:], np.int16))
        self.rng = rng
        angle = rng.uniform(0, 2 * np.pi)
        self.sun = np.cos(angle), np.sin(angle)  # (y, x): shadows and highlights of a scene agree

    def paint_whole(self, plan: _Plan) -> None:
        """A shape, its shadow, and perhaps parts with subparts."""
        rng, style = self.rng, np.random.default_rng(plan.style)
        y, x, h, w = plan.rectangle
        kind = random_kind(style)
        has_parts, has_shadow = style.random() < 0.55, style.random() < 0.4
        coverage = silhouette(h, w, kind, rng)
        shade = self._shade(coverage, style)
        if has_shadow:
            self._shadow(y, x, coverage)
        node = self._paint(y, x, coverage, texture(h, w, style) * shade, depth=0)
        if has_parts:
            self._paint_parts(node, (y, x), coverage, shade, random_colour(style), depth=1)

    def _paint_parts(
        self,
        parent: int,
        corner: tuple[int, int],
        outer: np.ndarray,
        shade: np.ndarray,
        colour: np.ndarray,
        depth: int,
    ) -> None:
        """One to three parts inside `outer`; a part in turn may have subparts."""
        rng = self.rng
        height, width = outer.shape
        for _ in range(int(rng.integers(1, 4 - depth))):
            if rng.random() < 0.25:
                y, x, h, w = 0, 0, height, width
                coverage = half_plane(h, w, rng)
            else:
                h, w = (max(MIN_SIDE, int(side * rng.uniform(0.25, 0.6))) for side in (height, width))
                y, x = (int(rng.integers(max(1, side - s + 1))) for side, s in ((height, h), (width, w)))
                coverage = silhouette(h, w, random_kind(rng), rng)
            inside = slice(y, y + h), slice(x, x + w)
            coverage = np.minimum(coverage[: height - y, : width - x], outer[inside])
            if (coverage >= 128).sum() < 0.04 * outer.size:
                continue
            local = shade[inside]
            base = colour if rng.random() < 0.6 else None  # the parts of a whole often share a colour
            surface = texture(coverage.shape[0], coverage.shape[1], rng, base) * local
            node = self._paint(corner[0] + y, corner[1] + x, coverage, surface, depth)
            if depth == 1 and rng.random() < 0.5:
                place = corner[0] + y, corner[1] + x
                self._paint_parts(node, place, coverage, local, random_colour(rng), depth=2)
            self.scene.last[parent] = len(self.scene.last) - 1

    def _paint(self, y: int, x: int, coverage: np.ndarray, surface: np.ndarray, depth: int) -> int:
        """Blend a surface [3, h, w] over the canvas at (y, x); the new node's number."""
        scene = self.scene
        node = len(scene.last)
        there, inside = self._overlap(y, x, coverage.shape)
        alpha = coverage[inside]
        below = self.canvas[:, *there]
        below += (surface[:, *inside] - below) * (alpha * np.float32(1 / 255))
        solid = alpha >= 128
        scene.labels[there][solid] = node
        scene.last.append(node)
        scene.depths.append(depth)
        # What lies beyond the picture's edge was never painted.
        scene.areas.append(int(solid.sum()))
        return node

    def _overlap(
        self, y: int, x: int, size: tuple[int, ...]
    ) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """The part of a rectangle that lies on the canvas: in the canvas's frame and in the rectangle's."""
        height, width = self.canvas.shape[1:]
        y0, x0 = min(max(y, 0), height), min(max(x, 0), width)
        y1, x1 = max(min(y + size[0], height), y0), max(min(x + size[1], width), x0)
        return (slice(y0, y1), slice(x0, x1)), (slice(y0 - y, y1 - y), slice(x0 - x, x1 - x))

    def _shade(self, coverage: np.ndarray, style: np.random.Generator) -> np.ndarray:
        """Light on a surface [h, w]: flat, sloping or bulging, brighter towards the sun."""
        height, width = coverage.shape
        strength, bulges = np.float32(style.uniform(0, 0.5)), style.random() < 0.4
        if not bulges:
            rows = axis(height)[:, None] * np.float32(strength * self.sun[0])
            return 1 + rows + axis(width) * np.float32(strength * self.sun[1])
        # The slope of the blurred silhouette is that of a cushion.
        soft = Image.fromarray(coverage).filter(ImageFilter.BoxBlur(max(1.0, 0.12 * min(height, width))))
        heights = np.asarray(soft).astype(np.float32) * np.float32(min(height, width) * 0.12 / 255)
        slope_y, slope_x = np.gradient(heights)
        slope = np.float32(self.sun[0]) * slope_y + np.float32(self.sun[1]) * slope_x
        return (1 - 2 * strength * slope).clip(0.3, 1.8)

    def _shadow(self, y: int, x: int, coverage: np.ndarray) -> None:
        size = min(coverage.shape)
        margin = max(2, size // 6)
        wide = Image.fromarray(np.pad(coverage, margin)).filter(ImageFilter.BoxBlur(margin / 2))
        dark = np.asarray(wide)
        shift = [int(-direction * margin * 0.7) - margin for direction in self.sun]
        there, inside = self._overlap(y + shift[0], x + shift[1], dark.shape)
        self.canvas[:, *there] *= 1 - dark[inside] * np.float32(self.rng.uniform(0.2, 0.6) / 255)
