import { describe, expect, it } from 'vitest';
import type { Action } from '@plombe/model';
import { resultOf } from '../../testing/results.ts';
import { instruction, renderActions } from './actions.ts';
import { paletteFor } from './palette.ts';

function actionOf(overrides: Partial<Action> = {}): Action {
  return {
    kind: 'upgrade',
    packageName: 'openssl',
    packageVersion: '3.0.15',
    packageType: 'deb',
    targetVersion: '3.0.18',
    layerIndex: 2,
    createdBy: '/bin/sh -c apt-get install -y openssl',
    findings: 14,
    knownExploited: 0,
    weight: 1,
    ...overrides,
  };
}

/** The lines under the title. */
function rendered(width: number, ...actions: readonly Action[]): readonly string[] {
  return renderActions(resultOf([], [], { actions }), paletteFor(false), width).slice(2);
}

const npm = actionOf({
  packageName: 'nth-check',
  packageType: 'npm',
  createdBy: 'RUN npm ci',
  path: 'srv/app/node_modules/svgo/node_modules/nth-check/package.json',
});

it.each([
  ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
  ['/bin/sh -c apt-get update', 'RUN apt-get update'],
  ['RUN /bin/sh -c apt-get update # buildkit', 'RUN apt-get update'],
  ['RUN |2 A=1 B= /bin/sh -c make   all # buildkit', 'RUN make all'],
  ['COPY app /srv # buildkit', 'COPY app /srv'],
  ['RUN npm ci', 'RUN npm ci'],
])('%s is shown as its author wrote it', (createdBy, text) => {
  expect(instruction(createdBy)).toBe(text);
});

describe('the actions of the summary', () => {
  it.each<[string, number, readonly Action[], readonly string[]]>([
    [
      'what, where, by which instruction, and what it removes',
      120,
      [actionOf({ knownExploited: 2 })],
      [
        ' 1. upgrade openssl 3.0.15 to 3.0.18 in layer 2 (RUN apt-get install -…): removes 14 findings, 2 of them known exploited',
      ],
    ],
    [
      'the instructions below where they do not fit beside',
      80,
      [actionOf(), actionOf({ packageName: 'a-package-of-a-longer-name', findings: 1 })],
      [
        ' 1. upgrade openssl 3.0.15 to 3.0.18 in layer 2: removes 14 findings',
        ' 2. upgrade a-package-of-a-longer-name 3.0.15 to 3.0.18 in layer 2',
        '    removes 1 finding',
        '    layer 2: RUN apt-get install -y openssl',
      ],
    ],
    [
      'the folder of a package that no manager of the distribution upgrades, by its end',
      111,
      [npm],
      [
        ' 1. upgrade nth-check 3.0.15 to 3.0.18 in layer 2 (RUN npm ci) at …/node_modules/nth-check: removes 14 findings',
      ],
    ],
    [
      'how many such places there are',
      160,
      [{ ...npm, path: 'usr/lib/python3/dist-packages/jinja2-3.0.dist-info/METADATA', places: 3 }],
      [
        ' 1. upgrade nth-check 3.0.15 to 3.0.18 in layer 2 (RUN npm ci) at /usr/lib/python3/dist-packages and 2 more: removes 14 findings',
      ],
    ],
    [
      "Go's standard library, which only a new build changes",
      120,
      [actionOf({ packageType: 'golang', packageName: 'stdlib', targetVersion: '1.25.13', packageVersion: '1.23.3' })],
      [
        ' 1. rebuild with Go 1.25.13 instead of 1.23.3 in layer 2 (RUN apt-get install -y openssl): removes 14 findings',
      ],
    ],
    [
      "a Go module's version as go.mod writes it",
      60,
      [actionOf({ packageType: 'golang', packageName: 'x/net', targetVersion: '0.56.0', packageVersion: 'v0.30.0' })],
      [
        ' 1. upgrade x/net v0.30.0 to v0.56.0 in layer 2',
        '    removes 14 findings',
        '    layer 2: RUN apt-get install -y openssl',
      ],
    ],
  ])('%s', (_, width, actions, lines) => {
    expect(rendered(width, ...actions)).toEqual(lines);
  });

  it('fit any width', () => {
    for (let width = 60; width <= 200; width++)
      for (const line of rendered(width, actionOf({ knownExploited: 14 }), npm, { ...npm, places: 30 }))
        expect(line.length).toBeLessThanOrEqual(width);
  });
});
