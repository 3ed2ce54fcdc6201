/**
 * Frames of calls that leave together. `node:http2` writes the headers of a call at once, and what follows them in turns
 * of their own: three writes for the answer of a unary call, each a system call that takes as long as all else that is
 * done for it.
 *
 * @module
 */

/** The part of a session that is used. `node:http2` lets these two of its socket's methods through, while it has one. */
export interface Session {
  readonly destroyed: boolean;
  readonly socket: { cork(): void; uncork(): void };
}

/** The part of a stream at the server that is used. */
interface Stream {
  readonly session?: Session;
  respond(...args: unknown[]): void;
}

/** With more calls than these, the peer would wait for work that it could have. */
const CALLS = 8;

/** Headers leave in this turn, messages in the next one, trailers in the one after it. */
const TURNS = 3;

/** How many calls have begun to write to a session in these turns. */
const begun = new WeakMap<Session, number>();

/**
 * To be called before the headers of a call are written. Those of a call that is alone leave at once, so that its peer
 * wakes up while the rest is made; what others write in the same turn leaves together.
 */
export function joinCalls(session: Session): void {
  if (session.destroyed) return;
  const calls = begun.get(session) ?? 0;
  begun.set(session, calls + 1);
  // Bound to the socket by `node:http2`: they outlive the session, which then has none.
  const { cork, uncork } = session.socket;
  if (calls === 0) {
    let turns = 0;
    setImmediate(function end() {
      const many = begun.get(session)! > 1;
      if (many && ++turns < TURNS) return void setImmediate(end);
      begun.delete(session);
      if (many) uncork();
    });
    return;
  }
  if (calls % CALLS === 0) uncork();
  if (calls === 1 || calls % CALLS === 0) cork();
}

/** Joins what answers a call with the answers of others on its connection. */
export function joinAnswer(stream: Stream): void {
  const { respond } = stream;
  const respondTogether: Stream["respond"] = (...args) => {
    if (stream.session !== undefined) joinCalls(stream.session);
    respond.apply(stream, args);
  };
  stream.respond = respondTogether;
}
