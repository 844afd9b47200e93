// The part of the policy document that says who must have signed.
import type { Field, ObjectSchema } from '../schema/schema.ts';

/** A signer as Sigstore knows it: a key, or an identity in a certificate. */
export const signerFields = {
  key: {
    about: {
      en: "File with the signer's public key in PEM, relative to this file.",
      de: 'Datei mit dem öffentlichen Schlüssel des Unterzeichners in PEM, relativ zu dieser Datei.',
    },
    schema: { kind: 'text', format: 'path' },
  },
  certificateIdentity: {
    about: {
      en: 'Identity in the certificate, compared exactly: an e-mail address or the URI of a workflow.',
      de: 'Identität im Zertifikat, genau verglichen: eine E-Mail-Adresse oder die URI eines Workflows.',
    },
    schema: { kind: 'text', format: 'line' },
  },
  certificateIdentityRegexp: {
    about: {
      en: 'The same as a regular expression that must match the whole identity.',
      de: 'Dasselbe als regulärer Ausdruck, der auf die ganze Identität passen muss.',
    },
    schema: { kind: 'text', format: 'regexp' },
  },
  oidcIssuer: {
    about: {
      en: 'Issuer that vouched for the identity, compared exactly. Needed with an identity.',
      de: 'Aussteller, der für die Identität bürgt, genau verglichen. Nötig bei einer Identität.',
    },
    schema: { kind: 'text', format: 'line' },
  },
  trustedRoot: {
    about: {
      en: 'File with the trusted root (authorities, logs, time stamps) in the format of Sigstore. Needed with an identity.',
      de: 'Datei mit der Vertrauenswurzel (Zertifizierungsstellen, Logs, Zeitstempel) im Format von Sigstore. Nötig bei einer Identität.',
    },
    schema: { kind: 'text', format: 'path' },
  },
  requireLog: {
    about: {
      en: 'The signature must be in a log of the trusted root.',
      de: 'Die Signatur muss in einem Log der Vertrauenswurzel stehen.',
    },
    schema: { kind: 'flag' },
    fallback: false,
  },
  requireTimestamp: {
    about: {
      en: 'The signature needs a time stamp of an authority of the trusted root.',
      de: 'Die Signatur braucht einen Zeitstempel einer Stelle der Vertrauenswurzel.',
    },
    schema: { kind: 'flag' },
    fallback: false,
  },
} as const satisfies Readonly<Record<string, Field>>;

/** Groups of `signerFields` of which exactly one is given, and what an identity needs beside it. */
export const signerRules = {
  oneOf: [['key', 'certificateIdentity', 'certificateIdentityRegexp']],
  needs: [
    ['certificateIdentity', 'oidcIssuer'],
    ['certificateIdentity', 'trustedRoot'],
    ['certificateIdentityRegexp', 'oidcIssuer'],
    ['certificateIdentityRegexp', 'trustedRoot'],
    ['requireLog', 'trustedRoot'],
    ['requireTimestamp', 'trustedRoot'],
  ],
} as const;

/** One signer or group of signers, of either world. */
export const anchorSchema = {
  kind: 'object',
  oneOf: [['cosign', 'notation']],
  fields: {
    cosign: {
      about: {
        en: 'Signed by this signer, in any format of cosign or Sigstore.',
        de: 'Von diesem Unterzeichner signiert, in einem Format von cosign oder Sigstore.',
      },
      schema: {
        kind: 'object',
        ...signerRules,
        fields: {
          ...signerFields,
          annotations: {
            about: {
              en: 'Annotations that must be in the signed content.',
              de: 'Anmerkungen, die im signierten Inhalt stehen müssen.',
            },
            schema: { kind: 'textMap' },
          },
        },
      },
    },
    notation: {
      about: {
        en: "Signed so that the Notary Project's trust policy and trust store accept it.",
        de: 'So signiert, dass Trust Policy und Trust Store des Notary Project es annehmen.',
      },
      schema: {
        kind: 'object',
        fields: {
          trustPolicy: {
            about: {
              en: "Notation's trustpolicy.json, as it is.",
              de: 'Die trustpolicy.json von Notation, wie sie ist.',
            },
            schema: { kind: 'text', format: 'path' },
            required: true,
          },
          trustStore: {
            about: { en: "Notation's folder `truststore`.", de: 'Der Ordner `truststore` von Notation.' },
            schema: { kind: 'text', format: 'path' },
            required: true,
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;
