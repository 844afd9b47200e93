// The policy test document: cases of subject, evidence and the decision expected.
import type { ObjectSchema, ValueOf } from '../schema/schema.ts';

const line = { kind: 'text', format: 'line' } as const;
const texts = { kind: 'list', of: line } as const;

const verdict = {
  about: { en: 'How it was judged.', de: 'Wie sie beurteilt wurde.' },
  schema: { kind: 'text', values: ['verified', 'rejected', 'undecidable'] },
  fallback: 'verified',
} as const;
const anchor = {
  about: {
    en: 'The anchor that judged it, as the policy writes it: key file, identity or trust policy. Absent: every anchor it could be.',
    de: 'Der Anker, der sie beurteilt hat, wie die Policy ihn schreibt: Schlüsseldatei, Identität oder Trust Policy. Fehlt er: jeder mögliche.',
  },
  schema: line,
} as const;
const signer = {
  about: {
    en: 'Who signed; signers of different names are different ones. Absent: the anchor.',
    de: 'Wer signiert hat; Unterzeichner mit verschiedenen Namen sind verschiedene. Fehlt es: der Anker.',
  },
  schema: line,
} as const;

const signatureSchema = {
  kind: 'object',
  fields: {
    anchor,
    verdict,
    signer,
    format: {
      about: { en: 'Its format.', de: 'Ihr Format.' },
      schema: { kind: 'text', values: ['bundle', 'tag', 'jws', 'cose'] },
      fallback: 'bundle',
    },
  },
} as const satisfies ObjectSchema;

const attestationSchema = {
  kind: 'object',
  fields: {
    type: {
      about: { en: 'Type, as the policy writes it.', de: 'Typ, wie die Policy ihn schreibt.' },
      schema: line,
      required: true,
    },
    anchor,
    verdict,
    signer,
    signedAt: {
      about: { en: 'The proved time of its signature.', de: 'Die nachgewiesene Zeit ihrer Signatur.' },
      schema: { kind: 'text', format: 'instant' },
    },
    predicate: { about: { en: 'What it says.', de: 'Was sie aussagt.' }, schema: { kind: 'any' } },
  },
} as const satisfies ObjectSchema;

const findingSchema = {
  kind: 'object',
  fields: {
    vulnerability: {
      about: { en: 'Its id.', de: 'Ihre Kennung.' },
      schema: line,
      required: true,
    },
    aliases: { about: { en: 'Its further ids.', de: 'Ihre weiteren Kennungen.' }, schema: texts },
    severity: {
      about: { en: 'Its severity.', de: 'Ihr Schweregrad.' },
      schema: { kind: 'text', values: ['unknown', 'negligible', 'low', 'medium', 'high', 'critical'] },
      fallback: 'unknown',
    },
    kev: {
      about: { en: 'Known to be exploited.', de: 'Bekanntermaßen ausgenutzt.' },
      schema: { kind: 'flag' },
      fallback: false,
    },
    epss: {
      about: { en: 'Probability of exploitation.', de: 'Wahrscheinlichkeit der Ausnutzung.' },
      schema: { kind: 'number', least: 0, most: 1 },
    },
    packages: { about: { en: 'Names of its packages.', de: 'Namen ihrer Pakete.' }, schema: texts },
    fixedVersions: { about: { en: 'Versions that fix it.', de: 'Versionen, die sie beheben.' }, schema: texts },
    published: {
      about: { en: 'When it was published.', de: 'Wann sie veröffentlicht wurde.' },
      schema: { kind: 'text', format: 'instant' },
    },
  },
} as const satisfies ObjectSchema;

const packageSchema = {
  kind: 'object',
  fields: {
    name: { about: { en: 'Its name.', de: 'Sein Name.' }, schema: line, required: true },
    version: { about: { en: 'Its version.', de: 'Seine Version.' }, schema: line, fallback: '0' },
    licences: { about: { en: 'Its licences as declared.', de: 'Seine Lizenzen, wie angegeben.' }, schema: texts },
  },
} as const satisfies ObjectSchema;

const scanSchema = {
  kind: 'object',
  fields: {
    state: {
      about: { en: 'How far the scan came.', de: 'Wie weit der Scan kam.' },
      schema: { kind: 'text', values: ['assessed', 'partial', 'unassessable', 'stale'] },
      fallback: 'assessed',
    },
    causes: { about: { en: 'Why not further.', de: 'Warum nicht weiter.' }, schema: texts },
    comparedInWhole: {
      about: {
        en: 'Only derived or approximate advisory data keep the state from being `assessed`.',
        de: 'Nur abgeleitete oder angenäherte Daten verhindern den Stand `assessed`.',
      },
      schema: { kind: 'flag' },
      fallback: false,
    },
    knowsKev: {
      about: { en: 'There was data about known exploitation.', de: 'Es gab Daten über bekannte Ausnutzung.' },
      schema: { kind: 'flag' },
      fallback: true,
    },
    knowsEpss: {
      about: { en: 'There was EPSS data.', de: 'Es gab EPSS-Daten.' },
      schema: { kind: 'flag' },
      fallback: true,
    },
    findings: {
      about: { en: 'What was found.', de: 'Was gefunden wurde.' },
      schema: { kind: 'list', of: findingSchema },
    },
    packages: {
      about: { en: 'What is in the image.', de: 'Was im Image ist.' },
      schema: { kind: 'list', of: packageSchema },
    },
  },
} as const satisfies ObjectSchema;

