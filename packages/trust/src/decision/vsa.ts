// A decision as SLSA's verification summary (SLSA 1.2, verification_summary.md).
import { by, type JsonObject } from '@plombe/kit';
import { formatPurl, type Digest } from '@plombe/model';
import {
  decisionDetails,
  decisionField,
  decisionVerifier,
  digestSet,
  policySet,
  type DecisionParts,
} from './decision.ts';

/** URI of the predicate's type. */
export const vsaPredicateType = 'https://slsa.dev/verification_summary/v1';

/** An image in a repository of a registry. */
export interface DecidedResource {
  readonly registry: string;
  /** Path without the registry. */
  readonly repository: string;
  readonly digest: Digest;
}

/** An envelope that was looked at: its own digest, and that of the manifest that carries it. */
export interface LookedAtEnvelope {
  readonly manifest: Digest;
  readonly envelope: Digest;
}

/** What a summary says besides the decision. */
export interface SummaryParts extends DecisionParts {
  readonly resource: DecidedResource;
  readonly result: 'PASSED' | 'FAILED';
  readonly inputs: readonly LookedAtEnvelope[];
}

/** Returns the predicate. It claims no SLSA level: that the level was not evaluated is what the specification has a word for. */
export function vsaPredicate(parts: SummaryParts): JsonObject {
  const { resource, result, inputs, judged, version, decidedAtMs } = parts;
  return {
    verifier: { id: decisionVerifier, version: { plombe: version } },
    timeVerified: new Date(decidedAtMs).toISOString(),
    resourceUri: imagePurl(resource, resource.digest),
    policy: policySet(judged.policies),
    inputAttestations: distinct(inputs).map(({ manifest, envelope }) => ({
      uri: imagePurl(resource, manifest),
      digest: digestSet(envelope),
    })),
    verificationResult: result,
    verifiedLevels: [result === 'FAILED' ? 'FAILED' : 'SLSA_BUILD_LEVEL_UNEVALUATED'],
    slsaVersion: '1.2',
    [decisionField]: decisionDetails(parts),
  };
}

/** A manifest of the repository as package URL (purl specification, type `oci`): in-toto wants resource URIs in that form. */
function imagePurl({ registry, repository }: DecidedResource, version: Digest): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  return formatPurl({ type: 'oci', name, version, qualifiers: { repository_url: `${registry}/${repository}` } });
}

/** Each once, sorted: the same evidence gives the same bytes. */
function distinct(inputs: readonly LookedAtEnvelope[]): readonly LookedAtEnvelope[] {
  const keyed = new Map(inputs.map((input) => [`${input.envelope} ${input.manifest}`, input]));
  return [...keyed].toSorted(by(([key]) => key)).map(([, input]) => input);
}
