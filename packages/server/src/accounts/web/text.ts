// What the page of accounts says, in English and German.

/** The words of the page. */
export interface PageText {
  readonly lang: string;
  readonly title: string;
  readonly logIn: string;
  readonly logInAbout: string;
  readonly logOut: string;
  readonly loggedInAs: string;
  readonly roles: string;
  readonly role: string;
  readonly project: string;
  readonly until: string;
  readonly rights: string;
  readonly noRoles: string;
  readonly manyGroups: string;
  readonly credential: string;
  readonly credentialAbout: string;
  readonly life: string;
  readonly hours: (count: number) => string;
  readonly make: string;
  readonly made: string;
  readonly userName: string;
  readonly password: string;
  readonly ends: string;
  readonly onTerminal: string;
  readonly refused: string;
  readonly disabled: string;
  readonly unreachable: string;
  readonly stale: string;
  readonly tooMany: string;
  readonly back: string;
}

const english: PageText = {
  lang: 'en',
  title: 'Registry account',
  logIn: 'Log in',
  logInAbout: 'Log in with your organisation’s account to see your roles and to get a credential for docker login.',
  logOut: 'Log out',
  loggedInAs: 'Logged in as',
  roles: 'Roles',
  role: 'Role',
  project: 'Repositories',
  until: 'Until',
  rights: 'Allows',
  noRoles: 'You have no role yet. Whoever administers this registry can grant one to you or to a group of yours.',
  manyGroups: 'You are in so many groups that your issuer names none of them; roles of groups do not count for you.',
  credential: 'Credential for docker login',
  credentialAbout: 'It may do what you may, and ends by itself.',
  life: 'Ends after',
  hours: (count) => (count === 1 ? '1 hour' : `${count} hours`),
  make: 'Make a credential',
  made: 'Your credential. It is not shown again.',
  userName: 'User name',
  password: 'Password',
  ends: 'Ends',
  onTerminal: 'In a terminal, then enter the password:',
  refused: 'The login was refused. Try again; if it stays so, ask whoever administers this registry.',
  disabled: 'Your account is disabled.',
  unreachable: 'The login service cannot be reached. Try again later.',
  stale: 'This page is out of date. Open it again, then repeat what you did.',
  tooMany: 'You have too many credentials. Wait for some to end.',
  back: 'Back',
};

const german: PageText = {
  lang: 'de',
  title: 'Registry-Konto',
  logIn: 'Anmelden',
  logInAbout:
    'Mit dem Konto Ihrer Organisation anmelden, um Ihre Rollen zu sehen und Zugangsdaten für docker login zu erhalten.',
  logOut: 'Abmelden',
  loggedInAs: 'Angemeldet als',
  roles: 'Rollen',
  role: 'Rolle',
  project: 'Repositories',
  until: 'Bis',
  rights: 'Erlaubt',
  noRoles:
    'Sie haben noch keine Rolle. Wer diese Registry verwaltet, kann Ihnen oder einer Ihrer Gruppen eine erteilen.',
  manyGroups:
    'Sie gehören so vielen Gruppen an, dass Ihr Anmeldedienst keine davon nennt; Rollen von Gruppen gelten für Sie nicht.',
  credential: 'Zugangsdaten für docker login',
  credentialAbout: 'Sie erlauben, was Sie dürfen, und enden von selbst.',
  life: 'Enden nach',
  hours: (count) => (count === 1 ? '1 Stunde' : `${count} Stunden`),
  make: 'Zugangsdaten erstellen',
  made: 'Ihre Zugangsdaten. Sie werden nicht noch einmal angezeigt.',
  userName: 'Benutzername',
  password: 'Passwort',
  ends: 'Enden',
  onTerminal: 'Im Terminal, danach das Passwort eingeben:',
  refused:
    'Die Anmeldung wurde abgelehnt. Versuchen Sie es noch einmal; bleibt es dabei, fragen Sie, wer diese Registry verwaltet.',
  disabled: 'Ihr Konto ist gesperrt.',
  unreachable: 'Der Anmeldedienst ist nicht erreichbar. Versuchen Sie es später noch einmal.',
  stale: 'Diese Seite ist veraltet. Öffnen Sie sie neu, und wiederholen Sie, was Sie getan haben.',
  tooMany: 'Sie haben zu viele Zugangsdaten. Warten Sie, bis einige enden.',
  back: 'Zurück',
};

/** Chooses by `Accept-Language` (RFC 9110, 12.5.4): whichever of the two is wanted more. */
export function pageText(acceptLanguage: string | undefined): PageText {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((text) => /^\s*q=([0-9.]{1,5})\s*$/.exec(text)?.[1]).find((q) => q !== undefined);
      return { language: range.split('-', 1)[0], weight: Number(quality ?? 1) };
    })
    .filter(({ language, weight }) => (language === 'de' || language === 'en') && weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return wanted[0]?.language === 'de' ? german : english;
}
