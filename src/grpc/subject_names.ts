/**
 * Subject alternative names of a certificate, read from its DER.
 *
 * The runtimes give them joined by commas, Deno 2.9.6 without any quoting: a URI with `, URI:spiffe://acme/admin` in
 * it looks like two (Node quotes since CVE-2021-44532).
 *
 * @module
 */
import type { SubjectNames } from "../core/peer_certificate.ts";

/** One DER element. */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** DER tags. */
const SEQUENCE = 0x30;
const OCTETS = 0x04;
/** TBSCertificate's `[3] EXPLICIT Extensions` (RFC 5280 §4.1). */
const EXTENSIONS = 0xa3;
/** id-ce-subjectAltName: 2.5.29.17. */
const SUBJECT_ALT_NAME = "85,29,17";
/** GeneralName, context-specific tags (RFC 5280 §4.2.1.6). */
const KINDS: Readonly<Record<number, "email" | "dns" | "uri" | "ip">> = {
  0x81: "email",
  0x82: "dns",
  0x86: "uri",
  0x87: "ip",
};

/**
 * Reads the names of a certificate in DER.
 *
 * @throws {TypeError} When it is no certificate
 */
export function subjectNames(der: Uint8Array): SubjectNames {
  const names = { uri: [] as string[], dns: [] as string[], email: [] as string[], ip: [] as string[] };
  const [tbs] = elements(only(der, SEQUENCE));
  const extensions = elements(tbs!.content).find(({ tag }) => tag === EXTENSIONS);
  if (extensions === undefined) return names;
  const latin1 = new TextDecoder("latin1");
  for (const { content } of elements(only(extensions.content, SEQUENCE))) {
    const parts = elements(content);
    if (`${parts[0]?.content}` !== SUBJECT_ALT_NAME) continue;
    // A critical flag may stand between.
    const value = parts.at(-1)!;
    if (value.tag !== OCTETS) throw new TypeError("Cannot read a certificate: its names are malformed");
    for (const { tag, content } of elements(only(value.content, SEQUENCE))) {
      const kind = KINDS[tag];
      if (kind !== undefined) names[kind].push(kind === "ip" ? ipText(content) : latin1.decode(content));
    }
  }
  return names;
}

function only(der: Uint8Array, tag: number): Uint8Array {
  const [first] = elements(der);
  if (first?.tag !== tag) throw new TypeError("Cannot read a certificate: it is malformed");
  return first.content;
}

function elements(der: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at++]!;
    let length = der[at++]!;
    if (length >= 0x80) {
      // Long form: so many bytes of length.
      let bytes = length & 0x7f;
      for (length = 0; bytes > 0; bytes--) length = length * 256 + der[at++]!;
    }
    // Not a number, or too large a one, where bytes are missing.
    if (!(at + length <= der.length)) throw new TypeError("Cannot read a certificate: it is cut short");
    found.push({ tag, content: der.subarray(at, at + length) });
    at += length;
  }
  return found;
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) groups.push((bytes[i]! << 8 | bytes[i + 1]!).toString(16));
  return groups.join(":");
}
