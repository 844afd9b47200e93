// Manual pages, made of what the parser and the help know: man-pages(7) has the sections and their order.
import type { Command, Option } from 'commander';
import { helpTexts } from '../help.ts';
import { environmentName, settings } from '../settings/settings.ts';
import { version } from '../version.ts';
import { roffArgument, roffLines, roffText } from './roff.ts';

/** Name of a command's page: `plombe-db-update`. */
export function pageName(command: Command): string {
  return pathOf(command).join('-');
}

/** Every command that help shows, the program first. */
export function documentedCommands(program: Command): readonly Command[] {
  const help = program.createHelp();
  const below = (command: Command): readonly Command[] => [
    command,
    ...help
      .visibleCommands(command)
      .filter((child) => child.name() !== 'help')
      .flatMap(below),
  ];
  return below(program);
}

/** Returns the page in roff, with its LF. The same for each run of one version. */
export function manualPage(command: Command): string {
  const help = command.createHelp();
  const name = pageName(command);
  const { before = '', after } = helpTexts(command);
  const [intro, examples] = splitExamples(before);
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const options = help.visibleOptions(command);
  const about = command.description() || 'tells what is in container images, who vouches for them, and what may run';
  const exits = after.map((text) => text.trim());
  const lines = [
    `.TH ${roffArgument(name.toUpperCase())} 1 "" ${roffArgument(`plombe ${version}`)} "Plombe"`,
    ...section('NAME', [`${roffText(name)} \\- ${roffText(about)}`]),
    ...section('SYNOPSIS', [`.B ${roffText(help.commandUsage(command).trim())}`]),
    ...section('DESCRIPTION', [
      ...(intro === '' ? [roffText(sentence(about))] : roffLines(intro)),
      ...exits.flatMap((text) => ['.PP', ...roffLines(text)]),
    ]),
    ...section(
      'COMMANDS',
      children.flatMap((child) => ['.TP', `.B ${roffText(child.name())}`, roffText(child.description())]),
    ),
    ...section('OPTIONS', options.flatMap(optionLines)),
    ...section('EXAMPLES', examples === '' ? [] : roffLines(examples)),
    ...section('ENVIRONMENT', command.parent === null ? environmentLines() : []),
    ...section('SEE ALSO', seeAlso(command, children)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${roffArgument(title)}`, ...lines];
}

function pathOf(command: Command): readonly string[] {
  return command.parent === null ? [command.name()] : [...pathOf(command.parent), command.name()];
}

/** What the program is for, and examples: the program's own text has both. */
function splitExamples(text: string): readonly [intro: string, examples: string] {
  const marker = 'Examples:\n';
  const at = text.indexOf(marker);
  if (at >= 0) return [text.slice(0, at).trim(), text.slice(at + marker.length)];
  return ['', text];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function optionLines(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : ` One of ${option.argChoices.join(', ')}.`;
  return ['.TP', `.B ${roffText(option.flags)}`, roffText(`${sentence(option.description)}${choices}`)];
}

function environmentLines(): readonly string[] {
  return Object.entries(settings).flatMap(([key, { about }]) => [
    '.TP',
    `.B ${roffText(environmentName(key))}`,
    roffText(sentence(about)),
  ]);
}

function seeAlso(command: Command, children: readonly Command[]): readonly string[] {
  const pages = [...(command.parent === null ? [] : [command.parent]), ...children].map(pageName).sort();
  return pages.length === 0 ? [] : [pages.map((page) => `\\fB${roffText(page)}\\fR(1)`).join(', ')];
}
