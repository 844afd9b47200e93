// A plugin in this process: signs with a real key and answers as the protocol says, any answer replaced on request.
import { algorithmOfKey } from '../envelope/algorithm.ts';
import { envelopeFormat } from '../envelope/parse.ts';
import { parsePayload } from '../envelope/payload.ts';
import type { PluginCommand, PluginExec, PluginOutput } from '../plugin/run.ts';
import { keyAtHand } from '../sign/signer.ts';
import { signed, testNowMs, type TestChain } from './world.ts';

type Answer = Readonly<Record<string, unknown>>;

/** What a test plugin does in place of the usual: a whole output, or fields of its answer. */
export type PluginChanges = Partial<
  Record<PluginCommand, PluginOutput | ((request: Answer) => Answer | Promise<Answer>)>
>;

/** An answer on standard output. */
export function answered(answer: unknown): PluginOutput {
  return { exitCode: 0, stdout: Buffer.from(JSON.stringify(answer)), stderr: new Uint8Array() };
}

/** An error answer on standard error. */
export function failed(answer: unknown, exitCode = 1): PluginOutput {
  return { exitCode, stdout: new Uint8Array(), stderr: Buffer.from(JSON.stringify(answer)) };
}

/** Returns the way to run a plugin named `test` that can do everything. `requests` collects what it was asked. */
export function testPlugin(chain: TestChain, changes: PluginChanges = {}, requests: Answer[] = []): PluginExec {
  return async (command, bytes) => {
    const request = JSON.parse(Buffer.from(bytes).toString()) as Answer;
    requests.push(request);
    const change = changes[command];
    if (change !== undefined && typeof change !== 'function') return change;
    return answered({ ...(await usual(chain, command, request)), ...(await change?.(request)) });
  };
}

async function usual(chain: TestChain, command: PluginCommand, request: Answer): Promise<Answer> {
  const algorithm = algorithmOfKey(chain.leaf.certificate.publicKey);
  const { keyId } = request;
  switch (command) {
    case 'get-plugin-metadata':
      return {
        name: 'test',
        description: 'a test',
        version: '1.2.3',
        url: 'https://plugin.example',
        supportedContractVersions: ['1.0'],
        capabilities: [
          'SIGNATURE_GENERATOR.RAW',
          'SIGNATURE_VERIFIER.TRUSTED_IDENTITY',
          'SIGNATURE_VERIFIER.REVOCATION_CHECK',
        ],
      };
    case 'describe-key':
      return { keyId, keySpec: algorithm?.keySpec };
    case 'generate-signature': {
      const signature = await keyAtHand(chain.leaf.key).sign(Buffer.from(String(request['payload']), 'base64'));
      return {
        keyId,
        signature: Buffer.from(signature).toString('base64'),
        signingAlgorithm: algorithm?.name,
        certificateChain: chain.chain.map(({ bytes }) => Buffer.from(bytes).toString('base64')),
      };
    }
    case 'generate-envelope': {
      const type = String(request['signatureEnvelopeType']);
      const payload = parsePayload(Buffer.from(String(request['payload']), 'base64'));
      if (payload.kind === 'malformed') throw new Error(payload.message);
      const seconds = request['expiryDurationInSeconds'];
      const expiry = typeof seconds === 'number' ? { expiryMs: testNowMs + seconds * 1000 } : {};
      const envelope = await signed(envelopeFormat(type) ?? 'jws', { target: payload.target, ...expiry }, chain);
      return {
        signatureEnvelope: Buffer.from(envelope).toString('base64'),
        signatureEnvelopeType: type,
        annotations: { note: 'x' },
      };
    }
    default:
      return {
        verificationResults: {
          'SIGNATURE_VERIFIER.TRUSTED_IDENTITY': { success: true, reason: 'known' },
          'SIGNATURE_VERIFIER.REVOCATION_CHECK': { success: true, reason: 'fine' },
        },
        processedAttributes: (request['signature'] as { unprocessedAttributes: string[] }).unprocessedAttributes,
      };
  }
}
