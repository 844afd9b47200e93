// What tells that a file was changed: also one deep in a folder that a policy names.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stampOf } from './policy-set.ts';

test('a certificate that is added to a trust store, changed or taken out of it is noticed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-stamp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = join(folder, 'x509', 'ca', 'acme');
  mkdirSync(store, { recursive: true });
  const seen = [stampOf([folder])];
  const look = (change: () => void): void => {
    change();
    const stamp = stampOf([folder]);
    expect(seen).not.toContain(stamp);
    seen.push(stamp);
    expect(stampOf([folder])).toBe(stamp);
  };
  look(() => writeFileSync(join(store, 'a.pem'), 'a'));
  look(() => writeFileSync(join(store, 'a.pem'), 'ab'));
  look(() => writeFileSync(join(store, 'b.pem'), 'b'));
  look(() => rmSync(join(store, 'a.pem')));
});
