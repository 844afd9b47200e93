// Reads a template: the part of Mustache that has no logic, no other files and no unescaped values.
import { inert, PlombeError } from '@plombe/kit';

/** A piece of a template. `path` is empty for `{{.}}`. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: readonly string[] }
  | {
      readonly kind: 'section';
      readonly path: readonly string[];
      readonly inverted: boolean;
      readonly inner: readonly TemplateNode[];
    };

/** More than a page that is written by hand has. */
const maxTemplateLength = 1024 * 1024;
/** Findings, their packages, the packages' evidence: five. */
const maxDepth = 16;

/** A tag; of those with braces inside only the form that is refused by name, so that reading stays linear. */
const tag = /\{\{(\{?[^{}]*\}?)\}\}/g;
const pathShape = /^@?[A-Za-z_][\w-]*(?:\.[A-Za-z_0-9][\w-]*)*$/;

interface OpenSection {
  readonly name: string;
  readonly line: number;
  readonly inverted: boolean;
  readonly nodes: TemplateNode[];
}

/** Returns its pieces. Throws `report/template` with the line. */
export function parseTemplate(template: string, name: string): readonly TemplateNode[] {
  const refuse = (line: number, problem: string): PlombeError =>
    new PlombeError('report/template', `${inert(name)}, line ${line}: ${problem}`);
  if (template.length > maxTemplateLength) throw refuse(1, 'the template is larger than 1 MiB.');
  const open: OpenSection[] = [{ name: '', line: 1, inverted: false, nodes: [] }];
  let at = 0;
  let line = 1;
  for (const match of template.matchAll(tag)) {
    const [whole, inside = ''] = match;
    const start = match.index;
    const end = start + whole.length;
    const top = open.at(-1) as OpenSection;
    const sigil = /^[#^/!]/.exec(inside)?.[0];
    // A section's tag that has its line for itself takes the line with it.
    const alone = sigil === undefined ? undefined : aloneOnLine(template, start, end);
    const before = template.slice(at, Math.max(at, alone?.start ?? start));
    if (before.includes('{{')) throw refuse(line, '{{ opens a tag that does not end.');
    pushText(top.nodes, before);
    line += lineEnds(template.slice(at, start));
    at = alone?.end ?? end;
    const path = (sigil === undefined ? inside : inside.slice(1)).trim();
    if (sigil !== '!') {
      if (path !== '.' && !pathShape.test(path)) throw refuse(line, unknownTag(inside));
      const steps = path === '.' ? [] : path.split('.');
      if (sigil === undefined) top.nodes.push({ kind: 'value', path: steps });
      else if (sigil === '/') {
        if (open.length === 1 || top.name !== path) throw refuse(line, `{{/${inert(path)}}} closes what is not open.`);
        open.pop();
        const inner = top.nodes;
        (open.at(-1) as OpenSection).nodes.push({ kind: 'section', path: steps, inverted: top.inverted, inner });
      } else {
        if (open.length > maxDepth) throw refuse(line, `sections are nested deeper than ${maxDepth}.`);
        open.push({ name: path, line, inverted: sigil === '^', nodes: [] });
      }
    }
    line += lineEnds(template.slice(start, at));
  }
  const top = open.at(-1) as OpenSection;
  if (open.length > 1) throw refuse(top.line, `{{#${inert(top.name)}}} is not closed.`);
  if (template.slice(at).includes('{{')) throw refuse(line, '{{ opens a tag that does not end.');
  pushText(top.nodes, template.slice(at));
  return top.nodes;
}

function pushText(nodes: TemplateNode[], text: string): void {
  if (text !== '') nodes.push({ kind: 'text', text });
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}

/** From the beginning of the line to the next one, where there is nothing else in it. */
function aloneOnLine(template: string, start: number, end: number): { start: number; end: number } | undefined {
  const lineStart = template.lastIndexOf('\n', start - 1) + 1;
  if (start > 0 && !/^[ \t]*$/.test(template.slice(lineStart, start))) return undefined;
  let after = end;
  while (template[after] === ' ' || template[after] === '\t') after++;
  if (after === template.length) return { start: lineStart, end: after };
  if (template.startsWith('\r\n', after)) return { start: lineStart, end: after + 2 };
  return template[after] === '\n' ? { start: lineStart, end: after + 1 } : undefined;
}

function unknownTag(inside: string): string {
  const shown = inert(`{{${inside.slice(0, 40)}}}`);
  if (/^[{&]/.test(inside)) return `${shown}: every value is escaped; there is no other form.`;
  if (/^[>=]/.test(inside)) return `${shown}: a template takes nothing from other files and keeps its braces.`;
  return `${shown} is no name of a member, such as {{packageName}} or {{severity.word}}.`;
}
