// `plombe registry posture`: how a registry is set up, what is wrong with that and what to do, in English or German.
import {
  controlsOf,
  countOutcomes,
  factLines,
  failsAt,
  gatherFacts,
  judgePosture,
  postureDocument,
  posturePage,
  reportTexts,
  type Language,
  type PostureFinding,
  type PostureReport,
} from '@plombe/connectors';
import { paletteFor, wrap } from '@plombe/engine';
import { inert } from '@plombe/kit';
import { severityOrder, type SeverityWord } from '@plombe/model';
import { viewRegistry } from '../compose/connected/view.ts';
import type { TextOptions } from '../compose/output.ts';
import type { LoadedSettings } from '../settings/load.ts';
import { exitCodes } from '../terminal/failure.ts';

/**
 * Judges every check. Returns 1 where one of `--fail-on` or worse fails; else 3 where one of them is unknown and `--allow partial` is not given;
 * without `--fail-on` 0. Throws where the registry cannot be reached.
 */
export async function postureCommand(
  name: string,
  loaded: LoadedSettings,
  flags: Readonly<Record<string, unknown>>,
): Promise<number> {
  return viewRegistry(name, loaded, flags, async ({ connector, options, write, language, ctx }) => {
    const facts = await gatherFacts(connector, options, ctx, ctx);
    const report = judgePosture(connector, facts, ctx.clock.nowMs());
    write({
      json: () => postureDocument(report, language),
      table: (layout) => textOf(report, language, layout, flags['facts'] === true),
      html: () => posturePage(report, language),
    });
    const { failOn, allow = [] } = loaded.values;
    if (failOn === undefined) return exitCodes.fine;
    if (failsAt(report, failOn)) return exitCodes.findings;
    return !allow.includes('partial') && hasUnknown(report, failOn) ? exitCodes.notAssessed : exitCodes.fine;
  });
}

function hasUnknown(report: PostureReport, severity: SeverityWord): boolean {
  const limit = severityOrder.indexOf(severity);
  return report.findings.some(
    ({ outcome, check }) => outcome === 'unknown' && severityOrder.indexOf(check.severity) <= limit,
  );
}

/** Evidence shown per check; the other reports have all. */
const maxEvidence = 5;

function textOf(report: PostureReport, language: Language, { colour, width }: TextOptions, withFacts: boolean): string {
  const palette = paletteFor(colour);
  const texts = reportTexts[language];
  const { fail, unknown, pass } = countOutcomes(report);
  const lines = [
    palette.bold(`${texts.posture}: ${inert(report.registry)} (${report.kind})`),
    texts.summary(fail, unknown, pass),
    '',
  ];
  const indented = (text: string, indent = '    '): readonly string[] =>
    wrap(text, Math.max(40, width - indent.length)).map((line) => `${indent}${line}`);
  const evidenceOf = ({ evidence, outcome }: PostureFinding): readonly string[] => {
    const shown = evidence.slice(0, maxEvidence).map(inert);
    const more = evidence.length > maxEvidence ? ` … (+${evidence.length - maxEvidence})` : '';
    return indented(`${outcome === 'unknown' ? texts.missing : texts.evidence}: ${shown.join('; ')}${more}`);
  };
  for (const finding of report.findings) {
    const { check, outcome } = finding;
    const mark = {
      fail: palette.severity(check.severity, '✗'),
      unknown: palette.warn('?'),
      pass: palette.good('✓'),
    }[outcome];
    const severity = texts.severity[check.severity];
    lines.push(
      outcome === 'pass'
        ? `${mark} ${check.title[language]}  ${palette.dim(check.id)}`
        : `${mark} ${palette.severity(check.severity, severity)}  ${check.title[language]}: ${texts.outcome[outcome]}  ${palette.dim(check.id)}`,
    );
    if (outcome === 'pass') continue;
    if (outcome === 'fail') lines.push(...indented(check.description[language]));
    lines.push(...evidenceOf(finding).map((line) => palette.dim(line)));
    if (outcome === 'fail') {
      lines.push(...indented(`${texts.fix}: ${check.fix[language]}`));
      lines.push(...indented(controlsOf(check).join(' · ')).map((line) => palette.dim(line)));
    }
  }
  if (withFacts) {
    lines.push('', palette.bold(texts.facts));
    for (const { name, text, known } of factLines(report.facts)) {
      const said = known ? inert(text) : `${texts.outcome.unknown}: ${inert(text)}`;
      lines.push(
        ...wrap(`${name}: ${said}`, Math.max(40, width - 4)).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
