// Completion for fish, with what each command and flag is for.
import type { CompletedCommand } from './describe.ts';

/** Returns the script: as `~/.config/fish/completions/plombe.fish`, or sourced. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const descend = commands.flatMap(({ path, commands: children }) =>
    children.map(
      ({ name }) =>
        `        case ${quoted(`${path} ${name}`)}\n          set command ${quoted(`${path} ${name}`.trim())}`,
    ),
  );
  const valued = commands.flatMap(({ path, flags }) => {
    const names = flags.filter(({ takesValue }) => takesValue).flatMap((flag) => flag.names);
    return names.length === 0
      ? []
      : [`        case ${names.map((name) => quoted(`${path}:${name}`)).join(' ')}\n          set expect yes`];
  });
  const lines = commands.flatMap(({ path, commands: children, flags, words }) => {
    const here = `complete -c plombe -n ${quoted(`__plombe_at ${quoted(path)}`)}`;
    return [
      ...children.map(({ name, about }) => `${here} -f -a ${quoted(name)} -d ${quoted(about)}`),
      ...(words.length === 0 ? [] : [`${here} -f -a ${quoted(words.join(' '))}`]),
      ...flags.map(({ names, about, takesValue, words: values }) => {
        const written = names.map((name) =>
          name.startsWith('--') ? `-l ${quoted(name.slice(2))}` : `-s ${quoted(name.slice(1))}`,
        );
        const value = !takesValue ? '' : values.length === 0 ? ' -r -F' : ` -x -a ${quoted(values.join(' '))}`;
        return `${here} ${written.join(' ')}${value} -d ${quoted(about)}`;
      }),
    ];
  });
  return `# fish completion for plombe; load it with: plombe completion fish | source
function __plombe_at
  set -l command ''
  set -l expect ''
  for word in (commandline -opc)[2..-1]
    if test -n "$expect"
      set expect ''
      continue
    end
    switch $word
      case '--*=*'
      case '-*'
        switch "$command:$word"
${valued.join('\n')}
        end
      case '*'
        switch "$command $word"
${descend.join('\n')}
        end
    end
  end
  test "$command" = "$argv[1]"
end
${lines.join('\n')}
`;
}

/** Within single quotes fish reads a backslash and a quote that a backslash stands before. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
