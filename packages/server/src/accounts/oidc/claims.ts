// What is believed of an ID token that was verified.
import { listField, field, textField, type JsonObject } from '@plombe/kit';
import { parseEmail, type PersonClaims } from '../people.ts';

/** Longer texts are cut: they are shown and kept. */
const maxTextLength = 256;
/** Entra names at most 200 groups in a token; a person with more has none in it, which is what he then gets. */
const maxGroups = 1000;

/** Reads the claims, also Entra's that say that groups were left out (`hasgroups`, `_claim_names`). An e-mail address counts only where the issuer says `email_verified: true`, and in one spelling. */
export function personClaims(claims: JsonObject, issuer: string): PersonClaims {
  const subject = textField(claims, 'sub') ?? '';
  const email = field(claims, 'email_verified') === true ? parseEmail(textField(claims, 'email') ?? '') : undefined;
  const name = textField(claims, 'name') ?? textField(claims, 'preferred_username') ?? email ?? subject;
  const groups = listField(claims, 'groups').filter(
    (group) => typeof group === 'string' && group !== '' && group.length <= maxTextLength,
  );
  return {
    issuer,
    subject,
    name: name.slice(0, maxTextLength),
    ...(email === undefined ? {} : { email }),
    groups: (groups as string[]).slice(0, maxGroups),
    groupsLeftOut: field(claims, 'hasgroups') === true || 'groups' in Object(field(claims, '_claim_names')),
  };
}
