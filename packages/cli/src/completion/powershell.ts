// Completion for PowerShell 5.1 and later, with what each command and flag is for.
import type { CompletedCommand } from './describe.ts';

/**
 * Returns the script, for the profile. What is offered are texts, a name and what it is for with a tab between: lists within lists of one would be taken apart
 * by the pipeline.
 */
export function powershellCompletion(commands: readonly CompletedCommand[]): string {
  const table = commands.map(({ path, commands: children, flags, words }) => {
    const offered = [...children.map(({ name, about }) => quoted(`${name}\t${about}`)), ...words.map(quoted)];
    const named = flags.flatMap(({ names, about }) => names.map((name) => quoted(`${name}\t${about}`)));
    const values = flags
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ names, words: of }) => names.map((name) => `${quoted(name)} = ${list(of.map(quoted))}`));
    return `    ${quoted(path)} = @{ words = ${list(offered)}; flags = ${list(named)}; values = @{ ${values.join('; ')} } }`;
  });
  return `# PowerShell completion for plombe; load it with: plombe completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName plombe -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @{
${table.join('\n')}
  }
  $command = ''
  $expect = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($wordToComplete -ne '' -and $element.Extent.EndOffset -ge $cursorPosition) { break }
    $word = $element.Extent.Text
    if ($expect -ne '') { $expect = ''; continue }
    if ($word.StartsWith('-')) {
      if ($commands[$command].values.ContainsKey($word)) { $expect = $word }
      continue
    }
    $deeper = "$command $word".Trim()
    if ($commands.ContainsKey($deeper)) { $command = $deeper }
  }
  if ($expect -ne '') { $offer = $commands[$command].values[$expect] }
  elseif ($wordToComplete.StartsWith('-')) { $offer = $commands[$command].flags }
  else { $offer = $commands[$command].words }
  foreach ($entry in $offer) {
    $name, $about = $entry -split "\`t", 2
    if (-not $name.StartsWith($wordToComplete)) { continue }
    if (-not $about) { $about = $name }
    New-Object System.Management.Automation.CompletionResult $name, $name, 'ParameterValue', $about
  }
}
`;
}

function list(texts: readonly string[]): string {
  return `@(${texts.join(', ')})`;
}

/** PowerShell takes typographic single quotes for quotes too. */
function quoted(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;
}
