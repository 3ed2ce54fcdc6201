/**
 * How connections are doing, asked when somebody looks.
 *
 * @module
 */
import type { Vitals } from "./exchange.ts";

/** What is asked; see {@linkcode Vitals}. */
export interface VitalsSource {
  /** Default: it is not measured. */
  rtt?(): number | undefined;
  /** Default: never. */
  paused?(): boolean;
  /** Default: it is no WebSocket. */
  close?(): Vitals["close"];
  lastSeen(): number;
  buffered(): Vitals["buffered"];
}

/** A class, for the reason that shared_accessors.ts tells. */
class LiveVitals implements Vitals {
  readonly wire: Vitals["wire"];
  readonly #source: VitalsSource;

  constructor(wire: Vitals["wire"], source: VitalsSource) {
    this.wire = wire;
    this.#source = source;
  }

  get lastSeen(): number {
    return this.#source.lastSeen();
  }

  get buffered(): Vitals["buffered"] {
    return this.#source.buffered();
  }

  get rtt(): number | undefined {
    return this.#source.rtt?.();
  }

  get paused(): boolean {
    return this.#source.paused?.() ?? false;
  }

  get close(): Vitals["close"] {
    return this.#source.close?.();
  }
}

/** Makes the vitals of a connection. */
export function vitals(wire: Vitals["wire"], source: VitalsSource): Vitals {
  return new LiveVitals(wire, source);
}
