// Completion for bash 3.2 and later, without the bash-completion package.
import { descendCases, valuedCases, type CompletedCommand } from './describe.ts';

/** Returns the script. Where nothing is offered, `-o default` completes files. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const descend = descendCases(commands);
  const valued = valuedCases(commands);
  const values = commands.flatMap(({ path, flags }) =>
    flags
      .filter(({ words }) => words.length > 0)
      .map(
        ({ names, words }) =>
          `      ${names.map((name) => `'${path}:${name}'`).join('|')}) offer='${words.join(' ')}' ;;`,
      ),
  );
  const flagged = commands.map(
    ({ path, flags }) => `      '${path}') offer='${flags.flatMap(({ names }) => names).join(' ')}' ;;`,
  );
  const named = commands.flatMap(({ path, commands: children, words }) => {
    const offer = children.length > 0 ? children.map(({ name }) => name) : words;
    return offer.length === 0 ? [] : [`      '${path}') offer='${offer.join(' ')}' ;;`];
  });
  return `# bash completion for plombe; load it with: eval "$(plombe completion bash)"
_plombe() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' expect='' offer='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [ "$word" = '=' ]; then continue; fi
    if [ -n "$expect" ]; then expect=''; continue; fi
    case $word in
      -*) case "$command:$word" in
${valued.join('\n')}
      esac ;;
      *) case "$command $word" in
${descend.join('\n')}
      esac ;;
    esac
  done
  if [ "$cur" = '=' ]; then cur=''; fi
  if [ -n "$expect" ]; then
    case "$command:$expect" in
${values.join('\n')}
    esac
  elif [[ $cur == -* ]]; then
    case $command in
${flagged.join('\n')}
    esac
  else
    case $command in
${named.join('\n')}
    esac
  fi
  if [ -n "$offer" ]; then COMPREPLY=($(compgen -W "$offer" -- "$cur")); fi
}
complete -o default -F _plombe plombe
`;
}
