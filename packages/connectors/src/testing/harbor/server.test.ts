// The double itself: what Harbor's description does not know is a problem, in requests and in answers.
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '@plombe/oci';
import { networkContext } from '@plombe/oci/testing/context';
import { description, startHarbor, type HarborDouble } from './server.ts';

async function ask(harbor: HarborDouble, path: string, method: 'GET' | 'POST' = 'GET', body?: string): Promise<number> {
  const client = createHttpClient({ caFiles: [harbor.caFile] }, networkContext());
  onTestFinished(() => client.close());
  const url = new URL(`https://${harbor.host}${path}`);
  const { signal } = new AbortController();
  const response = await client.send({
    method,
    url,
    limit: 'loopback',
    signal,
    ...(body === undefined ? {} : { body }),
  });
  await response.discard();
  return response.status;
}

describe.skipIf(description === undefined)('the double of Harbor', () => {
  it.each([
    ['a path that is not described', '/api/v2.0/artefacts', undefined],
    ['another version', '/api/v3.0/projects', undefined],
    ['an operation that it does not play', '/api/v2.0/statistics', undefined],
    ['an unknown parameter', '/api/v2.0/projects?limit=1', undefined],
    ['a parameter of the wrong type', '/api/v2.0/projects?page=one', undefined],
    ['a body that is not described', '/api/v2.0/projects', { project_name: 1, is_admin: true }],
  ])('counts %s as a problem', async (_, path, body) => {
    const harbor = await startHarbor();
    await ask(harbor, path, body === undefined ? 'GET' : 'POST', body === undefined ? undefined : JSON.stringify(body));
    expect(harbor.problems.splice(0)).not.toEqual([]);
  });

  it('counts an answer of its own that is not described as a problem', async () => {
    const harbor = await startHarbor();
    harbor.state.systemInfo = { invented: true };
    expect(await ask(harbor, '/api/v2.0/systeminfo')).toBe(200);
    expect(harbor.problems.splice(0)).toEqual([expect.stringContaining('additional')]);
    harbor.state.systemInfo = { self_registration: 'yes' };
    await ask(harbor, '/api/v2.0/systeminfo');
    expect(harbor.problems.splice(0)).toEqual([expect.stringContaining('/self_registration must be')]);
  });
});
