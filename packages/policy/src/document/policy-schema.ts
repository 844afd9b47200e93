// The policy document, whole: what it is about, whom it selects, how it answers, its rules and exceptions.
import type { ObjectSchema, ValueOf } from '../schema/schema.ts';
import { gateFields } from './gate-schema.ts';
import { ruleFields } from './rule-schema.ts';

const globs = { kind: 'list', of: { kind: 'text', format: 'glob' }, least: 1 } as const;

const selectSchema = {
  kind: 'object',
  fields: {
    registries: {
      about: { en: 'Globs over the registry.', de: 'Muster über die Registry.' },
      schema: globs,
    },
    repositories: {
      about: {
        en: 'Globs over the repository without its registry; `**` spans slashes.',
        de: 'Muster über das Repository ohne Registry; `**` reicht über Schrägstriche.',
      },
      schema: globs,
    },
    namespaces: {
      about: {
        en: 'Globs over the name of the namespace, never over its labels.',
        de: 'Muster über den Namen des Namespace, nie über dessen Labels.',
      },
      schema: globs,
    },
    clusters: { about: { en: 'Globs over the cluster.', de: 'Muster über den Cluster.' }, schema: globs },
    subscriptions: {
      about: { en: 'Globs over the subscription.', de: 'Muster über die Subscription.' },
      schema: globs,
    },
    environments: { about: { en: 'Globs over the environment.', de: 'Muster über die Umgebung.' }, schema: globs },
  },
} as const satisfies ObjectSchema;

const exceptionSchema = {
  kind: 'object',
  fields: {
    check: {
      about: { en: 'Id of the check it is an exception from.', de: 'Kennung der Prüfung, von der sie ausnimmt.' },
      schema: { kind: 'text', format: 'line' },
      required: true,
    },
    vulnerability: {
      about: {
        en: 'Only this vulnerability, by id or alias.',
        de: 'Nur diese Schwachstelle, nach Kennung oder Alias.',
      },
      schema: { kind: 'text', format: 'line' },
    },
    package: {
      about: {
        en: 'Only packages whose name this glob matches.',
        de: 'Nur Pakete, auf deren Namen dieses Muster passt.',
      },
      schema: { kind: 'text', format: 'glob' },
    },
    repositories: {
      about: { en: 'Only these repositories. Globs.', de: 'Nur diese Repositories. Muster.' },
      schema: globs,
    },
    owner: {
      about: { en: 'Who answers for it.', de: 'Wer dafür einsteht.' },
      schema: { kind: 'text', format: 'line' },
      required: true,
    },
    ticket: {
      about: { en: 'Where it was agreed.', de: 'Wo sie vereinbart wurde.' },
      schema: { kind: 'text', format: 'line' },
      required: true,
    },
    expires: {
      about: {
        en: 'When it ends: the first instant of that day in UTC, or a time.',
        de: 'Wann sie endet: der erste Augenblick dieses Tages in UTC, oder eine Zeit.',
      },
      schema: { kind: 'text', format: 'instant' },
      required: true,
    },
    reason: {
      about: { en: 'Why.', de: 'Warum.' },
      schema: { kind: 'text', format: 'line' },
      required: true,
    },
  },
} as const satisfies ObjectSchema;

const modes = { kind: 'text', values: ['off', 'audit', 'warn', 'deny'] } as const;

/** The whole document. */
export const policySchema = {
  kind: 'object',
  fields: {
    apiVersion: {
      about: { en: 'Version of this format.', de: 'Version dieses Formats.' },
      schema: { kind: 'text', values: ['plombe/v1'] },
      required: true,
    },
    kind: {
      about: { en: 'Kind of the document.', de: 'Art des Dokuments.' },
      schema: { kind: 'text', values: ['Policy'] },
      required: true,
    },
    metadata: {
      about: { en: 'What the policy is called.', de: 'Wie die Policy heißt.' },
      schema: {
        kind: 'object',
        fields: {
          name: {
            about: { en: 'Its name in every answer.', de: 'Ihr Name in jeder Antwort.' },
            schema: { kind: 'text', format: 'name' },
            required: true,
          },
          description: {
            about: { en: 'What it is for.', de: 'Wozu sie da ist.' },
            schema: { kind: 'text' },
          },
        },
      },
      required: true,
    },
    spec: {
      about: {
        en: 'What it demands, of whom, and how it answers.',
        de: 'Was sie verlangt, von wem, und wie sie antwortet.',
      },
      schema: {
        kind: 'object',
        fields: {
          mode: {
            about: {
              en: '`off`: not asked. `audit`: only recorded. `warn`: told. `deny`: refused.',
              de: '`off`: nicht gefragt. `audit`: nur vermerkt. `warn`: gemeldet. `deny`: abgelehnt.',
            },
            schema: modes,
            fallback: 'deny',
          },
          newDeployments: {
            about: {
              en: '`mode` for digests that do not run yet.',
              de: '`mode` für Digests, die noch nicht laufen.',
            },
            schema: modes,
            fallback: 'as `mode`',
          },
          running: {
            about: {
              en: '`mode` for restarts of digests that already run, so that a new vulnerability stops no restart by surprise.',
              de: '`mode` für Neustarts von Digests, die schon laufen, damit eine neue Schwachstelle keinen Neustart überraschend aufhält.',
            },
            schema: modes,
            fallback: '`warn` where `mode` is `deny`, else as `mode`',
          },
          select: {
            about: {
              en: 'Whom it holds for; every field given must match. What is not known is selected, so that leaving it out is no way around.',
              de: 'Für wen sie gilt; jedes angegebene Feld muss passen. Was nicht bekannt ist, ist ausgewählt, damit Weglassen kein Umweg ist.',
            },
            schema: selectSchema,
            fallback: 'everything',
          },
          ...ruleFields,
          exceptions: {
            about: {
              en: 'Owned exceptions that end. One must cover a violation alone; two never add up.',
              de: 'Verantwortete Ausnahmen, die enden. Eine allein muss einen Verstoß decken; zwei ergänzen sich nie.',
            },
            schema: { kind: 'list', of: exceptionSchema },
          },
          onViolation: {
            about: {
              en: 'What a gate does with what is denied: refuse it, or keep it where nobody can pull it.',
              de: 'Was ein Gate mit Abgelehntem tut: es zurückweisen, oder es dort halten, wo niemand es ziehen kann.',
            },
            schema: { kind: 'text', values: ['reject', 'quarantine'] },
            fallback: 'reject',
          },
          onUnknown: {
            about: {
              en: 'The answer where evidence is missing or undecidable. Without it the decision is `unknown`, which a gate refuses.',
              de: 'Die Antwort, wo Nachweise fehlen oder nicht entscheidbar sind. Ohne sie lautet die Entscheidung `unknown`, was ein Gate ablehnt.',
            },
            schema: { kind: 'text', values: ['allow', 'warn', 'deny'] },
            fallback: 'the decision is `unknown`',
          },
          ...gateFields,
        },
      },
      required: true,
    },
  },
} as const satisfies ObjectSchema;

/** A policy as written. */
export type PolicyDocument = ValueOf<typeof policySchema>;
/** What it demands, of whom, and how it answers. */
export type PolicySpec = PolicyDocument['spec'];
/** One entry of `exceptions`. */
export type PolicyException = ValueOf<typeof exceptionSchema>;
/** One entry of `anyOf` or `allOf`. */
export type PolicyMode = NonNullable<PolicySpec['mode']>;
