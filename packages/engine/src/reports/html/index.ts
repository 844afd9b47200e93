// The report as one page: nothing is loaded, and its policy lets a browser run and use nothing but the one script and style that are in it.
import { createHash } from 'node:crypto';
import type { ScanResult } from '@plombe/model';
import { escapeMarkup } from '../escaping/markup.ts';
import { placeGroups } from '../placed/groups.ts';
import { placedFindings } from '../placed/placed.ts';
import type { RenderOptions, ReportFormat } from '../report.ts';
import { renderFindings } from './findings.ts';
import { pageScript } from './script.ts';
import { placesOf } from './places.ts';
import { actionsOf, diagnosticsOf, headerOf, riskOf, stateOf, suppressedOf, tilesOf } from './sections.ts';
import { pageStyle } from './style.ts';
import { textsOf } from './texts.ts';

/** English or German; filters, layers and a picture of where the risk sits. */
export const html: ReportFormat = {
  id: 'html',
  title: 'HTML page that stands alone',
  mediaType: 'text/html; charset=utf-8',
  *render(result: ScanResult, { language = 'en' }: RenderOptions): Iterable<string> {
    const texts = textsOf(language);
    const placed = placedFindings(result);
    const groups = placeGroups(result);
    const { subject, layers } = result.inventory;
    const policy = [
      "default-src 'none'",
      `style-src '${digestOf(pageStyle)}'`,
      `script-src '${digestOf(pageScript)}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ].join('; ');
    yield `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(`${subject.reference ?? subject.name} · Plombe`)}</title>
<style>${pageStyle}</style>
</head>
<body>
`;
    yield headerOf(result, texts);
    yield '<main>\n';
    yield stateOf(result, texts, language);
    yield tilesOf(result, texts);
    yield riskOf(result, placed, groups, texts);
    yield actionsOf(result, texts, language);
    yield* renderFindings(placed, groups, layers, texts, texts.noFindings[result.assessment.state]);
    yield placesOf(result, placed, groups, texts, language);
    yield suppressedOf(result, texts);
    yield diagnosticsOf(result, texts);
    yield `</main>\n<footer>${escapeMarkup(texts.made(`${result.tool.name} ${result.tool.version}`))}</footer>\n<script>${pageScript}</script>\n</body>\n</html>\n`;
  },
};

/** The source of a content security policy that allows exactly this text (CSP level 2, section 4.2.5). */
function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
