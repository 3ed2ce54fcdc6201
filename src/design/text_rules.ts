/**
 * Goa's formats (pkg/validation.go) as predicates. All run in linear time, whatever a peer sends: no expression here
 * has a quantifier inside a quantifier that could match the same text.
 *
 * @module
 */
import type { FormatName } from "./model.ts";

// RFC 4122 variant, in the four spellings that Goa takes.
const UUID =
  /^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|^\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\}$|^[0-9a-f]{16}[89ab][0-9a-f]{15}$/i;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
const MAC = /^[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2})*$/;
const MAC_DOTTED = /^[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4})+$/;
const RFC1123 =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d (?:[A-Z]{3,5}|GMT[+-]\d{1,2}|[+-]\d{2})$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
// deno-lint-ignore no-control-regex
const NOT_URI = /[\x00-\x20\x7f]|%(?![0-9A-Fa-f]{2})/;
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+$/u;
// deno-lint-ignore no-control-regex
const QUOTED = /^"[^"\\\x00-\x1f]*(?:\\[\x20-\x7e][^"\\\x00-\x1f]*)*"$/;
const LITERAL = /^\[[^\[\]\\\s]+\]$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a year has a month and that a day; the month and the day may be any number. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month !== 2) return day <= DAYS[month - 1]!;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (leap ? 29 : 28);
}

/** Where the day ends that stands at a place of a text, as `dddd-dd-dd`; -1 when none does. */
export function dateEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45) return -1;
  const century = pair(text, at);
  const year = pair(text, at + 2);
  return century >= 0 && year >= 0 && isDay(century * 100 + year, pair(text, at + 5), pair(text, at + 8))
    ? at + 10
    : -1;
}

function isDate(text: string): boolean {
  return text.length === 10 && dateEnd(text, 0) === 10;
}

const HYPHEN = 45;
const DOT = 46;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isLetter(code: number): boolean {
  return (code | 32) >= 97 && (code | 32) <= 122;
}

/** The number that two digits of a text make; -1 when they are none. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** Whether a text has `dd:dd` at a place, the time of a day. */
function hasTime(text: string, at: number): boolean {
  const hour = pair(text, at);
  return hour >= 0 && hour <= 23 && text.charCodeAt(at + 2) === 58 && hasSixty(text, at + 3);
}

/** Whether a text has `dd` below sixty at a place. */
function hasSixty(text: string, at: number): boolean {
  const value = pair(text, at);
  return value >= 0 && value <= 59;
}

/**
 * Where the time ends that stands at a place of a text; -1 when none does. RFC 3339 section 5.6; like Go's time package,
 * upper case and no leap second. By hand: messages have times, and an expression takes several times as long.
 */
export function dateTimeEnd(text: string, at: number): number {
  // dddd-dd-ddTdd:dd:dd and a zone.
  if (text.length < at + 20 || text.charCodeAt(at + 10) !== 84 || text.charCodeAt(at + 16) !== 58) return -1;
  if (dateEnd(text, at) === -1 || !hasTime(text, at + 11) || !hasSixty(text, at + 17)) return -1;
  at += 19;
  if (text.charCodeAt(at) === 46) {
    const fraction = ++at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === fraction) return -1;
  }
  const zone = text.charCodeAt(at);
  if (zone === 90) return at + 1;
  return (zone === 43 || zone === 45) && hasTime(text, at + 1) ? at + 6 : -1;
}

function isDateTime(text: string): boolean {
  return dateTimeEnd(text, 0) === text.length;
}

function isRfc1123(text: string): boolean {
  const match = RFC1123.exec(text);
  return match !== null && isDay(Number(match[3]), MONTHS.indexOf(match[2]!) / 3 + 1, Number(match[1]));
}

/** Labels of letters, digits and hyphens within, at most 63 of them each (RFC 1123 section 2.1), and maybe a last dot. */
function isHostname(text: string): boolean {
  const end = text.endsWith(".") ? text.length - 1 : text.length;
  if (end === 0 || end > 253) return false;
  let start = 0;
  for (let i = 0; i <= end; i++) {
    const code = i === end ? DOT : text.charCodeAt(i);
    if (isDigit(code) || isLetter(code)) continue;
    if (code === HYPHEN && i > start) continue;
    // A label ends, which must not be empty.
    if (code !== DOT || i === start || i - start > 63 || text.charCodeAt(i - 1) === HYPHEN) return false;
    start = i + 1;
  }
  return true;
}

