// Whom a policy holds for.
import type { PolicySpec } from './document/policy-schema.ts';
import type { PolicyEvidence } from './evidence.ts';
import { compileGlobs, type Glob } from './glob.ts';

/** Tells whether the policy holds for the subject. */
export type Selection = (evidence: PolicyEvidence) => boolean;

type Select = NonNullable<PolicySpec['select']>;
type Facet = (evidence: PolicyEvidence) => string | undefined;

const facets: Readonly<Record<keyof Select, Facet>> = {
  registries: ({ subject }) => subject.registry,
  repositories: ({ subject }) => subject.repository,
  namespaces: ({ place }) => place?.namespace,
  clusters: ({ place }) => place?.cluster,
  subscriptions: ({ place }) => place?.subscription,
  environments: ({ place }) => place?.environment,
};

/** Every field given must match. What is not known counts as a match: leaving it out must be no way around. (T50) */
export function compileSelect(select: Select): Selection {
  const tests = (Object.keys(facets) as (keyof Select)[]).flatMap((name): Selection[] => {
    const patterns = select[name];
    if (patterns === undefined) return [];
    const facet = facets[name];
    const glob: Glob = compileGlobs(patterns);
    return [
      (evidence) => {
        const value = facet(evidence);
        return value === undefined || glob(value);
      },
    ];
  });
  return (evidence) => tests.every((test) => test(evidence));
}
