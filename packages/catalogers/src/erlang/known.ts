// Applications that come with Erlang/OTP and with Elixir, and so are no packages of Hex.

const otp =
  'asn1 common_test compiler cosEvent cosEventDomain cosFileTransfer cosNotification cosProperty cosTime cosTransactions crypto debugger ' +
  'dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp gs hipe ic inets jinterface kernel megaco mnesia observer odbc ' +
  'orber os_mon ose otp_mibs parsetools percept public_key reltool runtime_tools sasl snmp ssh ssl stdlib syntax_tools test_server tftp ' +
  'tools typer webtool wx xmerl';

const repositories: ReadonlyMap<string, string> = new Map([
  ...otp.split(' ').map((name) => [name, 'https://github.com/erlang/otp'] as const),
  ...['eex', 'elixir', 'ex_unit', 'iex', 'logger', 'mix'].map(
    (name) => [name, 'https://github.com/elixir-lang/elixir'] as const,
  ),
]);

/** Returns the repository of an application that comes with Erlang/OTP or Elixir; undefined for every other. */
export function repositoryOf(application: string): string | undefined {
  return repositories.get(application);
}
