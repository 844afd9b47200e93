// From flags and a subject to decisions: gathers what the policies that select it need, and nothing else.
import {
  createServiceClient,
  openAnchors,
  policySubject,
  readPolicy,
  revocationFetch,
  scanEvidence,
  scanInventory,
  verificationPlugins,
  verifyNeeds,
  type AnchorSources,
  type DecidedSubject,
  type Evidence,
} from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import type { Context } from '@plombe/model';
import { formatReference, parseReference } from '@plombe/oci';
import {
  anchorsOf,
  decide,
  selecting,
  strictest,
  type Decision,
  type DecisionWord,
  type EvidenceNeeds,
  type Policy,
  type PolicyEvidence,
} from '@plombe/policy';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { version } from '../version.ts';
import { openAdvisories } from './database.ts';
import { keySources } from './keys.ts';
import { pluginFinder } from './plugin.ts';
import { networkOptions, withEvidence } from './subject-registry.ts';
import { openSubject } from './subject.ts';
import { openVault } from './vault.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Policies, settings and effects that several subjects are judged with. */
export interface PolicySession {
  readonly policies: readonly Policy[];
  readonly values: Settings;
  readonly flags: Flags;
  readonly ctx: Context;
}

/** A decision with the subject it is about. */
export interface SubjectDecision extends Decision {
  readonly subject: { readonly reference: string; readonly digest?: string };
}

/** Reads the policies of `--policy`. Throws `policy/invalid`, `source/…`. */
export function openPolicies(values: Settings, flags: Flags, ctx: Context): PolicySession {
  const paths = (flags['policy'] ?? []) as readonly string[];
  const policies = paths.map(readPolicy);
  const names = policies.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new PlombeError(
      'policy/invalid',
      `Two of the policies are called ${twice}: no answer could say which one it is about.`,
      {
        remedy: 'Give each its own metadata.name.',
      },
    );
  }
  return { policies, values, flags, ctx };
}

/** Where it is to be deployed, and whether it runs there, as flags say. */
export function circumstances(flags: Flags): Pick<PolicyEvidence, 'place' | 'running'> {
  const names = ['namespace', 'cluster', 'subscription', 'environment'] as const;
  const given = names.flatMap((name) => (typeof flags[name] === 'string' ? [[name, flags[name]] as const] : []));
  return { place: Object.fromEntries(given), ...(flags['running'] === true ? { running: true } : {}) };
}

/** Sources that lie on this machine: there is no registry to ask for signatures. */
export const localSource = /^(?:oci|docker-archive|dir|tar|purls?|sbom):|^pkg:/;

/**
 * Judges a subject. A tag is resolved once, and everything after is bound to its digest (T34). A registry is called only where a policy
 * needs it. Throws `reference/invalid`, `registry/…`, `database/…`, and what anchors throw.
 */
export async function decideSubject(text: string, session: PolicySession): Promise<SubjectDecision> {
  return (await judgeSubject(text, session, false)).answer;
}

/** A decision, and what it was drawn from where the registry was asked. */
export interface JudgedSubject {
  readonly answer: SubjectDecision;
  readonly decided?: DecidedSubject;
}

/** As `decideSubject`. `resolve`: the registry is asked for the digest even where no policy needs it, since a statement is to be about it. */
export async function judgeSubject(text: string, session: PolicySession, resolve: boolean): Promise<JudgedSubject> {
  const { policies, flags, values, ctx } = session;
  if (localSource.test(text)) {
    const evidence = { subject: { reference: inert(text), byDigest: false }, ...circumstances(flags) };
    return decideScanned(text, evidence, anchorsOf(selecting(policies, evidence)), session);
  }
  const reference = parseReference(text.replace(/^registry:/, ''));
  const asked: PolicyEvidence = { subject: policySubject(reference), ...circumstances(flags) };
  const needs = anchorsOf(selecting(policies, asked));
  if (!resolve && !needsRegistry(needs)) return answer([asked], session);
  return withEvidence(text, values, flags, ctx, async (found) => {
    const { digest } = found.subject;
    const evidence = {
      ...asked,
      subject: policySubject(reference, digest),
      ...(await verified(found, needs, session)),
    };
    const bound = formatReference({ registry: reference.registry, repository: reference.repository, digest });
    const judged = await decideScanned(`registry:${bound}`, evidence, needs, session);
    const onePlatform = (needs.scan || needs.config) && values.allPlatforms !== true;
    const { decisions, decidedAtMs } = judged;
    return { answer: judged.answer, decided: { decisions, decidedAtMs, found, evidence, onePlatform } };
  });
}

