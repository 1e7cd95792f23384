import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { keptPasswords } from "../../../local/stations/kept-passwords.ts";

it("keptPasswords returns in the next process what this one stored, readable by its user only", () => {
  const folder = mkdtempSync(join(tmpdir(), "kept-passwords-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, ".data", "stations.json");

  keptPasswords(file).write("http://127.0.0.1:8080 default/CP7", "first");
  keptPasswords(file).write("http://127.0.0.1:8081 default/CP7", "second");

  expect(keptPasswords(file).read("http://127.0.0.1:8080 default/CP7")).toBe("first");
  expect(keptPasswords(file).read("http://127.0.0.1:8081 default/CP7")).toBe("second");
  expect(keptPasswords(file).read("http://127.0.0.1:8080 default/CP8")).toBeUndefined();
  expect(statSync(file).mode & 0o077).toBe(0);
});
