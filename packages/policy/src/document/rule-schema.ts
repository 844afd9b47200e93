// The part of the policy document that says what an image must be like.
import type { Field, ObjectSchema } from '../schema/schema.ts';
import { anchorSchema, signerFields, signerRules } from './anchor-schema.ts';

const globs = { kind: 'list', of: { kind: 'text', format: 'glob' } } as const;

/** A condition in the expression language. */
export const conditionSchema = {
  kind: 'object',
  fields: {
    name: {
      about: {
        en: 'Name of the condition in reasons and exceptions.',
        de: 'Name der Bedingung in Begründungen und Ausnahmen.',
      },
      schema: { kind: 'text', format: 'name' },
      required: true,
    },
    expression: {
      about: {
        en: 'Must be true. The Common Expression Language; docs/policy.md lists the variables.',
        de: 'Muss wahr sein. Die Common Expression Language; docs/policy.md nennt die Variablen.',
      },
      schema: { kind: 'text', format: 'expression' },
      required: true,
    },
    message: {
      about: { en: 'What to tell where it is not true.', de: 'Was zu sagen ist, wenn sie nicht wahr ist.' },
      schema: { kind: 'text', format: 'line' },
    },
    remedy: {
      about: { en: 'What to do then.', de: 'Was dann zu tun ist.' },
      schema: { kind: 'text', format: 'line' },
    },
  },
} as const satisfies ObjectSchema;

