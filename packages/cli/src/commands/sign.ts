// `plombe sign`: resolve the tag, sign the digest, keep the signature beside the image.
import { formatReference } from '@plombe/oci';
import { algorithmOfKey } from '@plombe/notation';
import { openSigner, resolveSubjectDigest, signSubject } from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { SignatureFormat } from '@plombe/model';
import { annotationsOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { durationMs } from '../compose/duration.ts';
import { openEndorsers, readCertificates } from '../compose/endorsers.ts';
import { keySources } from '../compose/keys.ts';
import { textOrJson } from '../compose/output.ts';
import { openSubjectRegistry } from '../compose/subject-registry.ts';
import { openVault } from '../compose/vault.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { version } from '../version.ts';

/** Returns 0 once the signature is stored. Throws `config/invalid`, `trust/…`, `notation/signing`, `service/…`, `registry/…`. */
export async function signCommand(
  subject: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  const { ctx } = openSession(values);
  const format = String(flags['format']) as SignatureFormat;
  const notary = format === 'jws' || format === 'cose';
  checkFlags(flags, notary);
  const expiresInMs = typeof flags['expiresIn'] === 'string' ? durationMs(flags['expiresIn']) : undefined;
  const annotations = annotationsOf(flags);
  const chain = typeof flags['certChain'] === 'string' ? readCertificates(flags['certChain']) : undefined;
  const { client, reference, network } = openSubjectRegistry(subject, values, flags, ctx);
  const vault = openVault(values, ctx);
  const services = openEndorsers(flags, network, ctx);
  try {
    const sources = keySources(process.env, vault);
    const named =
      typeof flags['key'] === 'string'
        ? await openSigner(flags['key'], sources, notary ? (key) => algorithmOfKey(key)?.signature : services.choose)
        : undefined;
    const { signer, endorsers } = await services.endorse(named);
    const resolved = await resolveSubjectDigest(client, reference, ctx);
    const stored = await signSubject(
      {
        client,
        subject: resolved,
        signer,
        endorsers,
        format,
        annotations,
        agent: `plombe/${version}`,
        ...(chain === undefined ? {} : { chain }),
        ...(expiresInMs === undefined ? {} : { expiryMs: ctx.clock.nowMs() + expiresInMs }),
      },
      ctx,
    );
    const described = { reference: formatReference(reference), digest: resolved.digest };
    output({
      json: {
        subject: described,
        format,
        signer: signer.publicKey.id,
        manifest: stored.manifest,
        listedBy: stored.listedBy,
      },
      text: () =>
        `Signed ${described.digest}\n  ${described.reference}, ${format} by ${signer.publicKey.id}\n  stored as ${stored.manifest}\n`,
    });
    return exitCodes.fine;
  } finally {
    client.close();
    vault.close();
    services.close();
  }
}

function checkFlags(flags: Readonly<Record<string, unknown>>, notary: boolean): void {
  const foreign = notary
    ? (['signingConfig', 'trustedRoot', 'identityToken'] as const)
    : (['certChain', 'expiresIn'] as const);
  for (const name of foreign) {
    if (flags[name] === undefined) continue;
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new PlombeError(
      'config/invalid',
      `${flag} belongs to the formats ${notary ? 'bundle and tag' : 'jws and cose'}.`,
    );
  }
  if (notary && flags['certChain'] === undefined) {
    throw new PlombeError('config/invalid', 'The formats jws and cose need the certificate chain of the key.', {
      remedy: 'Give it with --cert-chain, leaf first.',
    });
  }
}
