// What a go.sum lacks is named in a diagnostic: the names are text of an image, and inert there (T21).
import { expect, test } from 'vitest';
import { viewOf } from '../../testing/view.ts';
import { goModCataloger } from './index.ts';

test('T21 modules that a go.sum does not hold are named without what a terminal obeys', () => {
  const files = {
    'a/go.mod': 'module a\ngo 1.16\nrequire (\n\texample.com/\u001b[2Jx\u0007 v1.0.0\n\texample.com/y v1.0.0\n)\n',
    'a/go.sum': '\n',
  };
  const { diagnostics } = goModCataloger.catalog(viewOf(files, goModCataloger), {});
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const { message } of diagnostics) expect(message).not.toMatch(/[\u0000-\u001f]/);
});
