/**
 * Charts as SVG: a panel for each scenario, a bar for each peer. Colours are readable on light and on dark ground.
 *
 * @module
 */
import { FAMILIES, titleOf } from "./report.ts";
import type { Figure, Results } from "./results.ts";
import type { Family } from "./scenarios.ts";
import { told } from "./table.ts";

const COLUMNS = 3;
const PANEL = { width: 300, gap: 24, title: 26, bar: 16, bottom: 18 } as const;
const LABEL = 92;
const VALUE = 58;
const TOP = 58;
const COLOURS = {
  text: "#768390",
  base: "#768390",
  peer: "#9aa6b2",
  goats: "#1f9e89",
  spread: "#57606a",
} as const;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A family's chart. */
export function chart(results: Results, family: Family): string {
  const peers = results.peers.filter((peer) => peer.family === family);
  // What a scenario tells first is what is drawn.
  const groups = [
    ...Map.groupBy(results.figures.filter((one) => one.family === family), titleOf).values(),
  ].map((figures) => figures.filter(({ metric }) => metric === figures[0]!.metric));
  const height = (figures: readonly Figure[]) => PANEL.title + figures.length * PANEL.bar + PANEL.bottom;
  const width = COLUMNS * PANEL.width + (COLUMNS - 1) * PANEL.gap;
  const parts: string[] = [];
  let y = TOP;
  for (let from = 0; from < groups.length; from += COLUMNS) {
    const row = groups.slice(from, from + COLUMNS);
    row.forEach((figures, column) => {
      const x = column * (PANEL.width + PANEL.gap);
      parts.push(`<g transform="translate(${x} ${y})">`, ...panel(figures, peers.map(checks)), "</g>");
    });
    y += Math.max(...row.map(height));
  }
  const title = `${FAMILIES[family]}: messages per second, as ratios to ${peers[0]!.name}`;
  const legend = `Medians of ${results.options.rounds} rounds, the line from the lowest to the highest. ` +
    `✓ validates what it receives. Where another unit is given, less is better.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" ` +
    `font-family="system-ui, sans-serif" font-size="11" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<text x="0" y="18" font-size="16" font-weight="bold" fill="${COLOURS.text}">${escaped(title)}</text>`,
    `<text x="0" y="38" fill="${COLOURS.text}">${escaped(legend)}</text>`,
    ...parts,
    "</svg>",
  ].join("\n") + "\n";
}

/** A peer's name, and whether it checks what it receives at all. */
interface Label {
  readonly name: string;
  readonly checked: boolean;
}

function checks({ name, validates }: { name: string; validates: string }): Label {
  return { name, checked: validates !== "no" };
}

function panel(figures: readonly Figure[], labels: readonly Label[]): string[] {
  const ratios = figures[0]!.metric === "rate";
  const valueOf = (figure: Figure) => ratios ? figure.ratio : figure;
  const most = Math.max(...figures.map((figure) => valueOf(figure).high), ratios ? 1 : 0);
  const scale = (PANEL.width - LABEL - VALUE) / most;
  const lines = [
    `<text x="0" y="14" font-size="12" font-weight="bold" fill="${COLOURS.text}">${
      escaped(titleOf(figures[0]!))
    }</text>`,
  ];
  figures.forEach((figure, index) => {
    const { median, low, high } = valueOf(figure);
    const y = PANEL.title + index * PANEL.bar;
    const middle = y + PANEL.bar / 2 - 1;
    const { name, checked } = labels.find((label) => label.name === figure.peer)!;
    const ours = name.startsWith("goats");
    const fill = ours ? COLOURS.goats : index === 0 ? COLOURS.base : COLOURS.peer;
    const at = (value: number) => (LABEL + Math.max(0, value) * scale).toFixed(1);
    const weight = ours ? ` font-weight="bold"` : "";
    const value = ratios ? `${median.toFixed(2)}×` : told(figure.metric, median);
    lines.push(
      `<text x="${LABEL - 6}" y="${y + 11}" text-anchor="end" fill="${COLOURS.text}"${weight}>${
        escaped(checked ? `${name} ✓` : name)
      }</text>`,
      `<rect x="${LABEL}" y="${y + 2}" width="${Math.max(0, median * scale).toFixed(1)}" height="${
        PANEL.bar - 6
      }" rx="2" fill="${fill}"/>`,
      `<path d="M${at(low)} ${middle}H${at(high)}" stroke="${COLOURS.spread}" stroke-width="1.5"/>`,
      `<text x="${(LABEL + Math.max(0, high) * scale + 6).toFixed(1)}" y="${
        y + 11
      }" fill="${COLOURS.text}"${weight}>${escaped(value)}</text>`,
    );
  });
  if (ratios) {
    const x = (LABEL + scale).toFixed(1);
    lines.push(
      `<path d="M${x} ${PANEL.title - 4}V${
        PANEL.title + figures.length * PANEL.bar
      }" stroke="${COLOURS.text}" stroke-dasharray="2 3" opacity="0.45"/>`,
    );
  }
  return lines;
}
