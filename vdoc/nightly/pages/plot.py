"""A trend as an SVG line plot, made on the server without a library.

Owns the layout. Colours come from the style sheet. Nothing is said by colour alone: the second line
is dashed, a change has a sign and a word, and the page has the same figures as a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from vdoc.nightly.conditions import same_firmware
from vdoc.nightly.pages.curves import Curve, Point

_WIDTH, _HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 30, 34
_GRID_LINES = 4
_HEADROOM = 1.08
_LABEL_PX = 46


@dataclass(frozen=True, slots=True)
class _Scale:
    """From nights and values to places in the drawing."""

    nights: int
    step: float
    steps: int

    def x(self, night: int) -> float:
        span = _WIDTH - _LEFT - _RIGHT
        return _LEFT + span * (night + 0.5) / max(1, self.nights)

    def y(self, value: float) -> float:
        share = value / (self.step * self.steps)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def plot(curve: Curve) -> str:
    """Return the plot as one SVG element with a title and a description."""
    scale, title_id = _scale(curve.points), f"plot-{curve.name}"
    parts = [
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-labelledby="{title_id} {title_id}-desc">',
        f'<title id="{title_id}">{escape(curve.title)}</title>',
        f'<desc id="{title_id}-desc">{escape(described(curve))}</desc>',
        *_grid(curve, scale),
        *_firmware(curve.points, scale),
        *_series(curve, scale),
        *_marks(curve.points, scale),
        "</svg>",
    ]
    return "".join(parts)


def described(curve: Curve) -> str:
    """Return a plot in words."""
    known = curve.known
    values = [point.value for point in known if point.value is not None]
    if not values:
        return "No run has measured it."
    unit = f" {curve.unit}" if curve.unit else ""
    span = f"{min(values):.3g} to {max(values):.3g}{unit}, {values[-1]:.3g}{unit} in the newest"
    changes = [f"{p.change} on {p.run.started:%Y-%m-%d}" for p in known if p.change]
    words = [f"{curve.lines[0]} of {len(known)} {'run' if len(known) == 1 else 'runs'}: {span}"]
    words += [f"changed beyond noise: {', '.join(changes)}"] if changes else []
    words += [curve.creeps] if curve.creeps else []
    return f"{'; '.join(words)}."


def _scale(points: Sequence[Point]) -> _Scale:
    values = [v for p in points for v in (p.value, p.upper) if v is not None]
    top = max(values, default=0.0) * _HEADROOM or 1.0
    rough = top / _GRID_LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    return _Scale(len(points), step, max(1, math.ceil(top / step)))


def _grid(curve: Curve, scale: _Scale) -> Iterator[str]:
    for number in range(scale.steps + 1):
        value = number * scale.step
        y = scale.y(value)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>'
    if curve.unit:
        yield f'<text x="{_LEFT - 6}" y="{_TOP - 16}" text-anchor="end">{curve.unit}</text>'
    each = max(1, math.ceil(_LABEL_PX * scale.nights / (_WIDTH - _LEFT - _RIGHT)))
    for night in range(scale.nights - 1, -1, -each):
        day = curve.points[night].run.started
        x, y = scale.x(night), _HEIGHT - _BOTTOM + 18
        yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{day:%m-%d}</text>'


def _firmware(points: Sequence[Point], scale: _Scale) -> Iterator[str]:
    for night in range(1, len(points)):
        run = points[night].run
        if not same_firmware(points[night - 1].run, run):
            x = (scale.x(night - 1) + scale.x(night)) / 2
            yield (
                f'<line class="firmware" x1="{x:.1f}" y1="{_TOP - 8}" '
                f'x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}"/>'
                f'<text class="firmware" x="{x + 3:.1f}" y="{_TOP - 10}">'
                f"{_printable(run.firmware_version)}</text>"
            )


def _series(curve: Curve, scale: _Scale) -> Iterator[str]:
    lower = [point.value for point in curve.points]
    upper = [point.upper for point in curve.points]
    for kind, values in (("second", upper), ("first", lower)):
        yield from _line(kind, values, scale)
    for night, point in enumerate(curve.points):
        if point.value is not None:
            words = _words(curve, point)
            x, y = scale.x(night), scale.y(point.value)
            yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{words}</title>'
            yield "</circle>"
        if point.upper is not None:
            x, y = scale.x(night), scale.y(point.upper)
            yield f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>'


def _line(kind: str, values: Sequence[float | None], scale: _Scale) -> Iterator[str]:
    """Yield a line for each stretch of nights without a gap."""
    for known, nights in groupby(range(len(values)), key=lambda n: values[n] is not None):
        places = [f"{scale.x(n):.1f} {scale.y(values[n] or 0.0):.1f}" for n in nights]
        if known and len(places) > 1:
            yield f'<path class="{kind}" d="M{" L".join(places)}"/>'


def _marks(points: Sequence[Point], scale: _Scale) -> Iterator[str]:
    for night, point in enumerate(points):
        x = f"{scale.x(night):.1f}"
        if not point.run.comparable:
            base = _HEIGHT - _BOTTOM - 3
            yield f'<text class="gap" x="{x}" y="{base}" text-anchor="middle">void</text>'
        if point.change and point.value is not None:
            y = max(_TOP + 4, scale.y(point.value) - 9)
            sign = "▲" if point.change == "slower" else "▼"
            yield (
                f'<text class="{point.change}" x="{x}" y="{y:.1f}" '
                f'text-anchor="middle">{sign} {point.change}</text>'
            )


def _words(curve: Curve, point: Point) -> str:
    unit = f" {curve.unit}" if curve.unit else ""
    words = f"{point.run.started:%Y-%m-%d}: {curve.lines[0]} {point.value:.4g}{unit}"
    if point.upper is not None:
        words += f", {curve.lines[1]} {point.upper:.4g}{unit}"
    return escape(words)


def _printable(text: str) -> str:
    """Return text that SVG may hold; control characters are replaced."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in text))
