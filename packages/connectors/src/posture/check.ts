// What a posture check is: texts in two languages, what it looks at, what fails it, and which controls of which standard it belongs to.
import type { SeverityWord } from '@plombe/model';
import type { RegistryKind } from '../registries/connector.ts';
import type { AllFacts } from './facts.ts';

export type Language = 'en' | 'de';

/** One sentence or two in each language. */
export type Text = Readonly<Record<Language, string>>;

export type FactName = keyof AllFacts;

/** A control of a published standard; docs/posture.md names the editions. Only what the control's own words cover is named. */
export interface Control {
  readonly standard: 'NIST SP 800-190' | 'ISO/IEC 27001:2022' | 'BSI IT-Grundschutz' | 'CIS Docker' | 'CIS AKS';
  readonly id: string;
}

export interface PostureCheck {
  /** `acr/admin-user`: area and name; stable. */
  readonly id: string;
  readonly severity: Extract<SeverityWord, 'critical' | 'high' | 'medium' | 'low'>;
  readonly title: Text;
  readonly description: Text;
  readonly fix: Text;
  /** Pages of the publisher or of a standard. */
  readonly references: readonly string[];
  readonly controls: readonly Control[];
  readonly kinds: readonly RegistryKind[];
  readonly facts: readonly FactName[];
  /** What fails it, one text each; empty where it holds. Values come in the order of `facts`. */
  failures(values: readonly unknown[], nowMs: number): readonly string[];
}

type ValuesOf<Names extends readonly FactName[]> = { readonly [Index in keyof Names]: AllFacts[Names[Index]] };

/** Returns a check whose judgement is typed by the facts it looks at: true, or texts, where it fails. */
export function check<const Names extends readonly FactName[]>(
  parts: Omit<PostureCheck, 'facts' | 'failures'>,
  facts: Names,
  fails: (values: ValuesOf<Names>, nowMs: number) => boolean | readonly string[],
): PostureCheck {
  return {
    ...parts,
    facts,
    failures: (values, nowMs) => {
      const answer = fails(values as unknown as ValuesOf<Names>, nowMs);
      if (typeof answer !== 'boolean') return answer;
      return answer ? facts.map((name, index) => `${name}: ${shown(values[index])}`) : [];
    },
  };
}

/** A value as evidence shows it, in one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(', ');
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shown).join(' ');
  return String(value);
}

/** NIST SP 800-190, sections of chapter 4. */
export function nist(id: '4.1.1' | '4.1.5' | '4.2.1' | '4.2.2' | '4.2.3'): Control {
  return { standard: 'NIST SP 800-190', id };
}

/** ISO/IEC 27001:2022, Annex A. */
export function iso(id: string): Control {
  return { standard: 'ISO/IEC 27001:2022', id: `A.${id}` };
}

/** IT-Grundschutz-Kompendium 2023. */
export function bsi(
  id: 'SYS.1.6.A4' | 'SYS.1.6.A5' | 'SYS.1.6.A6' | 'SYS.1.6.A12' | 'SYS.1.6.A13' | 'SYS.1.6.A14',
): Control {
  return { standard: 'BSI IT-Grundschutz', id };
}

/** CIS Docker Benchmark 1.6.0. */
export function cisDocker(id: '2.5' | '4.4' | '4.5'): Control {
  return { standard: 'CIS Docker', id };
}

/** CIS Azure Kubernetes Service (AKS) Benchmark. */
export function cisAks(id: '5.1.1' | '5.1.2'): Control {
  return { standard: 'CIS AKS', id };
}
