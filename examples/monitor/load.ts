/**
 * What this machine is doing, on every system that Deno runs on. Needs `--allow-sys=cpus,systemMemoryInfo`, and
 * `loadavg` where a system does not tell what its CPUs do.
 *
 * @module
 */
/** What all CPUs did since the machine started, in ms. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** Reads the CPUs' counters. Node's modules are loaded for the first reading only: they are a good part of a start. */
export async function cpuTimes(): Promise<CpuTimes> {
  const { cpus } = await import("node:os");
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busy += working;
    total += working + times.idle;
  }
  return { busy, total };
}

/** Share of their time, in percent, that the CPUs were busy between two readings. */
export function cpuUsage(before: CpuTimes, after: CpuTimes): number {
  const total = after.total - before.total;
  if (total > 0) return percent(after.busy - before.busy, total);
  // No counters (some containers, some phones): how many processes wait for a CPU tells about the same.
  return percent(Deno.loadavg()[0] ?? 0, navigator.hardwareConcurrency);
}

/** Share of the memory, in percent, that is in use. */
export function memoryUsage(): number {
  const { total, available } = Deno.systemMemoryInfo();
  return percent(total - available, total);
}

function percent(part: number, whole: number): number {
  return Math.min(100, Math.max(0, 100 * part / whole));
}
