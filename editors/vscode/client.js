"use strict";

const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

/** Start `lcc lsp` for plan files, and for the Python files that a setting names. */
function activate() {
  const settings = workspace.getConfiguration("lcc");
  const [command, ...first] = settings.get("command");
  const programs = settings.get("programs");
  const args = [...first, "lsp", ...programs.flatMap((pattern) => ["--programs", pattern])];
  const documentSelector = [
    { language: "lcc-plan" },
    ...programs.map((pattern) => ({ language: "python", scheme: "file", pattern: `**/${pattern}` })),
  ];
  const watched = ["**/*.{py,pyi,json}", "**/pyproject.toml"].map((glob) => workspace.createFileSystemWatcher(glob));
  client = new LanguageClient(
    "lcc",
    "lcc",
    { command, args, transport: TransportKind.stdio },
    { documentSelector, synchronize: { fileEvents: watched } },
  );
  return client.start();
}

/** Stop it. */
function deactivate() {
  return client === undefined ? undefined : client.stop();
}

module.exports = { activate, deactivate };
