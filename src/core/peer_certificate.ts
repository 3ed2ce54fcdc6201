/**
 * Who the peer is, by a certificate.
 *
 * @module
 */

/** A certificate of the peer, which the transport has verified: it is signed by a CA that the server trusts. */
export interface PeerCertificate {
  /**
   * What the subject is made of, by abbreviated name: `{ O: ["Acme"], CN: ["alice"] }`. A record without prototype.
   * Names are as the CA let them pass; `sans` are what it vouches for.
   */
  readonly subject: Readonly<Record<string, readonly string[]>>;
  /** The same of who signed it. */
  readonly issuer: Readonly<Record<string, readonly string[]>>;
  /** Subject alternative names, whole: SPIFFE ids are among the `uri`s. */
  readonly sans: SubjectNames;
  /** Serial number, in hexadecimal digits. */
  readonly serialNumber: string;
  /** SHA-256 of the certificate, in lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** When it begins to be valid. */
  readonly validFrom: Date;
  /** When it ceases to be valid. */
  readonly validTo: Date;
  /** The certificate itself, in DER. */
  readonly raw: Uint8Array;
}

/** Subject alternative names by kind. */
export interface SubjectNames {
  /** Uniform resource identifiers. */
  readonly uri: readonly string[];
  /** Host names. */
  readonly dns: readonly string[];
  /** E-mail addresses. */
  readonly email: readonly string[];
  /** IP addresses; of version 6 in full, e.g. `2001:db8:0:0:0:0:0:1`. */
  readonly ip: readonly string[];
}
