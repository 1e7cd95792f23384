import { randomUUID } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RightsReport } from "../../local/rights.ts";

/** The report of the last test run; `npm run test:rights` reads it. */
export const RIGHTS_REPORT = fileURLToPath(new URL("../../reports/rights.json", import.meta.url));

/** What all stacks of a run used together: a right is unused where no stack used it. */
export function mergeReports(reports: readonly RightsReport[]): RightsReport {
  const roles = [...new Set(reports.flatMap((report) => Object.keys(report)))].sort();
  return Object.fromEntries(
    roles.map((role) => {
      const all = reports.flatMap((report) => report[role] ?? []);
      const used = new Set(all.flatMap((one) => one.used));
      const unused = new Set(all.flatMap((one) => one.unused).filter((right) => !used.has(right)));
      return [role, { used: [...used].sort(), unused: [...unused].sort() }];
    }),
  );
}

/** Keeps the report of one stack until the run ends. */
export function keepReport(assembly: string, report: RightsReport): void {
  const folder = join(assembly, "rights");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(report));
}

/** Writes the run's report, where the run had stacks. */
export function writeReport(assembly: string): void {
  const files = globSync(join(assembly, "rights", "*.json"));
  if (files.length === 0) return;
  const merged = mergeReports(files.map((file) => JSON.parse(readFileSync(file, "utf8"))));
  mkdirSync(dirname(RIGHTS_REPORT), { recursive: true });
  writeFileSync(RIGHTS_REPORT, `${JSON.stringify(merged, null, 2)}\n`);
}
