// `plombe registry scan-with`: what another scanner says of an image, by Harbor's scanner adapter API, and always under that scanner's name.
import { openScannerClient, type ReportedFinding, type ScannerReport } from '@plombe/connectors';
import { layoutTable, type Column } from '@plombe/engine';
import { inert, jsonText, PlombeError } from '@plombe/kit';
import { severityOrder, type Context } from '@plombe/model';
import { apiHost, formatReference, type ImageReference, type RegistryClient } from '@plombe/oci';
import { openSession } from '../compose/context.ts';
import { readSecret } from '../compose/secret-file.ts';
import { openSubjectRegistry } from '../compose/subject-registry.ts';
import { ownOutputs } from '../compose/reports.ts';
import type { LoadedSettings } from '../settings/load.ts';
import type { Settings } from '../settings/settings.ts';
import { exitCodes } from '../terminal/failure.ts';
import { parseOutputs, writeReport } from '../terminal/output.ts';

type Flags = Readonly<Record<string, unknown>>;

const formats = ['table', 'json'];

/** One image and what was said of it. */
interface Told {
  readonly subject: string;
  readonly report: ScannerReport;
}

/**
 * Returns 1 for findings at or above `--fail-on`, 3 where the scanner itself says that it could not compare everything. Throws `scanner/refused`,
 * `registry/…`.
 */
export async function scanWithCommand(
  url: string,
  subject: string,
  loaded: LoadedSettings,
  flags: Flags,
): Promise<number> {
  const { values } = loaded;
  const targets = parseOutputs(ownOutputs(loaded, formats), formats, 'table');
  const { ctx } = openSession(values);
  const { client, reference, network } = openSubjectRegistry(subject, values, flags, ctx);
  const scanner = openScannerClient({ url, network, ...loginOf(flags) }, ctx);
  const told: Told[] = [];
  try {
    for (const { digest, mediaType } of await imagesOf(client, reference, ctx)) {
      const { repository, tag } = reference;
      const task = { registryUrl: registryUrl(reference, flags), repository, digest, mediaType };
      const authorization = flags['registryAuthorizationFile'];
      const report = await scanner.scan(
        {
          ...task,
          ...(tag === undefined ? {} : { tag }),
          ...(typeof authorization === 'string'
            ? { registryAuthorization: readSecret(authorization, '--registry-authorization-file') }
            : {}),
        },
        ctx.signal,
      );
      told.push({ subject: formatReference({ registry: reference.registry, repository, digest }), report });
    }
  } finally {
    scanner.close();
    client.close();
  }
  for (const target of targets) {
    writeReport(target, [target.format === 'json' ? `${jsonText(documentOf(told), 2)}\n` : textOf(told)]);
  }
  return exitCodeOf(told, values);
}

function loginOf(flags: Flags): { readonly authorization?: string; readonly apiKey?: string } {
  if (typeof flags['tokenFile'] !== 'string') return {};
  const secret = readSecret(flags['tokenFile'], '--token-file');
  if (flags['auth'] === 'api-key') return { apiKey: secret };
  const isBasic = flags['auth'] === 'basic';
  return { authorization: isBasic ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}` };
}

function registryUrl({ registry }: ImageReference, flags: Flags): string {
  const given = flags['registryUrl'];
  if (typeof given === 'string') {
    if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
    throw new PlombeError('config/invalid', '--registry-url must be an address, as https://registry.example.com.');
  }
  return `${flags['plainHttp'] === true ? 'http' : 'https'}://${apiHost(registry)}`;
}

/** The image itself, or each of an index: scanners of Harbor read single images. */
async function imagesOf(
  client: RegistryClient,
  reference: ImageReference,
  { signal }: Context,
): Promise<readonly { readonly digest: ScannedDigest; readonly mediaType: string }[]> {
  const { document, digest } = await client.fetchManifest(reference, { signal });
  if (document.kind === 'manifest') return [{ digest, mediaType: document.mediaType }];
  return document.manifests
    .filter(({ platform }) => platform !== undefined && platform.os !== 'unknown')
    .map((entry) => ({ digest: entry.digest, mediaType: entry.mediaType }));
}

type ScannedDigest = NonNullable<ImageReference['digest']>;

function documentOf(told: readonly Told[]): object {
  return { schemaVersion: 1, reports: told.map(({ subject, report }) => ({ subject, ...report })) };
}

const columns: readonly Column<ReportedFinding>[] = [
  { title: 'SEVERITY', text: ({ severity }) => severity.word, dropOrder: 0 },
  { title: 'VULNERABILITY', text: ({ vulnerability }) => inert(vulnerability), dropOrder: 0, whole: true },
  { title: 'PACKAGE', text: ({ packageName }) => inert(packageName), dropOrder: 0, maxWidth: 40 },
  { title: 'VERSION', text: ({ packageVersion }) => inert(packageVersion), dropOrder: 0, maxWidth: 30 },
  { title: 'FIXED IN', text: ({ fixedVersions }) => inert(fixedVersions.join(', ')), dropOrder: 1, maxWidth: 40 },
  { title: 'SUMMARY', text: ({ summary = '' }) => inert(summary.split('\n')[0] ?? ''), dropOrder: 2, elastic: true },
];

function textOf(told: readonly Told[]): string {
  const width = process.stdout.isTTY ? process.stdout.columns : 120;
  return told.map(({ subject, report }) => `${reportText(subject, report, width)}\n`).join('\n');
}

function reportText(
  subject: string,
  { scanner, generatedAt, findings, incomplete }: ScannerReport,
  width: number,
): string {
  const { name, vendor, version } = scanner;
  const by = [name, version, vendor === '' || vendor === name ? '' : `of ${vendor}`]
    .filter((part) => part !== '')
    .join(' ');
  return [
    `${inert(subject)}: reported by ${inert(by)}${generatedAt === undefined ? '' : ` at ${inert(generatedAt)}`}, not compared by Plombe`,
    ...(incomplete === undefined
      ? []
      : [`Incomplete (${inert(incomplete.state)}): ${incomplete.causes.map(inert).join(' ')}`]),
    ...(findings.length === 0 ? ['The scanner reported nothing.'] : layoutTable(columns, findings, width)),
  ].join('\n');
}

function exitCodeOf(told: readonly Told[], { failOn, allow = [] }: Settings): number {
  const isIncomplete = told.some(
    ({ report: { incomplete } }) =>
      incomplete !== undefined && !(allow as readonly string[]).includes(incomplete.state),
  );
  if (told.length === 0 || isIncomplete) return exitCodes.notAssessed;
  if (failOn === undefined) return exitCodes.fine;
  // An unknown severity may be anything, so it fails wherever `low` does.
  const rank = (word: (typeof severityOrder)[number]): number =>
    severityOrder.indexOf(word === 'unknown' ? 'low' : word);
  const isFailing = told.some(({ report }) =>
    report.findings.some(({ severity }) => rank(severity.word) <= rank(failOn)),
  );
  return isFailing ? exitCodes.findings : exitCodes.fine;
}
