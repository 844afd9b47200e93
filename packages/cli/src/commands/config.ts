// `plombe config explain`: every setting, its value, and where the value comes from.
import { inert } from '@plombe/kit';
import { layoutTable } from '@plombe/engine';
import type { LoadedSettings } from '../settings/load.ts';
import { environmentName, settings } from '../settings/settings.ts';
import { print } from '../terminal/output.ts';

/** Prints one row per setting: key in plombe.yaml, value, origin, environment variable, flag, meaning. */
export function explainSettings({ origins }: LoadedSettings): number {
  const width = process.stdout.isTTY ? process.stdout.columns : 200;
  const lines = layoutTable(
    [
      { title: 'SETTING', text: ({ key }) => key, dropOrder: 0 },
      {
        title: 'VALUE',
        text: ({ key, value }) => inert(value === undefined ? settings[key].fallback : shown(value)),
        dropOrder: 0,
        maxWidth: 40,
      },
      { title: 'FROM', text: ({ origin }) => inert(origin), dropOrder: 0 },
      { title: 'ENVIRONMENT', text: ({ key }) => environmentName(key), dropOrder: 2 },
      { title: 'FLAG', text: ({ key }) => (settings[key] as { flag?: string }).flag ?? '-', dropOrder: 3 },
      { title: 'MEANING', text: ({ key }) => settings[key].about, dropOrder: 1, elastic: true },
    ],
    origins,
    width,
  );
  print(`${lines.join('\n')}\n`);
  return 0;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
