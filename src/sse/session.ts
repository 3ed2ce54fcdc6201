/**
 * An event stream that outlives its connection: what its caller may not have got is kept, and sent again when it comes
 * back.
 *
 * @module
 */
import type { EventBody, EventBodyOptions } from "./body.ts";
import { LAST } from "./resume.ts";

/** What a session needs to know. */
export interface EventSessionOptions {
  readonly token: string;
  /** Whether events have ids of our making, for an `EventSource` to send back. */
  readonly ids: boolean;
  /** ms that the call goes on without a connection. */
  readonly resumeMs: number;
  /** Characters of events kept: beyond it the oldest are forgotten, or, without a connection, the handler waits. */
  readonly resumeBytes: number;
  /** ms for which events are kept at least, if there is room. */
  readonly keepMs: number;
  /** Makes the body of one connection. */
  readonly body: (hooks: Pick<EventBodyOptions, "gone" | "stalled" | "beat">) => EventBody;
  /** Told that nobody came back in time; `stalled` when the caller was there but took nothing. */
  readonly expired: (stalled: boolean) => void;
  /** Told that the caller needs the call no more. */
  readonly canceled: () => void;
  /** Told that the call is over, and everything was sent: its caller may still come back for what did not arrive. */
  readonly sent: (size: number) => void;
  /** Told that it did come back for it. */
  readonly claimed: () => void;
  /** Told that nobody can come back any more. */
  readonly removed: () => void;
}

/** An event stream over many connections. */
export interface EventSession extends Pick<EventBody, "write" | "queued" | "lastTaken"> {
  readonly token: string;
  /** The body of the first connection. */
  open(): EventBody["stream"];
  /** The body of a further connection, for a caller that has so many events; `undefined` when those after are gone. */
  resume(taken: number): EventBody["stream"] | undefined;
  /**
   * Ends the stream, as `end` of a body does.
   *
   * @param closing Whether the server is going: then nobody need be waited for
   */
  end(text: string, closing: boolean): Promise<void>;
  /** The caller needs no more. */
  forget(): void;
  /** Whether the call runs without a connection. */
  paused(): boolean;
}

/** Makes a session. */
export function eventSession(options: EventSessionOptions): EventSession {
  const { token, ids, resumeMs, resumeBytes, keepMs } = options;
  /** Events that are kept, from `head` on. */
  let frames: string[] = [];
  let head = 0;
  let bytes = 0;
  /** How many events are no longer kept, and how many there were when it was last looked at what is old. */
  let base = 0;
  let seen = 0;
  let looked = Date.now();
  /** Events that the caller said to have, when it last came; and when it last stalled. */
  let acknowledged = 0;
  let stalledAt = -1;
  let body: EventBody | undefined;
  let lastTaken = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  let last: string | undefined;
  let closing = false;
  const done = Promise.withResolvers<void>();
  /** Whether the call has ended, and everything was sent. */
  let sent = false;
  let over = false;

  function total(): number {
    return base + frames.length - head;
  }

  /** Forgets events up to the `n`th. */
  function forgetTo(n: number): void {
    for (; base < n; base++) {
      bytes -= frames[head]!.length;
      frames[head++] = "";
    }
    if (head === frames.length || (head >= 1024 && head * 2 >= frames.length)) {
      frames = frames.slice(head);
      head = 0;
    }
  }

  /** Forgets what is too old or too much, while there is a connection: without one it may be all needed. */
  function trim(): void {
    const now = Date.now();
    if (now - looked >= keepMs) {
      forgetTo(Math.max(base, seen));
      seen = total();
      looked = now;
    }
    if (bytes <= resumeBytes) return;
    let [n, left] = [base, bytes];
    for (let at = head; left > resumeBytes && at < frames.length - 1; n++) left -= frames[at++]!.length;
    forgetTo(n);
  }

  function connect(): EventBody {
    const made = options.body({
      gone: () => lost(made, false),
      stalled: () => lost(made, true),
      beat: () => body === made && trim(),
    });
    made.start();
    return body = made;
  }

  function lost(made: EventBody, stalled: boolean): void {
    if (over || body !== made) return;
    lastTaken = made.lastTaken();
    body = undefined;
    if (sent) return options.sent(size());
    if (closing) return release();
    // Once is a connection that died in silence; twice without progress is a caller that reads nothing.
    if (stalled && stalledAt === acknowledged) return expire(true);
    if (stalled) stalledAt = acknowledged;
    timer = setTimeout(() => expire(stalled), resumeMs);
  }

  function expire(stalled: boolean): void {
    release();
    options.expired(stalled);
  }

  function release(): void {
    over = true;
    clearTimeout(timer);
    body?.drop();
    body = undefined;
    frames = [];
    head = bytes = 0;
    // Who waits for room learns from the end of the call why there is none.
    makeRoom();
    done.resolve();
    options.removed();
  }

  function makeRoom(): void {
    room?.resolve();
    room = undefined;
  }

  function finish(made: EventBody): void {
    void made.end(last!).then(() => {
      if (over || body !== made) return;
      if (closing) return release();
      lastTaken = made.lastTaken();
      body = undefined;
      sent = true;
      done.resolve();
      options.sent(size());
    });
  }

  /** Characters that are kept for as long as the caller may come back. */
  function size(): number {
    return bytes + last!.length;
  }

  return {
    token,
    open: () => connect().stream,
    resume(taken) {
      if (over || taken < base || taken > total()) return undefined;
      clearTimeout(timer);
      if (sent) options.claimed();
      const before = body;
      body = undefined;
      before?.drop();
      forgetTo(taken);
      acknowledged = taken;
      const made = connect();
      if (bytes > 0) void made.write(frames.slice(head).join(""));
      if (last !== undefined) finish(made);
      makeRoom();
      return made.stream;
    },
    write(text) {
      if (over || last !== undefined) return;
      const frame = ids ? `id: ${token}.${total() + 1}\n${text}` : text;
      frames.push(frame);
      bytes += frame.length;
      if (body !== undefined) {
        trim();
        return body.write(frame);
      }
      if (bytes < resumeBytes) return;
      return (room ??= Promise.withResolvers<void>()).promise;
    },
    end(text, going) {
      if (over || last !== undefined) return done.promise;
      last = ids ? `id: ${token}.${LAST}\n${text}` : text;
      closing = going;
      makeRoom();
      if (body !== undefined) finish(body);
      else if (going) release();
      return done.promise;
    },
    forget() {
      if (over) return;
      const running = last === undefined;
      release();
      if (running) options.canceled();
    },
    paused: () => body === undefined && !over,
    queued: () => body?.queued() ?? { messages: frames.length - head, bytes },
    lastTaken: () => body?.lastTaken() ?? lastTaken,
  };
}
