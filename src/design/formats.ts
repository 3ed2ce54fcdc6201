/**
 * The formats that `Format` takes.
 *
 * @module
 */

/** An RFC 3339 date. */
export const FormatDate = "date" as const;

/** An RFC 3339 date and time. */
export const FormatDateTime = "date-time" as const;

/** An RFC 4122 UUID. */
export const FormatUUID = "uuid" as const;

/** An RFC 5322 address. */
export const FormatEmail = "email" as const;

/** An RFC 1035 host name. */
export const FormatHostname = "hostname" as const;

/** An IPv4 address. */
export const FormatIPv4 = "ipv4" as const;

/** An IPv6 address. */
export const FormatIPv6 = "ipv6" as const;

/** An IPv4 or IPv6 address. */
export const FormatIP = "ip" as const;

/** An RFC 3986 URI. */
export const FormatURI = "uri" as const;

/** An IEEE 802 MAC-48, EUI-48 or EUI-64 address. */
export const FormatMAC = "mac" as const;

/** A CIDR address range (RFC 4632, RFC 4291). */
export const FormatCIDR = "cidr" as const;

/** A regular expression. */
export const FormatRegexp = "regexp" as const;

/** JSON text. */
export const FormatJSON = "json" as const;

/** An RFC 1123 date and time. */
export const FormatRFC1123 = "rfc1123" as const;
