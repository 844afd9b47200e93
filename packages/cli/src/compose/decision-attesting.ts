// What `policy check --attest` does with a decision: two statements beside the image, or a reason why there are none.
import { attestDecision, decisionAttestable, type DecidedSubject } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import type { Settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { openAttester, requireAttestFlags } from './attester.ts';
import { localSource } from './policy.ts';

type Flags = Readonly<Record<string, unknown>>;

/** `refused`: nothing was signed, since the decision says too little. */
export type AttestingOutcome =
  | {
      readonly kind: 'attested';
      readonly attestations: Awaited<ReturnType<typeof attestDecision>>;
      readonly message: string;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'failed'; readonly failure: unknown };

/** Attests one decision. */
export interface DecisionAttester {
  /** Throws nothing: a failure is told once the decision is written. */
  attest(decided: DecidedSubject | undefined): Promise<AttestingOutcome>;
  close(): void;
}

/** Throws `config/invalid` for flags that do not go together, before any work is done. */
export function requireDecisionFlags(attest: boolean, subject: string | undefined, flags: Flags): void {
  requireAttestFlags(attest, flags);
  if (!attest) return;
  if (subject === undefined) {
    throw new PlombeError('config/invalid', 'A dry run is not attested: --attest goes without --inventory.');
  }
  // Restarts are judged more mildly; a reader of the statement would take it for an answer about new deployments.
  if (flags['running'] === true) {
    throw new PlombeError(
      'config/invalid',
      'What holds for restarts alone is not attested: --attest goes without --running.',
    );
  }
  if (!localSource.test(subject)) return;
  throw new PlombeError(
    'config/invalid',
    `${inert(subject)} is in no registry, so there is no place for attestations.`,
    { remedy: 'Name an image in a registry, or leave --attest out.' },
  );
}

/** Opens key and services first. Throws `config/invalid`, `trust/key-…`, `reference/invalid`. */
export async function openDecisionAttester(
  subject: string,
  values: Settings,
  flags: Flags,
  ctx: Context,
): Promise<DecisionAttester> {
  const attester = await openAttester(subject, values, flags, ctx);
  return {
    close: () => attester.close(),
    attest: async (decided) => {
      if (decided === undefined)
        return { kind: 'failed', failure: new PlombeError('internal/bug', 'Nothing was found.') };
      const may = decisionAttestable(decided);
      if (may.kind === 'refused') return { kind: 'refused', message: `not attested: ${may.reason}` };
      const { digest } = decided.found.subject;
      try {
        const task = await attester.prepare(digest);
        const attestations = await attestDecision(decided, { ...task, version }, ctx);
        return { kind: 'attested', attestations, message: `attested the decision as ${may.result} of ${digest}` };
      } catch (failure) {
        return { kind: 'failed', failure };
      }
    },
  };
}