/** Judges evidence out of a saved report; signatures are asked for unless the network is off. */
export async function decideReport(saved: PolicyEvidence, session: PolicySession): Promise<SubjectDecision> {
  const evidence = { ...saved, ...circumstances(session.flags) };
  const { registry, repository, digest } = evidence.subject;
  const needs = anchorsOf(selecting(session.policies, evidence));
  const wantsSignatures = needs.signatures.length + needs.attestations.length > 0;
  if (
    !wantsSignatures ||
    session.values.offline === true ||
    registry === undefined ||
    repository === undefined ||
    digest === undefined
  ) {
    return answer([evidence], session).answer;
  }
  const bound = formatReference({ registry, repository, digest });
  return withEvidence(
    bound,
    session.values,
    session.flags,
    session.ctx,
    async (found) => answer([{ ...evidence, ...(await verified(found, needs, session)) }], session).answer,
  );
}

/** Decision → exit code, docs/cli.md. */
export function exitCodeOfDecision(decision: DecisionWord): number {
  if (decision === 'deny') return exitCodes.findings;
  return decision === 'unknown' ? exitCodes.notAssessed : exitCodes.fine;
}

function needsRegistry({ signatures, attestations, scan, config }: EvidenceNeeds): boolean {
  return signatures.length + attestations.length > 0 || scan || config;
}

/** Verifies what the needs ask for. */
export async function verified(
  found: Evidence,
  needs: EvidenceNeeds,
  { values, ctx }: PolicySession,
): Promise<Pick<PolicyEvidence, 'signatures' | 'attestations'>> {
  const services = createServiceClient(networkOptions(values), ctx);
  const vault = openVault(values, ctx);
  try {
    const sources: AnchorSources = {
      keys: keySources(process.env, vault),
      plugin: verificationPlugins(pluginFinder(process.env, ctx.signal)),
      revocation: { fetch: revocationFetch(services), signal: ctx.signal, random: (size) => ctx.random(size) },
    };
    return await verifyNeeds(found, needs, await openAnchors(needs, sources), ctx);
  } finally {
    services.close();
    vault.close();
  }
}

/** Adds a scan where one is needed; with `--all-platforms` every platform is judged and the strictest counts. (T38) */
async function decideScanned(
  subject: string,
  evidence: PolicyEvidence,
  needs: EvidenceNeeds,
  session: PolicySession,
): Promise<Answer> {
  if (!needs.scan && !needs.config) return answer([evidence], session);
  const { values, flags, ctx } = session;
  const registry = evidence.subject.registry;
  const plain =
    flags['plainHttp'] === true && registry !== undefined ? { plainHttp: [...(values.plainHttp ?? []), registry] } : {};
  // What plombe.yaml leaves out of scans is judged all the same.
  const { exclude: _, ...whole } = values;
  const database = openAdvisories(values, ctx);
  try {
    const scanned: PolicyEvidence[] = [];
    let databaseDigest: string | undefined;
    for await (const inventory of openSubject(subject, { verify: 'full', ...whole, ...plain }, ctx)) {
      const result = scanInventory(inventory, { database, version }, ctx);
      databaseDigest = result.database.digest;
      const { digest = inventory.subject.digest } = evidence.subject;
      const about = { ...evidence.subject, ...(digest === undefined ? {} : { digest }) };
      scanned.push({ ...evidence, subject: about, ...scanEvidence(result) });
    }
    return answer(scanned.length === 0 ? [evidence] : scanned, session, databaseDigest);
  } finally {
    database.close();
  }
}

interface Answer {
  readonly answer: SubjectDecision;
  readonly decisions: readonly Decision[];
  readonly decidedAtMs: number;
}

function answer(evidences: readonly PolicyEvidence[], session: PolicySession, databaseDigest?: string): Answer {
  const options = { nowMs: session.ctx.clock.nowMs(), ...(databaseDigest === undefined ? {} : { databaseDigest }) };
  const decisions = evidences.map((evidence) => decide(session.policies, evidence, options));
  const decision = strictest(decisions.map((one) => one.decision));
  const worst = decisions.find((one) => one.decision === decision) ?? (decisions[0] as Decision);
  const { reference, digest } = (evidences[0] as PolicyEvidence).subject;
  const subject = { reference, ...(digest === undefined ? {} : { digest }) };
  return { answer: { subject, ...worst }, decisions, decidedAtMs: options.nowMs };
}
