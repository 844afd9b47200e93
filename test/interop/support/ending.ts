// What must end with a test file: servers and programs that it started while it ran, where `afterAll` is too late to be heard.

const open: (() => void)[] = [];

/** Remembers how to end something. */
export function atEnd(close: () => void): void {
  open.push(close);
}

/** Ends everything, the last first; each test file hands it to `afterAll`. */
export function endAll(): void {
  for (let close = open.pop(); close !== undefined; close = open.pop()) close();
}
