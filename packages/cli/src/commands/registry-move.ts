// `plombe registry quarantine`, `release` and `promote`: one image of a registry of others is held back, given back, or copied to where it is trusted.
import type { ConnectedArtifact, RegistryConnector } from '@plombe/connectors';
import { inert, PlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { formatReference, parseReference } from '@plombe/oci';
import { openConnectedCustody, type ConnectedEvent } from '../compose/connected/custody.ts';
import { namesOf, openNamedConnector, settingsFor } from '../compose/connector.ts';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { decideSubject, exitCodeOfDecision, openPolicies, type SubjectDecision } from '../compose/policy.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;
type Move = 'quarantine' | 'release' | 'promote';

const done = { quarantine: 'quarantined', release: 'released', promote: 'promoted' } as const;

/**
 * Moves the image that `HOST/REPOSITORY:TAG` or `…@DIGEST` names. With `--policy` a promotion is done only where policies allow it: 1 where they
 * deny, 3 where they cannot tell. Throws `reference/invalid`, `config/invalid`, `connector/…`, `registry/…`, `ledger/…`.
 */
export async function moveCommand(move: Move, text: string, loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { registry, repository, tag, digest: named } = referenceOf(text);
  const to = move === 'promote' ? targetOf(registry, flags['to']) : undefined;
  const tags = namesOf(flags, 'tag');
  // A tag becomes a path: only what the grammar of references takes gets there.
  for (const one of tags) parseReference(`${registry}/${repository}:${one}`);
  const { ctx, progress } = openSession(loaded.values);
  const custody = await openConnectedCustody(flags, ctx);
  const { connector } = await openNamedConnector(registry, loaded.values, flags, ctx);
  try {
    const found = await find(connector, { repository, tag, digest: named }, ctx.signal);
    const { digest } = found;
    const decided = move === 'promote' ? await decide(registry, repository, digest) : undefined;
    progress.clear();
    const result = (event: ConnectedEvent | 'refused'): object => ({
      registry,
      kind: connector.kind,
      event,
      repository,
      digest,
      tags: tagsFor(found),
      ...(to === undefined ? {} : { to }),
      ...(decided === undefined ? {} : { decision: decided.decision, reasons: against(decided) }),
    });
    if (decided !== undefined && exitCodeOfDecision(decided.decision) !== exitCodes.fine) {
      output({
        json: result('refused'),
        text: () =>
          `not promoted: ${repository}@${digest} (${decided.decision})\n${against(decided)
            .map((reason) => `  ${reason}\n`)
            .join('')}`,
      });
      return exitCodeOfDecision(decided.decision);
    }
    if (move === 'quarantine') await connector.quarantine(repository, digest, ctx);
    else if (move === 'release') await connector.release(repository, digest, ctx);
    else if (to !== undefined)
      await connector.promote({ from: { repository, digest }, to: { repository: to, tags: tagsFor(found) } }, ctx);
    const { reason } = flags;
    await custody.record({
      event: done[move],
      registry,
      repository,
      digest,
      tags: tagsFor(found),
      ...(to === undefined ? {} : { to }),
      ...(typeof reason === 'string' ? { reason } : {}),
      ...(decided === undefined ? {} : { decided }),
    });
    const where = to === undefined ? '' : ` to ${to}`;
    const names = tagsFor(found).length === 0 ? '' : ` as ${tagsFor(found).join(', ')}`;
    output({
      json: result(done[move]),
      text: () =>
        `${done[move]} ${inert(repository)}@${digest}${inert(where)}${move === 'promote' ? inert(names) : ''}\n`,
    });
    return exitCodes.fine;
  } finally {
    progress.clear();
    connector.close();
  }

  /** The tags that a promotion sets: those of `--tag`, else those that the image has. */
  function tagsFor(found: Found): readonly string[] {
    return tags.length > 0 ? tags : found.tags;
  }

  async function decide(host: string, place: string, digest: Digest): Promise<SubjectDecision | undefined> {
    if (namesOf(flags, 'policy').length === 0) return undefined;
    const session = openPolicies(settingsFor(host, loaded.values, flags), flags, ctx);
    return decideSubject(formatReference({ registry: host, repository: place, digest }), session);
  }
}

function against({ reasons }: SubjectDecision): readonly string[] {
  return reasons.filter(({ outcome }) => outcome !== 'pass').map(({ check, message }) => `${check}: ${inert(message)}`);
}

interface Named {
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
}

type Found = Pick<ConnectedArtifact, 'digest' | 'tags'>;

/** What is in quarantine is found too, by the tag that it had. */
async function find(
  connector: RegistryConnector,
  { repository, tag, digest }: Named,
  signal: AbortSignal,
): Promise<Found> {
  for await (const artifact of connector.artifacts(repository, { signal })) {
    if (digest === undefined ? tag !== undefined && artifact.tags.includes(tag) : artifact.digest === digest)
      return artifact;
  }
  // A manifest without a tag is in no list of some registries, and can be moved all the same.
  if (digest !== undefined) return { digest, tags: [] };
  throw new PlombeError(
    'registry/not-found',
    `${connector.registry}/${inert(repository)} has no tag ${inert(tag ?? '')}.`,
  );
}

function referenceOf(text: string): ReturnType<typeof parseReference> {
  const reference = parseReference(text.replace(/^registry:/, ''));
  if (/[:@]/.test(text.slice(text.lastIndexOf('/') + 1))) return reference;
  throw new PlombeError('reference/invalid', `"${inert(text.slice(0, 200))}" names no tag and no digest.`, {
    remedy: 'Write HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:…: what is moved is one image, never the newest.',
  });
}

function targetOf(registry: string, to: unknown): string {
  const text = typeof to === 'string' ? to : '';
  if (text !== '' && !/[:@]/.test(text) && parseReference(`${registry}/${text}`).repository === text) return text;
  throw new PlombeError('reference/invalid', `--to ${inert(text.slice(0, 200))} is no repository.`, {
    remedy: 'Name a repository of the same registry, such as prod/app; tags go with --tag.',
  });
}
