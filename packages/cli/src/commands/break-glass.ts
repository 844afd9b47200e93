// `plombe gate break-glass`: one person's statement that a digest is to be let through; a second one's opens the gate.
import { attestSubject, openSigner, resolveSubjectDigest } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import { formatReference } from '@plombe/oci';
import { breakGlassType } from '@plombe/policy';
import { publicKeyPem } from '@plombe/trust';
import { textOf } from '../compose/approval.ts';
import { openSession } from '../compose/context.ts';
import { durationMs } from '../compose/duration.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { openSubjectRegistry } from '../compose/subject-registry.ts';
import { openVault } from '../compose/vault.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

const maxMs = 24 * 3_600_000;

/** Stores the statement beside the image. Throws `config/invalid` for a reason or time that is none, `trust/…`, `registry/…`. */
export async function breakGlassCommand(
  subject: string,
  { values, ...loaded }: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const output = textOrJson({ values, ...loaded });
  const reason = textOf(flags, 'reason');
  const lastsMs = durationMs(String(flags['expires']), '--expires');
  if (lastsMs > maxMs)
    throw new PlombeError('config/invalid', 'What is excepted this way ends within 24 hours.', {
      remedy: 'Give --expires of at most 24h; what is to hold longer belongs into the policy as an exception.',
    });
  const { ctx, progress } = openSession(values);
  const { client, reference } = openSubjectRegistry(subject, values, flags, ctx);
  const vault = openVault(values, ctx);
  try {
    const signer = await openSigner(String(flags['key']), keySources(process.env, vault));
    const resolved = await resolveSubjectDigest(client, reference, ctx);
    const nowMs = Math.floor(ctx.clock.nowMs() / 1000) * 1000;
    const expires = iso(nowMs + lastsMs);
    const predicate = {
      repository: reference.repository,
      reason,
      requested: iso(nowMs),
      expires,
      signer: { id: signer.publicKey.id, publicKey: publicKeyPem(signer.publicKey) },
    };
    const task = { client, subject: resolved, signer, endorsers: {}, format: 'bundle' } as const;
    const { manifest, statement } = await attestSubject({ ...task, predicateType: breakGlassType, predicate }, ctx);
    progress.clear();
    const { registry, repository } = reference;
    const { digest } = resolved;
    const name = formatReference({ registry, repository, digest });
    output({
      json: { subject: { reference: name, digest }, statement, manifest, signer: signer.publicKey.id, expires },
      text: () => `Signed by ${signer.publicKey.id}: let ${inert(name)} through until ${expires}\n`,
    });
    return exitCodes.fine;
  } finally {
    progress.clear();
    client.close();
    vault.close();
  }
}

/** RFC 3339 in whole seconds. */
function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
