// Items out of a large XML document while it is read: the parser waits until those of a chunk are taken, so memory stays bounded.
import { readXml, type XmlConsumer } from '@plombe/formats';

/**
 * Yields what the consumer gives to `push`, in order. Throws XmlError as `readXml` does, after the items before it.
 */
export async function* xmlItems<Item>(
  source: AsyncIterable<Uint8Array>,
  consumerOf: (push: (item: Item) => void) => XmlConsumer,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const ready: Item[] = [];
  let taken = Promise.withResolvers<void>();
  let given = Promise.withResolvers<void>();
  async function* gated(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      yield chunk;
      if (ready.length === 0) continue;
      taken = Promise.withResolvers<void>();
      given.resolve();
      await taken.promise;
    }
  }
  let ended = false;
  const reading = readXml(
    gated(),
    consumerOf((item) => void ready.push(item)),
    signal,
  ).finally(() => {
    ended = true;
    given.resolve();
  });
  reading.catch(() => undefined);
  try {
    while (!ended) {
      await given.promise;
      given = Promise.withResolvers<void>();
      yield* ready.splice(0);
      taken.resolve();
    }
    await reading;
  } finally {
    taken.resolve();
  }
}
