// Enough distinct signers of `anyOf`, and every one of `allOf`, have signed. Both worlds count together.
import { inert } from '@plombe/kit';
import { countSigners, type SignatureResult } from '@plombe/model';
import { signatureAnchor, type PolicyAnchor } from '../anchors.ts';
import type { AnchorSignatures, PolicyEvidence } from '../evidence.ts';
import { beforePush } from './before-push.ts';
import { count, defineCheck, type Violation } from './check.ts';

interface Parameters {
  readonly atLeast: number;
  readonly anyOf: readonly PolicyAnchor[];
  readonly allOf: readonly PolicyAnchor[];
}

/** What is known of one anchor. */
interface Answer {
  readonly anchor: PolicyAnchor;
  readonly verified: ReadonlySet<string>;
  /** Who they are, to be told apart across anchors. */
  readonly signers: readonly Pick<SignatureResult, 'signerId' | 'keyId'>[];
  /** Why more might have signed than is known. */
  readonly doubts: readonly string[];
}

export const signatures = defineCheck<Parameters>({
  id: 'signatures',
  needs: ['signatures'],
  parameters({ signatures: asked }, { folder }) {
    if (asked === undefined) return [];
    const anchors = (entries: typeof asked.anyOf = []): PolicyAnchor[] =>
      entries.map((entry) => signatureAnchor(entry, folder));
    return [{ value: { atLeast: asked.atLeast ?? 1, anyOf: anchors(asked.anyOf), allOf: anchors(asked.allOf) } }];
  },
  check(_, evidence, { atLeast, anyOf, allOf }) {
    const any = anyOf.map((anchor) => answerOf(anchor, evidence));
    const all = allOf.map((anchor) => answerOf(anchor, evidence));
    const violations: Violation[] = [];
    const unknowns: string[] = [];
    const judge = (answers: readonly Answer[], enough: boolean, message: string): void => {
      if (enough) return;
      const doubts = answers.flatMap((answer) => answer.doubts);
      if (doubts.length > 0) unknowns.push(message, ...doubts);
      else violations.push({ message });
    };
    const signers = new Set(any.flatMap(({ verified }) => [...verified]));
    if (anyOf.length > 0) {
      const named = anyOf.map(({ label }) => inert(label)).join(', ');
      const distinct = countSigners(any.flatMap((answer) => answer.signers));
      const found = `${count(distinct, 'distinct signer')} of ${named}`;
      judge(any, distinct >= atLeast, `Signed by ${found}; ${atLeast} required.`);
    }
    for (const answer of all) {
      judge([answer], answer.verified.size > 0, `Not signed by ${inert(answer.anchor.label)}, who is required.`);
    }
    const looked = [...any, ...all].flatMap(({ anchor }) => ofAnchor(anchor, evidence)?.results ?? []);
    return {
      violations,
      unknowns,
      passed: `Signed by ${[...signers, ...all.flatMap(({ verified }) => [...verified])].map(inert).join(', ')}.`,
      lookedAt: `${count(looked.length, 'signature result')} for ${count(any.length + all.length, 'anchor')}`,
      remedy: () =>
        evidence.subject.isRejected === true
          ? beforePush('signed', 'with a key that the policy names', 'signature')
          : `Have it signed: plombe sign ${inert(evidence.subject.reference)} --key KEY, with a key that the policy names.`,
    };
  },
});

function ofAnchor(anchor: PolicyAnchor, { signatures: given }: PolicyEvidence): AnchorSignatures | undefined {
  return given?.find((entry) => entry.anchor === anchor.id);
}

/** Results without an id of the signer cannot be told apart, so all of them count as one. (T44) */
function answerOf(anchor: PolicyAnchor, evidence: PolicyEvidence): Answer {
  const found = ofAnchor(anchor, evidence);
  const label = inert(anchor.label);
  if (found === undefined) {
    return { anchor, verified: new Set(), signers: [], doubts: [`Signatures were not verified against ${label}.`] };
  }
  const verified = found.results.filter(({ verdict }) => verdict === 'verified');
  const undecidable = found.results.filter(({ verdict }) => verdict === 'undecidable');
  return {
    anchor,
    verified: new Set(verified.map(({ signerId }) => signerId ?? anchor.label)),
    signers: verified.map(({ signerId, keyId }) => ({
      signerId: signerId ?? anchor.label,
      ...(keyId === undefined ? {} : { keyId }),
    })),
    doubts: [
      ...(undecidable.length > 0
        ? [`${count(undecidable.length, 'signature')} could not be decided for ${label}.`]
        : []),
      ...(found.limits ?? []).map(inert),
    ],
  };
}
