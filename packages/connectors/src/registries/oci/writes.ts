// Probes that write, in ways that leave nothing behind: an upload that is cancelled before a byte, a deletion of what cannot be there.
import { isPlombeError } from '@plombe/kit';
import { known, unknown, type OutsideAnswer } from '../../posture/facts.ts';
import { answered, isRefusal, noSample, type Probe } from './probe.ts';

const notAsked = 'Not tried, as it writes: ask with --probe-push.';
/** No content is known with this digest, so that nothing can be deleted by it. */
const absent = `sha256:${'0'.repeat(64)}`;

/** Tries both where the options allow it. */
export async function probeWrites(probe: Probe): Promise<Pick<OutsideAnswer, 'anonymousPush' | 'deleteAllowed'>> {
  if (probe.options.probeWrites !== true) {
    return { anonymousPush: unknown(notAsked), deleteAllowed: unknown(notAsked) };
  }
  return {
    anonymousPush: await answered(probe, () => pushWithoutLogin(probe)),
    deleteAllowed: await answered(probe, () => mayDelete(probe)),
  };
}

async function pushWithoutLogin(probe: Probe): Promise<readonly string[]> {
  const repositories = [...probe.samples.map(({ repository }) => repository), 'plombe-probe/anonymous'];
  const open: string[] = [];
  for (const repository of repositories) if (await begins(probe, repository)) open.push(repository);
  return open;
}

/** Begins an upload and cancels it at once; a registry that cannot cancel forgets it in time. */
async function begins({ stranger, options: { registry }, signal }: Probe, repository: string): Promise<boolean> {
  const request = {
    registry,
    repository,
    signal,
    method: 'POST',
    path: `/v2/${repository}/blobs/uploads/`,
    access: { action: 'push' },
    headers: { 'content-length': '0' },
  } as const;
  try {
    const begun = await stranger.get(request);
    await begun.discard();
    if (begun.status !== 202) return false;
    const path = stranger.uploadAddress(begun, request);
    const cancelled = await stranger.get({ ...request, method: 'DELETE', path, expect: [400, 404, 405, 501] });
    await cancelled.discard();
    return true;
  } catch (thrown) {
    if (isRefusal(thrown)) return false;
    throw thrown;
  }
}

async function mayDelete({ own, options: { registry }, samples, signal }: Probe) {
  const [sample] = samples;
  if (sample === undefined) return unknown<boolean>(noSample);
  const { repository } = sample;
  try {
    const response = await own.get({
      registry,
      repository,
      signal,
      method: 'DELETE',
      path: `/v2/${repository}/manifests/${absent}`,
      access: { action: 'delete' },
      expect: [404],
    });
    await response.discard();
    return known(true);
  } catch (thrown) {
    if (isPlombeError(thrown) && isRefusal(thrown)) return known(false);
    throw thrown;
  }
}
