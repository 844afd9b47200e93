// Evidence that could not be attached is not forgotten until the next start.
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { PlombeError } from '@plombe/kit';
import type { Digest } from '@plombe/model';
import { openDatabase } from '@plombe/store';
import { generatePrivateKey, signerOf } from '@plombe/trust';
import { networkContext } from '@plombe/oci/testing/context';
import { openAttacher } from './attach.ts';
import { noCustody } from './custody.ts';
import { gateMigrations, openDecisions } from './decisions.ts';

const place = { registry: 'r', repository: 'a', digest: `sha256:${'0'.repeat(64)}` as Digest };

test('what fails is tried again, and not after the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plombe-attach-'));
  const database = openDatabase(join(folder, 'state.db'), gateMigrations);
  onTestFinished(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  let tries = 0;
  const attacher = openAttacher(
    {
      signer: signerOf(await generatePrivateKey('ecdsa-p256')),
      custody: noCustody,
      decisions: openDecisions(database),
      retryMs: 1,
      sources: () => {
        tries += 1;
        throw new PlombeError('gate/outage', 'The gate cannot judge.');
      },
    },
    networkContext(),
  );
  attacher.attach(place);
  await expect.poll(() => tries).toBeGreaterThan(2);
  await attacher.close();
  const before = tries;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(tries).toBe(before);
});