const configSchema = {
  kind: 'object',
  fields: {
    user: { about: { en: 'USER.', de: 'USER.' }, schema: { kind: 'text' } },
    exposedPorts: { about: { en: 'Exposed ports.', de: 'Angegebene Ports.' }, schema: texts },
    labels: { about: { en: 'Labels.', de: 'Labels.' }, schema: { kind: 'textMap' } },
    healthcheck: {
      about: {
        en: 'Whether a health check is declared; absent: not known.',
        de: 'Ob eine Zustandsprüfung angegeben ist; fehlt es: nicht bekannt.',
      },
      schema: { kind: 'flag' },
    },
  },
} as const satisfies ObjectSchema;

const evidenceSchema = {
  kind: 'object',
  fields: {
    now: {
      about: {
        en: 'The time of the decision; absent: the time of the test.',
        de: 'Die Zeit der Entscheidung; fehlt sie: die Zeit des Tests.',
      },
      schema: { kind: 'text', format: 'instant' },
    },
    running: {
      about: { en: 'The digest already runs.', de: 'Der Digest läuft schon.' },
      schema: { kind: 'flag' },
      fallback: false,
    },
    namespace: { about: { en: 'Namespace.', de: 'Namespace.' }, schema: line },
    cluster: { about: { en: 'Cluster.', de: 'Cluster.' }, schema: line },
    subscription: { about: { en: 'Subscription.', de: 'Subscription.' }, schema: line },
    environment: { about: { en: 'Environment.', de: 'Umgebung.' }, schema: line },
    signatures: {
      about: {
        en: 'Signatures found. Absent: not looked for, so the answer is unknown; empty: there are none.',
        de: 'Gefundene Signaturen. Fehlen sie: nicht gesucht, die Antwort ist unbekannt; leer: es gibt keine.',
      },
      schema: { kind: 'list', of: signatureSchema },
    },
    attestations: {
      about: {
        en: 'Attestations found; absent and empty as above.',
        de: 'Gefundene Attestierungen; fehlend und leer wie oben.',
      },
      schema: { kind: 'list', of: attestationSchema },
    },
    scan: {
      about: { en: 'The scan; absent: there was none.', de: 'Der Scan; fehlt er: es gab keinen.' },
      schema: scanSchema,
    },
    config: { about: { en: "The image's config.", de: 'Die Konfiguration des Images.' }, schema: configSchema },
    secrets: {
      about: { en: 'Secrets found; absent: not looked for.', de: 'Gefundene Geheimnisse; fehlen sie: nicht gesucht.' },
      schema: {
        kind: 'list',
        of: {
          kind: 'object',
          fields: {
            rule: { about: { en: 'Rule that found it.', de: 'Regel, die es fand.' }, schema: line, required: true },
            path: { about: { en: 'File.', de: 'Datei.' }, schema: line, required: true },
          },
        },
      },
    },
  },
} as const satisfies ObjectSchema;

/** The whole document. */
export const caseSchema = {
  kind: 'object',
  fields: {
    policy: {
      about: {
        en: 'The policy under test, relative to this file.',
        de: 'Die zu prüfende Policy, relativ zu dieser Datei.',
      },
      schema: { kind: 'text', format: 'path' },
      required: true,
    },
    cases: {
      about: { en: 'What is to be decided, and how.', de: 'Was zu entscheiden ist, und wie.' },
      schema: {
        kind: 'list',
        least: 1,
        of: {
          kind: 'object',
          fields: {
            name: { about: { en: 'What the case shows.', de: 'Was der Fall zeigt.' }, schema: line, required: true },
            subject: {
              about: { en: 'Reference of the image.', de: 'Referenz des Images.' },
              schema: line,
              required: true,
            },
            evidence: {
              about: {
                en: 'What is known; what is absent is unknown.',
                de: 'Was bekannt ist; was fehlt, ist unbekannt.',
              },
              schema: evidenceSchema,
            },
            expect: {
              about: { en: 'The decision that must come out.', de: 'Die Entscheidung, die herauskommen muss.' },
              schema: { kind: 'text', values: ['allow', 'warn', 'deny', 'unknown'] },
              required: true,
            },
          },
        },
      },
      required: true,
    },
  },
} as const satisfies ObjectSchema;

export type CaseDocument = ValueOf<typeof caseSchema>;
/** One case as written. */
export type PolicyCase = CaseDocument['cases'][number];
/** Evidence as written by hand. */
export type CaseEvidence = NonNullable<PolicyCase['evidence']>;
