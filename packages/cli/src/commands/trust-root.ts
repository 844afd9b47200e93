// `plombe trust-root`: fetch Sigstore's trusted root by TUF, and show what one believes.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  createServiceClient,
  describeTrustRoot,
  layoutTable,
  readSmallFile,
  readTrustedRoot,
  refreshTrustRoot,
  shownUrl,
  trustRootFolderName,
  type Column,
  writeWhole,
  type TrustRootEntry,
} from '@plombe/engine';
import { inert, kibibyte, PlombeError } from '@plombe/kit';
import { openSession } from '../compose/context.ts';
import { dataFolder } from '../compose/folders.ts';
import { textOrJson } from '../compose/output.ts';
import { networkOptions } from '../compose/subject-registry.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Sigstore's public-good instance. */
const publicGood = 'https://tuf-repo-cdn.sigstore.dev';
/** What every TUF client reads of a root. */
const maxRootBytes = 500 * kibibyte;

/**
 * Refreshes and writes the files. Returns 1 where a check fails; then nothing is written that it forbids. Throws `config/invalid`, `registry/…`,
 * `report/write`.
 */
export async function updateTrustRoot(loaded: LoadedSettings, flags: Flags): Promise<number> {
  const output = textOrJson(loaded);
  const { values } = loaded;
  if (values.offline === true) {
    throw new PlombeError('config/invalid', 'A trusted root is fetched over the network, which is off (--offline).');
  }
  const { ctx } = openSession(values);
  const mirror = textOf(flags, 'mirror') ?? publicGood;
  const pinnedRoot = await pinnedRootOf(textOf(flags, 'root'), mirror);
  const folder = stateFolder(mirror);
  const client = createServiceClient(networkOptions(values), ctx);
  try {
    const requireSigningConfig = flags['signingConfig'] !== undefined;
    const result = await refreshTrustRoot({ mirror, pinnedRoot, folder, requireSigningConfig }, client, ctx);
    if (result.kind === 'refused') {
      const { file, check, message } = result;
      output({
        json: { verdict: 'rejected', mirror, firstBroken: { file, check, message } },
        text: () => `REJECTED  ${inert(mirror)}\n  ${file}: ${message} [${check}]\n`,
      });
      return exitCodes.findings;
    }
    const files = [
      { name: 'trusted_root.json', flag: 'out', bytes: result.trustedRoot },
      { name: 'signing_config.json', flag: 'signingConfig', bytes: result.signingConfig },
    ].flatMap(({ name, flag, bytes }) => {
      if (bytes === undefined) return [];
      const path = textOf(flags, flag) ?? join(folder, name);
      writeWhole(path, bytes);
      return [{ name, path, sha256: createHash('sha256').update(bytes).digest('hex') }];
    });
    const roles = Object.fromEntries(
      Object.entries(result.roles).map(([role, { version, expiresMs }]) => [
        role,
        { version, expires: new Date(expiresMs).toISOString() },
      ]),
    );
    output({
      json: { verdict: 'verified', mirror, roles, files },
      text: () =>
        [
          `VERIFIED  ${inert(mirror)}`,
          ...Object.entries(roles).map(([role, { version, expires }]) => `  ${role} ${version}, until ${expires}`),
          ...files.map(({ path, sha256 }) => `  wrote ${inert(path)} (sha256:${sha256})`),
          '',
        ].join('\n'),
    });
    return exitCodes.fine;
  } finally {
    client.close();
  }
}

/** Lists a trusted root; without a file, the one that `update` fetched last from the public-good instance. No network. */
export async function showTrustRoot(loaded: LoadedSettings, given: string | undefined): Promise<number> {
  const output = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const path = given ?? join(stateFolder(publicGood), 'trusted_root.json');
  if (given === undefined && !existsSync(path)) {
    throw new PlombeError('source/not-found', 'No trusted root was fetched yet.', {
      remedy: 'Run plombe trust-root update, or name a file.',
    });
  }
  const entries = describeTrustRoot(readTrustedRoot(path), ctx.clock.nowMs());
  output({ json: { path, entries }, text: ({ width }) => `${inert(path)}\n${tableOf(entries, width)}` });
  return Promise.resolve(exitCodes.fine);
}

const kinds: Readonly<Record<TrustRootEntry['kind'], string>> = {
  log: 'log',
  certificateAuthority: 'certificate authority',
  certificateLog: 'certificate log',
  timestampAuthority: 'time stamp authority',
};

const columns: readonly Column<TrustRootEntry>[] = [
  { title: 'KIND', text: ({ kind }) => kinds[kind], dropOrder: 0 },
  { title: 'FROM', text: ({ from }) => from.slice(0, 10), dropOrder: 0 },
  { title: 'UNTIL', text: ({ until }) => until?.slice(0, 10) ?? '', dropOrder: 0 },
  { title: 'STATE', text: ({ current }) => (current ? 'current' : 'past'), dropOrder: 2 },
  { title: 'KEY', text: ({ key }) => key, dropOrder: 3 },
  { title: 'URL', text: ({ url }) => url, dropOrder: 0 },
  { title: 'ID OR SUBJECT', text: ({ id }) => id, dropOrder: 4, elastic: true },
];

function tableOf(entries: readonly TrustRootEntry[], width: number): string {
  if (entries.length === 0) return '  It believes nobody.\n';
  return layoutTable(columns, entries, width - 2)
    .map((line) => `  ${line}\n`)
    .join('');
}

async function pinnedRootOf(path: string | undefined, mirror: string): Promise<Uint8Array> {
  if (path !== undefined) return readSmallFile(path, 'The root', maxRootBytes);
  if (mirror === publicGood) {
    const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } });
    return Buffer.from(seeds[publicGood]['root.json'], 'base64');
  }
  throw new PlombeError('config/invalid', `The first root of ${shownUrl(mirror)} is not known.`, {
    remedy: 'Give its root.json with --root FILE, from a source that you trust.',
  });
}

function stateFolder(mirror: string): string {
  return join(dataFolder(), 'tuf', trustRootFolderName(mirror));
}

function textOf(flags: Flags, name: string): string | undefined {
  return typeof flags[name] === 'string' ? flags[name] : undefined;
}
