// A plugin of notation that signs with the key file which the key's id names; `plugin.json` beside it says how it behaves.
const { createPrivateKey, createPublicKey, sign, constants } = require('node:crypto');
const { appendFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const settings = JSON.parse(readFileSync(join(__dirname, 'plugin.json'), 'utf8'));
const command = process.argv[2];
const request = JSON.parse(readFileSync(0, 'utf8') || '{}');
appendFileSync(join(__dirname, 'asked.jsonl'), `${JSON.stringify({ command, request, env: process.env })}\n`);

if ((settings.fails ?? []).includes(command)) {
  process.stderr.write(settings.error ?? '');
  process.exit(settings.exitCode ?? 1);
}
process.stdout.write(JSON.stringify(answer()));

function answer() {
  const { keyId } = request;
  switch (command) {
    case 'get-plugin-metadata':
      return {
        name: settings.name,
        description: 'signs with files',
        version: '1.2.0',
        url: 'https://plugin.example',
        supportedContractVersions: ['1.0'],
        capabilities: settings.capabilities,
      };
    case 'describe-key':
      return { keyId, keySpec: keyOf(keyId).spec };
    case 'generate-signature':
      return {
        keyId,
        signature: signed(keyOf(keyId), Buffer.from(request.payload, 'base64')).toString('base64'),
        signingAlgorithm: keyOf(keyId).name,
        certificateChain: chainOf(keyId),
      };
    case 'generate-envelope':
      return {
        signatureEnvelope: Buffer.from(JSON.stringify(envelopeOf(keyId))).toString('base64'),
        signatureEnvelopeType: request.signatureEnvelopeType,
        annotations: { 'example.plugin': 'made' },
      };
    default: {
      const result = { success: settings.agrees ?? true, reason: 'as the test says' };
      const wanted = request.trustPolicy.signatureVerification;
      const verificationResults = Object.fromEntries(wanted.map((one) => [one, result]));
      return { verificationResults, processedAttributes: request.signature.unprocessedAttributes };
    }
  }
}

function keyOf(keyId) {
  const key = createPrivateKey(readFileSync(`${keyId}.key`));
  const { namedCurve, modulusLength } = createPublicKey(key).asymmetricKeyDetails;
  if (namedCurve === 'prime256v1') return { key, hash: 'sha256', spec: 'EC-256', name: 'ECDSA-SHA-256', jws: 'ES256' };
  return { key, hash: 'sha384', spec: `RSA-${modulusLength}`, name: 'RSASSA-PSS-SHA-384', jws: 'PS384' };
}

function signed({ key, hash }, bytes) {
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return sign(hash, bytes, key.asymmetricKeyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' } : { key, ...padding });
}

function chainOf(keyId) {
  const blocks = readFileSync(`${keyId}.pem`, 'utf8').matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g);
  const chain = [...blocks].map(([, body]) => body.replace(/\s/g, ''));
  return settings.leafOnly ? chain.slice(0, 1) : chain;
}

/** A JWS that demands this plugin for its verification. */
function envelopeOf(keyId) {
  const key = keyOf(keyId);
  const own = {
    'io.cncf.notary.signingScheme': 'notary.x509',
    'io.cncf.notary.verificationPlugin': settings.demands ?? settings.name,
    ...(settings.minVersion && { 'io.cncf.notary.verificationPluginMinVersion': settings.minVersion }),
  };
  const second = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const lasts = request.expiryDurationInSeconds;
  if (lasts !== undefined && !settings.endless) own['io.cncf.notary.expiry'] = second(Date.now() + lasts * 1000);
  const time = second(Date.now());
  const header = { alg: key.jws, cty: request.payloadType, crit: Object.keys(own), ...own };
  const encode = (bytes) => Buffer.from(bytes).toString('base64url');
  const protectedPart = encode(JSON.stringify({ ...header, 'io.cncf.notary.signingTime': time }));
  const payload = encode(Buffer.from(request.payload, 'base64'));
  const signature = encode(signed(key, Buffer.from(`${protectedPart}.${payload}`)));
  return { payload, protected: protectedPart, header: { x5c: chainOf(keyId) }, signature };
}
