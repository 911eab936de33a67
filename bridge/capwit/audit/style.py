"""How the page looks: light and dark, and a colour for each interface."""

from __future__ import annotations

from typing import Final

COLOURS: Final = 8  # interfaces with a colour of their own: the most frequent ones

# By class: the colour of an interface, in light and in dark.
_PALETTE: Final = (
    ("#4e79c7", "#7fa6ee"), ("#d98324", "#eaa252"), ("#3a9b6d", "#5cc08f"), ("#a35cb8", "#c58ad6"),
    ("#c2992b", "#dcbc58"), ("#2f9fb3", "#5ec6d8"), ("#b8637f", "#dc8ca6"), ("#6d8a3a", "#9cbb63"),
)  # fmt: skip
_STYLE: Final = """\
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2330; --soft: #68728a; --floor: #f3f5f9;
  --lane: #e2e7f1; --line: #c9d0de; --red: #d02c36; --amber: #c77700; --arrow: #414a5e; --plate:
  #ffffffe6; --other: #8a93a6; --on-bar: #fff; LIGHT }
@media (prefers-color-scheme: dark) { :root { --paper: #14171e; --ink: #e6e9f1; --soft: #98a2b8;
  --floor: #1b1f29; --lane: #272d3b; --line: #394255; --red: #ff6b70; --amber: #f0a63c; --arrow:
  #b6c0d6; --plate: #14171ee6; --other: #7d879b; --on-bar: #10131a; DARK } }
body { margin: 0; padding: 20px 24px 40px; background: var(--paper); color: var(--ink); font: 14px/1.5
  system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 20px; margin: 0 0 2px; }
h2 { font-size: 15px; margin: 26px 0 6px; }
p { margin: 2px 0 8px; color: var(--soft); }
p.bad { color: var(--red); }
.scroll { overflow-x: auto; }
svg { display: block; }
svg.heads { position: absolute; }
svg text { font-size: 11px; fill: var(--ink); }
ul.legend { list-style: none; margin: 6px 0 10px; padding: 0; display: flex; flex-wrap: wrap; gap: 4px
  18px; font-size: 12px; color: var(--soft); }
ul.legend svg { display: inline-block; vertical-align: -3px; margin-right: 5px; }
table { border-collapse: collapse; font-size: 13px; }
td, th { text-align: left; padding: 2px 18px 2px 0; vertical-align: top; }
th { color: var(--soft); font-weight: normal; }
.floor { fill: var(--floor); }
.lane { fill: var(--lane); }
.hosts { fill: none; }
svg text.holder { font-size: 13px; font-weight: 600; }
svg text.small { font-size: 10px; fill: var(--soft); }
svg text.trap, td.trap { fill: var(--red); color: var(--red); }
svg text.limit, td.limit { fill: var(--amber); color: var(--amber); }
rect.end { fill: var(--soft); }
rect.end.trap { fill: var(--red); }
rect.end.limit { fill: var(--amber); }
.tick { stroke: var(--line); stroke-dasharray: 1 4; }
svg text.time { font-size: 10px; fill: var(--soft); text-anchor: middle; }
.bar { stroke-width: 1.2; }
.bar.lent { fill-opacity: .25; stroke-dasharray: 3 2; }
svg text.label { pointer-events: none; font-size: 10.5px; paint-order: stroke; stroke: var(--plate);
  stroke-width: 3px; }
svg text.label.in { fill: var(--on-bar); font-weight: 600; stroke: none; }
.grant { fill: var(--paper); }
.held { stroke: none; }
.cut { fill: url(#stripes); stroke: var(--red); }
.cross { stroke: var(--red); stroke-width: 2.4; fill: none; }
.stripe { stroke: var(--red); stroke-width: 2; }
.stripe-back { fill: var(--plate); }
line.revoke { stroke: var(--red); stroke-dasharray: 4 3; }
rect.badge { fill: var(--red); }
svg text.badge { fill: var(--paper); font-weight: 700; text-anchor: middle; font-size: 10px; }
.arrow, path.way { fill: none; stroke: var(--arrow); stroke-width: 1.5; }
.lend.arrow, path.lend { stroke-dasharray: 4 3; }
.head { fill: var(--arrow); }
path.way.severed { stroke: var(--red); }
svg text.severed { fill: var(--red); }
.node { fill: var(--floor); stroke: var(--line); stroke-width: 1.5; }
.node.trap { stroke: var(--red); }
.node.limit { stroke: var(--amber); }
svg text.name { font-size: 13px; font-weight: 600; text-anchor: middle; }
svg text.count { font-size: 10.5px; fill: var(--soft); text-anchor: middle; }
svg text.way { text-anchor: middle; }
.plate { fill: var(--plate); }
.handle:hover .bar { stroke: var(--ink); stroke-width: 2; }
"""


def style_text() -> str:
    """Return the page's style sheet; it holds nothing that comes from a ledger."""
    light = " ".join(f"--i{place}: {light};" for place, (light, _) in enumerate(_PALETTE))
    dark = " ".join(f"--i{place}: {dark};" for place, (_, dark) in enumerate(_PALETTE))
    colours = {f"i{place}": f"i{place}" for place in range(COLOURS)} | {"ix": "other"}
    rules = "".join(
        f".{name} {{ fill: var(--{colour}); stroke: var(--{colour}); }}\n" for name, colour in colours.items()
    )
    return _STYLE.replace("LIGHT", light).replace("DARK", dark) + rules
