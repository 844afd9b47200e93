// A browser for tests: keeps cookies, follows redirects within a login, sends forms.
export interface Browser {
  readonly cookies: Map<string, string>;
  /** `Set-Cookie` headers as they came. */
  readonly set: string[];
  /** Sends one request and follows nothing. */
  ask(url: string, options?: { form?: Record<string, string>; headers?: Record<string, string> }): Promise<Response>;
  /** Follows redirects to the end, with the cookies of each host. */
  open(
    url: string,
  ): Promise<{ readonly status: number; readonly url: string; readonly text: string; readonly headers: Headers }>;
}

/** Opens one for the server `host`; cookies are sent to that host alone. */
export function openBrowser(host: string, language = 'en'): Browser {
  const cookies = new Map<string, string>();
  const set: string[] = [];
  const browser: Browser = {
    cookies,
    set,
    async ask(url, { form, headers = {} } = {}) {
      const own = new URL(url).host === host;
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, {
        redirect: 'manual',
        method: form === undefined ? 'GET' : 'POST',
        headers: { 'accept-language': language, ...(own && cookie !== '' ? { cookie } : {}), ...headers },
        ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      });
      for (const text of own ? answer.headers.getSetCookie() : []) {
        set.push(text);
        const [name = '', value = ''] = (text.split(';', 1)[0] ?? '').split('=', 2);
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      return answer;
    },
    async open(url) {
      let at = url;
      for (let hops = 0; hops < 10; hops++) {
        const answer = await browser.ask(at);
        const location = answer.headers.get('location');
        if (location === null)
          return { status: answer.status, url: at, text: await answer.text(), headers: answer.headers };
        await answer.arrayBuffer();
        at = new URL(location, at).href;
      }
      throw new Error(`no end of redirects at ${at}`);
    },
  };
  return browser;
}