function isIPv4(text: string): boolean {
  // No longer, and no garbage is looked through.
  if (text.length > 15) return false;
  let dots = 0;
  /** -1: no digit yet. */
  let octet = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code)) {
      if (octet === 0) return false;
      octet = octet === -1 ? code - 48 : octet * 10 + code - 48;
      if (octet > 255) return false;
    } else if (code === DOT && octet !== -1) {
      dots++;
      octet = -1;
    } else return false;
  }
  return dots === 3 && octet !== -1;
}

// RFC 4291 section 2.2, without zones.
function isIPv6(text: string): boolean {
  if (text.length > 45) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (let h = 0; h < halves.length; h++) {
    if (halves[h] === "") {
      if (halves.length === 1) return false;
      continue;
    }
    const parts = halves[h]!.split(":");
    for (let i = 0; i < parts.length; i++) {
      const last = h === halves.length - 1 && i === parts.length - 1;
      if (GROUP.test(parts[i]!)) groups++;
      else if (last && isIPv4(parts[i]!)) groups += 2;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

function isCidr(text: string): boolean {
  const slash = text.indexOf("/");
  if (slash < 0) return false;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (!OCTET.test(bits)) return false;
  return isIPv4(address) ? Number(bits) <= 32 : isIPv6(address) && Number(bits) <= 128;
}

// EUI-48, EUI-64 and InfiniBand's 20 octets.
function isMac(text: string): boolean {
  if (text.length > 59) return false;
  const octets = MAC.test(text)
    ? (text.length + 1) / 3
    : MAC_DOTTED.test(text)
    ? (text.length + 1) / 5 * 2
    : 0;
  return octets === 6 || octets === 8 || octets === 20;
}

/** By code: what an atom of an address is made of (RFC 5322), as far as it is ASCII. */
export const ATOM_CODES: Uint8Array = new Uint8Array(128);
for (const code of new TextEncoder().encode("!#$%&'*+-/=?^_`{|}~")) ATOM_CODES[code] = 1;
for (let code = 0; code < 128; code++) {
  if (/[A-Za-z0-9]/.test(String.fromCharCode(code))) ATOM_CODES[code] = 1;
}

/** As most addresses are: atoms of ASCII with dots between them, on both sides of an `@`. */
function isPlainEmail(text: string): boolean {
  let at = -1;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128 && ATOM_CODES[code] === 1) continue;
    // An atom ends, which must not be empty.
    if (i === start || code !== 46 && (code !== 64 || at !== -1)) return false;
    if (code === 64) at = i;
    start = i + 1;
  }
  return at !== -1 && start < text.length;
}

// RFC 5322 addr-spec, with or without a display name before `<addr>`.
function isEmail(text: string): boolean {
  if (isPlainEmail(text)) return true;
  let address = text.trim();
  if (address.endsWith(">")) {
    const open = address.lastIndexOf("<");
    if (open < 0) return false;
    address = address.slice(open + 1, -1);
  }
  const at = address.lastIndexOf("@");
  if (at < 1) return false;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return (QUOTED.test(local) || local.split(".").every((atom) => ATOM.test(atom))) &&
    (LITERAL.test(domain) || domain.split(".").every((atom) => ATOM.test(atom)));
}

// What Go's url.ParseRequestURI takes: an absolute URI or an absolute path.
function isUri(text: string): boolean {
  if (NOT_URI.test(text)) return false;
  if (text.startsWith("/")) return true;
  const scheme = SCHEME.exec(text)?.[0];
  return scheme !== undefined && text.length > scheme.length;
}

function isRegexp(text: string): boolean {
  try {
    compilePattern(text);
    return true;
  } catch {
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The predicate of each format. */
export const FORMATS: Readonly<Record<FormatName, (text: string) => boolean>> = {
  "date": isDate,
  "date-time": isDateTime,
  "uuid": (text) => UUID.test(text),
  "email": isEmail,
  "hostname": isHostname,
  "ipv4": isIPv4,
  "ipv6": isIPv6,
  "ip": (text) => isIPv4(text) || isIPv6(text),
  "uri": isUri,
  "mac": isMac,
  "cidr": isCidr,
  "regexp": isRegexp,
  "json": isJson,
  "rfc1123": isRfc1123,
};

/**
 * Compiles a pattern of a design: as Unicode where that is possible, with the two Go spellings that JavaScript lacks
 * (`(?P<name>…)` and leading flags such as `(?i)`). Throws a SyntaxError.
 */
export function compilePattern(source: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(source);
  const body = (leading ? source.slice(leading[0].length) : source).replaceAll("(?P<", "(?<");
  const flags = leading ? [...new Set(leading[1])].join("") : "";
  try {
    return new RegExp(body, flags + "u");
  } catch {
    // Not Unicode syntax, such as an escape that only plain expressions know.
    return new RegExp(body, flags);
  }
}
