// The table of verification levels and what may be overridden in it (trust-store-trust-policy, "Signature Verification details").
import { isObject, type JsonObject, field } from '@plombe/kit';
import { demand } from '../malformed.ts';
import { shown } from '../envelope/headers.ts';
import type { Validation, ValidationAction, VerificationLevel } from './policy.ts';

type Actions = Readonly<Record<Validation, ValidationAction>>;

const levels: Readonly<Record<VerificationLevel, Actions>> = {
  strict: actions('enforce', 'enforce', 'enforce', 'enforce', 'enforce'),
  permissive: actions('enforce', 'enforce', 'log', 'log', 'log'),
  audit: actions('enforce', 'log', 'log', 'log', 'log'),
  skip: actions('skip', 'skip', 'skip', 'skip', 'skip'),
};

/** What a custom level may set; integrity is not among them. */
const overridable: Readonly<Record<string, readonly ValidationAction[]>> = {
  authenticity: ['enforce', 'log'],
  authenticTimestamp: ['enforce', 'log'],
  expiry: ['enforce', 'log'],
  revocation: ['enforce', 'log', 'skip'],
};

function actions(
  integrity: ValidationAction,
  authenticity: ValidationAction,
  authenticTimestamp: ValidationAction,
  expiry: ValidationAction,
  revocation: ValidationAction,
): Actions {
  return { integrity, authenticity, authenticTimestamp, expiry, revocation };
}

/** What a statement says about verification. */
export interface ParsedLevel {
  readonly level: VerificationLevel;
  readonly actions: Actions;
  readonly verifyTimestamp: 'always' | 'afterCertExpiry';
}

/** Reads `signatureVerification`. Throws `Malformed`. */
export function parseLevel(value: unknown): ParsedLevel {
  demand(isObject(value), 'signatureVerification is missing');
  const level = field(value, 'level');
  demand(
    typeof level === 'string' && Object.hasOwn(levels, level),
    'signatureVerification.level is not one of strict, permissive, audit, skip',
  );
  const verifyTimestamp = field(value, 'verifyTimestamp') ?? 'always';
  demand(
    verifyTimestamp === 'always' || verifyTimestamp === 'afterCertExpiry',
    'signatureVerification.verifyTimestamp is neither always nor afterCertExpiry',
  );
  const name = level as VerificationLevel;
  const override = field(value, 'override');
  if (override === undefined || override === null) return { level: name, actions: levels[name], verifyTimestamp };
  demand(isObject(override), 'signatureVerification.override is not an object');
  demand(name !== 'skip' || Object.keys(override).length === 0, 'the level skip cannot be overridden');
  return { level: name, actions: { ...levels[name], ...overridesOf(override) }, verifyTimestamp };
}

function overridesOf(override: JsonObject): Partial<Actions> {
  const changed: Partial<Record<Validation, ValidationAction>> = {};
  for (const [validation, action] of Object.entries(override)) {
    const allowed = Object.hasOwn(overridable, validation) ? overridable[validation] : undefined;
    demand(allowed !== undefined, `override names ${shown(validation)}, which cannot be overridden`);
    const found = allowed.find((one) => one === action);
    demand(found !== undefined, `override.${validation} is not one of ${allowed.join(', ')}`);
    changed[validation as Validation] = found;
  }
  return changed;
}
