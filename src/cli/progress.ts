/**
 * The line on a terminal that tells how far a stream is.
 *
 * @module
 */
import type { CliIo } from "./io.ts";

/** Messages so far. */
export interface Counts {
  /** Items sent; absent where none are. */
  sent?: number;
  /** Results that came; absent where none do. */
  received?: number;
}

/** The progress of one call. */
export interface Progress {
  /** Takes the line away, as something else is about to be written. */
  hide(): void;
  /** Takes it away for good, and tells the totals. */
  end(): void;
}

const INTERVAL_MS = 250;
/** The rate is that of the last two seconds. */
const SAMPLES = 2000 / INTERVAL_MS + 1;
const ERASE = "\r\x1b[2K";
const SILENT: Progress = { hide() {}, end() {} };

/** Shows progress, where there is a terminal to show it on and nobody types on it. */
export function showProgress(io: CliIo, counts: Counts, quiet: boolean): Progress {
  const { terminal } = io;
  const typed = terminal.stdin && counts.sent !== undefined;
  if (quiet || !terminal.stderr || typed) return SILENT;
  const start = performance.now();
  let shown = false;
  const totalNow = () => (counts.sent ?? 0) + (counts.received ?? 0);
  /** What there was at the last times the line was painted. */
  const before = [{ at: start, total: 0 }];

  function paint(): void {
    const now = { at: performance.now(), total: totalNow() };
    before.push(now);
    if (before.length > SAMPLES) before.shift();
    const [oldest] = before;
    const rate = (now.total - oldest!.total) * 1000 / (now.at - oldest!.at);
    io.tell(`${ERASE}${countsText(counts)}, ${rateText(rate)}`);
    shown = true;
  }

  const timer = setInterval(paint, INTERVAL_MS);
  const hide = () => {
    if (shown) io.tell(ERASE);
    shown = false;
  };
  return {
    hide,
    end() {
      clearInterval(timer);
      hide();
      const seconds = (performance.now() - start) / 1000;
      io.tell(`${countsText(counts)} in ${seconds.toFixed(1)} s, ${rateText(totalNow() / seconds)}\n`);
    },
  };
}

const number = (value: number): string => Math.round(value).toLocaleString("en-US");
const rateText = (rate: number): string => `${rate < 10 ? rate.toFixed(1) : number(rate)}/s`;

function countsText({ sent, received }: Counts): string {
  const parts = [];
  if (sent !== undefined) parts.push(`${number(sent)} sent`);
  if (received !== undefined) parts.push(`${number(received)} received`);
  return parts.join(", ");
}
