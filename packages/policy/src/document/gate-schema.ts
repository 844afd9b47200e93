// The part of the policy document that only a gate asks: what while it cannot judge, who may break the glass, and where accepted images go.
import type { Field } from '../schema/schema.ts';
import { signerFields, signerRules } from './anchor-schema.ts';

/** What a gate does besides deciding. */
export const gateFields = {
  onOutage: {
    about: {
      en: 'What a gate does with pulls while it cannot judge: refuse all, or serve what it last allowed. Pushes are refused either way.',
      de: 'Was ein Gate mit Pulls tut, solange es nicht urteilen kann: alle ablehnen, oder geben, was es zuletzt erlaubt hat. Pushes werden so oder so abgelehnt.',
    },
    schema: { kind: 'text', values: ['deny', 'last-decision'] },
    fallback: 'deny',
  },
  breakGlass: {
    about: {
      en: 'People who together may let one digest through for some hours, whatever the checks say: `plombe gate break-glass`. It is recorded.',
      de: 'Menschen, die zusammen einen Digest für einige Stunden durchlassen dürfen, was immer die Prüfungen sagen: `plombe gate break-glass`. Es wird vermerkt.',
    },
    schema: {
      kind: 'object',
      fields: {
        approvers: {
          about: { en: 'Who may. Each is a person of his own.', de: 'Wer darf. Jeder ist eine Person für sich.' },
          schema: { kind: 'list', least: 2, of: { kind: 'object', ...signerRules, fields: signerFields } },
          required: true,
        },
        atLeast: {
          about: { en: 'How many of them it takes.', de: 'Wie viele von ihnen es braucht.' },
          schema: { kind: 'number', least: 2, most: 20, whole: true },
          fallback: 2,
        },
        maxHours: {
          about: { en: 'How long it may last at most.', de: 'Wie lange es höchstens gelten darf.' },
          schema: { kind: 'number', least: 1, most: 24 },
          fallback: 4,
        },
      },
    },
  },
  promote: {
    about: {
      en: 'Where a gate copies what it allows to, with all that refers to it, as the identity `plombe`.',
      de: 'Wohin ein Gate kopiert, was es erlaubt, mit allem, was sich darauf bezieht, als Identität `plombe`.',
    },
    schema: {
      kind: 'object',
      fields: {
        from: {
          about: {
            en: 'Glob over the repository; each `*` and `**` is a part that `to` may name.',
            de: 'Muster über das Repository; jedes `*` und `**` ist ein Teil, den `to` nennen kann.',
          },
          schema: { kind: 'text', format: 'glob' },
          required: true,
        },
        to: {
          about: {
            en: 'Repository of the copy; `$1` is the first part of `from`, `$2` the second.',
            de: 'Repository der Kopie; `$1` ist der erste Teil von `from`, `$2` der zweite.',
          },
          schema: { kind: 'text', format: 'line' },
          required: true,
        },
      },
    },
  },
} as const satisfies Readonly<Record<string, Field>>;
