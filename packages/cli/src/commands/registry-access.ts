// `plombe registry access`: who may do what in a registry, in the end, and by which grant.
import {
  accessDocument,
  accessPage,
  groupAccess,
  pathText,
  reportAccess,
  reportTexts,
  type AccessReport,
  type EffectiveAccess,
  type Language,
} from '@plombe/connectors';
import { layoutTable, paletteFor } from '@plombe/engine';
import { inert } from '@plombe/kit';
import { gapLines } from '../compose/connected/gaps.ts';
import { viewRegistry } from '../compose/connected/view.ts';
import { namesOf } from '../compose/connector.ts';
import type { TextOptions } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/** Evaluates grants over repositories and groups. Returns 3 where not everything could be read and `--allow partial` is not given. */
export async function accessCommand(
  name: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  return viewRegistry(name, loaded, flags, async ({ connector, write, language, ctx }) => {
    const filter = { repositories: namesOf(flags, 'repository'), principals: namesOf(flags, 'principal') };
    const report = await reportAccess(connector, filter, ctx, ctx);
    write({
      json: () => accessDocument(report),
      table: (layout) => tableOf(report, language, layout),
      html: () => accessPage(report, language),
    });
    const isFine = report.causes.length === 0 || loaded.values.allow?.includes('partial') === true;
    return isFine ? exitCodes.fine : exitCodes.notAssessed;
  });
}

/** A row, with the repositories that it stands for. */
type Row = EffectiveAccess & { readonly place: string };

function tableOf({ access, causes }: AccessReport, language: Language, { colour, width }: TextOptions): string {
  const palette = paletteFor(colour);
  const texts = reportTexts[language];
  const upper = (text: string): string => text.toUpperCase();
  const rows = groupAccess(access).flatMap(({ repositories: [first = '', ...more], rows: own }) =>
    own.map((row) => ({ ...row, place: more.length === 0 ? first : `${first} ${texts.andMore(more.length)}` })),
  );
  const lines = layoutTable<Row>(
    [
      {
        title: upper(texts.columns.repository),
        text: ({ place }) => inert(place),
        dropOrder: 0,
        whole: true,
      },
      {
        title: upper(texts.columns.principal),
        text: ({ principal }) => inert(principal.id),
        dropOrder: 0,
        whole: true,
      },
      {
        title: upper(texts.columns.permissions),
        text: ({ permissions }) => (permissions.length === 0 ? texts.none : permissions.join(',')),
        paint: ({ permissions }, cell) => (permissions.includes('admin') ? palette.warn(cell) : cell),
        dropOrder: 0,
        whole: true,
      },
      { title: upper(texts.columns.kind), text: ({ principal }) => principal.kind, dropOrder: 3 },
      {
        title: upper(texts.columns.state),
        text: ({ principal }) => principal.state,
        paint: ({ principal }, cell) => (principal.state === 'active' ? cell : palette.dim(cell)),
        dropOrder: 2,
      },
      {
        title: upper(texts.columns.by),
        text: ({ paths }) => inert(paths.map((path) => pathText(path, texts)).join('; ')),
        dropOrder: 1,
        elastic: true,
      },
    ],
    rows,
    width,
  );
  return `${[...gapLines(causes, language, palette, width), ...lines].join('\n')}\n`;
}
