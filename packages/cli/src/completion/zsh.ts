// Completion for zsh, with what each command and flag is for.
import { descendCases, valuedCases, type CompletedCommand, type CompletedFlag } from './describe.ts';

/** Returns the script: as a file `_plombe` in `$fpath`, or sourced after `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const descend = descendCases(commands);
  const valued = valuedCases(commands);
  const values = commands.flatMap(({ path, flags }) =>
    flags
      .filter(({ words }) => words.length > 0)
      .map(
        ({ names, words }) =>
          `      ${names.map((name) => `'${path}:${name}'`).join('|')}) offer=(${words.map(quoted).join(' ')}) ;;`,
      ),
  );
  const flagged = commands.map(
    ({ path, flags }) => `      '${path}') offer=(${flags.flatMap(flagWords).join(' ')}) ;;`,
  );
  const named = commands.flatMap(({ path, commands: children, words }) => {
    const offer = children.length > 0 ? children.map(({ name, about }) => described(name, about)) : words.map(quoted);
    return offer.length === 0 ? [] : [`      '${path}') offer=(${offer.join(' ')}) ;;`];
  });
  return `#compdef plombe
# zsh completion for plombe; load it with: source <(plombe completion zsh)
_plombe() {
  local command='' expect='' word i
  local -a offer
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $expect ]]; then expect=''; continue; fi
    case $word in
      -*) case "$command:$word" in
${valued.join('\n')}
      esac ;;
      *) case "$command $word" in
${descend.join('\n')}
      esac ;;
    esac
  done
  if [[ -n $expect ]]; then
    case "$command:$expect" in
${values.join('\n')}
    esac
  elif [[ $words[CURRENT] == -* ]]; then
    case $command in
${flagged.join('\n')}
    esac
  else
    case $command in
${named.join('\n')}
    esac
  fi
  if (( $#offer )); then _describe plombe offer; else _files; fi
}
if [[ $funcstack[1] == _plombe ]]; then _plombe "$@"; else compdef _plombe plombe; fi
`;
}

function flagWords({ names, about }: CompletedFlag): readonly string[] {
  return names.map((name) => described(name, about));
}

/** `name:about`, in which a colon within the name is escaped. */
function described(name: string, about: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${about}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
