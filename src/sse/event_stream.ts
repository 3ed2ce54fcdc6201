/**
 * The event stream format: text/event-stream of the WHATWG HTML standard, §9.2.5 and §9.2.6. Pure: text in, text out.
 *
 * @module
 */

/** One event: only the fields that were written in its block. */
export interface ServerEvent {
  /** `data`; several lines are joined by line feeds. An `EventSource` does not see events without. */
  readonly data?: string;
  /** `id`; `""` forgets the last one. */
  readonly id?: string;
  /** `event`; without it, or when it is `""`, an `EventSource` takes the event for a `message`. */
  readonly type?: string;
  /** `retry`: decimal digits. */
  readonly retry?: string;
  /**
   * The event is a message though it has no data: goats' own field `no-data`, which others ignore, as they do such
   * events.
   */
  readonly noData?: boolean;
  /** The server is going, and has ended the stream with this event: a field of goats' own, `goats-lost`. */
  readonly lost?: boolean;
}

/** An event whose block has not ended. */
type Block = { -readonly [K in keyof ServerEvent]: ServerEvent[K] };

/** What keeps a silent stream alive: a comment. It ends no block, so that parsers of blocks see nothing of it. */
export const HEARTBEAT = ":\n";

/** Whether a field other than `data` can have the value: it is one line, and an id with NUL is ignored. */
export function isOneLine(value: string): boolean {
  return !/[\r\n\0]/.test(value);
}

/**
 * Writes an event. Fields other than `data` must be one line.
 *
 * @param event An event with one field at least
 */
export function encodeEvent({ id, type, retry, data, noData, lost }: ServerEvent): string {
  let text = "";
  if (id !== undefined) text += `id: ${id}\n`;
  if (type !== undefined) text += `event: ${type}\n`;
  if (retry !== undefined) text += `retry: ${retry}\n`;
  if (data !== undefined) {
    text += data.includes("\n") || data.includes("\r")
      ? data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("")
      : `data: ${data}\n`;
  }
  if (noData) text += "no-data\n";
  if (lost) text += "goats-lost\n";
  return `${text}\n`;
}

/** Reads an event stream piece by piece. */
export interface EventStreamParser {
  /** Takes a piece of the text, cut anywhere, and gives the events that it completes. */
  push(piece: string): readonly ServerEvent[];
  /** What `Last-Event-ID` is to say: the id of the last block that had one; `""` without. */
  lastEventId(): string;
  /** Characters held of the event that is not complete yet. */
  held(): number;
}

const DIGITS = /^[0-9]+$/;

/** Makes a parser of one stream. What follows the last blank line is no event (§9.2.6). */
export function eventStreamParser(): EventStreamParser {
  let started = false;
  /** The start of a line whose end has not come. */
  let pending = "";
  /** Whether the last piece ended in CR, so that a LF is no line of its own. */
  let afterReturn = false;
  let block: Block | undefined;
  let lastEventId = "";

  function take(line: string, events: ServerEvent[]): void {
    if (line === "") return dispatch(events);
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
    switch (name) {
      case "data":
        block ??= {};
        block.data = block.data === undefined ? value : `${block.data}\n${value}`;
        break;
      case "event":
        (block ??= {}).type = value;
        break;
      case "id":
        if (!value.includes("\0")) (block ??= {}).id = value;
        break;
      case "retry":
        if (DIGITS.test(value)) (block ??= {}).retry = value;
        break;
      case "no-data":
        (block ??= {}).noData = true;
        break;
      case "goats-lost":
        (block ??= {}).lost = true;
    }
  }

  function dispatch(events: ServerEvent[]): void {
    if (block === undefined) return;
    if (block.id !== undefined) lastEventId = block.id;
    events.push(block);
    block = undefined;
  }

  return {
    push(piece) {
      const events: ServerEvent[] = [];
      if (piece === "") return events;
      let at = 0;
      if (!started) {
        started = true;
        if (piece.charCodeAt(0) === 0xfeff) at = 1;
      }
      if (afterReturn && at < piece.length) {
        afterReturn = false;
        if (piece.charCodeAt(at) === 0x0a) at++;
      }
      let feed = piece.indexOf("\n", at);
      let back = piece.indexOf("\r", at);
      // Only what is new is searched: a line that comes in many pieces costs no more than one that comes whole.
      for (;;) {
        if (feed >= 0 && feed < at) feed = piece.indexOf("\n", at);
        if (back >= 0 && back < at) back = piece.indexOf("\r", at);
        const end = feed < 0 ? back : back < 0 ? feed : Math.min(feed, back);
        if (end < 0) break;
        const line = pending + piece.slice(at, end);
        pending = "";
        at = end + 1;
        if (end === back) {
          if (at === piece.length) afterReturn = true;
          else if (piece.charCodeAt(at) === 0x0a) at++;
        }
        take(line, events);
      }
      pending += piece.slice(at);
      return events;
    },
    lastEventId: () => lastEventId,
    held() {
      const { data = "", id = "", type = "" } = block ?? {};
      return pending.length + data.length + id.length + type.length;
    },
  };
}
