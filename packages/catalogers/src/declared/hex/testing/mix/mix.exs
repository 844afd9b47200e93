defmodule App.MixProject do
  use Mix.Project

  def project do
    [app: :app, version: "0.1.0", deps: deps()]
  end

  defp deps do
    [
      {:cowboy, "~> 2.9"},
      {:secret_sauce, "~> 1.0", organization: "acme"},
      # {:plug, "~> 1.0", only: :test},
      {:credo, "~> 1.6", only: [:dev, :test], runtime: false},
      {:gdep, git: "https://git.example/gdep.git", tag: "v0.3.0", only: [:dev, :test]}
    ]
  end
end
