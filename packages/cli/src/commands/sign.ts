// `plombe sign`: resolve the tag, sign the digest, keep the signature beside the image.
import { formatReference } from '@plombe/oci';
import { algorithmOfKey } from '@plombe/notation';
import {
  isPluginKey,
  openPluginKey,
  resolveSubjectDigest,
  signNotary,
  signSubject,
  type AlgorithmChoice,
  type StoredNotarySignature,
} from '@plombe/engine';
import { PlombeError } from '@plombe/kit';
import type { SignatureFormat } from '@plombe/model';
import { annotationsOf, pluginConfigOf } from '../compose/anchor.ts';
import { openSession } from '../compose/context.ts';
import { durationMs } from '../compose/duration.ts';
import { readCertificates } from '../compose/endorsers.ts';
import { textOrJson } from '../compose/output.ts';
import { pluginFinder } from '../compose/plugin.ts';
import { openSigning } from '../compose/signing.ts';
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
  const withChain = typeof flags['certChain'] === 'string' ? { chain: readCertificates(flags['certChain']) } : {};
  const { client, reference, services, key, close } = openSigning(subject, values, flags, ctx);
  try {
    const common = {
      client,
      subject: await resolveSubjectDigest(client, reference, ctx),
      annotations,
      agent: `plombe/${version}`,
      ...(expiresInMs === undefined ? {} : { expiryMs: ctx.clock.nowMs() + expiresInMs }),
    };
    const signByPlugin = async (name: string, envelope: 'jws' | 'cose'): Promise<StoredNotarySignature> => {
      const config = pluginConfigOf(flags);
      const options = { ...(config === undefined ? {} : { config }), ...withChain };
      const hand = await openPluginKey(name, pluginFinder(process.env, ctx.signal), options);
      const stamp = services.stamp();
      return signNotary({ ...common, hand, format: envelope, ...(stamp === undefined ? {} : { stamp }) }, ctx);
    };
    const signByKey = async (): Promise<StoredNotarySignature> => {
      const choose: AlgorithmChoice = notary ? (one) => algorithmOfKey(one)?.signature : services.choose;
      const { signer, endorsers } = await services.endorse(await key(choose));
      const stored = await signSubject({ ...common, signer, endorsers, format, ...withChain }, ctx);
      return { ...stored, signerId: signer.publicKey.id };
    };
    const named = String(flags['key']);
    const { signerId, manifest, listedBy } =
      notary && isPluginKey(named) ? await signByPlugin(named, format) : await signByKey();
    const described = { reference: formatReference(reference), digest: common.subject.digest };
    output({
      json: { subject: described, format, signer: signerId, manifest, listedBy },
      text: () =>
        `Signed ${described.digest}\n  ${described.reference}, ${format} by ${signerId}\n  stored as ${manifest}\n`,
    });
    return exitCodes.fine;
  } finally {
    close();
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
  const byPlugin = notary && isPluginKey(String(flags['key']));
  if (flags['pluginConfig'] !== undefined && !byPlugin)
    throw new PlombeError('config/invalid', '--plugin-config belongs to keys plugin://NAME/KEYID.');
  if (notary && !byPlugin && flags['certChain'] === undefined) {
    throw new PlombeError('config/invalid', 'The formats jws and cose need the certificate chain of the key.', {
      remedy: 'Give it with --cert-chain, leaf first.',
    });
  }
}
