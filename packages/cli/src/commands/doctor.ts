// `plombe doctor`: what is configured, reachable, stale and missing, each with what to do about it.
import { paletteFor, wrap } from '@plombe/engine';
import { inert, PlombeError } from '@plombe/kit';
import { openSession } from '../compose/context.ts';
import { textOrJson } from '../compose/output.ts';
import { examine, loginRegistries, type Examined } from '../doctor/examination.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';
import { version } from '../version.ts';

/** Prints what was looked at. `online` also asks registries with a login and the publishers of advisory data. Returns 0, or 1 where there is a problem. */
export async function doctorCommand(loaded: LoadedSettings, online: boolean): Promise<number> {
  if (online && loaded.values.offline === true) {
    throw new PlombeError('config/invalid', '--online and --offline exclude each other.');
  }
  const write = textOrJson(loaded);
  const { ctx } = openSession(loaded.values);
  const local = examine(loaded, process.env, ctx);
  const examined = online ? [...local, ...(await network(loaded, local))] : local;
  const healthy = examined.every(({ state }) => state !== 'problem');
  write({
    json: { schemaVersion: 1, version, healthy, examined },
    text: ({ colour, width }) => render(examined, colour, width),
  });
  return healthy ? exitCodes.fine : exitCodes.findings;

  async function network({ values }: LoadedSettings, known: readonly Examined[]): Promise<readonly Examined[]> {
    // With certificates that cannot be read nothing would be learnt, and that is said already.
    if (known.some(({ subject, state }) => subject === 'certificates' && state === 'problem')) return [];
    const { updateFetch } = await import('../compose/fetch.ts');
    const { examineNetwork } = await import('../doctor/network.ts');
    const plain = new Set(values.plainHttp ?? []);
    const registries = loginRegistries(values, process.env).map((host) => ({ host, plainHttp: plain.has(host) }));
    return examineNetwork(updateFetch(values), ctx, registries);
  }
}

function render(examined: readonly Examined[], colour: boolean, width: number): string {
  const palette = paletteFor(colour);
  const marks = { ok: palette.good('✓'), problem: palette.severity('high', '✗'), note: palette.dim('–') };
  const indent = ' '.repeat(16);
  const room = Math.max(40, width - indent.length);
  const lines = examined.flatMap(({ subject, state, message, fix }, index) => {
    const [first = '', ...rest] = wrap(inert(message), room);
    // What one remedy mends has it once, at the end.
    const isSaidBelow = fix === undefined || examined[index + 1]?.fix === fix;
    return [
      `${marks[state]} ${palette.bold(subject.padEnd(12))}  ${first}`,
      ...rest.map((line) => indent + line),
      ...(isSaidBelow ? [] : wrap(inert(fix), room).map((line) => indent + palette.dim(line))),
    ];
  });
  const problems = examined.filter(({ state }) => state === 'problem').length;
  const said = problems === 0 ? 'Nothing is wrong.' : `${problems} ${problems === 1 ? 'problem' : 'problems'}.`;
  return `${[`plombe ${version}, Node ${process.versions.node}`, '', ...lines, '', said].join('\n')}\n`;
}
