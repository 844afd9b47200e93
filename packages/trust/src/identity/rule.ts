// Rules that say which certificate identity may sign: both the subject and the issuer must fit (T43).
import type { Identity } from './identity.ts';
import type { Pattern } from './pattern.ts';

/** What a text must be: exactly this, or match a pattern as a whole. */
export type TextRule = { readonly exact: string } | { readonly pattern: Pattern };

/** One allowed identity. There is no rule without an issuer: anyone may call himself anything elsewhere. */
export interface IdentityRule {
  readonly subject: TextRule;
  readonly issuer: TextRule;
}

/** True where a rule allows the identity. */
export function allows(rule: IdentityRule, identity: Identity): boolean {
  return fits(rule.subject, identity.subject) && identity.issuer !== undefined && fits(rule.issuer, identity.issuer);
}

function fits(rule: TextRule, text: string): boolean {
  return 'exact' in rule ? rule.exact !== '' && rule.exact === text : rule.pattern.matches(text);
}

/** A rule for people, as given. */
export function ruleText(rule: IdentityRule): string {
  const text = (one: TextRule): string => ('exact' in one ? one.exact : `/^${one.pattern.source}$/`);
  return `${text(rule.subject)} of ${text(rule.issuer)}`;
}
