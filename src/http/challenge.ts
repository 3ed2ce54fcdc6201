/**
 * What an unauthorized caller is told to come back with: `WWW-Authenticate` (RFC 9110, section 11.6.1).
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { toHeaderValue } from "./header_text.ts";

const challenges = new WeakMap<MethodModel, string>();

/** The challenges of a method's schemes; `undefined` for a method without security. */
export function challengeOf(method: MethodModel): string | undefined {
  if (method.security === undefined) return undefined;
  let challenge = challenges.get(method);
  if (challenge === undefined) challenges.set(method, challenge = makeChallenge(method));
  return challenge;
}

function makeChallenge({ service, security = [] }: MethodModel): string {
  const realm = `realm=${quoted(service)}`;
  const all = new Set<string>();
  for (const { schemes, scopes } of security) {
    for (const { scheme } of schemes) {
      const own = scopes.filter((name) => scheme.scopes.some((scope) => scope.name === name));
      // RFC 6750, section 3.
      const scope = own.length === 0 ? "" : `, scope=${quoted(own.join(" "))}`;
      switch (scheme.kind) {
        case "basic":
          all.add(`Basic ${realm}, charset="UTF-8"`);
          break;
        case "api_key":
          // No scheme is registered for keys; the field must be there all the same.
          all.add(`ApiKey ${realm}`);
          break;
        default:
          all.add(`Bearer ${realm}${scope}`);
      }
    }
  }
  return toHeaderValue([...all].join(", "));
}

function quoted(text: string): string {
  return `"${text.replace(/[^\t -\uffff]/g, " ").replace(/["\\]/g, "\\$&")}"`;
}
