// What is missing from a report about a registry, above it, in lines of the terminal's width.
import { reportTexts, type Language } from '@plombe/connectors';
import { wrap, type paletteFor } from '@plombe/engine';
import { inert } from '@plombe/kit';

/** No line where nothing is missing; else a heading, one paragraph per cause, and an empty line. */
export function gapLines(
  causes: readonly string[],
  language: Language,
  palette: ReturnType<typeof paletteFor>,
  width: number,
): readonly string[] {
  if (causes.length === 0) return [];
  const lines = causes.flatMap((cause) =>
    wrap(inert(cause), Math.max(40, width - 4)).map(
      (line, at) => `${at === 0 ? `  ${palette.warn('!')} ` : '    '}${line}`,
    ),
  );
  return [palette.warn(reportTexts[language].notAll), ...lines, ''];
}
