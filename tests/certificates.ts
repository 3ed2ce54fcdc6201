/** Certificates of a test, made when it runs. */
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { BasicConstraintsExtension, type JsonGeneralNames } from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR_MS = 3_600_000;

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** Its own certificate. */
  readonly ca: string;
  /** Signs a new key. */
  sign(subject: string, names: JsonGeneralNames): Promise<Pair>;
}

const newKeys = () =>
  crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
const lifetime = () => ({
  notBefore: new Date(Date.now() - HOUR_MS),
  notAfter: new Date(Date.now() + HOUR_MS),
});

export async function authority(name = "CN=Test CA"): Promise<Authority> {
  const keys = await newKeys();
  const own = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    ...lifetime(),
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    ca: own.toString("pem"),
    async sign(subject, names) {
      const { publicKey, privateKey } = await newKeys();
      const made = await X509CertificateGenerator.create({
        subject,
        issuer: own.subject,
        publicKey,
        signingKey: keys.privateKey,
        ...lifetime(),
        signingAlgorithm: ALGORITHM,
        extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
      });
      const key = await crypto.subtle.exportKey("pkcs8", privateKey);
      return { cert: made.toString("pem"), key: PemConverter.encode(key, "PRIVATE KEY") };
    },
  };
}