/** What a policy may ask of an image; each field asked for is a check. */
export const ruleFields = {
  allowedRegistries: {
    about: {
      en: 'Registries that images may come from. Globs over the host with its port.',
      de: 'Registries, aus denen Images kommen dürfen. Muster über den Host mit Port.',
    },
    schema: globs,
  },
  allowedRepositories: {
    about: {
      en: 'Repositories that images may come from. Globs over the path without the registry; `**` spans slashes.',
      de: 'Repositories, aus denen Images kommen dürfen. Muster über den Pfad ohne Registry; `**` reicht über Schrägstriche.',
    },
    schema: globs,
  },
  digestOnly: {
    about: {
      en: 'The reference must name a digest; a tag may move.',
      de: 'Die Referenz muss einen Digest nennen; ein Tag kann wandern.',
    },
    schema: { kind: 'flag' },
    fallback: false,
  },
  signatures: {
    about: { en: 'Who must have signed the image.', de: 'Wer das Image signiert haben muss.' },
    schema: {
      kind: 'object',
      fields: {
        atLeast: {
          about: {
            en: 'How many distinct signers of `anyOf` are needed.',
            de: 'Wie viele verschiedene Unterzeichner aus `anyOf` nötig sind.',
          },
          schema: { kind: 'number', least: 1, most: 100, whole: true },
          fallback: 1,
        },
        anyOf: {
          about: {
            en: 'Signers of whom `atLeast` must have signed.',
            de: 'Unterzeichner, von denen `atLeast` signiert haben müssen.',
          },
          schema: { kind: 'list', of: anchorSchema, least: 1 },
        },
        allOf: {
          about: { en: 'Signers who must all have signed.', de: 'Unterzeichner, die alle signiert haben müssen.' },
          schema: { kind: 'list', of: anchorSchema, least: 1 },
        },
      },
    },
  },
  attestations: {
    about: {
      en: 'Attestations that must be there. The newest verified one of its type counts, so that an older one cannot be played again.',
      de: 'Attestierungen, die da sein müssen. Es zählt die neueste geprüfte ihres Typs, damit eine ältere nicht erneut vorgelegt werden kann.',
    },
    schema: {
      kind: 'list',
      of: {
        kind: 'object',
        ...signerRules,
        fields: {
          type: {
            about: {
              en: 'Predicate type: `slsaprovenance1`, `spdxjson`, `cyclonedx`, `vuln`, `vsa`, `svr`, `custom` or a URI.',
              de: 'Typ des Prädikats: `slsaprovenance1`, `spdxjson`, `cyclonedx`, `vuln`, `vsa`, `svr`, `custom` oder eine URI.',
            },
            schema: { kind: 'text', format: 'line' },
            required: true,
          },
          maxAgeDays: {
            about: {
              en: 'Days since it was signed, by a verified time stamp or log entry, else by the time that the signed predicate names. Without either the answer is unknown.',
              de: 'Tage seit der Signatur, nach geprüftem Zeitstempel oder Logeintrag, sonst nach der Zeit, die das signierte Prädikat nennt. Ohne beides ist die Antwort unbekannt.',
            },
            schema: { kind: 'number', least: 0, most: 36_500 },
          },
          ...signerFields,
          conditions: {
            about: {
              en: 'What its predicate must say, over `predicate`, `statement`, `signer`, `signedAt`, `subject` and `now`.',
              de: 'Was ihr Prädikat sagen muss, über `predicate`, `statement`, `signer`, `signedAt`, `subject` und `now`.',
            },
            schema: { kind: 'list', of: conditionSchema },
          },
        },
      },
    },
  },
  approvals: {
    about: {
      en: 'People who must have approved this digest. Nobody approves his own request, and an approval ends.',
      de: 'Menschen, die diesen Digest freigegeben haben müssen. Niemand gibt den eigenen Antrag frei, und eine Freigabe endet.',
    },
    schema: {
      kind: 'object',
      fields: {
        atLeast: {
          about: { en: 'How many distinct approvers.', de: 'Wie viele verschiedene Freigebende.' },
          schema: { kind: 'number', least: 1, most: 20, whole: true },
          fallback: 1,
        },
        approvers: {
          about: { en: 'Who may approve.', de: 'Wer freigeben darf.' },
          schema: { kind: 'list', least: 1, of: { kind: 'object', ...signerRules, fields: signerFields } },
          required: true,
        },
        requesters: {
          about: { en: 'Who may ask for approval.', de: 'Wer eine Freigabe beantragen darf.' },
          schema: { kind: 'list', least: 1, of: { kind: 'object', ...signerRules, fields: signerFields } },
          required: true,
        },
      },
    },
  },
  requireState: {
    about: {
      en: 'How far the scan must have come: `partial` also accepts a partial one, `stale` one with old data too.',
      de: 'Wie weit der Scan gekommen sein muss: `partial` nimmt auch einen teilweisen, `stale` auch einen mit alten Daten.',
    },
    schema: { kind: 'text', values: ['assessed', 'partial', 'stale'] },
  },
  vulnerabilities: {
    about: {
      en: 'Which known vulnerabilities an image may have.',
      de: 'Welche bekannten Schwachstellen ein Image haben darf.',
    },
    schema: {
      kind: 'object',
      fields: {
        maxSeverity: {
          about: {
            en: 'The worst severity that is still allowed.',
            de: 'Der höchste Schweregrad, der noch erlaubt ist.',
          },
          schema: { kind: 'text', values: ['none', 'negligible', 'low', 'medium', 'high', 'critical'] },
        },
        unknownSeverity: {
          about: {
            en: 'What a finding without a severity counts as.',
            de: 'Als was ein Fund ohne Schweregrad zählt.',
          },
          schema: { kind: 'text', values: ['low', 'medium', 'high', 'critical'] },
          fallback: 'low',
        },
        fixableOnly: {
          about: {
            en: '`maxSeverity` and `maxEpss` count only findings that a newer version fixes.',
            de: '`maxSeverity` und `maxEpss` zählen nur Funde, die eine neuere Version behebt.',
          },
          schema: { kind: 'flag' },
          fallback: false,
        },
        kev: {
          about: {
            en: 'Whether vulnerabilities that are known to be exploited (CISA KEV) are allowed.',
            de: 'Ob Schwachstellen erlaubt sind, die bekanntermaßen ausgenutzt werden (CISA KEV).',
          },
          schema: { kind: 'text', values: ['allow', 'deny'] },
          fallback: 'allow',
        },
        maxEpss: {
          about: {
            en: 'The highest probability of exploitation within 30 days (EPSS) that is still allowed.',
            de: 'Die höchste Wahrscheinlichkeit der Ausnutzung in 30 Tagen (EPSS), die noch erlaubt ist.',
          },
          schema: { kind: 'number', least: 0, most: 1 },
        },
        fixableMaxAgeDays: {
          about: {
            en: 'Days since a vulnerability with a fix was published; older ones must be fixed.',
            de: 'Tage seit Veröffentlichung einer behebbaren Schwachstelle; ältere müssen behoben sein.',
          },
          schema: { kind: 'number', least: 0, most: 36_500 },
        },
      },
    },
  },
  baseImages: {
    about: { en: 'What images may be built on.', de: 'Worauf Images gebaut sein dürfen.' },
    schema: {
      kind: 'object',
      fields: {
        allow: {
          about: {
            en: 'Globs over the base image: its reference, or its digest.',
            de: 'Muster über das Basis-Image: seine Referenz oder sein Digest.',
          },
          schema: { ...globs, least: 1 },
          required: true,
        },
        evidence: {
          about: {
            en: 'What is believed: signed provenance, or also the label that the image puts on itself.',
            de: 'Was geglaubt wird: signierte Provenienz, oder auch das Label, das sich das Image selbst gibt.',
          },
          schema: { kind: 'text', values: ['provenance', 'label'] },
          fallback: 'provenance',
        },
      },
    },
  },
  licences: {
    about: { en: 'Which licences packages may have.', de: 'Welche Lizenzen Pakete haben dürfen.' },
    schema: {
      kind: 'object',
      fields: {
        allow: {
          about: {
            en: 'SPDX ids or globs; absent: every one that is not denied.',
            de: 'SPDX-Kennungen oder Muster; fehlt es: jede nicht verbotene.',
          },
          schema: globs,
        },
        deny: {
          about: {
            en: 'SPDX ids or globs that are not allowed; goes before `allow`.',
            de: 'SPDX-Kennungen oder Muster, die nicht erlaubt sind; geht vor `allow`.',
          },
          schema: globs,
        },
        undeclared: {
          about: {
            en: 'What a package is that declares no licence.',
            de: 'Was ein Paket ist, das keine Lizenz angibt.',
          },
          schema: { kind: 'text', values: ['allow', 'deny', 'unknown'] },
          fallback: 'unknown',
        },
      },
    },
  },
  secrets: {
    about: {
      en: 'No credentials may lie in the image. Needs the findings of a secret scan.',
      de: 'Im Image dürfen keine Zugangsdaten liegen. Braucht die Funde einer Suche nach Geheimnissen.',
    },
    schema: {
      kind: 'object',
      fields: {
        allow: {
          about: { en: 'Rules whose findings are allowed. Globs.', de: 'Regeln, deren Funde erlaubt sind. Muster.' },
          schema: globs,
        },
      },
    },
  },
  configuration: {
    about: { en: 'How the image is configured.', de: 'Wie das Image eingestellt ist.' },
    schema: {
      kind: 'object',
      fields: {
        userNotRoot: {
          about: {
            en: 'It must run as a numeric user other than 0. What a name stands for is not known.',
            de: 'Es muss als numerischer Nutzer ungleich 0 laufen. Wofür ein Name steht, ist nicht bekannt.',
          },
          schema: { kind: 'flag' },
          fallback: false,
        },
        noLatestTag: {
          about: {
            en: 'The reference must not be, or imply, the tag `latest`.',
            de: 'Die Referenz darf das Tag `latest` weder nennen noch meinen.',
          },
          schema: { kind: 'flag' },
          fallback: false,
        },
        healthcheck: {
          about: { en: 'It must declare a health check.', de: 'Es muss eine Zustandsprüfung angeben.' },
          schema: { kind: 'flag' },
          fallback: false,
        },
        requiredLabels: {
          about: { en: 'Labels that must be there and not empty.', de: 'Labels, die da und nicht leer sein müssen.' },
          schema: { kind: 'list', of: { kind: 'text', format: 'line' } },
        },
        allowedPorts: {
          about: {
            en: 'Ports that may be exposed: `8080/tcp`, `53/udp`.',
            de: 'Ports, die angegeben sein dürfen: `8080/tcp`, `53/udp`.',
          },
          schema: globs,
        },
      },
    },
  },
  conditions: {
    about: {
      en: 'Whatever else must hold, in the expression language.',
      de: 'Was sonst gelten muss, in der Ausdruckssprache.',
    },
    schema: { kind: 'list', of: conditionSchema },
  },
} as const satisfies Readonly<Record<string, Field>>;
